package sqlstore

import (
	"context"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// sweepBatch is how many timers one transaction delivers.
const sweepBatch = 100

// SweepTimers delivers up to limit timers that are due, longest due first: each becomes
// an event in the inbox of its lane and is gone. It returns how many. It works in
// transactions of at most a hundred; a timer whose lane is being written to at this
// moment is left for the next sweep. Any number of replicas may sweep at the same time.
func (s *Store) SweepTimers(ctx context.Context, limit int) (int, error) {
	total := 0
	for total < limit {
		size := min(sweepBatch, limit-total)
		n, err := s.sweep(ctx, size)
		if err != nil {
			return total, s.wrap(err, "sweep timers")
		}
		total += n
		if n < size {
			break
		}
	}
	return total, nil
}

func (s *Store) sweep(ctx context.Context, limit int) (n int, err error) {
	now := s.nowMS()
	due := func(q *gorm.DB) *gorm.DB { return q.Model(&model.Timer{}).Where("due_ms <= ?", now) }
	var lanes []string
	if err := due(s.reader(ctx)).Order("due_ms").Limit(limit).Pluck("lane", &lanes).Error; err != nil || len(lanes) == 0 {
		return 0, err
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		n = 0
		// A lane's timers change only under the lock of its row.
		var mine []string
		err := tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).Model(&model.Lane{}).
			Where("lane IN ?", lanes).Order("lane").Pluck("lane", &mine).Error
		if err != nil || len(mine) == 0 {
			return err
		}
		var timers []model.Timer
		if err := due(tx).Where("lane IN ?", mine).Order("due_ms").Find(&timers).Error; err != nil || len(timers) == 0 {
			return err
		}
		if err := s.deliver(tx, timers, now); err != nil {
			return err
		}
		n = len(timers)
		return due(tx).Where("lane IN ?", mine).Delete(&model.Timer{}).Error
	})
	return n, err
}

// deliver writes the events of timers whose lanes are locked.
func (s *Store) deliver(tx *gorm.DB, timers []model.Timer, now int64) error {
	plans := map[uint64]*lanePlan{} // an account each
	for _, t := range timers {
		if plans[t.AccountID] == nil {
			plans[t.AccountID] = newLanePlan(t.AccountID)
		}
		plans[t.AccountID].add(t.Lane, model.LaneIn)
	}
	for _, p := range plans { // in any order: the rows are locked already
		if err := p.lock(tx, s, model.Lane{}); err != nil {
			return err
		}
	}
	rows := make([]model.Inbox, len(timers))
	for i, t := range timers {
		rows[i] = model.Inbox{
			AccountID: t.AccountID, Lane: t.Lane, Seq: plans[t.AccountID].next(t.Lane),
			Dedupe:    dedupeKey(fmt.Sprintf("t:%s:%s:%d", t.Lane, t.Kind, t.Gen)),
			Event:     model.Event{Kind: model.EventTimer, Timer: t.Kind, Gen: t.Gen, AtMS: t.DueMS},
			CreatedMS: now, ArrivedMS: now, State: model.InboxPending,
		}
	}
	return create(tx, rows)
}
