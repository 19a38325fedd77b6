package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// knowsNothing is a knowledge base without entries, and a directory that adds nothing.
type knowsNothing struct{}

func (knowsNothing) Answer(context.Context, uint64, model.Ask) (model.Answer, error) {
	return model.Answer{Kind: model.AnswerMiss}, nil
}

func (knowsNothing) Entry(context.Context, uint64, uint64) (model.AnswerCandidate, error) {
	return model.AnswerCandidate{}, model.ErrNotFound
}

func (knowsNothing) Hot(context.Context, uint64, int) ([]model.AnswerCandidate, error) {
	return nil, nil
}

func (knowsNothing) Refresh(context.Context, model.Account, string, *model.ContactChange) error {
	return nil
}

// life is what a replica has of the world as long as it lives. Once it is dead it changes
// nothing any more, as after a kill -9.
type life struct {
	*sqlstore.Store

	crowd *crowd
	die   func()
	dead  atomic.Bool
}

var errDead = errors.New("this replica is dead")

func (l *life) alive() error {
	if l.dead.Load() {
		return errDead
	}
	return nil
}

// doomed lets the replica die here, now and then.
func (l *life) doomed() bool {
	n := l.crowd.doom.Load()
	if n == 0 || l.crowd.chances.Add(1)%n != 0 {
		return false
	}
	if l.dead.CompareAndSwap(false, true) {
		l.crowd.kills.Add(1)
		l.die()
	}
	return true
}

// Apply dies, now and then, between reserving and applying, or between applying and saying so.
// Who has reserved a place waits a moment for somebody else who has, so that they apply at once.
func (l *life) Apply(ctx context.Context, step model.Step) (model.Applied, error) {
	if step.Reserve != nil {
		l.crowd.meet(ctx)
	}
	if step.Reserve != nil && l.doomed() || l.dead.Load() {
		return model.Applied{}, errDead
	}
	done, err := l.Store.Apply(ctx, step)
	if err == nil && step.Reserve != nil {
		l.crowd.reserved.Add(1)
	}
	if (step.Reserve != nil || step.Release != "") && l.doomed() || l.dead.Load() {
		return model.Applied{}, errDead
	}
	return done, err
}

// meet waits for another one who comes here, but not for long.
func (c *crowd) meet(ctx context.Context) {
	alone := time.NewTimer(15 * time.Millisecond)
	defer alone.Stop()
	select {
	case c.meeting <- struct{}{}:
	case <-c.meeting:
	case <-alone.C:
	case <-ctx.Done():
	}
}

func (l *life) ClaimLanes(ctx context.Context, kind model.LaneKind, owner string, limit int, lease time.Duration) ([]model.Lane, error) {
	if err := l.alive(); err != nil {
		return nil, err
	}
	return l.Store.ClaimLanes(ctx, kind, owner, limit, lease)
}

func (l *life) RenewLane(ctx context.Context, lane model.Lane, lease time.Duration) error {
	if err := l.alive(); err != nil {
		return err
	}
	return l.Store.RenewLane(ctx, lane, lease)
}

func (l *life) ReleaseLane(ctx context.Context, lane model.Lane) (bool, error) {
	if err := l.alive(); err != nil {
		return false, err
	}
	return l.Store.ReleaseLane(ctx, lane)
}

func (l *life) FailInbox(ctx context.Context, lane model.Lane, id uint64, text string, until time.Time) (int, error) {
	if err := l.alive(); err != nil {
		return 0, err
	}
	return l.Store.FailInbox(ctx, lane, id, text, until)
}

func (l *life) BuryInbox(ctx context.Context, lane model.Lane, id uint64, text string) error {
	if l.dead.Load() {
		return errDead
	}
	l.crowd.broken("an event was given up: %s", text)
	return l.Store.BuryInbox(ctx, lane, id, text)
}

// CheckLoads is how SQL's own figures are held against each other, all the time.
func (l *life) CheckLoads(ctx context.Context, accountID uint64) (int, error) {
	if err := l.alive(); err != nil {
		return 0, err
	}
	repaired, err := l.Store.CheckLoads(ctx, accountID)
	if repaired > 0 {
		l.crowd.broken("the loads of %d seats were not what they serve", repaired)
	}
	return repaired, err
}

func (l *life) ifAlive(do func() error) error {
	if l.dead.Load() {
		return nil
	}
	return do()
}

// Reserve, Release and SetLoads are the replica's way to Redis.
func (l *life) Reserve(ctx context.Context, id uint64, cands []model.Candidate, previous string, p model.Assignment) (model.Pick, error) {
	if err := l.alive(); err != nil {
		return model.Pick{}, err
	}
	pick, err := assigner{l.crowd.redis.Load()}.Reserve(ctx, id, cands, previous, p)
	if n := l.crowd.doom.Load(); n != 0 && l.crowd.asked.Add(1)%(n/3) == 0 {
		l.crowd.emptyRedis(l.crowd.redisURL) // nobody else hears of this place
	}
	return pick, err
}

func (l *life) Release(ctx context.Context, id uint64, seat string) error {
	return l.ifAlive(func() error { return assigner{l.crowd.redis.Load()}.Release(ctx, id, seat) })
}

func (l *life) SetLoads(ctx context.Context, id uint64, loads map[string]int) error {
	return l.ifAlive(func() error { return l.crowd.redis.Load().SetLoads(ctx, id, loads) })
}
