package sqlstore

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"deskmate/model"
)

// AccountFigures counts what goes on in an account now, and since the beginning of the day.
func (s *Store) AccountFigures(ctx context.Context, accountID uint64, dayMS int64) (model.AccountFigures, error) {
	var f model.AccountFigures
	q := s.reader(ctx)
	err := errors.Join(
		openFigures(q, accountID, &f),
		seatFigures(q, accountID, &f),
		dayFigures(q, accountID, dayMS, &f),
		setupFigures(q, accountID, &f),
	)
	return f, s.wrap(err, "count what goes on in account %d", accountID)
}

// openFigures counts open sessions, by session_queue.
func openFigures(q *gorm.DB, accountID uint64, f *model.AccountFigures) error {
	var rows []struct {
		State  model.SessionState
		N      int
		Oldest int64
	}
	err := q.Model(&model.Session{}).Select("state, COUNT(*) AS n, MIN(queued_ms) AS oldest").
		Where("account_id = ? AND state IN ?", accountID, openStates()).Group("state").Find(&rows).Error
	for _, r := range rows {
		switch r.State {
		case model.StateBot:
			f.Bot = r.N
		case model.StateQueued:
			f.Queued, f.OldestMS = r.N, r.Oldest
		case model.StateServing:
			f.Serving = r.N
		case model.StateClosed:
		}
	}
	return err
}

func seatFigures(q *gorm.DB, accountID uint64, f *model.AccountFigures) error {
	var rows []struct {
		State model.SeatState
		N     int
	}
	err := q.Model(&model.Seat{}).Select("state, COUNT(*) AS n").Where("account_id = ? AND left_ms = 0", accountID).Group("state").Find(&rows).Error
	for _, r := range rows {
		f.Seats += r.N
		if r.State == model.SeatOnline {
			f.Online = r.N
		}
	}
	return err
}

// dayFigures counts by question_recent, question_miss and, ids growing with time, session_records.
func dayFigures(q *gorm.DB, accountID uint64, dayMS int64, f *model.AccountFigures) error {
	var questions, misses, sessions int64
	today := q.Model(&model.Question{}).Where("account_id = ? AND at_ms >= ?", accountID, dayMS).Session(&gorm.Session{})
	err := errors.Join(
		today.Count(&questions).Error,
		today.Where("miss = ?", model.MissOpen).Count(&misses).Error,
		q.Model(&model.Session{}).Where("account_id = ? AND id >= ?", accountID, model.FirstID(dayMS)).Count(&sessions).Error,
	)
	f.Questions, f.Misses, f.Sessions = int(questions), int(misses), int(sessions)
	return err
}

func setupFigures(q *gorm.DB, accountID uint64, f *model.AccountFigures) error {
	_, entries, err := find[entryRow](q.Where("account_id = ? AND to_version = ?", accountID, uint64(still)))
	_, tried, tryErr := find[model.Session](q.Where("account_id = ?", accountID))
	f.Entries, f.Tried = entries, tried
	return errors.Join(err, tryErr)
}
