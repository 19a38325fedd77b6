package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// deadCounted is how many of the newest dead letters of an account and state are counted.
const deadCounted = 10_000

// deadLetters narrows to what was given up on in one state.
func deadLetters(q *gorm.DB, f model.DeadFilter, state model.OutboxState) *gorm.DB {
	q = q.Where("state = ?", state)
	if f.Receiver != "" { // one lane has few: found by outbox_pending
		q = q.Where("lane = ? AND +account_id = ?", model.OutLane(f.AccountID, f.Receiver), f.AccountID)
	} else {
		q = q.Where("account_id = ?", f.AccountID)
	}
	if f.ErrCode != nil {
		q = q.Where("errcode = ?", *f.ErrCode)
	}
	if f.Lines {
		q = q.Where("message_seq > 0")
	}
	if f.FromMS > 0 {
		q = q.Where("created_ms >= ?", f.FromMS)
	}
	if f.ToMS > 0 {
		q = q.Where("created_ms < ?", f.ToMS)
	}
	return q
}

func deadStates(f model.DeadFilter) []model.OutboxState {
	if f.State != "" {
		return []model.OutboxState{f.State}
	}
	return []model.OutboxState{model.OutDead, model.OutUncertain}
}

// DeadLetters lists an account's pushes that were given up on, newest first unless the filter
// says otherwise, behind the id given; 0: from the first on.
func (s *Store) DeadLetters(ctx context.Context, f model.DeadFilter, behind uint64, limit int) ([]model.Outbox, error) {
	var list []model.Outbox
	for _, state := range deadStates(f) { // each in the order of its index
		var rows []model.Outbox
		q := deadLetters(s.reader(ctx), f, state)
		if f.Oldest {
			q = q.Where("id > ?", behind).Order("id")
		} else {
			q = older(q, "id", behind).Order("id DESC")
		}
		err := q.Limit(limit).Find(&rows).Error
		if err != nil {
			return nil, s.wrap(err, "list dead letters of account %d", f.AccountID)
		}
		list = append(list, rows...)
	}
	slices.SortFunc(list, func(a, b model.Outbox) int {
		if f.Oldest {
			return cmp.Compare(a.ID, b.ID)
		}
		return cmp.Compare(b.ID, a.ID)
	})
	return list[:min(limit, len(list))], nil
}

// DeadLetter reads one of them; [model.ErrNotFound] where it is none, or none any more.
func (s *Store) DeadLetter(ctx context.Context, accountID, id uint64) (model.Outbox, error) {
	row, ok, err := find[model.Outbox](s.reader(ctx).Where("id = ? AND +account_id = ? AND state IN ?", id, accountID, deadStates(model.DeadFilter{})))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row, s.wrap(err, "read dead letter %d", id)
}

// DeadCounts counts an account's dead letters by what WeCom said, of each state the newest
// 10,000.
func (s *Store) DeadCounts(ctx context.Context, accountID uint64) ([]model.DeadCount, error) {
	var counts []model.DeadCount
	for _, state := range deadStates(model.DeadFilter{}) {
		var some []model.DeadCount
		newest := s.reader(ctx).Model(&model.Outbox{}).Select("errcode").
			Where("account_id = ? AND state = ?", accountID, state).Order("id DESC").Limit(deadCounted)
		err := s.reader(ctx).Table("(?) AS d", newest).Select("errcode, COUNT(*) AS n").Group("errcode").Scan(&some).Error
		if err != nil {
			return nil, s.wrap(err, "count dead letters of account %d", accountID)
		}
		for _, c := range some {
			c.State = state
			counts = append(counts, c)
		}
	}
	slices.SortFunc(counts, func(a, b model.DeadCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.ErrCode, b.ErrCode), cmp.Compare(a.State, b.State))
	})
	return counts, nil
}

