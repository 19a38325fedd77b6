package sqlstore

import (
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// seatSessions keeps the service records: who got the session with this step, and who wrote
// in it as a seat.
func (a *applying) seatSessions() error {
	if a.step.Session == nil {
		return nil
	}
	var rows []model.SeatSession
	of := func(seat string) *model.SeatSession {
		seat = model.Fold(seat)
		for i := range rows {
			if rows[i].Seat == seat {
				return &rows[i]
			}
		}
		rows = append(rows, model.SeatSession{
			SessionID: a.step.Session.ID, Seat: seat, AccountID: a.accountID, Employee: a.step.Session.Employee, JoinedMS: a.step.At,
		})
		return &rows[len(rows)-1]
	}
	if r := a.step.Reserve; r != nil && r.Seat != "" {
		of(r.Seat)
	}
	for _, m := range a.step.Messages {
		if m.From != model.FromSeat || m.Sender == "" {
			continue
		}
		row := of(m.Sender)
		if row.FirstMS == 0 {
			row.FirstMS = m.AtMS
		}
		row.LastMS = max(row.LastMS, m.AtMS)
		row.Messages++
	}
	for i := range rows {
		if err := addSeatSession(a.tx, rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// addSeatSession adds to what a seat has done in a session, or begins with it.
func addSeatSession(tx *gorm.DB, row model.SeatSession) error {
	set := func(column, expr string, args ...any) clause.Assignment {
		return clause.Assignment{Column: clause.Column{Name: column}, Value: gorm.Expr(expr, args...)}
	}
	return tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "session_id"}, {Name: "seat"}},
		DoUpdates: clause.Set{
			set("first_ms", "CASE WHEN `seat_session`.`first_ms` = 0 THEN ? ELSE `seat_session`.`first_ms` END", row.FirstMS),
			set("last_ms", "CASE WHEN `seat_session`.`last_ms` < ? THEN ? ELSE `seat_session`.`last_ms` END", row.LastMS, row.LastMS),
			set("messages", "`seat_session`.`messages` + ?", row.Messages),
		},
	}).Create(&row).Error
}
