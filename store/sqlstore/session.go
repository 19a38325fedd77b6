package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// openSession narrows to an employee's open session with an account.
func openSession(q *gorm.DB, accountID uint64, employee string) *gorm.DB {
	return q.Where("account_id = ? AND employee = ? AND state IN ?", accountID, model.Fold(employee), openStates())
}

// SessionByID finds a session.
func (s *Store) SessionByID(ctx context.Context, id uint64) (model.Session, error) {
	row, ok, err := find[model.Session](s.reader(ctx).Where("id = ?", id))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row, s.wrap(err, "read session %d", id)
}

// OpenSession finds the open session of an employee with an account.
func (s *Store) OpenSession(ctx context.Context, accountID uint64, employee string) (model.Session, error) {
	row, ok, err := find[model.Session](openSession(s.reader(ctx), accountID, employee))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row, s.wrap(err, "read open session of account %d", accountID)
}

// Messages lists a session's transcript, oldest first, after the Seq given.
func (s *Store) Messages(ctx context.Context, sessionID uint64, afterSeq, limit int) ([]model.Message, error) {
	var rows []model.Message
	err := s.reader(ctx).Where("session_id = ? AND seq > ?", sessionID, afterSeq).Order("seq").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "read messages of session %d", sessionID)
}
