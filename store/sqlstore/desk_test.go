package sqlstore_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// desk is a store with one account, two seats and helpers that read as sentences.
type desk struct {
	*sqlstore.Store
	db     storetest.Database
	clock  *clock
	acc    model.Account
	events int
	lanes  map[string]model.Lane // those that this desk's worker holds
}

const (
	corp  = "wwCorp"
	day   = 20260302
	lease = time.Minute
)

// eachDesk runs f on every dialect.
func eachDesk(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		f(t, newDesk(t, db))
	})
}

func newDesk(t *testing.T, db storetest.Database) *desk {
	t.Helper()
	c := newClock()
	d := &desk{Store: db.Open(t, c.Now), db: db, clock: c, lanes: map[string]model.Lane{}}
	d.acc = d.saveAccount(t, account("hr", 1000002), "li", "zhao")
	return d
}

func account(key string, agentID int64) model.Account {
	return model.Account{
		Key: key, CorpID: corp, AgentID: agentID, Name: "人事服务", Enabled: true, Policy: model.DefaultPolicy(),
		Secret: "app-secret", Token: "callback-token", EncodingAESKey: "encoding-aes-key",
	}
}

func (d *desk) saveAccount(t *testing.T, acc model.Account, seats ...string) model.Account {
	t.Helper()
	saved, _, err := d.SaveAccount(t.Context(), acc, model.SeatSetups(seats...), nil, "cli")
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func (d *desk) nowMS() int64 { return d.clock.Now().UnixMilli() }

// person is the key of a person's lane with the desk's account, out that of what is sent.
func (d *desk) person(userID string) string { return model.PersonLane(d.acc.ID, userID) }
func (d *desk) out(userID string) string    { return model.OutLane(d.acc.ID, userID) }

// hears stores a text from a person and gives its dedupe key.
func (d *desk) hears(t *testing.T, userID string) string {
	t.Helper()
	d.events++
	key := fmt.Sprintf("msg-%d", d.events)
	dup, err := d.Accept(t.Context(), d.inbound(userID, key), d.person(userID))
	if err != nil || dup {
		t.Fatalf("Accept(%s) = %v, %v", key, dup, err)
	}
	return key
}

func (d *desk) inbound(userID, key string) model.Inbound {
	return model.Inbound{
		AccountID: d.acc.ID, Person: userID, DedupeKey: key, CreatedMS: d.nowMS() / 1000 * 1000,
		Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: "问题 " + key}},
	}
}

// hold claims every lane that is ready and gives the one asked for.
func (d *desk) hold(t *testing.T, key string) model.Lane {
	t.Helper()
	for _, kind := range []model.LaneKind{model.LaneIn, model.LaneOut} {
		lanes, err := d.ClaimLanes(t.Context(), kind, "worker-1", 100, lease)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lanes {
			d.lanes[l.Lane] = l
		}
	}
	lane, ok := d.lanes[key]
	if !ok {
		t.Fatalf("lane %s can't be claimed", key)
	}
	return lane
}

// step is an empty decision about a new text of a person.
func (d *desk) step(t *testing.T, userID string) model.Step {
	t.Helper()
	key := d.hears(t, userID)
	lane := d.hold(t, d.person(userID))
	for _, row := range d.pending(t, lane) {
		if row.Dedupe == key {
			return model.Step{Lane: lane, InboxID: row.ID, Outcome: model.OutcomeHandled, Reason: "test", At: d.nowMS()}
		}
	}
	t.Fatalf("event %s is not pending", key)
	return model.Step{}
}

func (d *desk) pending(t *testing.T, lane model.Lane) []model.Inbox {
	t.Helper()
	rows, err := d.PendingInbox(t.Context(), lane, 100)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (d *desk) unsent(t *testing.T, lane model.Lane) []model.Outbox {
	t.Helper()
	rows, err := d.PendingOutbox(t.Context(), lane, 100)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (d *desk) apply(t *testing.T, step model.Step) model.Applied {
	t.Helper()
	done, err := d.Apply(t.Context(), step)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// opens stores a session of a person in a state and gives it as stored.
func (d *desk) opens(t *testing.T, userID string, change func(*model.Session)) model.Session {
	t.Helper()
	step := d.step(t, userID)
	d.events++
	s := model.Session{
		ID: model.NewID(d.clock.Now()) + uint64(d.events), AccountID: d.acc.ID, Employee: userID, State: model.StateBot,
		OpenedMS: d.nowMS(), UpdatedMS: d.nowMS(),
	}
	if change != nil {
		change(&s)
	}
	step.Session = &s
	if s.State == model.StateServing {
		step.Reserve = d.place(t, s.Seat)
		s.SeatNo, s.AssignedMS = step.Reserve.No, d.nowMS()
	}
	d.apply(t, step)
	return d.session(t, s.ID)
}

// place is the next place at a seat.
func (d *desk) place(t *testing.T, userID string) *model.Reservation {
	t.Helper()
	return &model.Reservation{Seat: userID, No: d.seat(t, userID).NextNo(day), Day: day}
}

func (d *desk) session(t *testing.T, id uint64) model.Session {
	t.Helper()
	s, err := d.SessionByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *desk) seat(t *testing.T, userID string) model.Seat {
	t.Helper()
	seats, err := d.Seats(t.Context(), d.acc.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range seats {
		if s.UserID == userID {
			return s
		}
	}
	t.Fatalf("no seat %s", userID)
	return model.Seat{}
}

// count counts rows of a table.
func (d *desk) count(t *testing.T, table string) int64 {
	t.Helper()
	var n int64
	if err := d.Raw().WithContext(t.Context()).Table("`" + table + "`").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func text(s string) model.Content { return model.Content{Type: model.ContentText, Text: s} }

// online tells which seats take sessions where nobody has hours.
func online(s model.Seat) bool { return s.Available(time.Time{}, nil) }
