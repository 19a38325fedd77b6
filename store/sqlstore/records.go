package sqlstore

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// RecordIDs lists sessions of an account with smaller ids than before, newest first; before 0
// begins with the newest. It may list some that the filter doesn't let through ([Store.Records]
// says which), and none only where there are no more.
func (s *Store) RecordIDs(ctx context.Context, f model.RecordFilter, before uint64, limit int) ([]uint64, error) {
	var ids []uint64
	err := recordIDs(s.reader(ctx), f, before, limit).Scan(&ids).Error
	return ids, s.wrap(err, "list records of account %d", f.AccountID)
}

func recordIDs(q *gorm.DB, f model.RecordFilter, before uint64, limit int) *gorm.DB {
	table, id, where, value := any(&model.Session{}), "id", "", ""
	switch {
	case f.Employee != "":
		id, where, value = byID, "employee = ?", model.Fold(f.Employee)
	case f.Rating != "":
		table, id, where, value = &model.Survey{}, "session_id", "rating = ?", string(f.Rating)
	case f.Seat != "":
		table, id, where, value = &model.SeatSession{}, "session_id", "seat = ?", model.Fold(f.Seat)
	case f.State != "" && f.State != model.StateClosed:
		id, where, value = byID, "state = ?", string(f.State)
	}
	q = older(q.Model(table), id, before).Where("account_id = ?", f.AccountID)
	if where != "" {
		q = q.Where(where, value)
	}
	if f.FromMS > 0 {
		q = q.Where(id+" >= ?", model.FirstID(f.FromMS))
	}
	if f.ToMS > 0 {
		q = q.Where(id+" < ?", model.FirstID(f.ToMS))
	}
	return q.Select(id + " AS id").Order(id + " DESC").Limit(limit)
}

// Served reports whether a seat serves or has served a session.
func (s *Store) Served(ctx context.Context, sessionID uint64, seat string) (bool, error) {
	_, ok, err := find[model.SeatSession](s.reader(ctx).Where("session_id = ? AND seat = ?", sessionID, model.Fold(seat)))
	return ok, s.wrap(err, "read who served session %d", sessionID)
}

// Records reads those of some sessions that a filter lets through, newest first.
func (s *Store) Records(ctx context.Context, f model.RecordFilter, ids []uint64) ([]model.Record, error) {
	var list []model.Record
	err := chunks(ids, batchRows, func(some []uint64) error {
		var sessions []model.Session
		if err := s.passing(ctx, f, some).Find(&sessions).Error; err != nil {
			return err
		}
		records, err := s.complete(ctx, f.AccountID, sessions)
		list = append(list, records...)
		return err
	})
	slices.SortFunc(list, func(a, b model.Record) int {
		if a.Session.ID > b.Session.ID {
			return -1
		}
		return 1
	})
	return list, s.wrap(err, "read records of account %d", f.AccountID)
}

// passing narrows to those of some sessions that a filter lets through.
func (s *Store) passing(ctx context.Context, f model.RecordFilter, ids []uint64) *gorm.DB {
	q := s.reader(ctx).Where("id IN ? AND +account_id = ?", ids, f.AccountID)
	for column, value := range map[string]string{
		"employee": model.Fold(f.Employee), "state": string(f.State),
		"close_reason": string(f.CloseReason), "handoff_reason": string(f.HandoffReason),
	} {
		if value != "" {
			q = q.Where("+"+column+" = ?", value)
		}
	}
	if f.Seat != "" {
		q = q.Where("EXISTS (SELECT 1 FROM `seat_session` AS ss WHERE ss.`session_id` = `session`.`id` AND ss.`seat` = ?)", model.Fold(f.Seat))
	}
	if f.Rating != "" {
		q = q.Where("EXISTS (SELECT 1 FROM `survey` AS sv WHERE sv.`session_id` = `session`.`id` AND sv.`rating` = ?)", f.Rating)
	}
	if f.FromMS > 0 {
		q = q.Where("id >= ?", model.FirstID(f.FromMS))
	}
	if f.ToMS > 0 {
		q = q.Where("id < ?", model.FirstID(f.ToMS))
	}
	return q
}

// complete adds to sessions who served them and how they were rated.
func (s *Store) complete(ctx context.Context, accountID uint64, sessions []model.Session) ([]model.Record, error) {
	if len(sessions) == 0 {
		return nil, nil
	}
	ids, at := make([]uint64, len(sessions)), make(map[uint64]int, len(sessions))
	list := make([]model.Record, len(sessions))
	for i := range sessions {
		ids[i], at[sessions[i].ID], list[i].Session = sessions[i].ID, i, sessions[i]
	}
	var surveys []model.Survey
	if err := s.reader(ctx).Where("session_id IN ? AND +account_id = ?", ids, accountID).Find(&surveys).Error; err != nil {
		return nil, err
	}
	for _, sv := range surveys {
		r := &list[at[sv.SessionID]]
		r.Rating, r.Reasons = sv.Rating, sv.Reasons
	}
	var seats []model.SeatSession
	err := s.reader(ctx).Where("session_id IN ? AND +account_id = ?", ids, accountID).Order("session_id, joined_ms, seat").Find(&seats).Error
	for _, ss := range seats {
		r := &list[at[ss.SessionID]]
		r.Seats = append(r.Seats, ss)
	}
	return list, err
}

