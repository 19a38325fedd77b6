package sqlstore

import (
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// heldRow is a seat's text that waits for a receiver.
type heldRow struct {
	ID        uint64 `gorm:"primaryKey"`
	AccountID uint64
	UserID    string
	Event     model.Event `gorm:"serializer:json"`
	CreatedMS int64
}

// TableName implements gorm's Tabler.
func (heldRow) TableName() string { return "held" }

// seats gives places back and takes them, in the order of userids so that two transfers
// in opposite directions don't wait for each other.
func (a *applying) seats() error {
	type change struct {
		seat  string
		apply func() error
	}
	var changes []change
	if a.step.Release != "" {
		changes = append(changes, change{model.Fold(a.step.Release), a.release})
	}
	if a.step.Reserve != nil {
		changes = append(changes, change{model.Fold(a.step.Reserve.Seat), a.reserve})
	}
	if len(changes) == 2 && changes[1].seat < changes[0].seat {
		slices.Reverse(changes)
	}
	for _, c := range changes {
		if err := c.apply(); err != nil {
			return err
		}
	}
	return nil
}

func (a *applying) seatRow(userID string) *gorm.DB {
	return a.tx.Model(&model.Seat{}).Where("account_id = ? AND user_id = ?", a.accountID, model.Fold(userID))
}

// release gives a place back; a seat that was removed has none to take it.
func (a *applying) release() error {
	return a.seatRow(a.step.Release).Where("`load` > 0").Update("load", gorm.Expr("`load` - 1")).Error
}

// reserve takes a place if the seat can still take the session, under exactly the number
// that was promised, and before nobody whose turn it is.
func (a *applying) reserve() error {
	r := a.step.Reserve
	if r.Seat == "" {
		return a.reserveShared()
	}
	if r.InTurn {
		_, waits, err := find[model.Session](a.ahead().Where("employee <> ? AND returned_by <> ?", r.Seat, r.Seat))
		if err != nil {
			return err
		}
		if waits {
			return model.ErrStale
		}
	}
	seat, ok, err := find[model.Seat](a.seatRow(r.Seat).Clauses(forUpdate()))
	if err != nil {
		return err
	}
	if !ok || !seat.Serves() {
		return model.ErrSeatTaken // it was there when it was proposed
	}
	number := gorm.Expr("?", r.No)
	q := a.seatRow(r.Seat)
	if r.Keep {
		number = gorm.Expr("CASE WHEN "+lastNo+" > ? THEN day_no ELSE ? END", r.Day, r.No, r.No)
	} else {
		shared, err := sharedNo(a.tx, a.accountID)
		if err != nil {
			return err
		}
		if shared.Last(r.Day) == r.No-1 {
			q = q.Where(lastNo+" <= ?", r.Day, r.No-1)
		} else {
			q = q.Where(lastNo+" = ?", r.Day, r.No-1)
		}
	}
	if !r.Force {
		q = q.Where("state = ?", model.SeatOnline)
	}
	if r.Limit > 0 {
		q = q.Where("`load` < ?", r.Limit)
	}
	set := clause.Set{ // in this order: MySQL assigns from left to right, and the number goes by the load before
		{Column: clause.Column{Name: "day_no"}, Value: number},
		{Column: clause.Column{Name: "day"}, Value: r.Day},
		{Column: clause.Column{Name: "load"}, Value: gorm.Expr("`load` + 1")},
		{Column: clause.Column{Name: "last_assigned_ms"}, Value: a.step.At},
	}
	err = one(q.Clauses(set).Updates(map[string]any{}), model.ErrSeatTaken)
	if err != nil || r.Keep {
		return err
	}
	return a.stillFree(r)
}

// timers sets and removes timers of the step's lane. The generation is the id of the
// event that set it: no two settings of a timer have the same.
func (a *applying) timers() error {
	for _, t := range a.step.Timers {
		if t.DueMS == 0 {
			if err := a.tx.Where("lane = ? AND kind = ?", a.step.Lane.Lane, t.Kind).Delete(&model.Timer{}).Error; err != nil {
				return err
			}
			continue
		}
		row := model.Timer{Lane: a.step.Lane.Lane, Kind: t.Kind, AccountID: a.accountID, DueMS: t.DueMS, Gen: a.step.InboxID}
		err := a.tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "lane"}, {Name: "kind"}},
			DoUpdates: clause.AssignmentColumns([]string{"due_ms", "gen"}),
		}).Create(&row).Error
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *applying) conversation() error {
	if a.step.Conversation == nil {
		return nil
	}
	row := *a.step.Conversation
	row.AccountID, row.Peer = a.accountID, model.Fold(row.Peer)
	if row.Peer == "" {
		row.Peer = a.person
	}
	return a.tx.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "account_id"}, {Name: "peer"}},
		DoUpdates: clause.AssignmentColumns([]string{"last_seat", "last_session", "welcomed_ms", "created_ms"}),
	}).Create(&row).Error
}

