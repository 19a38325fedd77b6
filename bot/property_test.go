package bot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// Thousands of random afternoons: people write, tap, command and fall silent in any order
// while the store, the assigner and WeCom fail now and then. The world checks every step.
func TestRandomAfternoons(t *testing.T) {
	t.Parallel()
	afternoons := 2400
	if testing.Short() {
		afternoons = 300
	}
	const shares = 6 // subtests, so that they run side by side
	for share := range shares {
		t.Run(fmt.Sprint("share", share), func(t *testing.T) {
			t.Parallel()
			for n := range afternoons / shares {
				seed := uint64(n*shares + share)
				newAfternoon(t, seed).play()
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

// afternoon is a world and chance.
type afternoon struct {
	*world
	rng    *rand.Rand
	engine *bot.Engine
	sender *bot.Sender
	people []string
	texts  int
	faulty bool
	calm   bool // no faults any more: all work shall end
}

func newAfternoon(t *testing.T, seed uint64) *afternoon {
	t.Helper()
	a := &afternoon{world: newWorld(t), rng: rand.New(rand.NewPCG(seed, 1)), faulty: seed%2 == 1}
	a.people = []string{zhang, li, lin, chen, "wang", "zhao"}
	for _, id := range a.people[4:] {
		a.members[id] = model.Member{UserID: id, DisplayID: id}
	}
	a.addSeat(lin, a.rng.IntN(3))
	a.addSeat(chen, a.rng.IntN(3))
	for _, id := range []string{li, "wang"} { // now and then most are seats
		if a.chance(4) {
			a.addSeat(id, 1)
		}
	}
	p := &a.acc.Policy
	p.Bot.Welcome, p.Bot.Hot = "您好", a.rng.IntN(4)
	p.Bot.Feedback, p.Handoff.Dislike, p.Handoff.Button = !a.chance(4), !a.chance(4), !a.chance(4)
	if a.phrasing = a.chance(2); a.phrasing {
		p.LLM.Mode = model.LLMRephrase
	}
	p.Assignment.PreferPrevious = a.chance(2)
	p.Assignment.Capacity = a.rng.IntN(3)
	if a.chance(3) {
		p.Assignment.Mode, p.Assignment.Claim = model.AllSeats, a.chance(2)
	}
	p.Survey.AfterIdle, p.Survey.AfterBot, p.Survey.Changeable = a.chance(2), a.chance(2), a.chance(2)
	if a.chance(3) {
		p.Survey.Quiet = time.Hour
	}
	if a.chance(3) {
		p.Survey.Expires = 10 * time.Minute
	}
	if a.chance(4) {
		p.Focus = model.FocusSticky
	}
	if a.chance(3) {
		a.hours()
	}
	p.Workbench.Quiet = a.chance(2)
	a.clocks()
	a.faults()
	a.engine, a.sender = a.world.engine(), a.world.sender()
	return a
}

// chance is true once in n times.
func (a *afternoon) chance(n int) bool { return a.rng.IntN(n) == 0 }

// faults makes things fail, half of the afternoons; WeCom refuses something on all of them.
func (a *afternoon) faults() {
	fail := func(n int, err error) func() error {
		return func() error {
			if a.faulty && !a.calm && a.chance(n) {
				return err
			}
			return nil
		}
	}
	away := model.ErrUnavailable
	stale, taken, broken := fail(15, model.ErrStale), fail(15, model.ErrSeatTaken), fail(40, away)
	a.onApply = func(step *model.Step) error {
		if step.Reserve != nil {
			return errors.Join(stale(), taken())
		}
		return errors.Join(stale(), broken())
	}
	a.afterApply, a.onAnswer, a.onReserve, a.onDirectory = fail(40, away), fail(20, away), fail(20, away), fail(3, away)
	a.onActive = fail(5, away)
	a.onQuestion, a.onShare = fail(20, away), fail(2, away)
	media := fail(5, away)
	a.onMedia = func(uint64) error { return media() }
	a.onPush = func(p model.Push) error {
		if a.calm || !a.chance(12) {
			return nil
		}
		if p.Blob != 0 && a.chance(2) {
			return &model.PushError{Class: model.FailDrop, Code: 40007, Err: away}
		}
		classes := []model.FailureClass{model.FailRetry, model.FailDrop, model.FailAlert, model.FailUncertain}
		return &model.PushError{Class: classes[a.rng.IntN(len(classes))], Err: away}
	}
}

func (a *afternoon) play() {
	const acts = 60
	for range acts {
		a.act()
		for range a.rng.IntN(4) {
			a.workOne()
		}
	}
	a.settle()
	a.checkQuiet()
	a.readsNothing()
	if a.faulty {
		return
	}
	for id, seat := range a.seats {
		if a.mirror[id] != seat.Load {
			a.wrong("the assigner counts %d at %s, the store %d", a.mirror[id], id, seat.Load)
		}
	}
}

// settle does all work that is left; time goes on meanwhile. Then the sweeper comes, often
// enough to find a seat for everybody who waits.
func (a *afternoon) settle() {
	a.calm = true
	for sweeps, rounds := 0, 0; sweeps < 2*len(a.people); rounds++ {
		for a.workOne() {
		}
		if a.idle() {
			sweeps++
			a.compareLoads()
			a.wakeQueue()
			a.shareDue()
		}
		a.now = a.now.Add(15 * time.Second) // below every idle time
		if rounds > 200 {
			a.wrong("the work does not end")
			return
		}
	}
	for a.workOne() {
	}
}

// compareLoads is the sweeper's: the assigner forgets what it miscounted because of a
// fault. Without faults nothing needs that.
func (a *afternoon) compareLoads() {
	if !a.faulty {
		return
	}
	for id, seat := range a.seats {
		a.mirror[id] = seat.Load
	}
}

// idle reports whether no lane has work.
func (a *afternoon) idle() bool {
	for _, rows := range a.inbox {
		for _, r := range rows {
			if r.State == model.InboxPending {
				return false
			}
		}
	}
	for _, rows := range a.outbox {
		for _, r := range rows {
			if r.State == model.OutPending || r.State == model.OutSending {
				return false
			}
		}
	}
	return true
}

// wakeQueue is the sweeper's turn of the queue.
func (a *afternoon) wakeQueue() {
	a.turn(fmt.Sprintf("w:%d", a.now.UnixMilli()/5000), a.hopes)
}

// hopes reports whether a seat is free that could take a session which waits.
func (w *world) hopes(s model.Session) bool {
	for id, seat := range w.seats {
		if w.acc.Policy.Assignment.Mode == model.AllSeats {
			if seat.State == model.SeatOnline && seat.Listens(s.Employee) {
				return true
			}
			continue
		}
		limit := seat.Limit(w.acc.Policy.Assignment)
		if seat.State == model.SeatOnline && (limit == 0 || seat.Load < limit) && s.Takes(id, w.online()) {
			return true
		}
	}
	return false
}

func (w *world) online() []string {
	return slices.DeleteFunc(sortedKeys(w.seats), func(id string) bool { return w.seats[id].State != model.SeatOnline })
}

// workOne works off one lane that has work and is due; it reports whether there was one.
func (a *afternoon) workOne() bool {
	var ready []string
	for _, key := range sortedKeys(a.lanes) {
		l := a.lanes[key]
		if l.RunAtMS > a.now.UnixMilli() {
			continue
		}
		in, _ := a.PendingInbox(context.Background(), *l, 1)
		out, _ := a.PendingOutbox(context.Background(), *l, 1)
		if len(in)+len(out) > 0 {
			ready = append(ready, key)
		}
	}
	if len(ready) == 0 {
		return false
	}
	lane := a.claim(ready[a.rng.IntN(len(ready))])
	handle := a.engine.Handle
	if lane.Kind == model.LaneOut {
		handle = a.sender.Handle
	}
	if err := handle(context.Background(), lane); err != nil && !errors.Is(err, bot.ErrLetGo) {
		a.lanes[lane.Lane].RunAtMS = a.now.Add(5 * time.Second).UnixMilli() // its lease has to run out
	}
	return true
}