// Record reads one session of an account.
func (s *Store) Record(ctx context.Context, accountID, id uint64) (model.Record, error) {
	list, err := s.Records(ctx, model.RecordFilter{AccountID: accountID}, []uint64{id})
	if err == nil && len(list) == 0 {
		err = s.wrap(model.ErrNotFound, "read record %d", id)
	}
	if err != nil {
		return model.Record{}, err
	}
	return list[0], nil
}

// SessionMessages reads the transcripts of several sessions of an account, by session, each
// oldest first.
func (s *Store) SessionMessages(ctx context.Context, accountID uint64, ids []uint64) (map[uint64][]model.Message, error) {
	found := make(map[uint64][]model.Message, len(ids))
	err := chunks(ids, batchRows, func(some []uint64) error {
		var rows []model.Message
		err := s.reader(ctx).Where("session_id IN ? AND +account_id = ?", some, accountID).Order("session_id, seq").Find(&rows).Error
		for _, m := range rows {
			found[m.SessionID] = append(found[m.SessionID], m)
		}
		return err
	})
	return found, s.wrap(err, "read messages of account %d", accountID)
}

// EmployeeSeats lists the seats that served an employee, who served last first (S6).
func (s *Store) EmployeeSeats(ctx context.Context, accountID uint64, employee string) ([]model.SeatService, error) {
	var list []model.SeatService
	err := s.reader(ctx).Model(&model.SeatSession{}).
		Select("seat, COUNT(*) AS sessions, SUM(messages) AS messages, MIN(joined_ms) AS first_ms, "+
			"MAX(CASE WHEN last_ms > joined_ms THEN last_ms ELSE joined_ms END) AS last_ms, MAX(session_id) AS latest").
		Where("account_id = ? AND employee = ?", accountID, model.Fold(employee)).
		Group("seat").Order("last_ms DESC, seat").Find(&list).Error
	return list, s.wrap(err, "read seats that served in account %d", accountID)
}

// EmployeeMessages lists an employee's own transcript of a session as the employee saw it,
// after the Seq given: without notes, and without what recalled lines said. ErrNotFound where
// the session is somebody else's.
func (s *Store) EmployeeMessages(ctx context.Context, accountID uint64, employee string, sessionID uint64, afterSeq, limit int) ([]model.Message, error) {
	_, mine, err := find[model.Session](s.reader(ctx).Where("id = ? AND account_id = ? AND employee = ?", sessionID, accountID, model.Fold(employee)))
	if err == nil && !mine {
		err = model.ErrNotFound
	}
	if err != nil {
		return nil, s.wrap(err, "read session %d", sessionID)
	}
	var rows []model.Message
	err = s.reader(ctx).Where("session_id = ? AND seq > ? AND sender_kind <> ?", sessionID, afterSeq, model.FromNote).
		Order("seq").Limit(limit).Find(&rows).Error
	for i := range rows {
		if rows[i].RecalledMS != 0 {
			rows[i].Content = model.Content{Type: model.ContentText}
		}
	}
	return rows, s.wrap(err, "read messages of session %d", sessionID)
}

// Decisions lists the events of a session and what was decided on each, in order, after the
// inbox id given.
func (s *Store) Decisions(ctx context.Context, accountID, sessionID, after uint64, limit int) ([]model.Inbox, error) {
	var rows []model.Inbox
	err := s.reader(ctx).Where("session_id = ? AND id > ? AND +account_id = ?", sessionID, after, accountID).
		Order("id").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "read decisions of session %d", sessionID)
}

// SessionPushes lists what was to be sent because of a session, in order, after the outbox id
// given.
func (s *Store) SessionPushes(ctx context.Context, accountID, sessionID, after uint64, limit int) ([]model.Outbox, error) {
	var rows []model.Outbox
	err := s.reader(ctx).Where("session_id = ? AND id > ? AND +account_id = ?", sessionID, after, accountID).
		Order("id").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "read pushes of session %d", sessionID)
}

// Names are what people of a corp are called, by folded userid; a userid stands for itself
// where the directory doesn't know it.
func (s *Store) Names(ctx context.Context, corpID string, userIDs []string) (map[string]string, error) {
	members, err := findMembers(s.reader(ctx), corpID, userIDs)
	names := make(map[string]string, len(members))
	for u, m := range members {
		names[u] = m.ShortName()
	}
	return names, s.wrap(err, "read names of corp %s", corpID)
}
