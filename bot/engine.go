package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"deskmate/model"
)

// Engine handles the events of one lane at a time: load, ask, decide, apply.
type Engine struct{ cfg EngineConfig }

// EngineConfig is what an engine works with. Fields that may be nil say so; every other is
// required.
type EngineConfig struct {
	Store     EngineStore
	Knowledge Knowledge
	Phraser   Phraser // nil: answers go out as they were approved
	Seats     Assigner
	Directory DirectoryReader
	Teacher   Teacher    // nil: the bot can't be taught in a conversation
	Presence  Presence   // nil: nobody is known to work in the workbench
	Files     FileKeeper // nil: files of group chats are not kept
	Rules     Rules
	Wake      func(ctx context.Context, kinds ...model.LaneKind)
	Tell      func(ctx context.Context, changes ...model.Change) // of what people look on; nil: nobody is told
	Now       func() time.Time
	Log       *slog.Logger
	Observe   func(outcome model.Outcome, took time.Duration) // may be nil
	Trace     model.Tracer                                    // nil: nothing is traced
}

// EngineStore is what the engine reads and writes.
type EngineStore interface {
	PendingInbox(ctx context.Context, lane model.Lane, limit int) ([]model.Inbox, error)
	LoadCase(ctx context.Context, lane model.Lane, ev model.Event) (model.Case, error)
	LoadHandoff(ctx context.Context, c *model.Case) error // adds Ahead and Recent
	Apply(ctx context.Context, step model.Step) (model.Applied, error)
	Seats(ctx context.Context, accountID uint64) ([]model.Seat, error)
	PastStore
	Messages(ctx context.Context, sessionID uint64, afterSeq, limit int) ([]model.Message, error)
	Writers(ctx context.Context, acc model.Account, lines []model.Message) (map[string]model.Member, error)
	ShareWith(ctx context.Context, accountID uint64, seat string) (int, error)
	Questions(ctx context.Context, accountID uint64, ids []uint64) ([]model.Question, error)
	QuickReplies(ctx context.Context, f model.QuickFilter) ([]model.QuickReply, error)
	// LastSurvey is when an employee was last sent a survey, in epoch ms; 0: never.
	LastSurvey(ctx context.Context, accountID uint64, employee string) (int64, error)
	AccountFigures(ctx context.Context, accountID uint64, dayMS int64) (model.AccountFigures, error)
	FindMembers(ctx context.Context, corpID, query string, limit int) ([]model.Member, error)
	FailInbox(ctx context.Context, lane model.Lane, inboxID uint64, errText string, until time.Time) (attempts int, err error)
	BuryInbox(ctx context.Context, lane model.Lane, inboxID uint64, errText string) error
	Accept(ctx context.Context, in model.Inbound, lane string) (duplicate bool, err error)
}

// Knowledge answers questions from an account's knowledge base.
type Knowledge interface {
	Answer(ctx context.Context, accountID uint64, ask model.Ask) (model.Answer, error)
	// Entry is [model.ErrNotFound] for an entry that doesn't answer (any more).
	Entry(ctx context.Context, accountID, entryID uint64) (model.AnswerCandidate, error)
	// Hot gives the entries asked for most, the most first, at most n.
	Hot(ctx context.Context, accountID uint64, n int) ([]model.AnswerCandidate, error)
}

// Phraser says an approved answer in the account's tone. It never fails: at worst it gives
// back the answer as it stands, and the reason.
type Phraser interface {
	Rephrase(ctx context.Context, acc model.Account, question, answer string) model.Phrase
}

// Assigner proposes a seat and reserves a place there until the decision is applied.
type Assigner interface {
	Reserve(ctx context.Context, accountID uint64, cands []model.Candidate, previous string, p model.Assignment) (model.Pick, error)
	Release(ctx context.Context, accountID uint64, seat string) error
}

// Presence knows who works in the workbench.
type Presence interface {
	// Active are those of the seats that do at this moment.
	Active(ctx context.Context, accountID uint64, seats []string) ([]string, error)
}

// FileKeeper fetches a file of a mention in a group chat and keeps it.
type FileKeeper interface {
	Keep(ctx context.Context, acc model.Account, file model.Content) (StoredFile, error)
}

// DirectoryReader reads a person, or what a change of the directory is about, from
// WeCom again and stores it. A person that WeCom doesn't show is no error.
type DirectoryReader interface {
	Refresh(ctx context.Context, acc model.Account, person string, change *model.ContactChange) error
}

// NewEngine makes an engine.
func NewEngine(cfg EngineConfig) *Engine { return &Engine{cfg: cfg} }

// batch is how many events of a lane are read at once.
const batch = 20

