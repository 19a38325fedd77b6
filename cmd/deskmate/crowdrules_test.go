package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// crowdPatience is how long a crowd may take to come to rest.
const crowdPatience = time.Minute

// TestCrowd lets people ask for seats and leave, seats come and go, end, give sessions to each
// other and back to the queue, and an owner change the capacity, all at once, while replicas
// die and Redis is emptied. No seat is ever above its capacity and SQL's loads are always what
// seats serve; whenever it gets quiet nobody waits for a seat that is free, and Redis counts
// what SQL does; and in the end everybody is served.
func TestCrowd(t *testing.T) {
	t.Parallel()
	eachCrowd(t, func(t *testing.T, c *crowd) {
		const rounds, actors, acts = 3, 5, 24
		stop := c.run()
		defer stop()
		c.doom.Store(23)
		for round := range rounds {
			var busy sync.WaitGroup
			for actor := range actors {
				rng := rand.New(rand.NewPCG(uint64(round), uint64(actor)))
				busy.Go(func() {
					for range acts {
						c.act(rng)
					}
				})
			}
			busy.Wait()
			c.rest(fmt.Sprintf("round %d", round))
		}
		c.doom.Store(0)
		c.everybodyIsServed()
		t.Logf("%d places taken, %d replicas died", c.reserved.Load(), c.kills.Load())
		if c.reserved.Load() < 30 || c.kills.Load() == 0 {
			t.Errorf("that was no crowd: %d places taken, %d replicas died", c.reserved.Load(), c.kills.Load())
		}
	})
}

// act lets one thing happen. What is chosen depends on the seed alone; what comes of it, on
// who is first.
func (c *crowd) act(rng *rand.Rand) {
	acc := c.accounts[rng.IntN(len(c.accounts))]
	person, seat := c.people[rng.IntN(len(c.people))], c.seats[rng.IntN(len(c.seats))]
	switch n := rng.IntN(24); {
	case n < 8:
		c.says(acc, person, "人工")
	case n < 9:
		c.says(acc, seat, "#咨询 人工") // seats are employees, too
		c.says(acc, seat, "人工")
	case n < 11:
		c.says(acc, person, "不等了")
	case n < 14:
		c.seatActs(acc, person, model.Event{Kind: model.EventSeatEnd})
	case n < 16:
		c.seatActs(acc, person, model.Event{Kind: model.EventSeatTransfer, Target: seat})
	case n < 18:
		c.seatActs(acc, person, model.Event{Kind: model.EventSeatTransfer})
	case n < 20:
		c.says(acc, seat, "#上线")
	case n < 22:
		c.says(acc, seat, []string{"#离线", "#离开"}[rng.IntN(2)])
	case n < 23:
		first := c.accounts[0]
		first.Policy.Assignment.Capacity = 1 + rng.IntN(crowdMost)
		if _, _, err := c.store.SaveAccount(c.t.Context(), first, model.SeatSetups(c.seats...), nil, "crowd"); err != nil {
			c.broken("change the capacity: %v", err)
		}
	default:
		c.emptyRedis(c.redisURL)
	}
}

// seatActs lets whoever serves a person now do something to the session.
func (c *crowd) seatActs(acc model.Account, person string, ev model.Event) {
	s, err := c.store.OpenSession(c.t.Context(), acc.ID, person)
	if err != nil || s.State != model.StateServing {
		return
	}
	ev.Session, ev.Seat = s.ID, s.Seat
	c.accept(acc, person, ev)
}

