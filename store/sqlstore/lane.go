package sqlstore

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// ClaimLanes takes up to limit lanes of a kind that have work, the longest due and, where
// there are more, as many of the shortest due, for the time of a lease; owner names the worker (at most 64 characters). A lane that
// somebody holds is offered again once its lease has run out. None is no error.
func (s *Store) ClaimLanes(ctx context.Context, kind model.LaneKind, owner string, limit int, lease time.Duration) ([]model.Lane, error) {
	return s.claimLanes(ctx, kind, owner, limit, lease, func(q *gorm.DB) *gorm.DB { return q })
}

// claimLanes is ClaimLanes for those lanes that only narrows to.
func (s *Store) claimLanes(
	ctx context.Context, kind model.LaneKind, owner string, limit int, lease time.Duration, only func(*gorm.DB) *gorm.DB,
) ([]model.Lane, error) {
	if owner == "" {
		return nil, model.Invalid("owner", "a lane's owner needs a name")
	}
	now := s.nowMS()
	ready := func(q *gorm.DB) *gorm.DB {
		return only(q.Where("kind = ? AND ready = ? AND run_at_ms <= ?", kind, true, now))
	}
	// Most polls find nothing: they shall not cost a transaction.
	if _, some, err := find[model.Lane](ready(s.reader(ctx))); err != nil || !some {
		return nil, s.wrap(err, "look for %s lanes", kind)
	}
	var lanes []model.Lane
	err := s.write(ctx, func(tx *gorm.DB) error {
		lanes = nil
		var err error
		if lanes, err = takeReady(ready(tx.Clauses(clause.Locking{Strength: "UPDATE", Options: "SKIP LOCKED"})), limit); err != nil || len(lanes) == 0 {
			return err
		}
		keys := make([]string, len(lanes))
		for i := range lanes {
			l := &lanes[i]
			keys[i], l.Fence, l.Owner, l.RunAtMS = l.Lane, l.Fence+1, owner, now+lease.Milliseconds()
		}
		return tx.Model(&model.Lane{}).Where("lane IN ?", keys).Updates(map[string]any{
			"fence": gorm.Expr("fence + 1"), "owner": owner, "run_at_ms": now + lease.Milliseconds(),
		}).Error
	})
	if err != nil {
		return nil, s.wrap(err, "claim %s lanes", kind)
	}
	return lanes, nil
}

// takeReady picks lanes from both ends: what is new doesn't wait behind a hundred thousand
// timers that were due together, and what is old doesn't wait for ever.
func takeReady(ready *gorm.DB, limit int) ([]model.Lane, error) {
	ready = ready.Session(&gorm.Session{})
	newest := limit / 2
	var lanes, fresh []model.Lane
	if err := ready.Order("run_at_ms").Limit(limit - newest).Find(&lanes).Error; err != nil || len(lanes) < limit-newest || newest == 0 {
		return lanes, err
	}
	keys := make([]string, len(lanes))
	for i, l := range lanes {
		keys[i] = l.Lane
	}
	err := ready.Where("lane NOT IN ?", keys).Order("run_at_ms DESC").Limit(newest).Find(&fresh).Error
	return append(lanes, fresh...), err
}

// held narrows to the row of a lane that its holder still holds: the fence tells
// whether somebody else came, the owner whether the holder let go itself.
func held(q *gorm.DB, lane model.Lane) *gorm.DB {
	return q.Model(&model.Lane{}).Where("lane = ? AND fence = ? AND owner <> ''", lane.Lane, lane.Fence)
}

// lockHeld locks the row of a lane, or fails with ErrFenced.
func lockHeld(tx *gorm.DB, lane model.Lane) error {
	_, ok, err := find[model.Lane](held(tx.Clauses(forUpdate()), lane))
	if err == nil && !ok {
		return model.ErrFenced
	}
	return err
}

