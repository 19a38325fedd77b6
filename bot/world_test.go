package bot_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// world is all that the engine and the sender work with, in memory: the store, which applies
// steps as faithfully as the real one, the assigner, the knowledge base, the directory and
// WeCom. Every step is held against the rules that must hold always; see check_test.go.
type world struct {
	phrasing bool // a language model is there
	letsGo   bool // Apply and MarkSentLast let go of a lane that has nothing left
	t        testing.TB
	log      *slog.Logger

	mu            sync.Mutex
	now           time.Time
	acc           model.Account
	members       map[string]model.Member
	seats         map[string]*model.Seat
	sessions      map[uint64]model.Session
	messages      map[uint64][]model.Message
	conversations map[string]model.Conversation
	surveys       map[uint64]model.Survey
	questions     map[uint64]model.Question
	held          map[string][]model.Event
	seen          map[uint64]map[string]int // session → how far seats have read it in the workbench
	active        map[string]bool           // seats that work there
	timers        map[string]map[model.TimerKind]int64
	lanes         map[string]*model.Lane
	inbox         map[string][]*model.Inbox // by lane, in order
	outbox        map[string][]*model.Outbox
	dedupes       map[string]bool
	tasks         map[string]bool // task ids of all cards
	mirror        map[string]int  // the loads as the assigner counts them
	shared        model.SharedNo
	used          int // sends of the day
	usedErr       error
	onShare       func() error
	ids           uint64
	failures      map[uint64]int // tries of inbox rows
	steps         []model.Step
	audits        []model.Audit
	trace         []string
	woken         []model.LaneKind

	// Faults; nil: none.
	onApply     func(*model.Step) error // before a step is applied
	afterApply  func() error            // after it was applied all the same
	onAnswer    func() error
	onReserve   func() error
	onDirectory func() error
	onQuestion  func() error
	onPush      func(model.Push) error
	onMedia     func(blob uint64) error
	onForget    func() error
	onActive    func() error
	onCopy      func() error // nil: nothing was stored
	budget      func() (time.Duration, error)
	pushed      []model.Push // what WeCom got
	phrased     int          // how often the language model was asked
	forgotten   []string     // media ids
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		t: t, log: slog.New(slog.DiscardHandler), now: noon(),
		acc:     newScene().in.Case.Account,
		members: map[string]model.Member{}, seats: map[string]*model.Seat{}, sessions: map[uint64]model.Session{},
		messages: map[uint64][]model.Message{}, conversations: map[string]model.Conversation{}, surveys: map[uint64]model.Survey{}, questions: map[uint64]model.Question{},
		seen: map[uint64]map[string]int{}, active: map[string]bool{},
		held: map[string][]model.Event{}, timers: map[string]map[model.TimerKind]int64{}, lanes: map[string]*model.Lane{},
		inbox: map[string][]*model.Inbox{}, outbox: map[string][]*model.Outbox{}, dedupes: map[string]bool{},
		tasks: map[string]bool{}, mirror: map[string]int{}, failures: map[uint64]int{},
	}
	for _, id := range []string{zhang, li, lin, chen} {
		w.members[id] = *memberOf(id)
	}
	return w
}

// addSeat makes somebody a seat; capacity 0 means no limit.
func (w *world) addSeat(userID string, capacity int) {
	seat := seatOf(userID)
	seat.Name, seat.Capacity = w.members[userID].ShortName(), capacity
	w.seats[userID] = &seat
}

func (w *world) engine() *bot.Engine {
	cfg := bot.EngineConfig{
		Store: w, Knowledge: w, Seats: w, Directory: w, Presence: w, Rules: newRules(), Wake: w.wake, Now: w.clock, Log: w.log,
	}
	if w.phrasing {
		cfg.Phraser = w
	}
	return bot.NewEngine(cfg)
}

func (w *world) sender() *bot.Sender {
	return bot.NewSender(bot.SenderConfig{
		Store: w, Accounts: w, Pusher: w, Budget: w, Media: w, Copies: w, Wake: w.wake, Limit: 2048, Now: w.clock, Log: w.log,
	})
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) nextID() uint64 { w.ids++; return w.ids }

func (w *world) wake(_ context.Context, kinds ...model.LaneKind) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken = append(w.woken, kinds...)
}

// note keeps what happened for whoever must read a failure.
func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf(format, args...))
}

// wrong reports a broken rule and how it came to that.
func (w *world) wrong(format string, args ...any) {
	w.t.Helper()
	const last = 25
	w.t.Errorf("%s\nafter:\n  %s", fmt.Sprintf(format, args...), strings.Join(w.trace[max(0, len(w.trace)-last):], "\n  "))
}

