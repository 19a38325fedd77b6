package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// DepartmentsAbove lists the departments of a member and all above them: a scope that has one
// of them has the member.
func (s *Store) DepartmentsAbove(ctx context.Context, corpID, userID string) ([]int64, error) {
	const above = "WITH RECURSIVE above (id) AS (" +
		"SELECT department_id FROM member_department WHERE corp_id = ? AND user_id = ? " +
		"UNION SELECT main_department FROM `member` WHERE corp_id = ? AND user_id = ? " +
		"UNION SELECT d.parent_id FROM department AS d JOIN above AS a ON d.id = a.id WHERE d.corp_id = ?) " +
		"SELECT id FROM above WHERE id > 0 ORDER BY id"
	corp, user := model.Fold(corpID), model.Fold(userID)
	var ids []int64
	err := s.reader(ctx).Raw(above, corp, user, corp, user, corp).Scan(&ids).Error
	return ids, s.wrap(err, "read the departments of a member")
}

// Conversation is what an account and a member have to do with each other; without CreatedMS
// they have not talked.
func (s *Store) Conversation(ctx context.Context, accountID uint64, userID string) (model.Conversation, error) {
	c, ok, err := find[model.Conversation](s.reader(ctx).Where("account_id = ? AND peer = ?", accountID, model.Fold(userID)))
	if !ok {
		c = model.Conversation{AccountID: accountID, Peer: model.Fold(userID)}
	}
	return c, s.wrap(err, "read a conversation of account %d", accountID)
}

// OwnRecords lists an employee's own sessions with an account, the newest first, before the id
// given; 0: from the newest on.
func (s *Store) OwnRecords(ctx context.Context, acc model.Account, employee string, before uint64, limit int) ([]model.OwnRecord, error) {
	var sessions []model.Session
	err := older(s.reader(ctx), byID, before).Where("account_id = ? AND employee = ?", acc.ID, model.Fold(employee)).
		Order(byID + " DESC").Limit(limit).Find(&sessions).Error
	if err != nil {
		return nil, s.wrap(err, "list sessions of an employee of account %d", acc.ID)
	}
	list, err := s.ownRecords(ctx, acc, sessions)
	return list, s.wrap(err, "list sessions of an employee of account %d", acc.ID)
}

// OwnRecord is one of them; [model.ErrNotFound] where the session is somebody else's.
func (s *Store) OwnRecord(ctx context.Context, acc model.Account, employee string, id uint64) (model.OwnRecord, error) {
	row, ok, err := find[model.Session](s.reader(ctx).Where("id = ? AND account_id = ? AND employee = ?", id, acc.ID, model.Fold(employee)))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	if err != nil {
		return model.OwnRecord{}, s.wrap(err, "read session %d", id)
	}
	list, err := s.ownRecords(ctx, acc, []model.Session{row})
	if err != nil {
		return model.OwnRecord{}, s.wrap(err, "read session %d", id)
	}
	return list[0], nil
}

// questionWithin is among how many of a session's first lines the employee's first one is
// looked for: a session may begin with 转人工 in the menu, and notices.
const questionWithin = 8

// ownRecords adds to sessions what their employee sees of them in a list.
func (s *Store) ownRecords(ctx context.Context, acc model.Account, sessions []model.Session) ([]model.OwnRecord, error) {
	list := make([]model.OwnRecord, len(sessions))
	if len(sessions) == 0 {
		return list, nil
	}
	ids, at := make([]uint64, len(sessions)), make(map[uint64]*model.OwnRecord, len(sessions))
	var seats []string
	for i, one := range sessions {
		list[i].Session = one
		ids[i], at[one.ID] = one.ID, &list[i]
		if one.Seat != "" {
			seats = append(seats, one.Seat)
		}
	}
	members, err := findMembers(s.reader(ctx), acc.CorpID, seats)
	if err != nil {
		return nil, err
	}
	var surveys []model.Survey
	if err := s.reader(ctx).Where("session_id IN ? AND +account_id = ?", ids, acc.ID).Find(&surveys).Error; err != nil {
		return nil, err
	}
	for _, sv := range surveys {
		at[sv.SessionID].Survey = sv
	}
	var lines []model.Message
	err = s.reader(ctx).Where("session_id IN ? AND seq <= ? AND sender_kind = ?", ids, questionWithin, model.FromEmployee).
		Order("session_id, seq DESC").Find(&lines).Error
	for _, m := range lines { // the first line of a session comes last
		at[m.SessionID].Question = m.Content.Words()
	}
	for i := range list {
		if seat := list[i].Session.Seat; seat != "" {
			m := members[seat]
			list[i].SeatName = m.ShortName()
		}
	}
	return list, err
}

// Survey reads the survey of a session; [model.ErrNotFound] where none was sent.
func (s *Store) Survey(ctx context.Context, accountID, sessionID uint64) (model.Survey, error) {
	sv, ok, err := find[model.Survey](s.reader(ctx).Where("session_id = ? AND account_id = ?", sessionID, accountID))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return sv, s.wrap(err, "read survey of session %d", sessionID)
}

// LastSurvey is when an employee of an account was last sent a survey, in epoch ms; 0: never.
func (s *Store) LastSurvey(ctx context.Context, accountID uint64, employee string) (int64, error) {
	sv, _, err := find[model.Survey](s.reader(ctx).Where("account_id = ? AND employee = ?", accountID, model.Fold(employee)).Order("sent_ms DESC"))
	return sv.SentMS, s.wrap(err, "read the last survey of an employee of account %d", accountID)
}

// CommentSurvey keeps what the employee of a session has to say besides the rating, in place
// of what it said before. [model.ErrNotFound] where no survey was sent to it.
func (s *Store) CommentSurvey(ctx context.Context, t model.SurveyTicket, comment string, atMS int64) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		q := tx.Model(&model.Survey{}).Where("session_id = ? AND account_id = ? AND employee = ?", t.Session, t.AccountID, model.Fold(t.Employee))
		if err := one(q.Select("comment", "comment_ms").Updates(&model.Survey{Comment: comment, CommentMS: atMS}), model.ErrNotFound); err != nil {
			return err
		}
		return touch(tx, t.AccountID, t.Session, atMS)
	})
	return s.wrap(err, "comment the survey of session %d", t.Session)
}

// Pulse counts what an account has to do now, and the sessions opened since a time.
func (s *Store) Pulse(ctx context.Context, accountID uint64, sinceMS int64) (model.Pulse, error) {
	var p model.Pulse
	var rows []struct {
		State model.SessionState
		N     int
	}
	err := s.reader(ctx).Model(&model.Session{}).Select("state, COUNT(*) AS n").
		Where("account_id = ? AND state IN ?", accountID, openStates()).Group("state").Scan(&rows).Error
	if err != nil {
		return p, s.wrap(err, "count sessions of account %d", accountID)
	}
	for _, r := range rows {
		switch r.State {
		case model.StateBot:
			p.Bot = r.N
		case model.StateQueued:
			p.Queued = r.N
		case model.StateServing:
			p.Serving = r.N
		case model.StateClosed: // not asked for
		}
	}
	var opened, online int64
	err = s.reader(ctx).Model(&model.Session{}).Where("account_id = ? AND id >= ?", accountID, model.FirstID(sinceMS)).Count(&opened).Error
	if err == nil {
		err = s.reader(ctx).Model(&model.Seat{}).Where("account_id = ? AND state = ? AND left_ms = 0", accountID, model.SeatOnline).Count(&online).Error
	}
	p.Opened, p.Online = int(opened), int(online)
	return p, s.wrap(err, "count sessions of account %d", accountID)
}
