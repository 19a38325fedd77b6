package sqlstore

import (
	"context"

	"deskmate/model"
)

// EarlierSessions lists the closed sessions of an employee with an account, newest first.
func (s *Store) EarlierSessions(ctx context.Context, acc model.Account, employee string, limit int) ([]model.Earlier, error) {
	q := s.reader(ctx)
	var sessions []model.Session
	err := q.Where("account_id = ? AND employee = ? AND state = ?", acc.ID, model.Fold(employee), model.StateClosed).
		Order("opened_ms DESC, id DESC").Limit(limit).Find(&sessions).Error
	if err != nil {
		return nil, s.wrap(err, "list earlier sessions of account %d", acc.ID)
	}
	seats := make([]string, 0, len(sessions))
	for _, one := range sessions {
		if one.Seat != "" {
			seats = append(seats, one.Seat)
		}
	}
	names, err := findMembers(q, acc.CorpID, seats)
	if err != nil {
		return nil, s.wrap(err, "name the seats of earlier sessions")
	}
	list := make([]model.Earlier, 0, len(sessions))
	for _, one := range sessions {
		e := model.Earlier{Session: one}
		if one.Seat != "" {
			e.SeatName = names[one.Seat].ShortName()
		}
		survey, _, err := find[model.Survey](q.Where("session_id = ? AND account_id = ?", one.ID, acc.ID))
		if err != nil {
			return nil, s.wrap(err, "read survey of session %d", one.ID)
		}
		first, _, err := find[model.Message](q.Where("session_id = ? AND sender_kind = ?", one.ID, model.FromEmployee).Order("seq"))
		if err != nil {
			return nil, s.wrap(err, "read first question of session %d", one.ID)
		}
		e.Rating, e.Question = survey.Rating, first.Content.Text
		list = append(list, e)
	}
	return list, nil
}

// Transcript reads the end of what was said in a session, at most so many lines, with the
// names of the colleagues who said it.
func (s *Store) Transcript(ctx context.Context, acc model.Account, session model.Session, limit int) (model.Transcript, error) {
	lines, err := s.Messages(ctx, session.ID, max(0, session.MessageCount-limit), limit)
	if err != nil {
		return model.Transcript{}, err
	}
	names, err := namesOf(s.reader(ctx), acc.CorpID, sendersOf(lines, model.FromSeat, model.FromNote))
	return model.Transcript{Messages: lines, Names: names}, s.wrap(err, "name who spoke in session %d", session.ID)
}
