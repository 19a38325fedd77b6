package sqlstore

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// How many messages a case shows of a session: the last few, and of one that waits for a
// seat all since its handoff, within reason.
const (
	recentMessages = 20
	mostMessages   = 200
)

// LoadCase reads all that a decision about an event of the lane rests on. The target is
// the session that ev.Session names; one of another account counts as absent. On a corp
// lane the case is the account alone.
func (s *Store) LoadCase(ctx context.Context, lane model.Lane, ev model.Event) (model.Case, error) {
	acc, err := s.Account(ctx, lane.AccountID)
	if err != nil {
		return model.Case{}, s.wrap(err, "load case of lane %s", lane.Lane)
	}
	l := loading{q: s.reader(ctx), event: ev, c: model.Case{Account: acc, Person: lane.Person()}}
	if l.c.Person == "" {
		if ev.Kind == model.EventSeatLeft {
			l.c.Owners, err = s.Owners(ctx, acc.ID)
		}
		return l.c, err
	}
	parts := []func() error{
		l.person, l.sessions, l.survey, l.names, l.people, l.seat, l.servedBy, l.serving, l.lastServed, l.held, l.shown,
		l.allSeats, l.introduced, l.unshown, l.ordered,
	}
	for _, part := range parts {
		if err := part(); err != nil {
			return model.Case{}, s.wrap(err, "load case of lane %s", lane.Lane)
		}
	}
	if mayOrder(ev) {
		l.c.Runs, err = s.runs(ctx, acc, l.c.Person)
		if err != nil {
			return model.Case{}, s.wrap(err, "load case of lane %s", lane.Lane)
		}
	}
	own := l.c.Session
	whole := ev.Kind == model.EventSeatTransfer || ev.Kind == model.EventSeatJoin || ev.Kind == model.EventReview ||
		ev.Timer == model.TimerOwed
	if whole || (own != nil && own.State == model.StateQueued) {
		err = s.LoadHandoff(ctx, &l.c)
	}
	return l.c, err
}

// LoadHandoff adds to a case what giving its session to a seat or the queue rests on:
// Ahead and Recent, and how fast the queue moves. Most events need neither, so they are read only where they are: by
// LoadCase for a session that waits or is transferred, and else when a seat is asked for.
func (s *Store) LoadHandoff(ctx context.Context, c *model.Case) error {
	l := loading{q: s.reader(ctx), c: *c}
	for _, part := range []func() error{l.queue, l.handling, l.recent, l.people, l.writers} {
		if err := part(); err != nil {
			return s.wrap(err, "load what a handoff rests on")
		}
	}
	c.Ahead, c.Picky, c.Recent = l.c.Ahead, l.c.Picky, l.c.Recent
	c.HandlingMS, c.Places, c.Names, c.Writers = l.c.HandlingMS, l.c.Places, l.c.Names, l.c.Writers
	return nil
}

// loading is a case that is being read.
type loading struct {
	q     *gorm.DB
	event model.Event
	c     model.Case
}

// account narrows to rows of the case's account.
func (l *loading) account() *gorm.DB { return l.q.Where("account_id = ?", l.c.Account.ID) }

// person reads who it is: the member, the scope, the conversation.
func (l *loading) person() error {
	who := l.member
	if model.IsGroup(l.c.Person) {
		who = l.group
	}
	err := who()
	if err != nil {
		return err
	}
	var ok bool
	l.c.Conversation, ok, err = find[model.Conversation](l.account().Where("peer = ?", l.c.Person))
	if !ok {
		l.c.Conversation = model.Conversation{AccountID: l.c.Account.ID, Peer: l.c.Person}
	}
	return err
}

// member reads who the person is and whether it may ask.
func (l *loading) member() error {
	m, ok, err := findMember(l.q, l.c.Account.CorpID, l.c.Person)
	if err != nil {
		return err
	}
	if ok {
		l.c.Member = &m
	}
	l.c.InScope, err = inScope(l.q, l.c.Account, l.c.Person)
	return err
}

// sessions reads the person's own open session and the one the event names.
func (l *loading) sessions() error {
	own, ok, err := find[model.Session](openSession(l.q, l.c.Account.ID, l.c.Person))
	if err != nil {
		return err
	}
	if ok {
		l.c.Session = &own
	}
	switch l.event.Session {
	case 0:
		return nil
	case own.ID:
		target := own
		l.c.Target = &target
		return nil
	}
	target, ok, err := find[model.Session](l.account().Where("id = ?", l.event.Session))
	if ok {
		l.c.Target = &target
	}
	return err
}

func (l *loading) survey() error {
	if l.c.Target == nil {
		return nil
	}
	sv, ok, err := find[model.Survey](l.account().Where("session_id = ?", l.c.Target.ID))
	if ok {
		l.c.Survey = &sv
	}
	return err
}

// about is the session that names and messages are about: the person's own, else the
// target.
func (l *loading) about() *model.Session {
	if l.c.Session != nil {
		return l.c.Session
	}
	return l.c.Target
}

// names reads the employee of the target, or else of the person's own session, and the
// name of the seat that serves the person.
func (l *loading) names() error {
	of := l.c.Target
	if of == nil {
		of = l.c.Session
	}
	switch {
	case of == nil:
	case of.Employee == l.c.Person:
		l.c.Employee = l.c.Member
	case model.IsGroup(of.Employee):
		found, err := l.peers([]string{of.Employee})
		if err != nil {
			return err
		}
		m := found[of.Employee]
		l.c.Employee = &m
	default:
		m, ok, err := findMember(l.q, l.c.Account.CorpID, of.Employee)
		if err != nil {
			return err
		}
		if ok {
			l.c.Employee = &m
		}
	}
	if l.c.Session == nil || l.c.Session.Seat == "" {
		return nil
	}
	found, err := findMembers(l.q, l.c.Account.CorpID, []string{l.c.Session.Seat})
	l.c.SeatName = found[l.c.Session.Seat].ShortName()
	return err
}

func (l *loading) recent() error {
	of := l.about()
	if of == nil {
		return nil
	}
	limit := recentMessages
	switch {
	case of.Shared: // whoever comes later sees all of it
		limit = mostMessages
	case of.State == model.StateQueued:
		limit = min(max(limit, of.MessageCount-of.HandoffSeq), mostMessages)
	}
	err := l.q.Where("session_id = ?", of.ID).Order("seq DESC").Limit(limit).Find(&l.c.Recent).Error
	slices.Reverse(l.c.Recent)
	return err
}
