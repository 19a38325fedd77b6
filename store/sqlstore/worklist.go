package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// undeliveredOf is among how many of an account's last failed pushes those of a session are
// looked for.
const undeliveredOf = 200

// workRow is a session's place in a list. The sessions themselves are read afterwards: sorting
// them whole takes a database many times as long.
type workRow struct {
	ID    uint64
	Place int64
}

// WorkSessions lists the sessions of a list, behind the place given, with what is shown of
// each.
func (s *Store) WorkSessions(ctx context.Context, f model.WorkFilter) ([]model.WorkSession, error) {
	q := s.reader(ctx)
	undelivered, err := undeliveredBy(q, f.Account.ID)
	if err != nil {
		return nil, s.wrap(err, "list sessions of account %d", f.Account.ID)
	}
	var rows []workRow
	if err := workQuery(q, f, undelivered).Limit(f.Limit).Find(&rows).Error; err != nil {
		return nil, s.wrap(err, "list sessions of account %d", f.Account.ID)
	}
	list, err := placed(q, f.Account.ID, rows)
	for i := range list {
		list[i].Undelivered = undelivered[list[i].Session.ID]
	}
	if err == nil {
		err = fillWork(q, f.Account, list)
	}
	return list, s.wrap(err, "list sessions of account %d", f.Account.ID)
}

// placed reads the sessions that have these places, in their order.
func placed(q *gorm.DB, accountID uint64, rows []workRow) ([]model.WorkSession, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	var found []model.Session
	err := q.Where("id IN ? AND +account_id = ?", ids, accountID).Find(&found).Error // see tx.go on the plus
	byID := make(map[uint64]model.Session, len(found))
	for _, session := range found {
		byID[session.ID] = session
	}
	list := make([]model.WorkSession, 0, len(rows))
	for _, r := range rows {
		if session, ok := byID[r.ID]; ok {
			list = append(list, model.WorkSession{Session: session, Place: model.WorkPlace{MS: r.Place, ID: r.ID}})
		}
	}
	return list, err
}

// WorkSession is one session of an account, as in those lists; [model.ErrNotFound] where the
// account has none of this id.
func (s *Store) WorkSession(ctx context.Context, acc model.Account, id uint64) (model.WorkSession, error) {
	q := s.reader(ctx)
	row, ok, err := find[model.Session](q.Where("id = ? AND account_id = ?", id, acc.ID))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	if err != nil {
		return model.WorkSession{}, s.wrap(err, "read session %d", id)
	}
	undelivered, err := undeliveredBy(q, acc.ID)
	if err != nil {
		return model.WorkSession{}, s.wrap(err, "read session %d", id)
	}
	one := []model.WorkSession{{Session: row, Undelivered: undelivered[id]}}
	return one[0], s.wrap(fillWork(q, acc, one), "read session %d", id)
}

// EmployeeSessions lists the sessions of an employee with an account, the newest first, before
// the id given; 0: from the end.
func (s *Store) EmployeeSessions(ctx context.Context, acc model.Account, employee string, before uint64, limit int) ([]model.WorkSession, error) {
	q := s.reader(ctx)
	rows := q.Where("account_id = ? AND employee = ?", acc.ID, model.Fold(employee))
	if before > 0 {
		rows = rows.Where(byID+" < ?", before)
	}
	var sessions []model.Session
	err := rows.Order(byID + " DESC").Limit(limit).Find(&sessions).Error
	list := make([]model.WorkSession, len(sessions))
	for i, row := range sessions {
		list[i] = model.WorkSession{Session: row, Place: model.WorkPlace{ID: row.ID}}
	}
	if err == nil {
		err = fillWork(q, acc, list)
	}
	return list, s.wrap(err, "list sessions of an employee of account %d", acc.ID)
}

// undeliveredBy counts by session the account's last pushes that could not be delivered.
func undeliveredBy(q *gorm.DB, accountID uint64) (map[uint64]int, error) {
	var ids []uint64
	err := q.Model(&model.Outbox{}).Where("account_id = ? AND state = ?", accountID, model.OutDead).
		Order("id DESC").Limit(undeliveredOf).Pluck("session_id", &ids).Error
	by := make(map[uint64]int)
	for _, id := range ids {
		if id != 0 {
			by[id]++
		}
	}
	return by, err
}

