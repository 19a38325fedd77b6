package sqlstore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"deskmate/model"
)

// Sizes of columns, in characters.
const (
	laneSize   = 160
	dedupeSize = 191
	errSize    = 500
	reasonSize = 64
)

// Accept stores a callback in a lane of its account and marks the lane ready; when it
// returns nil the callback is safe. duplicate tells that the same one (by DedupeKey) is
// stored already; then nothing changes.
func (s *Store) Accept(ctx context.Context, in model.Inbound, lane string) (duplicate bool, err error) {
	if in.DedupeKey == "" || lane == "" || len(lane) > laneSize {
		return false, model.Invalid("inbound_incomplete", "an inbound event needs a dedupe key and a lane of at most %d bytes", laneSize)
	}
	row := model.Inbox{
		AccountID: in.AccountID, Lane: lane, Dedupe: dedupeKey(in.DedupeKey), Event: in.Event,
		CreatedMS: in.CreatedMS, ArrivedMS: s.nowMS(), State: model.InboxPending, Traceparent: traceparent(ctx),
	}
	if s.intake != nil {
		err = s.translate(s.again(ctx, func() error { return s.acceptInOneTrip(ctx, row) }))
	} else {
		err = s.write(ctx, func(tx *gorm.DB) error { return s.accept(tx, row) })
	}
	if errors.Is(err, model.ErrDuplicate) {
		return true, nil
	}
	return false, s.wrap(err, "accept %s event", in.Event.Kind)
}

// traceparent is the span in whose name a row is written; "" where nothing is traced.
func traceparent(ctx context.Context) string { return model.SpanFrom(ctx).Traceparent() }

// accept stores an event at the end of its lane. The lane's row lock makes its numbers
// follow the order of commits.
func (s *Store) accept(tx *gorm.DB, row model.Inbox) (err error) {
	row.Seq, err = s.dialect.takeSeqs(tx, model.Lane{
		Lane: row.Lane, Kind: model.LaneIn, AccountID: row.AccountID, RunAtMS: row.ArrivedMS,
	}, 1)
	if err != nil {
		return err
	}
	return tx.Create(&row).Error
}

// dedupeKey makes a key fit its column; a long or broken one becomes a hash.
func dedupeKey(key string) string {
	if len(key) <= dedupeSize && utf8.ValidString(key) {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return "h:" + hex.EncodeToString(sum[:])
}

// undone narrows to a lane's pending inbox rows.
func undone(q *gorm.DB, lane model.Lane) *gorm.DB {
	return q.Where("lane = ? AND state = ?", lane.Lane, model.InboxPending)
}

// PendingInbox lists a lane's events that are still to be decided, in order of arrival.
// CreatedMS lets the caller sort those that arrived together.
func (s *Store) PendingInbox(ctx context.Context, lane model.Lane, limit int) ([]model.Inbox, error) {
	var rows []model.Inbox
	err := undone(s.reader(ctx), lane).Order("seq").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "read inbox of lane %s", lane.Lane)
}

// FailInbox records that an event could not be decided, and lets go of its lane until a
// later time; attempts is how often that happened to it. errText must not hold message
// text; it is cut after 500 characters.
func (s *Store) FailInbox(ctx context.Context, lane model.Lane, inboxID uint64, errText string, until time.Time) (attempts int, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := delay(tx, lane, until); err != nil {
			return err
		}
		row, ok, err := find[model.Inbox](undone(tx, lane).Where("id = ?", inboxID))
		if err != nil {
			return err
		}
		if !ok {
			return model.ErrNotFound
		}
		attempts = row.Attempts + 1
		return tx.Model(&model.Inbox{}).Where("id = ?", inboxID).
			Updates(map[string]any{"attempts": attempts, "err": clip(errText, errSize)}).Error
	})
	return attempts, s.wrap(err, "record failure of inbox %d", inboxID)
}

// BuryInbox gives an event up: it stays for an operator to see, and the lane goes on
// without it.
func (s *Store) BuryInbox(ctx context.Context, lane model.Lane, inboxID uint64, errText string) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := lockHeld(tx, lane); err != nil {
			return err
		}
		return one(undone(tx.Model(&model.Inbox{}), lane).Where("id = ?", inboxID).Updates(map[string]any{
			"state": model.InboxDead, "err": clip(errText, errSize), "done_ms": s.nowMS(),
		}), model.ErrNotFound)
	})
	return s.wrap(err, "bury inbox %d", inboxID)
}

// DeadInbox lists an account's events that were given up, by id, after the id given.
func (s *Store) DeadInbox(ctx context.Context, accountID, after uint64, limit int) ([]model.Inbox, error) {
	var rows []model.Inbox
	err := s.reader(ctx).Where("account_id = ? AND state = ? AND id > ?", accountID, model.InboxDead, after).
		Order("id").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "list dead inbox of account %d", accountID)
}

// InboxOf lists an account's events with what became of them, by id, after the id given.
func (s *Store) InboxOf(ctx context.Context, accountID, after uint64, limit int) ([]model.Inbox, error) {
	var rows []model.Inbox
	byID := s.reader(ctx).Where("+account_id = ? AND id > ?", accountID, after) // see tx.go on the plus
	err := byID.Order("id").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "list inbox of account %d", accountID)
}
