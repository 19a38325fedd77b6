package sqlstore

import (
	"context"

	"deskmate/model"
)

// InboxByKey finds the event that was accepted under a dedupe key, with what became of it.
func (s *Store) InboxByKey(ctx context.Context, accountID uint64, dedupe string) (model.Inbox, error) {
	row, ok, err := find[model.Inbox](s.reader(ctx).Where("account_id = ? AND dedupe = ?", accountID, dedupeKey(dedupe)))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row, s.wrap(err, "read event of account %d", accountID)
}

// WaitingSessions lists the sessions of an account that wait for a seat, in their order,
// from the front.
func (s *Store) WaitingSessions(ctx context.Context, accountID uint64, limit int) ([]model.Session, error) {
	var list []model.Session
	err := queued(s.reader(ctx), accountID).Order(queueOrder).Limit(limit).Find(&list).Error
	return list, s.wrap(err, "read queue of account %d", accountID)
}