// Where a session stands in the list of those that ask for attention; see
// [model.WorkAttention].
const (
	sinceOwed = "CASE WHEN state = 'queued' THEN waiting_ms WHEN seat = '' AND last_seat_ms = 0 THEN assigned_ms " +
		"WHEN state = 'serving' AND owed_ms > 0 THEN owed_ms " +
		"WHEN last_employee_ms > last_seat_ms THEN last_employee_ms ELSE last_seat_ms END"
	attention = "(state = 'serving' AND owed_ms > 0 AND owed_ms <= ?) OR (state = 'queued' AND waiting_ms <= ?) " +
		"OR (state = 'serving' AND seat = '' AND assigned_ms <= ? AND last_seat_ms = 0) OR (state <> 'closed' AND id IN ?)"
)

// byID is a session's id to compare and to sort by. As it stands, databases would walk through
// the sessions of all times in this order rather than sort the few that are open.
const byID = "(id + 0)"

// workQuery asks for the sessions of a list, in its order.
func workQuery(q *gorm.DB, f model.WorkFilter, undelivered map[uint64]int) *gorm.DB {
	q = q.Model(&model.Session{}).Where("account_id = ?", f.Account.ID)
	oldest := func(q *gorm.DB) *gorm.DB {
		return q.Select("id, 0 AS place").Where(byID+" > ?", f.After.ID).Order(byID)
	}
	mine := []string{f.Seat, ""}
	switch f.List {
	case model.WorkMine:
		return oldest(q.Where("seat IN ? AND state = ?", mine, model.StateServing))
	case model.WorkQueue:
		return behind(q.Select("id, queued_ms AS place").Where("state = ?", model.StateQueued),
			model.Place{QueuedMS: f.After.MS, ID: f.After.ID}).Order(queueOrder)
	case model.WorkBot:
		return oldest(q.Where("state = ?", model.StateBot))
	case model.WorkOpen:
		return oldest(q.Where("state IN ?", openStates()))
	case model.WorkClosed:
		by := "queued_ms"
		if f.Seat != "" {
			by = "closed_ms"
			q = q.Where("seat = ?", f.Seat)
		} else {
			q = q.Where("queued_ms > 0")
		}
		q = q.Select("id, "+by+" AS place").Where("state = ?", model.StateClosed)
		if f.After != (model.WorkPlace{}) {
			q = q.Where(by+" < ? OR ("+by+" = ? AND id < ?)", f.After.MS, f.After.MS, f.After.ID)
		}
		return q.Order(by + " DESC, id DESC")
	case model.WorkAttention:
	}
	ids := make([]uint64, 0, len(undelivered))
	for id := range undelivered {
		ids = append(ids, id)
	}
	long := f.NowMS - model.WorkWaitLong
	q = q.Where("state IN ?", openStates()).Where(attention, f.NowMS-f.Account.Policy.Timers.OwedLongMS(), long, long, append(ids, 0))
	if f.Seat != "" {
		q = q.Where("state = 'queued' OR seat IN ?", mine)
	}
	return q.Select("id, "+sinceOwed+" AS place").
		Where(sinceOwed+" > ? OR ("+sinceOwed+" = ? AND id > ?)", f.After.MS, f.After.MS, f.After.ID).Order("place, id")
}

func openStates() []model.SessionState {
	return []model.SessionState{model.StateBot, model.StateQueued, model.StateServing}
}

// fillWork adds to sessions who their people are and what was said last.
func fillWork(q *gorm.DB, acc model.Account, sessions []model.WorkSession) error {
	if len(sessions) == 0 {
		return nil
	}
	var people []string
	ids := make([]uint64, len(sessions))
	for i, w := range sessions {
		ids[i] = w.Session.ID
		people = append(people, w.Session.Employee)
		if w.Session.Seat != "" {
			people = append(people, w.Session.Seat)
		}
	}
	members, err := findMembers(q, acc.CorpID, people)
	if err != nil {
		return err
	}
	var last []model.Message
	err = q.Table("message AS m").Select("m.*").Joins("JOIN session AS s ON s.id = m.session_id AND s.message_count = m.seq").
		Where("s.id IN ?", ids).Find(&last).Error
	if err != nil {
		return err
	}
	lines := make(map[uint64]model.Message, len(last))
	for _, m := range last {
		lines[m.SessionID] = m
	}
	for i := range sessions {
		w := &sessions[i]
		w.Employee, w.Last = members[w.Session.Employee], lines[w.Session.ID]
		if w.Session.Seat != "" {
			m := members[w.Session.Seat]
			w.SeatName = m.ShortName()
		}
	}
	return nil
}
