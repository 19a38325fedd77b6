package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// sweepBatch is how many timers one transaction delivers.
const sweepBatch = 200

// SweepTimers delivers up to limit timers that are due, longest due first: each becomes
// an event in the inbox of its lane and is gone. It returns how many. It works in
// transactions of at most two hundred; a timer whose lane is being written to at this
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
		var mine []model.Lane
		err := tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"}).
			Where("lane IN ?", lanes).Order("lane").Find(&mine).Error
		if err != nil || len(mine) == 0 {
			return err
		}
		last := make(map[string]uint64, len(mine)) // number given in each lane
		for _, l := range mine {
			last[l.Lane] = l.NextSeq
		}
		keys := slices.Collect(maps.Keys(last))
		var timers []model.Timer
		if err := due(tx).Where("lane IN ?", keys).Order("due_ms").Find(&timers).Error; err != nil || len(timers) == 0 {
			return err
		}
		if err := deliver(tx, timers, last, now); err != nil {
			return err
		}
		n = len(timers)
		return due(tx).Where("lane IN ?", keys).Delete(&model.Timer{}).Error
	})
	return n, err
}

// deliver writes the events of timers whose lanes are locked, all lanes at once: one by one
// they would cost a trip to the server each. It goes on from the last numbers given.
func deliver(tx *gorm.DB, timers []model.Timer, last map[string]uint64, now int64) error {
	rows := make([]model.Inbox, len(timers))
	counts := map[string]int{}
	for i, t := range timers {
		counts[t.Lane]++
		rows[i] = model.Inbox{
			AccountID: t.AccountID, Lane: t.Lane, Seq: last[t.Lane] + uint64(counts[t.Lane]), //nolint:gosec // counts up from 1
			Dedupe:    dedupeKey(fmt.Sprintf("t:%s:%s:%d", t.Lane, t.Kind, t.Gen)),
			Event:     model.Event{Kind: model.EventTimer, Timer: t.Kind, Gen: t.Gen, AtMS: t.DueMS},
			CreatedMS: now, ArrivedMS: now, State: model.InboxPending,
		}
	}
	byCount := map[int][]string{}
	for lane, count := range counts {
		byCount[count] = append(byCount[count], lane)
	}
	for count, lanes := range byCount {
		// MySQL assigns from left to right: run_at_ms goes by the old ready.
		err := tx.Exec("UPDATE lane SET run_at_ms = CASE WHEN ready THEN run_at_ms ELSE ? END, ready = ?, next_seq = next_seq + ? "+
			"WHERE lane IN ?", now, true, count, lanes).Error
		if err != nil {
			return err
		}
	}
	return create(tx, rows)
}