// rest waits until all work is done, and holds the rules that hold then.
func (c *crowd) rest(when string) {
	var why string
	err := within(crowdPatience, func(ctx context.Context) (bool, error) {
		backlog, err := c.store.Backlog(ctx)
		if err != nil || backlog.Events > 0 {
			why = fmt.Sprintf("%d lanes have work", backlog.Events)
			return false, err
		}
		for _, acc := range c.accounts {
			if why, err = c.restless(ctx, acc); err != nil || why != "" {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		c.t.Fatalf("%s: it does not come to rest: %s: %v", when, why, err)
	}
}

// restless says what is not yet as it must be when all is quiet; "" for nothing.
func (c *crowd) restless(ctx context.Context, acc model.Account) (string, error) {
	acc, err := c.store.Account(ctx, acc.ID)
	if err != nil {
		return "", err
	}
	cands, err := onlineCandidates(ctx, c.store, acc)
	if err != nil {
		return "", err
	}
	sessions, err := c.open(ctx, acc)
	if err != nil {
		return "", err
	}
	var online []string
	for _, s := range cands {
		online = append(online, s.UserID)
	}
	for _, s := range sessions {
		for _, seat := range cands {
			if s.State == model.StateQueued && seat.Load < seat.Limit && s.Takes(seat.UserID, online) {
				return fmt.Sprintf("%s waits and %s is free", s.Employee, seat.UserID), nil
			}
		}
	}
	inSQL, err := c.store.SeatLoads(ctx, acc.ID)
	if err != nil {
		return "", err
	}
	inRedis, err := c.redis.Load().Loads(ctx, acc.ID)
	for seat, load := range inSQL {
		if inRedis[seat] != load {
			return fmt.Sprintf("Redis counts %d at %s, SQL %d", inRedis[seat], seat, load), err
		}
	}
	return "", err
}

// everybodyIsServed brings all seats online and ends every session, until nobody is left.
func (c *crowd) everybodyIsServed() {
	for _, acc := range c.accounts {
		for _, seat := range c.seats {
			c.says(acc, seat, "#上线")
		}
	}
	left := 0
	err := within(crowdPatience, func(ctx context.Context) (bool, error) {
		left = 0
		for _, acc := range c.accounts {
			sessions, err := c.open(ctx, acc)
			if err != nil {
				return false, err
			}
			for _, s := range sessions {
				switch s.State {
				case model.StateQueued:
					left++
				case model.StateServing:
					left++
					c.accept(acc, s.Employee, model.Event{Kind: model.EventSeatEnd, Session: s.ID, Seat: s.Seat})
				case model.StateBot, model.StateClosed:
				}
			}
		}
		return left == 0, nil
	})
	if err != nil {
		c.t.Fatalf("%d people are never served: %v", left, err)
	}
	c.rest("at the end")
}

// TestCrowdInLine lets many people wait and then a few seats with one place each come online:
// however many replicas give out places, each seat gets those who have waited longest first.
func TestCrowdInLine(t *testing.T) {
	t.Parallel()
	eachCrowd(t, func(t *testing.T, c *crowd) {
		acc := c.accounts[1]
		for _, seat := range c.seats {
			c.says(acc, seat, "#离线")
		}
		stop := c.run()
		defer stop()
		c.rest("before anybody comes")
		for _, person := range c.people {
			c.says(acc, person, "人工")
		}
		c.rest("while everybody waits")
		waiting, err := c.open(t.Context(), acc)
		if err != nil {
			t.Fatal(err)
		}
		if len(waiting) != len(c.people) {
			t.Fatalf("%d of %d wait", len(waiting), len(c.people))
		}
		c.doom.Store(11)
		for _, seat := range c.seats[:3] {
			c.says(acc, seat, "#上线")
		}
		c.falseTurns(acc, waiting)
		c.endAll(acc, len(waiting))
		c.doom.Store(0)
		c.rest("at the end")
		c.checkTurns(waiting)
		if c.kills.Load() == 0 {
			t.Error("no replica died")
		}
	})
}

// endAll ends sessions as they are served until so many have ended.
func (c *crowd) endAll(acc model.Account, count int) {
	ended := map[uint64]bool{}
	err := within(crowdPatience, func(ctx context.Context) (bool, error) {
		sessions, err := c.open(ctx, acc)
		for _, s := range sessions {
			if s.State == model.StateServing && !ended[s.ID] {
				ended[s.ID] = true
				c.accept(acc, s.Employee, model.Event{Kind: model.EventSeatEnd, Session: s.ID, Seat: s.Seat})
				if len(ended)%4 == 0 {
					c.falseTurns(acc, sessions)
				}
			}
		}
		return len(ended) == count, err
	})
	if err != nil {
		c.t.Fatalf("%d of %d were served: %v", len(ended), count, err)
	}
}

// falseTurns tells everybody who waits that their turn has come, the last one first.
func (c *crowd) falseTurns(acc model.Account, sessions []model.Session) {
	for _, s := range slices.Backward(sessions) {
		if s.State == model.StateQueued {
			c.accept(acc, s.Employee, model.Event{Kind: model.EventQueueTurn, Session: s.ID})
		}
	}
}

// checkTurns holds the numbers that each seat gave, which follow its commits, against the
// order of the queue.
func (c *crowd) checkTurns(waiting []model.Session) {
	bySeat := map[string][]model.Session{}
	for _, w := range waiting {
		s, err := c.store.SessionByID(c.t.Context(), w.ID)
		if err != nil || s.State != model.StateClosed || s.Seat == "" {
			c.t.Errorf("%s was not served: %+v, %v", w.Employee, s, err)
		}
		bySeat[s.Seat] = append(bySeat[s.Seat], s)
	}
	for _, seat := range slices.Sorted(maps.Keys(bySeat)) {
		list := bySeat[seat]
		slices.SortFunc(list, func(a, b model.Session) int { return a.SeatNo - b.SeatNo })
		inLine := func(a, b model.Session) int {
			if a.QueuedMS != b.QueuedMS {
				return int(a.QueuedMS - b.QueuedMS)
			}
			return strings.Compare(fmt.Sprintf("%020d", a.ID), fmt.Sprintf("%020d", b.ID))
		}
		if !slices.IsSortedFunc(list, inLine) {
			var turns []string
			for _, s := range list {
				turns = append(turns, fmt.Sprintf("#%d %s (queued %d)", s.SeatNo, s.Employee, s.QueuedMS))
			}
			c.t.Errorf("%s served out of turn: %s", seat, strings.Join(turns, ", "))
		}
	}
}

// onlineCandidates are the account's seats that are online, as assignment sees them.
func onlineCandidates(ctx context.Context, store *sqlstore.Store, acc model.Account) ([]model.Candidate, error) {
	seats, err := store.Seats(ctx, acc.ID)
	var list []model.Candidate
	for _, s := range seats {
		if s.State == model.SeatOnline {
			list = append(list, s.Candidate(acc.Policy.Assignment))
		}
	}
	return list, err
}