func (a *applying) seatChange() error {
	c := a.step.SeatChange
	if c == nil {
		return nil
	}
	set := map[string]any{}
	if c.State != nil {
		set["state"] = *c.State
		a.done.Joined = *c.State != model.SeatOffline
		if a.done.Joined { // assigned before the state, since MySQL assigns from left to right
			set["joined_ms"] = gorm.Expr("CASE WHEN state = ? THEN ? ELSE joined_ms END", model.SeatOffline, a.step.At)
		}
	}
	if c.FocusSession != nil {
		set["focus_session"] = *c.FocusSession
	}
	if c.FocusMS != nil {
		set["focus_ms"] = *c.FocusMS
	}
	if c.LeftMS != nil {
		set["left_ms"] = *c.LeftMS
		if *c.LeftMS == 0 { // what went to all seats meanwhile it hasn't seen
			set["joined_ms"] = a.step.At
			a.done.Joined = true
		}
	}
	if c.ActiveMS != nil {
		set["active_ms"] = *c.ActiveMS
	}
	if len(set) == 0 {
		return nil
	}
	err := one(a.seatRow(a.person).Updates(set), model.ErrStale)
	if err != nil || c.State == nil && c.LeftMS == nil {
		return err
	}
	return noteStates(a.tx, a.accountID, model.Fold(a.person), a.step.At)
}

// held drops the texts that wait for a receiver before it keeps a new one.
func (a *applying) held() error {
	if a.step.ReleaseHeld {
		err := a.tx.Where("account_id = ? AND user_id = ?", a.accountID, a.person).Delete(&heldRow{}).Error
		if err != nil {
			return err
		}
	}
	if a.step.Hold == nil {
		return nil
	}
	return a.tx.Create(&heldRow{AccountID: a.accountID, UserID: a.person, Event: *a.step.Hold, CreatedMS: a.step.At}).Error
}

// survey inserts a survey that has just been sent, with all who served, or changes one that is
// still as it was seen.
func (a *applying) survey() error {
	sv := a.step.Survey
	if sv == nil {
		return nil
	}
	if err := touch(a.tx, a.accountID, sv.SessionID, a.step.At); err != nil {
		return err
	}
	was := a.step.SurveyWas
	if was.SessionID == 0 {
		row := *sv
		row.AccountID = a.accountID
		err := a.tx.Model(&model.SeatSession{}).Where("session_id = ? AND account_id = ? AND seat <> ?", sv.SessionID, a.accountID, sv.Seat).
			Order("seat").Pluck("seat", &row.Served).Error
		if err != nil {
			return err
		}
		if sv.Seat != "" {
			row.Served = append(row.Served, sv.Seat)
		}
		return a.tx.Create(&row).Error
	}
	q := a.tx.Model(&model.Survey{}).Where("session_id = ? AND account_id = ? AND rating = ? AND reason_ms = ?",
		sv.SessionID, a.accountID, was.Rating, was.ReasonMS)
	return one(q.Select("rating", "rated_ms", "first_rating", "first_ms", "reasons", "reason_ms").Updates(sv), model.ErrStale)
}

// question records what the bot was asked. One that people ignored for good is no open miss.
func (a *applying) question() error {
	if a.step.Question == nil {
		return nil
	}
	q := *a.step.Question
	q.AccountID = a.accountID
	q.Text, q.Folded, q.Model = clip(q.Text, questionTextSize), clip(q.Folded, foldedSize), clip(q.Model, modelSize)
	if q.Miss == model.MissOpen {
		state, err := missState(a.tx, a.accountID, q.Folded)
		if err != nil {
			return err
		}
		q.Miss = state
	}
	return a.tx.Create(&q).Error
}

// questionChange adds to an earlier question what a tap says about it.
func (a *applying) questionChange() error {
	c := a.step.QuestionChange
	if c == nil {
		return nil
	}
	one := a.tx.Where("id = ? AND account_id = ?", c.ID, a.accountID).Session(&gorm.Session{})
	q, ok, err := find[model.Question](one)
	if err != nil || !ok {
		return err
	}
	set := map[string]any{}
	if c.Picked != 0 {
		set["picked"] = c.Picked
	}
	if c.Feedback != model.FeedbackNone && q.Feedback == model.FeedbackNone {
		set["feedback"] = c.Feedback
		if c.Feedback == model.FeedbackDown && q.Miss == model.MissNone {
			if set["miss"], err = missState(a.tx, a.accountID, q.Folded); err != nil {
				return err
			}
		}
	}
	if len(set) == 0 {
		return nil
	}
	if err := touch(a.tx, a.accountID, q.SessionID, a.step.At); err != nil {
		return err
	}
	return one.Model(&model.Question{}).Updates(set).Error
}

// missState is what a question that wasn't answered well is: an open miss, unless people
// ignore it for good.
func missState(tx *gorm.DB, accountID uint64, folded string) (model.MissState, error) {
	_, ignored, err := find[ignoredRow](tx.Where("account_id = ? AND folded = ?", accountID, folded))
	if ignored {
		return model.MissIgnored, err
	}
	return model.MissOpen, err
}

func (a *applying) audits() error {
	rows := slices.Clone(a.step.Audits)
	for i := range rows {
		rows[i].AccountID = a.accountID
	}
	return saveAudits(a.tx, rows, a.step.At)
}

func (a *applying) facts() error {
	rows := slices.Clone(a.step.Facts)
	for i := range rows {
		rows[i].ID, rows[i].AccountID = 0, a.accountID
		rows[i].Reason = clip(rows[i].Reason, reasonSize)
		if rows[i].AtMS == 0 {
			rows[i].AtMS = a.step.At
		}
	}
	return create(a.tx, rows)
}
