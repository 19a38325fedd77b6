package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// wakeEvery is how often one session is told at most that its turn may have come.
const wakeEvery = 5 * time.Second

// wakeDepth is how far the queue is looked through for somebody whom a free seat could take:
// few can't go to every seat.
const wakeDepth = 20

// WakeQueues tells, in every one of these accounts, the longest waiting session that a free
// seat could take that its turn may have come, and returns how many it told. It is the safety net
// behind [model.Step.WakeQueue], for seats that came free some other way: one that
// came online or to work, or was added; available tells which take sessions now. In a disabled account the session is told without one. A
// session that was told within the last seconds, or has such an event before it still, is
// not told again.
func (s *Store) WakeQueues(ctx context.Context, accountIDs []uint64, available func(model.Seat) bool) (int, error) {
	total := 0
	for _, id := range accountIDs {
		told, err := s.wakeQueue(ctx, id, available)
		if err != nil {
			return total, s.wrap(err, "wake queue of account %d", id)
		}
		if told {
			total++
		}
	}
	return total, nil
}

func (s *Store) wakeQueue(ctx context.Context, accountID uint64, available func(model.Seat) bool) (told bool, err error) {
	var front []model.Session
	err = queued(s.reader(ctx), accountID).Order(queueOrder).Limit(wakeDepth).Find(&front).Error
	if err != nil || len(front) == 0 {
		return false, err
	}
	head, ok, err := s.whoseTurn(ctx, accountID, front, available)
	if err != nil || !ok {
		return false, err
	}
	now := s.nowMS()
	lane := model.PersonLane(accountID, head.Employee)
	err = s.write(ctx, func(tx *gorm.DB) error {
		plan := newLanePlan(accountID)
		plan.add(lane, model.LaneIn)
		if err := plan.lock(tx, s, model.Lane{}); err != nil {
			return err
		}
		_, waits, err := find[model.Inbox](undone(tx, model.Lane{Lane: lane}).Where("dedupe LIKE 'q:%' OR dedupe LIKE 'w:%'"))
		if err != nil {
			return err
		}
		if waits {
			return model.ErrDuplicate
		}
		key := fmt.Sprintf("w:%d:%d", head.ID, now/wakeEvery.Milliseconds())
		return create(tx, []model.Inbox{queueTurn(tx, plan, head, key, now)})
	})
	if errors.Is(err, model.ErrDuplicate) {
		return false, nil // and the lane is as it was
	}
	return err == nil, err
}

// whoseTurn is the first of the queue who has anything to hope for: a seat that could take
// its session, or, in an account that was disabled, its end. Where none of the front has, its
// last one passes the turn on.
func (s *Store) whoseTurn(
	ctx context.Context, accountID uint64, front []model.Session, available func(model.Seat) bool,
) (model.Session, bool, error) {
	acc, err := s.Account(ctx, accountID)
	if err != nil || !acc.Enabled {
		return front[0], err == nil, err
	}
	seats, err := s.Seats(ctx, accountID)
	if err != nil {
		return model.Session{}, false, err
	}
	var online, free []string
	for _, seat := range seats {
		if !available(seat) {
			continue
		}
		online = append(online, seat.UserID)
		if limit := seat.Limit(acc.Policy.Assignment); acc.Policy.Assignment.Mode == model.AllSeats || limit == 0 || seat.Load < limit {
			free = append(free, seat.UserID)
		}
	}
	for _, w := range front {
		if slices.ContainsFunc(free, func(seat string) bool { return w.Takes(seat, online) }) {
			return w, true, nil
		}
	}
	last := len(front) - 1
	return front[last], len(free) > 0 && len(front) == wakeDepth, nil
}

// queueOrder is the order in which an account's queued sessions have their turns.
const queueOrder = "queued_ms, id"

// queued narrows to the sessions of an account that wait for a seat.
func queued(q *gorm.DB, accountID uint64) *gorm.DB {
	return q.Where("account_id = ? AND state = ?", accountID, model.StateQueued)
}

// before narrows to those ahead of a place in the queue.
func before(q *gorm.DB, p model.Place) *gorm.DB {
	return q.Where("queued_ms < ? OR (queued_ms = ? AND id < ?)", p.QueuedMS, p.QueuedMS, p.ID)
}

// behind narrows to those behind it.
func behind(q *gorm.DB, p model.Place) *gorm.DB {
	return q.Where("queued_ms > ? OR (queued_ms = ? AND id > ?)", p.QueuedMS, p.QueuedMS, p.ID)
}

// ahead are the queued sessions that have waited longer than the step's.
func (a *applying) ahead() *gorm.DB {
	s := a.step.Session
	return before(queued(a.tx, a.accountID), model.Place{QueuedMS: s.QueuedMS, ID: s.ID})
}

// queue counts who waits before the person's session, or would wait before a new one, and
// reads those of them who can't go to every seat.
func (l *loading) queue() error {
	ahead := queued(l.q, l.c.Account.ID)
	if own := l.c.Session; own != nil && own.QueuedMS != 0 {
		ahead = before(ahead, model.Place{QueuedMS: own.QueuedMS, ID: own.ID})
	}
	ahead = ahead.Session(&gorm.Session{})
	var n int64
	if err := ahead.Model(&model.Session{}).Count(&n).Error; err != nil || n == 0 {
		return err
	}
	l.c.Ahead = int(n)
	seats := l.account().Model(&model.Seat{}).Select("user_id")
	return ahead.Where("returned_by <> '' OR employee IN (?)", seats).Order(queueOrder).Find(&l.c.Picky).Error
}

// How many sessions tell how long people take, and how few are enough to say so.
const (
	handlingOf    = 50
	handlingLeast = 3
)

// handling reads how fast the queue moves: how long the last sessions were with their
// seats, and how many are with a seat now.
func (l *loading) handling() error {
	var times []struct{ AssignedMS, ClosedMS int64 }
	err := l.account().Model(&model.Session{}).Select("assigned_ms, closed_ms").
		Where("state = ? AND queued_ms > 0", model.StateClosed).Order("queued_ms DESC, id DESC").Limit(handlingOf).Find(&times).Error
	if err != nil {
		return err
	}
	var took []int64
	for _, t := range times {
		if t.AssignedMS > 0 {
			took = append(took, t.ClosedMS-t.AssignedMS)
		}
	}
	if len(took) < handlingLeast {
		return nil
	}
	slices.Sort(took)
	l.c.HandlingMS = took[len(took)/2]
	return l.account().Model(&model.Seat{}).Where("state = ? AND left_ms = 0", model.SeatOnline).
		Select("COALESCE(SUM(`load`), 0)").Scan(&l.c.Places).Error
}