// RetryDead has pushes sent again that were given up on: each goes to the end of its lane, those
// of one lane in the order that they had. What was sent again or discarded since it was seen
// stays as it is, and so does a line that its writer took back, and, unless mayRepeat, what
// may have arrived already. It gives the ids of those that go out, and adds the entry to
// the audit log where there are any. At most 200 at once.
func (s *Store) RetryDead(ctx context.Context, accountID uint64, keys []model.DeadKey, mayRepeat bool, audit model.Audit) ([]uint64, error) {
	if len(keys) > batchRows {
		return nil, model.Invalid("too_many", "at most %d at once", batchRows)
	}
	var done []uint64
	err := s.write(ctx, func(tx *gorm.DB) error {
		rows, err := retryable(tx, accountID, keys, mayRepeat)
		if err != nil {
			return err
		}
		plan := newLanePlan(accountID)
		for _, r := range rows {
			plan.add(r.Lane, model.OutKind(r.Push.Receiver))
		}
		if err := plan.lock(tx, s, model.Lane{}); err != nil {
			return err
		}
		done, err = s.revive(tx, plan, rows)
		if err != nil || len(done) == 0 {
			return err
		}
		return saveAudits(tx, []model.Audit{audit}, s.nowMS())
	})
	return done, s.wrap(err, "send dead letters of account %d again", accountID)
}

// retryable reads those of some dead letters that may be sent again, in the order of their
// lanes.
func retryable(tx *gorm.DB, accountID uint64, keys []model.DeadKey, mayRepeat bool) ([]model.Outbox, error) {
	seen := make(map[uint64]uint64, len(keys))
	ids := make([]uint64, len(keys))
	for i, k := range keys {
		ids[i], seen[k.ID] = k.ID, k.Seq
	}
	var rows []model.Outbox
	err := tx.Where("id IN ? AND +account_id = ? AND state IN ?", ids, accountID, deadStates(model.DeadFilter{})).Order("lane, seq").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	recalled, err := recalledLines(tx, rows)
	rows = slices.DeleteFunc(rows, func(r model.Outbox) bool {
		return r.Seq != seen[r.ID] || recalled[line{r.SessionID, r.MessageSeq}] || r.MayRepeat() && !mayRepeat
	})
	return rows, err
}

// line is a place in a transcript.
type line struct {
	session uint64
	seq     int
}

// recalledLines are the lines of some pushes that their writers took back.
func recalledLines(tx *gorm.DB, rows []model.Outbox) (map[line]bool, error) {
	var sessions []uint64
	for _, r := range rows {
		if r.MessageSeq > 0 {
			sessions = append(sessions, r.SessionID)
		}
	}
	slices.Sort(sessions)
	var lines []model.Message
	err := tx.Select("session_id, seq").Where("session_id IN ? AND recalled_ms > 0", slices.Compact(sessions)).Find(&lines).Error
	recalled := make(map[line]bool, len(lines))
	for _, m := range lines {
		recalled[line{m.SessionID, m.Seq}] = true
	}
	return recalled, err
}

// revive makes pushes wait again, under new numbers of their lanes. The lanes are locked, so
// of two people who press at once one finds them changed.
func (s *Store) revive(tx *gorm.DB, plan *lanePlan, rows []model.Outbox) ([]uint64, error) {
	done := make([]uint64, 0, len(rows))
	for _, r := range rows {
		res := tx.Model(&model.Outbox{}).Where("id = ? AND seq = ? AND state = ?", r.ID, r.Seq, r.State).Updates(map[string]any{
			"state": model.OutPending, "seq": plan.next(r.Lane), "attempts": 0, "dead_ms": 0, "retried_ms": s.nowMS(),
		})
		if res.Error != nil {
			return nil, res.Error
		}
		if res.RowsAffected == 1 {
			done = append(done, r.ID)
		}
	}
	return done, nil
}

// DiscardDead puts pushes away that were given up on, for good. What was sent again since it
// was seen stays as it is. It gives how many were, and adds the entry to the audit log where
// there are any. At most 200 at once.
func (s *Store) DiscardDead(ctx context.Context, accountID uint64, keys []model.DeadKey, audit model.Audit) (int, error) {
	if len(keys) > batchRows {
		return 0, model.Invalid("too_many", "at most %d at once", batchRows)
	}
	var done int
	err := s.write(ctx, func(tx *gorm.DB) error {
		done = 0
		for _, k := range keys {
			res := tx.Model(&model.Outbox{}).Where("id = ? AND seq = ? AND +account_id = ? AND state IN ?", k.ID, k.Seq, accountID, deadStates(model.DeadFilter{})).
				Update("state", model.OutDiscarded)
			if res.Error != nil {
				return res.Error
			}
			done += int(res.RowsAffected)
		}
		if done == 0 {
			return nil
		}
		return saveAudits(tx, []model.Audit{audit}, s.nowMS())
	})
	return done, s.wrap(err, "discard dead letters of account %d", accountID)
}
