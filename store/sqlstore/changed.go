package sqlstore

import (
	"context"

	"deskmate/model"
)

// changedAtOnce is how many changed sessions are read at once; the rest comes with the next
// look, for a change that is read is passed over then.
const changedAtOnce = 500

// ChangedSessions lists an account's sessions that changed at or after a time, the first ones
// first, each with id, version and when it changed. A change counts with when it was decided, and is seen only
// after its commit: who follows must look back a little each time.
func (s *Store) ChangedSessions(ctx context.Context, accountID uint64, sinceMS int64) ([]model.Session, error) {
	var list []model.Session
	err := s.reader(ctx).Model(&model.Session{}).Select("id", "version", "updated_ms").
		Where("account_id = ? AND updated_ms >= ?", accountID, sinceMS).Order("updated_ms").Limit(changedAtOnce).Find(&list).Error
	return list, s.wrap(err, "list changed sessions of account %d", accountID)
}
