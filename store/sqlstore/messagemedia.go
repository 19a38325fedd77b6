package sqlstore

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// mediaIDSize is how long a media_id of WeCom may be.
const mediaIDSize = 500

// media notes what WeCom keeps of the step's messages, so that it is fetched in time.
func (a *applying) media() error {
	var rows []model.MessageMedia
	for _, m := range a.step.Messages {
		if m.Content.MediaID == "" {
			continue
		}
		rows = append(rows, model.MessageMedia{
			SessionID: a.step.Session.ID, Seq: m.Seq, AccountID: a.accountID, MediaID: clip(m.Content.MediaID, mediaIDSize),
			Kind: m.Content.Type, Name: clip(m.Content.Name, nameSize), SentMS: m.AtMS, State: model.MediaPending, DueMS: a.store.nowMS(),
		})
	}
	return create(a.tx, rows)
}

// ClaimMedia takes up to limit pending media that are due, longest due first, for the time
// of a lease, and counts the attempt. What nobody finished is offered again after its lease.
// None is no error.
func (s *Store) ClaimMedia(ctx context.Context, limit int, lease time.Duration) ([]model.MessageMedia, error) {
	now := s.nowMS()
	due := func(q *gorm.DB) *gorm.DB { return q.Where("state = ? AND due_ms <= ?", model.MediaPending, now) }
	// Most polls find nothing: they shall not cost a transaction.
	if _, some, err := find[model.MessageMedia](due(s.reader(ctx))); err != nil || !some {
		return nil, s.wrap(err, "look for media to keep")
	}
	var list []model.MessageMedia
	err := s.write(ctx, func(tx *gorm.DB) error {
		list = nil
		q := due(tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}))
		if err := q.Order("due_ms").Limit(limit).Find(&list).Error; err != nil {
			return err
		}
		for i := range list {
			m := &list[i]
			m.Attempts, m.DueMS = m.Attempts+1, now+lease.Milliseconds()
			if err := pendingMedia(tx, *m).Updates(map[string]any{"attempts": m.Attempts, "due_ms": m.DueMS}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, s.wrap(err, "claim media to keep")
	}
	return list, nil
}

// messageMedia narrows to one row.
func messageMedia(q *gorm.DB, m model.MessageMedia) *gorm.DB {
	return q.Model(&model.MessageMedia{}).Where("session_id = ? AND seq = ? AND account_id = ?", m.SessionID, m.Seq, m.AccountID)
}

// pendingMedia narrows to it while it is pending.
func pendingMedia(q *gorm.DB, m model.MessageMedia) *gorm.DB {
	return messageMedia(q, m).Where("state = ?", model.MediaPending)
}

// DelayMedia lets go of claimed media until a later time. Where somebody else has claimed or
// finished them since, it is ErrFenced.
func (s *Store) DelayMedia(ctx context.Context, m model.MessageMedia, until time.Time) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return one(pendingMedia(tx, m).Where("due_ms = ?", m.DueMS).Update("due_ms", until.UnixMilli()), model.ErrFenced)
	})
	return s.wrap(err, "delay media of session %d", m.SessionID)
}

// FinishMedia writes what became of media, which are pending no more. Who finishes second
// changes nothing and gets ErrStale. It is unavailable while the same file is being removed, and
// must then be stored again.
func (s *Store) FinishMedia(ctx context.Context, m model.MessageMedia) error {
	m.Name, m.Type = clip(m.Name, nameSize), clip(m.Type, mimeSize)
	goes := false
	err := s.write(ctx, func(tx *gorm.DB) error {
		err := claimFile(tx, m.Key)
		if goes = errors.Is(err, errFileGoes); err != nil {
			return onlyIf(!goes, err) // the tombstone may be gone now
		}
		return one(pendingMedia(tx, m).Select("state", "blob_key", "name", "mime", "size", "sum").Updates(&m), model.ErrStale)
	})
	if goes && err == nil {
		err = errFileGoes
	}
	if errors.Is(err, model.ErrStale) {
		err = errors.Join(err, s.orphanFile(ctx, m.Key)) // somebody else's, or nobody's
	}
	return s.wrap(err, "finish media of session %d", m.SessionID)
}

// PendingMedia counts the media that are to be fetched.
func (s *Store) PendingMedia(ctx context.Context) (int, error) {
	var n int64
	err := s.reader(ctx).Model(&model.MessageMedia{}).Where("state = ?", model.MediaPending).Count(&n).Error
	return int(n), s.wrap(err, "count media to keep")
}

// MessageMedia gives the media of a session's transcript, by the Seq of their lines.
func (s *Store) MessageMedia(ctx context.Context, accountID, sessionID uint64) (map[int]model.MessageMedia, error) {
	var rows []model.MessageMedia
	err := s.reader(ctx).Where("session_id = ? AND account_id = ?", sessionID, accountID).Find(&rows).Error
	list := make(map[int]model.MessageMedia, len(rows))
	for _, m := range rows {
		list[m.Seq] = m
	}
	return list, s.wrap(err, "read media of session %d", sessionID)
}

// SaveMediaAgain remembers the media_id under which WeCom was given stored media again.
func (s *Store) SaveMediaAgain(ctx context.Context, m model.MessageMedia) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return messageMedia(tx, m).Updates(map[string]any{"again_id": m.AgainID, "again_ms": m.AgainMS}).Error
	})
	return s.wrap(err, "save media id of session %d", m.SessionID)
}