// RenewLane lengthens the holder's lease, counted from now.
func (s *Store) RenewLane(ctx context.Context, lane model.Lane, lease time.Duration) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return one(held(tx, lane).Update("run_at_ms", s.nowMS()+lease.Milliseconds()), model.ErrFenced)
	})
	return s.wrap(err, "renew lane %s", lane.Lane)
}

// DelayLane lets go of a lane that has work, until a later time.
func (s *Store) DelayLane(ctx context.Context, lane model.Lane, until time.Time) error {
	err := s.write(ctx, func(tx *gorm.DB) error { return delay(tx, lane, until) })
	return s.wrap(err, "delay lane %s", lane.Lane)
}

func delay(tx *gorm.DB, lane model.Lane, until time.Time) error {
	return one(held(tx, lane).Updates(map[string]any{"owner": "", "run_at_ms": until.UnixMilli()}), model.ErrFenced)
}

// ReleaseLane lets go of a lane. Where work has come meanwhile the lane stays ready, due
// now, and more is true.
func (s *Store) ReleaseLane(ctx context.Context, lane model.Lane) (more bool, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		// The lock comes first: who adds work has committed it, or waits for us.
		if err := lockHeld(tx, lane); err != nil {
			return err
		}
		if more, err = letGo(tx, lane, s.nowMS()); err != nil || !more {
			return err
		}
		return held(tx, lane).Updates(map[string]any{"owner": "", "run_at_ms": s.nowMS()}).Error
	})
	return more, s.wrap(err, "release lane %s", lane.Lane)
}

// letGo lets go of a locked lane if it has no work left; more tells that it has some, and
// then nothing changes.
func letGo(tx *gorm.DB, lane model.Lane, nowMS int64) (more bool, err error) {
	if more, err = pending(tx, lane); err != nil || more {
		return more, err
	}
	return false, held(tx, lane).Updates(map[string]any{"owner": "", "ready": false, "run_at_ms": nowMS}).Error
}

// pending reports whether a lane has work left.
func pending(tx *gorm.DB, lane model.Lane) (bool, error) {
	if lane.Kind != model.LaneIn {
		_, ok, err := find[model.Outbox](unsent(tx, lane))
		return ok, err
	}
	_, ok, err := find[model.Inbox](undone(tx, lane))
	return ok, err
}

// lanePlan collects what one transaction adds to which lanes, so that their rows can be
// locked in one order, by key: two transactions never wait for each other in a circle.
type lanePlan struct {
	accountID uint64
	kinds     map[string]model.LaneKind
	counts    map[string]int
	last      map[string]uint64 // after lock: the numbers from last-count+1 on are ours
}

func newLanePlan(accountID uint64) *lanePlan {
	return &lanePlan{accountID: accountID, kinds: map[string]model.LaneKind{}, counts: map[string]int{}, last: map[string]uint64{}}
}

// add plans one more row in a lane.
func (p *lanePlan) add(lane string, kind model.LaneKind) {
	p.kinds[lane] = kind
	p.counts[lane]++
}

// lock locks every planned lane and, among them, own, which must still be held; the
// zero Lane means that there is none.
func (p *lanePlan) lock(tx *gorm.DB, s *Store, own model.Lane) error {
	keys := slices.Collect(maps.Keys(p.counts))
	if own.Lane != "" && p.counts[own.Lane] == 0 {
		keys = append(keys, own.Lane)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if key == own.Lane {
			if err := lockHeld(tx, own); err != nil {
				return err
			}
		}
		if p.counts[key] == 0 {
			continue
		}
		lane := model.Lane{Lane: key, Kind: p.kinds[key], AccountID: p.accountID, RunAtMS: s.nowMS()}
		last, err := s.dialect.takeSeqs(tx, lane, p.counts[key])
		if err != nil {
			return err
		}
		p.last[key] = last
	}
	return nil
}

// next gives the numbers of a lane one by one, in order.
func (p *lanePlan) next(lane string) uint64 {
	p.counts[lane]--
	return p.last[lane] - uint64(p.counts[lane]) //nolint:gosec // never below 0: as many as were planned
}
