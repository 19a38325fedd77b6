package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"deskmate/model"
)

// A transaction that met a deadlock or a long lock is tried writeTries times in all,
// with pauses that grow from about retryPause.
const (
	writeTries = 5
	retryPause = 10 * time.Millisecond
)

// batchRows is how many rows one statement, or one transaction of many, writes.
const batchRows = 200

// errMoved asks for the transaction to be run again: it locked the wrong rows.
var errMoved = errors.New("what was to be locked has moved")

// write runs fn in one transaction, again where that helps; so fn must not change
// anything but the database and what it assigns anew. The audit entries that fn notes are
// written after it.
func (s *Store) write(ctx context.Context, fn func(tx *gorm.DB) error) error {
	return s.again(ctx, func() error {
		return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			noted := &notedAudits{}
			if err := fn(tx.Set(notedKey, noted).Session(&gorm.Session{})); err != nil {
				return err
			}
			return s.appendAudits(tx, *noted)
		})
	})
}

// again runs a transaction, and once more where that helps.
func (s *Store) again(ctx context.Context, transaction func() error) error {
	for try := 1; ; try++ {
		err := transaction()
		again := err != nil && (errors.Is(err, errMoved) || s.dialect.transient(err))
		if !again || try == writeTries {
			return s.translate(err)
		}
		if err := pause(ctx, retryPause*time.Duration(try)); err != nil {
			return err
		}
	}
}

// pause waits for d, give or take half of it.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d/2 + rand.N(d)) //nolint:gosec // spreads retries, nothing secret
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// translate turns what the database says into the model's errors. Those of the model
// pass as they are.
func (s *Store) translate(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*model.Error](err); ok {
		return err
	}
	switch translated := s.dialect.translate(err); {
	case errors.Is(translated, gorm.ErrRecordNotFound):
		return model.ErrNotFound
	case errors.Is(translated, gorm.ErrDuplicatedKey):
		return model.ErrDuplicate
	case errors.Is(translated, errMoved):
		return model.ErrStale
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case mysqlNumber(err) == mysqlTooLong:
		return model.Invalid("too_long", "a text is too long to be stored")
	case s.dialect.away(err):
		return &model.Error{
			Code: model.ErrUnavailable.Code, Reason: model.ErrUnavailable.Reason,
			Message: "the database is not available now", Err: err,
		}
	}
	return err
}

// wrap says what was attempted, and turns err into one of the model's; nil stays nil.
func (s *Store) wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, s.translate(err))...)
}

// In conditions, a plus before a column changes nothing but this: no index is used for
// it. SQLite knows nothing of the data and would sometimes choose the wrong one.

// find reads one row into a T; ok is false where there is none.
func find[T any](q *gorm.DB) (row T, ok bool, err error) {
	var rows []T
	if err := q.Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return row, false, err
	}
	return rows[0], true, nil
}

// one turns the result of an update that must hit exactly one row into an error:
// none gives otherwise.
func one(res *gorm.DB, otherwise error) error {
	if res.Error != nil {
		return res.Error
	}
	if res.RowsAffected == 0 {
		return otherwise
	}
	return nil
}

// clip shortens text to at most limit characters and makes it valid UTF-8, so that
// no database refuses it.
func clip(text string, limit int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit])
}

// chunks cuts rows into pieces of at most size.
func chunks[T any](rows []T, size int, fn func([]T) error) error {
	for len(rows) > 0 {
		n := min(size, len(rows))
		if err := fn(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
