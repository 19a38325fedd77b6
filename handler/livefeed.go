package handler

import (
	"context"
	"sync"
	"time"

	"deskmate/model"
)

// mostKnown is of how many sessions it is remembered how far they were told.
const mostKnown = 20_000

// told is how far a session was told.
type told struct {
	version uint64
	seq     int
}

// liveChange is a change that is to be told.
type liveChange struct {
	model.Change
	version uint64 // of the session at least; 0: not known
}

// feed is what one part of the sessions needs to be told: what was told of them before. One
// goroutine has it.
type feed struct {
	live  *Live
	known map[uint64]told
}

// Run reads what changed and tells it, until ctx ends; then it ends all streams.
func (l *Live) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, shard := range l.shards {
		running.Go(func() { (&feed{live: l, known: map[uint64]told{}}).run(ctx, shard) })
	}
	running.Go(func() { l.poll(ctx) })
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case change := <-l.cfg.Changes:
			l.pass(ctx, liveChange{Change: change})
		}
	}
	running.Wait()
	l.end()
	return nil
}

// pass hands a change to the one who tells of its session.
func (l *Live) pass(ctx context.Context, change liveChange) {
	select {
	case l.shards[change.Session%liveShards] <- change:
	case <-ctx.Done():
	}
}

// poll looks for what no hint told of.
func (l *Live) poll(ctx context.Context) {
	tick := time.NewTicker(livePoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		keys := l.watched()
		if len(keys) == 0 {
			continue
		}
		since := l.cfg.Now().Add(-liveBack).UnixMilli()
		for _, acc := range l.cfg.Accounts() {
			if !keys[acc.Key] {
				continue
			}
			changed, err := l.cfg.Recent.ChangedSessions(ctx, acc.ID, since)
			if err != nil {
				continue
			}
			for _, s := range changed {
				l.pass(ctx, liveChange{Change: model.Change{AccountID: acc.ID, Session: s.ID}, version: s.Version})
			}
		}
	}
}

func (f *feed) run(ctx context.Context, changes <-chan liveChange) {
	for {
		select {
		case <-ctx.Done():
			return
		case change := <-changes:
			if err := f.tell(ctx, change); err != nil && ctx.Err() == nil {
				f.live.cfg.Log.WarnContext(ctx, "change not told", "session_id", change.Session, "err", err.Error())
			}
		}
	}
}

// tell reads what a change is about and tells it to all who may see it.
func (f *feed) tell(ctx context.Context, change liveChange) error {
	if change.version != 0 && f.known[change.Session].version >= change.version {
		return nil // most of what a look finds was told; what failed is tried again
	}
	acc, ok := f.live.account(change.AccountID)
	if !ok {
		return nil // a new one is known shortly, and a look tells of it then
	}
	clients := f.live.watchers(acc.Key)
	if len(clients) == 0 {
		return nil
	}
	if change.Session == 0 {
		return f.tellSeat(ctx, acc, change.Seat, clients)
	}
	return f.tellSession(ctx, acc, change.Session, clients)
}

func (l *Live) account(id uint64) (model.Account, bool) {
	for _, acc := range l.cfg.Accounts() {
		if acc.ID == id {
			return acc, true
		}
	}
	return model.Account{}, false
}

// tellSeat tells a seat's state and load to all who work with it.
func (f *feed) tellSeat(ctx context.Context, acc model.Account, userID string, clients []*liveClient) error {
	seat, err := f.live.cfg.API.cfg.Roster.AccountSeat(ctx, acc.Key, userID)
	if model.CodeOf(err) == model.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	event := encode(liveEvent{Type: "seat", Account: acc.Key, Seat: &liveSeat{UserID: seat.UserID, State: seat.State, Load: seat.Load}})
	for _, c := range clients {
		c.send(event)
	}
	return nil
}

// tellSession tells how a session is, and its new lines to those whose session it is.
func (f *feed) tellSession(ctx context.Context, acc model.Account, id uint64, clients []*liveClient) error {
	a := f.live.cfg.API
	w, err := a.cfg.Sessions.WorkSession(ctx, acc, id)
	if err != nil {
		return err
	}
	before := f.known[id]
	if before.version >= w.Session.Version {
		return nil // told already
	}
	lines, err := f.lines(ctx, acc, w.Session, before.seq)
	if err != nil {
		return err
	}
	if len(f.known) > mostKnown {
		clear(f.known)
	}
	f.known[id] = told{w.Session.Version, w.Session.MessageCount}
	session := encode(liveEvent{Type: "session", Account: acc.Key, Session: viewSession(w)})
	gone := encode(liveEvent{Type: "gone", Account: acc.Key, Session: NewID(id)})
	for _, c := range clients {
		sees, own, had, err := c.sees(ctx, a, acc.Key, w.Session)
		if err != nil {
			return err
		}
		switch {
		case sees:
			if own {
				for _, line := range lines {
					c.send(line)
				}
			}
			c.send(session)
		case had:
			c.send(gone)
		}
	}
	return nil
}

// lineLag is how many of the last lines of a session are told that was not told of before. Who
// misses more sees it by their numbers, and asks.
const lineLag = 5

// lines are the events of a session's new lines.
func (f *feed) lines(ctx context.Context, acc model.Account, s model.Session, after int) ([][]byte, error) {
	a := f.live.cfg.API
	if after == 0 {
		after = max(s.MessageCount-lineLag, 0)
	}
	if after >= s.MessageCount {
		return nil, nil
	}
	// No more than the session counts: what came since it was read is told with its next version.
	list, err := a.cfg.Sessions.Messages(ctx, s.ID, after, min(s.MessageCount-after, 200))
	if err != nil {
		return nil, err
	}
	var people []string
	for _, m := range list {
		if m.Sender != "" {
			people = append(people, m.Sender)
		}
	}
	names, err := a.cfg.Sessions.Names(ctx, acc.CorpID, people)
	events := make([][]byte, len(list))
	for i, m := range list {
		line := viewMessage(m, names)
		events[i] = encode(liveEvent{Type: "message", Account: acc.Key, Session: NewID(s.ID), Message: &line})
	}
	return events, err
}

// sees reports whether a client may see a session, whether it is its own, so that its lines may
// be told without being asked for (and noted in the audit log), and whether it was told of it before.
func (c *liveClient) sees(ctx context.Context, a *API, key string, s model.Session) (sees, own, had bool, err error) {
	c.mu.Lock()
	who := c.who.in(key)
	had = c.seen[s.ID]
	c.mu.Unlock()
	sees, own = seesAtOnce(who, s), answers(who, s)
	if !sees && had {
		sees, err = a.cfg.Sessions.Served(ctx, s.ID, who.UserID)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if sees && s.State != model.StateClosed {
		c.seen[s.ID] = true
	} else {
		delete(c.seen, s.ID)
	}
	return sees, own, had, err
}
