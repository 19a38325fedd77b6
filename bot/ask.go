package bot

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"deskmate/model"
)

// ask fetches what a decision needs, outside any transaction, and puts it into in.
func (e *Engine) ask(ctx context.Context, lane model.Lane, in *Input, need Need, so soFar) error {
	ctx, span := model.StartSpan(ctx, "ask")
	defer span.End()
	span.Set("need", string(need.Kind))
	err := e.fetch(ctx, lane, in, need, so)
	span.Fail(err)
	return err
}

// fetch is ask, for one kind of need.
func (e *Engine) fetch(ctx context.Context, lane model.Lane, in *Input, need Need, so soFar) error {
	acc := in.Case.Account
	switch need.Kind {
	case NeedAnswer:
		a, err := e.cfg.Knowledge.Answer(ctx, acc.ID, model.Ask{Question: need.Text, Topic: need.Topic, Policy: acc.Policy.Bot})
		in.Answer = &a
		return err
	case NeedEntry:
		c, err := e.cfg.Knowledge.Entry(ctx, acc.ID, need.Entry)
		if err != nil && !errors.Is(err, model.ErrNotFound) {
			return err
		}
		in.Entry = &EntryAnswer{Found: err == nil, Candidate: c}
		return nil
	case NeedQuestion:
		found, err := e.cfg.Store.Questions(ctx, acc.ID, []uint64{need.Question})
		in.Question = &QuestionAnswer{Found: len(found) > 0}
		if len(found) > 0 {
			in.Question.Question = found[0]
		}
		return err
	case NeedPhrase:
		p, known := so.phrases[need.Answer]
		if !known {
			p = e.cfg.Phraser.Rephrase(ctx, acc, need.Text, need.Answer)
			so.phrases[need.Answer] = p
		}
		in.Phrase = &p
		return nil
	case NeedHot:
		in.Hot = e.askHot(ctx, acc.ID, need.Count)
		return nil
	case NeedRoster:
		seats, err := e.cfg.Store.Seats(ctx, acc.ID)
		in.Roster = append([]model.Seat{}, seats...)
		return err
	case NeedFigures:
		return e.askFigures(ctx, in)
	case NeedAsked:
		at, err := e.cfg.Store.LastSurvey(ctx, acc.ID, need.Employee)
		in.AskedMS = &at
		return err
	case NeedMisses, NeedLesson, NeedTaught:
		return e.askTeacher(ctx, in, need)
	case NeedPeople:
		people, err := e.cfg.Store.FindMembers(ctx, acc.CorpID, need.Text, peopleAsked)
		in.People = append([]model.Member{}, people...)
		return err
	case NeedQuick:
		quick, err := e.cfg.Store.QuickReplies(ctx, model.QuickFilter{
			AccountID: acc.ID, Seat: in.Case.Person, Limit: 2 * model.MaxQuickReplies,
		})
		in.Quick = append([]model.QuickReply{}, quick...)
		return err
	case NeedLines:
		return e.askLines(ctx, in, need.Session)
	case NeedActive:
		in.Active = e.askActive(ctx, acc.ID, need.Seats)
		return nil
	case NeedSeat:
		offer, err := e.askSeat(ctx, in, need, so.refused)
		in.Offer = offer
		return err
	case NeedQueue:
		return e.askQueue(ctx, in)
	case NeedSent:
		sent, err := e.cfg.Store.LastSent(ctx, *in.Case.Target, need.Only)
		in.Sent = &sent
		return err
	case NeedEarlier:
		return e.askEarlier(ctx, in, need)
	case NeedFiles:
		e.askFiles(ctx, in, so)
		return nil
	case NeedDirectory:
		return e.askDirectory(ctx, lane, in)
	case NeedNothing:
	}
	return nil
}

// peopleAsked is how many are looked at whom a name may mean.
const peopleAsked = 10

// askFigures counts what goes on in the account today.
func (e *Engine) askFigures(ctx context.Context, in *Input) error {
	now := in.Now.In(e.cfg.Rules.Location)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, e.cfg.Rules.Location)
	f, err := e.cfg.Store.AccountFigures(ctx, in.Case.Account.ID, midnight.UnixMilli())
	in.Figures = &f
	return err
}

// askLines reads the last lines of a session; in a group, several people wrote them.
func (e *Engine) askLines(ctx context.Context, in *Input, of model.Session) error {
	lines, err := e.cfg.Store.Messages(ctx, of.ID, max(0, of.MessageCount-viewLines), viewLines)
	in.Lines = append([]model.Message{}, lines...)
	if err == nil && model.IsGroup(of.Employee) {
		in.Case.Writers, err = e.cfg.Store.Writers(ctx, in.Case.Account, lines)
	}
	return err
}

// askActive gives the seats that work in the workbench. Where nobody can say, none does: lines
// that are sent once too often are better than lines that come late.
func (e *Engine) askActive(ctx context.Context, accountID uint64, seats []string) []string {
	if e.cfg.Presence == nil {
		return []string{}
	}
	active, err := e.cfg.Presence.Active(ctx, accountID, seats)
	if err != nil {
		e.cfg.Log.DebugContext(ctx, "presence not read", "account_id", accountID, "err", err.Error())
		return []string{}
	}
	return append([]string{}, active...)
}

// askHot gives the hot entries. A welcome without them is better than none.
func (e *Engine) askHot(ctx context.Context, accountID uint64, count int) []model.AnswerCandidate {
	hot, err := e.cfg.Knowledge.Hot(ctx, accountID, count)
	if err != nil {
		e.cfg.Log.WarnContext(ctx, "hot questions not read", "account_id", accountID, "err", err.Error())
	}
	return append([]model.AnswerCandidate{}, hot...)
}

