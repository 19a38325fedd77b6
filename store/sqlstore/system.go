package sqlstore

import (
	"context"
	"database/sql"

	"gorm.io/gorm"

	"deskmate/model"
)

// AccountLoad counts what of an account waits, up to [model.LoadCounted] of each.
func (s *Store) AccountLoad(ctx context.Context, accountID uint64) (model.AccountLoad, error) {
	var l model.AccountLoad
	outbox := func(states ...model.OutboxState) *gorm.DB {
		return s.reader(ctx).Model(&model.Outbox{}).Where("account_id = ? AND state IN ?", accountID, states)
	}
	inbox := s.reader(ctx).Model(&model.Inbox{}).Where("account_id = ? AND state = ?", accountID, model.InboxPending)
	for _, count := range []struct {
		of   *gorm.DB
		into *int
	}{
		{inbox.Session(&gorm.Session{}), &l.Events},
		{outbox(model.OutPending, model.OutSending), &l.Pushes},
		{outbox(model.OutDead), &l.Dead},
		{outbox(model.OutUncertain), &l.Uncertain},
		{s.unindexed(ctx, accountID), &l.Unindexed},
	} {
		var n int64
		err := s.reader(ctx).Table("(?) AS some", count.of.Select("id").Limit(model.LoadCounted)).Count(&n).Error
		if err != nil {
			return l, s.wrap(err, "count what waits of account %d", accountID)
		}
		*count.into = int(n)
	}
	var err error
	if l.EventSinceMS, err = oldest(inbox.Session(&gorm.Session{}), "arrived_ms"); err == nil {
		l.PushSinceMS, err = s.oldestPush(ctx, accountID)
	}
	if err != nil {
		return l, s.wrap(err, "find what waits longest of account %d", accountID)
	}
	lease, ok, err := find[groupLease](s.reader(ctx).Where("account_id = ? AND until_ms > ?", accountID, s.nowMS()))
	if ok {
		l.BotHolder, l.BotUntilMS = lease.Owner, lease.UntilMS
	}
	return l, s.wrap(err, "look who holds the bot of account %d", accountID)
}

// oldest is when the first of some rows came; 0 where there are none.
func oldest(q *gorm.DB, column string) (int64, error) {
	var at []int64
	err := q.Order("id").Limit(1).Pluck(column, &at).Error
	if len(at) == 0 {
		return 0, err
	}
	return at[0], err
}

// oldestPush is when the oldest push was written that is still to be sent. Each state is in
// the order of its index.
func (s *Store) oldestPush(ctx context.Context, accountID uint64) (int64, error) {
	var first int64
	for _, state := range []model.OutboxState{model.OutPending, model.OutSending} {
		at, err := oldest(s.reader(ctx).Model(&model.Outbox{}).Where("account_id = ? AND state = ?", accountID, state), "created_ms")
		if err != nil {
			return 0, err
		}
		if at != 0 && (first == 0 || at < first) {
			first = at
		}
	}
	return first, nil
}

// DueTimers counts the timers that are due and not delivered yet, up to [model.LoadCounted].
func (s *Store) DueTimers(ctx context.Context) (int, error) {
	var n int64
	due := s.reader(ctx).Model(&model.Timer{}).Select("due_ms").Where("due_ms <= ?", s.nowMS()).Limit(model.LoadCounted)
	err := s.reader(ctx).Table("(?) AS due", due).Count(&n).Error
	return int(n), s.wrap(err, "count due timers")
}

// Schema says how far the database is.
func (s *Store) Schema(ctx context.Context) (model.Schema, error) {
	known, err := s.knownVersion()
	if err != nil {
		return model.Schema{}, s.wrap(err, "read the program's schema version")
	}
	out := model.Schema{Dialect: s.dialect.name(), Known: known}
	var at sql.NullInt64
	if err := s.reader(ctx).Raw("SELECT MAX(version_id) FROM " + versionTable + " WHERE is_applied = 1").Scan(&at).Error; err != nil {
		return out, s.wrap(err, "read schema version")
	}
	out.At = at.Int64
	server := "SELECT VERSION()"
	if out.Dialect == sqliteDriver {
		server = "SELECT sqlite_version()"
	}
	err = s.reader(ctx).Raw(server).Scan(&out.Server).Error
	return out, s.wrap(err, "read the database's version")
}
