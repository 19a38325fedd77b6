package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"deskmate/model"
)

// seatRow is a seat with the name that the directory knows.
type seatRow struct {
	model.Seat `gorm:"embedded"`
	SeatName   string
}

// seatName is the name that the directory knows, or else what there is.
const seatName = "COALESCE(NULLIF(m.name, ''), NULLIF(m.display_id, ''), s.user_id) AS seat_name"

// seatRows asks for an account's seats with their names.
func seatRows(q *gorm.DB, accountID uint64) *gorm.DB {
	return q.Table("seat AS s").
		Select("s.*, "+seatName).
		Joins("JOIN account AS a ON a.id = s.account_id").
		Joins("LEFT JOIN `member` AS m ON m.corp_id = a.corp_fold AND m.user_id = s.user_id").
		Where("s.account_id = ?", accountID)
}

func (r seatRow) seat() model.Seat {
	seat := r.Seat
	seat.Name = r.SeatName
	return seat
}

// Seats lists an account's seats by userid, with the names the directory knows.
func (s *Store) Seats(ctx context.Context, accountID uint64) ([]model.Seat, error) {
	list, err := listSeats(s.reader(ctx), accountID)
	if err != nil {
		return nil, fmt.Errorf("list seats of account %d: %w", accountID, s.translate(err))
	}
	return list, nil
}

// seatColumns are those of a seat, in the order in which [scanSeat] takes them.
const seatColumns = "s.account_id, s.user_id, s.state, s.capacity, s.`load`, s.last_assigned_ms, s.day_no, s.day, s.focus_session, s.focus_ms, " +
	"s.priority, s.hours, s.permissions, s.left_ms, s.active_ms, s.joined_ms, s.shared_ms, COALESCE(n.day, 0), COALESCE(n.no, 0), " + seatName

// listSeats reads row by row without GORM's reflection: this is on the way of every handoff,
// and an account may have 200 seats.
func listSeats(q *gorm.DB, accountID uint64) ([]model.Seat, error) {
	rows, err := seatRows(q, accountID).Select(seatColumns).
		Joins("LEFT JOIN shared_no AS n ON n.account_id = s.account_id").Order("s.user_id").Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	list := []model.Seat{}
	for rows.Next() {
		seat, err := scanSeat(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, seat)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].Shared == (model.SharedNo{}) {
		return list, nil
	}
	_, open, err := find[model.Session](forAll(q, accountID))
	for i := range list {
		list[i].Shared.Open = open
	}
	return list, err
}

// scanSeat reads the row that rows is at.
func scanSeat(rows *sql.Rows) (model.Seat, error) {
	var (
		s                  model.Seat
		hours, permissions []byte
	)
	err := rows.Scan(&s.AccountID, &s.UserID, &s.State, &s.Capacity, &s.Load, &s.LastAssignedMS, &s.DayNo, &s.Day, &s.FocusSession, &s.FocusMS,
		&s.Priority, &hours, &permissions, &s.LeftMS, &s.ActiveMS, &s.JoinedMS, &s.SharedMS, &s.Shared.Day, &s.Shared.No, &s.Name)
	if err != nil {
		return model.Seat{}, err
	}
	return s, errors.Join(fromJSON(hours, &s.Hours), fromJSON(permissions, &s.Permissions))
}

// fromJSON reads a value as GORM's serializer writes it; nothing written is nothing.
func fromJSON(data []byte, value any) error {
	if len(data) == 0 || string(data) == "null" {
		return nil
	}
	return json.Unmarshal(data, value)
}

// Seat finds one seat of an account, with its name.
func (s *Store) Seat(ctx context.Context, accountID uint64, userID string) (model.Seat, error) {
	row, ok, err := find[seatRow](seatRows(s.reader(ctx), accountID).Where("s.user_id = ?", model.Fold(userID)))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row.seat(), s.wrap(err, "read seat %s of account %d", model.Fold(userID), accountID)
}

// AccountSeat finds a member among the seats of the account with this key.
func (s *Store) AccountSeat(ctx context.Context, accountKey, userID string) (model.Seat, error) {
	var id uint64
	err := s.reader(ctx).Model(&accountRow{}).Where("account_key = ?", accountKey).Limit(1).Pluck("id", &id).Error
	if err != nil {
		return model.Seat{}, s.wrap(err, "read account %q", accountKey)
	}
	return s.Seat(ctx, id, userID)
}

// SeatLoads is how many sessions each seat of the account serves now, by userid; seats
// that serve none are in it with 0.
func (s *Store) SeatLoads(ctx context.Context, accountID uint64) (map[string]int, error) {
	var seats []model.Seat
	if err := s.reader(ctx).Where("account_id = ?", accountID).Find(&seats).Error; err != nil {
		return nil, fmt.Errorf("read loads of account %d: %w", accountID, s.translate(err))
	}
	loads := make(map[string]int, len(seats))
	for _, seat := range seats {
		loads[seat.UserID] = seat.Load
	}
	return loads, nil
}

// CheckLoads counts the serving sessions of every seat of the account, corrects the loads
// that differ, and returns how many did: 0 unless somebody changed rows by hand. It also notes the
// states of seats that a replica of an older release changed.
func (s *Store) CheckLoads(ctx context.Context, accountID uint64) (int, error) {
	var repaired int
	err := s.write(ctx, func(tx *gorm.DB) error {
		repaired = 0
		// Whoever changes a session's seat changes the seat's row in the same transaction: while
		// these rows are locked, what is committed of both agrees.
		var seats []model.Seat
		if err := tx.Clauses(forUpdate()).Where("account_id = ?", accountID).Order("user_id").Find(&seats).Error; err != nil {
			return err
		}
		serving, err := servingCounts(tx, accountID)
		if err != nil {
			return err
		}
		for _, seat := range seats {
			if seat.Load == serving[seat.UserID] {
				continue
			}
			repaired++
			err := tx.Model(&model.Seat{}).Where("account_id = ? AND user_id = ?", accountID, seat.UserID).
				Update("load", serving[seat.UserID]).Error
			if err != nil {
				return err
			}
		}
		return noteStates(tx, accountID, "", s.nowMS())
	})
	if err != nil {
		return 0, fmt.Errorf("check loads of account %d: %w", accountID, err)
	}
	return repaired, nil
}

// servingCounts counts the serving sessions of each seat.
func servingCounts(tx *gorm.DB, accountID uint64) (map[string]int, error) {
	var seats []string // not counted by SQL, which would tempt SQLite to walk through closed sessions
	err := tx.Model(&model.Session{}).Where("account_id = ? AND state = ?", accountID, model.StateServing).Pluck("seat", &seats).Error
	serving := make(map[string]int)
	for _, seat := range seats {
		serving[seat]++
	}
	return serving, err
}
