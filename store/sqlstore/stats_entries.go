package sqlstore

import (
	"context"

	"deskmate/model"
)

// EntryQuestions are the standard questions of the entries that may answer, by id.
func (s *Store) EntryQuestions(ctx context.Context, accountID uint64, atMS int64) (map[uint64]string, error) {
	version, err := s.KnowledgeVersion(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		EntryID  uint64
		Question string
	}
	err = at(s.reader(ctx).Model(&entryRow{}), accountID, version).Select("entry_id", "question").
		Where("state = ? AND draft = ? AND valid_from_ms <= ? AND (valid_until_ms = 0 OR valid_until_ms > ?)", model.EntryOn, false, atMS, atMS).
		Find(&rows).Error
	list := make(map[uint64]string, len(rows))
	for _, r := range rows {
		list[r.EntryID] = r.Question
	}
	return list, s.wrap(err, "read questions of account %d", accountID)
}

// SurveysOf are the surveys of some sessions of an account.
func (s *Store) SurveysOf(ctx context.Context, accountID uint64, sessions []uint64) ([]model.Survey, error) {
	var list []model.Survey
	if len(sessions) == 0 {
		return nil, nil
	}
	err := s.reader(ctx).Where("session_id IN ? AND +account_id = ?", sessions, accountID).Order("session_id DESC").Find(&list).Error
	return list, s.wrap(err, "read surveys of account %d", accountID)
}