// askDirectory reads the person or the change again and loads the case anew. Where the
// account is open to everyone, not reaching the directory keeps nobody from asking: only
// a name is missing then.
func (e *Engine) askDirectory(ctx context.Context, lane model.Lane, in *Input) error {
	in.DirectoryAsked = true
	person := in.Case.Person
	if in.Event.Group != nil {
		person = in.Event.Group.From
	}
	err := e.cfg.Directory.Refresh(ctx, in.Case.Account, person, in.Event.Contact)
	if err != nil {
		if in.Event.Contact == nil && in.Case.InScope {
			e.cfg.Log.WarnContext(ctx, "member not read", "account_id", in.Case.Account.ID, "err", err.Error())
			return nil
		}
		return err
	}
	c, err := e.cfg.Store.LoadCase(ctx, lane, in.Event)
	if err != nil {
		return fmt.Errorf("load again: %w", err)
	}
	in.Case = c
	return nil
}

// maxRefusals is how often one seat is asked for one event. What refuses need not be full:
// its numbers move whenever it gets another session, and then it can be asked again.
const maxRefusals = 3

// askSeat proposes a seat.
func (e *Engine) askSeat(ctx context.Context, in *Input, need Need, refused map[string]int) (*Offer, error) {
	acc := in.Case.Account
	if err := e.cfg.Store.LoadHandoff(ctx, &in.Case); err != nil {
		return nil, err
	}
	seats, err := e.cfg.Store.Seats(ctx, acc.ID)
	if err != nil {
		return nil, fmt.Errorf("read seats: %w", err)
	}
	none := Offer{Why: model.PickNone}
	if need.Only == "" && acc.Policy.Assignment.Mode == model.AllSeats {
		return offerAll(in, seats, e.available(in)), nil
	}
	open := seats
	if need.Only == "" {
		open, none.Free, none.Pass = inTurn(in, seats, e.available(in))
	}
	cands := candidates(in, need, open, refused, e.available(in))
	if len(cands) == 0 {
		return &none, nil
	}
	pick, err := e.cfg.Seats.Reserve(ctx, acc.ID, cands, need.Previous, acc.Policy.Assignment)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(seats, func(s model.Seat) bool { return s.UserID == pick.Seat })
	if at < 0 {
		return &none, nil
	}
	offer := &Offer{
		Seat: &seats[at], Why: pick.Why, Force: need.Force, Limit: seats[at].Limit(acc.Policy.Assignment),
	}
	if need.Only != "" {
		offer.Why = model.PickAsked
	}
	return offer, nil
}

// available tells which seats take sessions at the decision's time.
func (e *Engine) available(in *Input) func(model.Seat) bool {
	at := in.Now.In(e.cfg.Rules.Location)
	return func(s model.Seat) bool { return s.Available(at, e.cfg.Rules.Hours) }
}

// offerAll offers a session to all seats, of which one at least is online. It takes no place
// away from anybody who waits, so that there is no order to keep.
func offerAll(in *Input, seats []model.Seat, available func(model.Seat) bool) *Offer {
	in.Case.Seats = seats
	for _, s := range seats {
		if available(s) && s.Listens(in.Case.Person) {
			return &Offer{All: true, Why: model.PickAll}
		}
	}
	// Who is the only seat there can't have its own session; others can.
	free := slices.ContainsFunc(seats, available)
	return &Offer{Why: model.PickNone, Free: free, Pass: free}
}

// inTurn are the seats that the person's session may go to: those that nobody ahead of it
// in the queue can take. What it may not go to says whether another place is free; see [Offer].
func inTurn(in *Input, seats []model.Seat, available func(model.Seat) bool) (open []model.Seat, free, pass bool) {
	own := model.Session{Employee: in.Case.Person}
	if in.Case.Session != nil {
		own = *in.Case.Session
	}
	var online []string
	for _, s := range seats {
		if available(s) {
			online = append(online, s.UserID)
		}
	}
	for _, s := range seats {
		cant := 0 // of those ahead
		for _, other := range in.Case.Picky {
			if !other.Takes(s.UserID, online) {
				cant++
			}
		}
		first, takes := cant >= in.Case.Ahead, own.Takes(s.UserID, online)
		if first && takes {
			open = append(open, s)
		}
		limit := s.Limit(in.Case.Account.Policy.Assignment)
		if available(s) && (limit == 0 || s.Load < limit) {
			free = true
			pass = pass || first && !takes
		}
	}
	return open, free, pass
}

// candidates are the seats that may be asked: those that refused already only where no
// other is left. An employee who is a seat is never given to itself.
func candidates(
	in *Input, need Need, seats []model.Seat, refused map[string]int, available func(model.Seat) bool,
) []model.Candidate {
	var cands, last []model.Candidate
	for _, s := range seats {
		if s.UserID == in.Case.Person || refused[s.UserID] >= maxRefusals || (need.Only != "" && s.UserID != need.Only) {
			continue
		}
		if !available(s) && (!need.Force || !s.Serves()) {
			continue
		}
		c := s.Candidate(in.Case.Account.Policy.Assignment)
		if refused[s.UserID] > 0 {
			last = append(last, c)
		} else {
			cands = append(cands, c)
		}
	}
	if len(cands) == 0 {
		return last
	}
	return cands
}

// jitter is a random duration below d.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d) //nolint:gosec // spreads retries, guards nothing
}