// arrives puts an event of a person into the inbox, as a callback does.
func (w *world) arrives(person string, ev model.Event) {
	w.t.Helper()
	w.ids++
	in := model.Inbound{
		AccountID: w.acc.ID, Person: person, DedupeKey: fmt.Sprintf("m:%d", w.ids), CreatedMS: w.now.UnixMilli() / 1000 * 1000, Event: ev,
	}
	if _, err := w.Accept(context.Background(), in, model.PersonLane(w.acc.ID, person)); err != nil {
		w.t.Fatalf("accept: %v", err)
	}
}

func (w *world) writes(person, text string) {
	w.t.Helper()
	c := textOf(text)
	w.arrives(person, model.Event{Kind: model.EventMessage, Content: &c})
}

// Accept implements [bot.EngineStore].
func (w *world) Accept(_ context.Context, in model.Inbound, lane string) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.accept(in, lane), nil
}

func (w *world) accept(in model.Inbound, lane string) (duplicate bool) {
	if w.dedupes[in.DedupeKey] {
		return true
	}
	w.dedupes[in.DedupeKey] = true
	l := w.lane(lane, model.LaneIn)
	l.NextSeq++
	w.inbox[lane] = append(w.inbox[lane], &model.Inbox{
		ID: w.nextID(), AccountID: in.AccountID, Lane: lane, Seq: l.NextSeq, Dedupe: in.DedupeKey, Event: in.Event,
		CreatedMS: in.CreatedMS, ArrivedMS: w.now.UnixMilli(), State: model.InboxPending,
	})
	return false
}

func (w *world) lane(key string, kind model.LaneKind) *model.Lane {
	if w.lanes[key] == nil {
		w.lanes[key] = &model.Lane{Lane: key, Kind: kind, AccountID: w.acc.ID}
	}
	return w.lanes[key]
}

// claim takes a lane for working it off.
func (w *world) claim(key string) model.Lane {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.lanes[key]
	l.Fence++
	return *l
}

// PendingInbox implements [bot.EngineStore].
func (w *world) PendingInbox(_ context.Context, lane model.Lane, limit int) ([]model.Inbox, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var rows []model.Inbox
	for _, r := range w.inbox[lane.Lane] {
		if r.State == model.InboxPending && len(rows) < limit {
			rows = append(rows, *r)
		}
	}
	return rows, nil
}

// FailInbox implements [bot.EngineStore].
func (w *world) FailInbox(_ context.Context, lane model.Lane, id uint64, errText string, until time.Time) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lanes[lane.Lane].Fence != lane.Fence {
		return 0, model.ErrFenced
	}
	row := w.row(lane.Lane, id)
	if row.State != model.InboxPending {
		return 0, model.ErrNotFound
	}
	row.Attempts++
	row.Err = errText
	w.lanes[lane.Lane].RunAtMS = until.UnixMilli()
	return row.Attempts, nil
}

// BuryInbox implements [bot.EngineStore].
func (w *world) BuryInbox(_ context.Context, lane model.Lane, id uint64, errText string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	row := w.row(lane.Lane, id)
	row.State, row.Err = model.InboxDead, errText
	return nil
}

func (w *world) row(lane string, id uint64) *model.Inbox {
	i := slices.IndexFunc(w.inbox[lane], func(r *model.Inbox) bool { return r.ID == id })
	return w.inbox[lane][i]
}

// Seats implements [bot.EngineStore].
func (w *world) Seats(context.Context, uint64) ([]model.Seat, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.allSeats(), nil
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// Reserve implements [bot.Assigner]: the seat that has least to do.
func (w *world) Reserve(_ context.Context, _ uint64, cands []model.Candidate, previous string, p model.Assignment) (model.Pick, error) {
	if w.onReserve != nil {
		if err := w.onReserve(); err != nil {
			return model.Pick{}, err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	pick := model.Pick{Why: model.PickNone}
	lowest := 0
	for _, c := range cands {
		load := max(c.Load, w.mirror[c.UserID])
		if c.Limit > 0 && load >= c.Limit {
			continue
		}
		if p.PreferPrevious && c.UserID == previous {
			pick = model.Pick{Seat: c.UserID, Why: model.PickPrevious}
			break
		}
		if pick.Seat == "" || load < lowest {
			pick, lowest = model.Pick{Seat: c.UserID, Why: model.PickLeastBusy}, load
		}
	}
	if pick.Seat != "" {
		w.mirror[pick.Seat]++
	}
	return pick, nil
}

// Release implements [bot.Assigner].
func (w *world) Release(_ context.Context, _ uint64, seat string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mirror[seat]--
	return nil
}

// Refresh implements [bot.DirectoryReader].
func (w *world) Refresh(context.Context, model.Account, string, *model.ContactChange) error {
	if w.onDirectory != nil {
		return w.onDirectory()
	}
	return nil
}