// Handle works off the lane's events, in order, until none is left or one has to wait.
// It returns [model.ErrFenced] when another worker has taken the lane over, and
// [ErrLetGo] when it let go of the lane itself.
func (e *Engine) Handle(ctx context.Context, lane model.Lane) error {
	for ctx.Err() == nil {
		rows, err := e.cfg.Store.PendingInbox(ctx, lane, batch)
		if err != nil {
			return fmt.Errorf("read pending events: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		last := len(rows) < batch
		for i, row := range sortBySender(rows) {
			if ctx.Err() != nil {
				break
			}
			if err := e.handleOne(ctx, job{lane: lane, row: row, last: last && i == len(rows)-1}); err != nil {
				return err
			}
		}
		if last {
			return nil // whoever releases the lane looks for what has come since
		}
	}
	return nil
}

// sortBySender puts messages that wait together into the order in which they were
// written, which WeCom gives in whole seconds. Everything else stays where it arrived.
func sortBySender(rows []model.Inbox) []model.Inbox {
	for start := 0; start < len(rows); {
		end := start
		for end < len(rows) && rows[end].Event.Kind == model.EventMessage && rows[end].Event.Reason == "" {
			end++
		}
		slices.SortStableFunc(rows[start:end], func(a, b model.Inbox) int {
			return int(a.CreatedMS/1000 - b.CreatedMS/1000)
		})
		start = end + 1
	}
	return rows
}

// job is one event to handle.
type job struct {
	lane model.Lane
	row  model.Inbox
	last bool // no other event of the lane is known to wait
}

// handleOne handles one event, or puts it back for later. It returns [ErrLetGo] when the
// lane was let go of with the event.
func (e *Engine) handleOne(ctx context.Context, j job) error {
	start := e.cfg.Now()
	ctx, span := model.StartTrace(ctx, e.cfg.Trace, "event", j.row.Traceparent)
	defer span.End()
	span.Set("event", string(j.row.Event.Kind))
	span.Count("attempts", int64(j.row.Attempts)+1)
	step, applied, err := e.decideAndApply(ctx, j)
	span.Fail(err)
	switch {
	case err == nil:
		e.report(ctx, j.row, step, e.cfg.Now().Sub(start))
		if applied.Released {
			return ErrLetGo
		}
		return nil
	case errors.Is(err, model.ErrDuplicate):
		return nil // another worker was first
	case errors.Is(err, model.ErrFenced), ctx.Err() != nil:
		return err
	}
	return e.failed(ctx, j.lane, j.row, err)
}

// maxDecisions is how often one event is decided anew because something moved under it.
const maxDecisions = 8

func (e *Engine) decideAndApply(ctx context.Context, j job) (step model.Step, applied model.Applied, err error) {
	defer recoverTo(&err)
	ev := j.row.Event
	if ev.Click != nil && ev.Session == 0 {
		ev.Session = SessionOf(ev.Click.Key)
	}
	so := soFar{refused: map[string]int{}, phrases: map[string]model.Phrase{}, files: map[string]StoredFile{}}
	for range maxDecisions {
		step, applied, err = e.try(ctx, j, ev, so)
		if !errors.Is(err, model.ErrStale) && !errors.Is(err, model.ErrSeatTaken) {
			break
		}
	}
	return step, applied, err
}

// soFar is what earlier decisions about the same event have learnt.
type soFar struct {
	refused map[string]int          // how often seats refused
	phrases map[string]model.Phrase // of answers: nobody waits for the model twice
	files   map[string]StoredFile   // of a mention, by address
}

// try makes one decision and applies it.
func (e *Engine) try(ctx context.Context, j job, ev model.Event, so soFar) (model.Step, model.Applied, error) {
	now := e.cfg.Now()
	in := Input{
		Event: ev, InboxID: j.row.ID, ArrivedMS: j.row.ArrivedMS, Now: now, FreshID: model.NewID(now),
		CanPhrase: e.cfg.Phraser != nil,
	}
	var err error
	if in.Case, err = e.load(ctx, j.lane, ev); err != nil {
		return model.Step{}, model.Applied{}, fmt.Errorf("load: %w", err)
	}
	model.SpanFrom(ctx).Set("account", in.Case.Account.Key)
	reserved := ""
	step, need := e.decide(ctx, in)
	for need.Kind != NeedNothing {
		if err := e.ask(ctx, j.lane, &in, need, so); err != nil {
			return model.Step{}, model.Applied{}, fmt.Errorf("ask %s: %w", need.Kind, err)
		}
		if need.Kind == NeedSeat && in.Offer.Seat != nil {
			reserved = in.Offer.Seat.UserID
		}
		step, need = e.decide(ctx, in)
	}
	step.Lane, step.Last = j.lane, j.last
	applied, err := e.apply(ctx, step)
	if err != nil || step.Reserve == nil {
		e.giveBack(ctx, in.Case.Account.ID, reserved)
	}
	if errors.Is(err, model.ErrSeatTaken) && reserved != "" {
		so.refused[reserved]++
	}
	if err != nil {
		return step, applied, fmt.Errorf("apply: %w", err)
	}
	e.giveBack(ctx, in.Case.Account.ID, step.Release)
	if applied.Joined {
		e.shareWith(ctx, j.lane)
	}
	e.cfg.Wake(ctx, applied.Lanes...)
	if e.cfg.Tell != nil {
		e.cfg.Tell(ctx, changes(in.Case.Account.ID, step)...)
	}
	return step, applied, nil
}

// load reads what a decision rests on.
func (e *Engine) load(ctx context.Context, lane model.Lane, ev model.Event) (model.Case, error) {
	ctx, span := model.StartSpan(ctx, "load")
	defer span.End()
	c, err := e.cfg.Store.LoadCase(ctx, lane, ev)
	span.Fail(err)
	return c, err
}

// decide makes one decision, or says what it needs for that.
func (e *Engine) decide(ctx context.Context, in Input) (model.Step, Need) {
	_, span := model.StartSpan(ctx, "decide")
	defer span.End()
	return e.cfg.Rules.Decide(in)
}

// apply makes a decision true.
func (e *Engine) apply(ctx context.Context, step model.Step) (model.Applied, error) {
	ctx, span := model.StartSpan(ctx, "apply")
	defer span.End()
	applied, err := e.cfg.Store.Apply(ctx, step)
	span.Fail(err)
	return applied, err
}

// changes are what a step made another: its session, and the seats whose load or state it moved.
func changes(accountID uint64, step model.Step) []model.Change {
	var list []model.Change
	if step.Session != nil && step.Session.ID != 0 {
		list = append(list, model.Change{AccountID: accountID, Session: step.Session.ID})
	}
	seats := []string{step.Release}
	if step.Reserve != nil {
		seats = append(seats, step.Reserve.Seat)
	}
	if step.SeatChange != nil {
		seats = append(seats, step.Lane.Person())
	}
	for i, seat := range seats {
		if seat != "" && !slices.Contains(seats[:i], seat) {
			list = append(list, model.Change{AccountID: accountID, Seat: seat})
		}
	}
	return list
}

// giveBack returns a place at a seat to the assigner. If that fails, the next comparison
// with the store mends it.
func (e *Engine) giveBack(ctx context.Context, accountID uint64, seat string) {
	if seat == "" {
		return
	}
	if err := e.cfg.Seats.Release(ctx, accountID, seat); err != nil {
		e.cfg.Log.WarnContext(ctx, "seat not released", "account_id", accountID, "seat_userid", seat, "err", err.Error())
	}
}

// shareWith shows a seat that came to listen what goes to all. If that fails the sweeper does
// it.
func (e *Engine) shareWith(ctx context.Context, lane model.Lane) {
	n, err := e.cfg.Store.ShareWith(ctx, lane.AccountID, lane.Person())
	if err != nil {
		e.cfg.Log.WarnContext(ctx, "sessions not shared", "account_id", lane.AccountID, "err", err.Error())
	}
	if n > 0 {
		e.cfg.Wake(ctx, model.LaneIn)
	}
}

// report writes the one line a business event gets in the log.
func (e *Engine) report(ctx context.Context, row model.Inbox, step model.Step, took time.Duration) {
	level := slog.LevelInfo
	if row.Event.Kind == model.EventAppAlert {
		level = slog.LevelWarn // WeCom may switch the app off
	}
	attrs := []slog.Attr{
		slog.Uint64("account_id", row.AccountID), slog.Uint64("inbox_id", row.ID),
		slog.String("event", string(row.Event.Kind)), slog.String("outcome", string(step.Outcome)),
		slog.String("reason", step.Reason), slog.Float64("took_ms", float64(took.Microseconds())/1000),
	}
	if row.Event.Kind == model.EventAppAlert {
		attrs = append(attrs, slog.String("alert", row.Event.Key))
	}
	if step.Session != nil {
		attrs = append(attrs, slog.Uint64("session_id", step.Session.ID), slog.String("state", string(step.Session.State)))
	}
	e.cfg.Log.LogAttrs(ctx, level, "event handled", attrs...)
	span := model.SpanFrom(ctx)
	span.Set("outcome", string(step.Outcome))
	span.Set("reason", step.Reason)
	if e.cfg.Observe != nil {
		e.cfg.Observe(step.Outcome, took)
	}
}

func recoverTo(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v", p)
	}
}
