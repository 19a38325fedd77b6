package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func (d *desk) load(t *testing.T, userID string, session uint64) model.Case {
	t.Helper()
	c, err := d.LoadCase(t.Context(), model.Lane{Lane: d.person(userID), AccountID: d.acc.ID}, model.Event{Session: session})
	if err == nil {
		err = d.LoadHandoff(t.Context(), &c)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (d *desk) directory(t *testing.T) {
	t.Helper()
	dir := model.Directory{
		Departments: []model.Department{{ID: 1, Name: "公司"}, {ID: 2, ParentID: 1, Name: "财务部"}, {ID: 3, ParentID: 2, Name: "出纳"}},
		Members: []model.Member{
			{UserID: "Wang", Name: "王", MainDepartment: 3, Departments: []int64{3}, Status: 1},
			{UserID: "sun", Name: "孙", MainDepartment: 2, Departments: []int64{2, 1}, Status: 1},
			{UserID: "Li", Name: "李", MainDepartment: 1, Departments: []int64{1}, Status: 1},
		},
	}
	if err := d.SaveDirectory(t.Context(), corp, dir, true); err != nil {
		t.Fatal(err)
	}
}

func TestLoadCase_of_a_stranger(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		want := model.Case{
			Account: d.acc, Person: "chen", InScope: true,
			Conversation: model.Conversation{AccountID: d.acc.ID, Peer: "chen"},
		}
		if diff := cmp.Diff(want, d.load(t, "chen", 0)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestLoadCase_of_the_corp(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		c, err := d.LoadCase(t.Context(), model.Lane{Lane: model.CorpLane(d.acc.ID), AccountID: d.acc.ID}, model.Event{})
		if diff := cmp.Diff(model.Case{Account: d.acc}, c); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err = d.LoadCase(t.Context(), model.Lane{Lane: "p:1:x", AccountID: 1}, model.Event{}); !isNotFound(err) {
			t.Errorf("of an unknown account: %v", err)
		}
	})
}

func TestLoadCase_of_an_employee(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		s := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		step := d.step(t, "wang")
		for i := range 25 {
			step.Messages = append(step.Messages, model.Message{Seq: i + 1, From: model.FromEmployee, Sender: "wang", Content: text("嗨"), AtMS: 1})
		}
		s.MessageCount = 25
		step.Session = &s
		d.apply(t, step)
		s = d.session(t, s.ID)

		c := d.load(t, "wang", 0)
		wang := model.Member{
			CorpID: "wwcorp", UserID: "wang", DisplayID: "Wang", Name: "王", MainDepartment: 3, DepartmentName: "出纳",
			Departments: []int64{3}, Status: 1, UpdatedMS: d.nowMS(),
		}
		recent := c.Recent
		c.Recent = nil
		want := model.Case{
			Account: d.acc, Person: "wang", Member: &wang, Employee: &wang, InScope: true, Session: &s, SeatName: "李",
			Conversation: model.Conversation{AccountID: d.acc.ID, Peer: "wang"},
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(recent) != 20 || recent[0].Seq != 6 || recent[19].Seq != 25 {
			t.Errorf("recent: %d messages, from %d", len(recent), recent[0].Seq)
		}

		// Another one's session as the event's target, for instance of a card.
		c = d.load(t, "sun", s.ID)
		if c.Session != nil || c.Target == nil || c.Target.ID != s.ID || c.Employee == nil || c.Employee.Name != "王" || len(c.Recent) != 20 {
			t.Errorf("as a target: %+v", c)
		}
		// A session of another account is nobody's target.
		it := d.saveAccount(t, account("it", 5))
		c, err := d.LoadCase(t.Context(), model.Lane{Lane: model.PersonLane(it.ID, "wang"), AccountID: it.ID}, model.Event{Session: s.ID})
		if err != nil || c.Target != nil || c.Session != nil {
			t.Errorf("in another account: %+v, %v", c, err)
		}
	})
}

func TestLoadCase_ahead(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for i, who := range []string{"a", "b", "c"} { // all in the same millisecond
			d.opens(t, who, func(s *model.Session) {
				s.ID, s.State, s.QueuedMS = uint64(i+1), model.StateQueued, d.nowMS()
			})
		}
		d.opens(t, "bot", nil)
		for who, want := range map[string]int{"a": 0, "b": 1, "c": 2, "bot": 3, "new": 3} {
			if got := d.load(t, who, 0).Ahead; got != want {
				t.Errorf("ahead of %s: %d, want %d", who, got, want)
			}
		}
	})
}

func TestLoadCase_of_a_seat(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		start := d.nowMS()
		serve := func(who string) model.Session {
			s := d.opens(t, who, func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
			d.clock.advance(time.Second)
			return s
		}
		for _, who := range []string{"gone", "later"} {
			s := serve(who)
			step := d.step(t, who)
			s.State, s.ClosedMS = model.StateClosed, d.nowMS()
			step.Session, step.Release = &s, "li"
			d.apply(t, step)
		}
		sun, wang, chen := serve("sun"), serve("wang"), serve("chen")
		d.opens(t, "zhou", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })

		c := d.load(t, "li", 0)
		var order []string
		for _, s := range c.Serving {
			order = append(order, s.Employee.Title())
		}
		if diff := cmp.Diff([]string{"孙(财务部)", "王(出纳)", "chen"}, order); diff != "" {
			t.Errorf("serving (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]model.Session{sun, wang, chen}, []model.Session{c.Serving[0].Session, c.Serving[1].Session, c.Serving[2].Session}); diff != "" {
			t.Errorf("sessions (-want +got):\n%s", diff)
		}
		seat := model.Seat{
			AccountID: d.acc.ID, UserID: "li", State: model.SeatOnline, Load: 3, DayNo: 5, Day: day, Name: "李",
			LastAssignedMS: start + 4000, JoinedMS: c.Seat.JoinedMS,
		}
		if diff := cmp.Diff(&seat, c.Seat); diff != "" {
			t.Errorf("seat (-want +got):\n%s", diff)
		}
		if c.LastServed == nil || c.LastServed.Session.Employee != "later" || c.LastServed.Employee.UserID != "later" {
			t.Errorf("last served: %+v", c.LastServed)
		}
		if c := d.load(t, "wang", 0); c.Seat != nil || c.Serving != nil || c.LastServed != nil {
			t.Errorf("who is no seat: %+v", c)
		}
	})
}

func TestLoadCase_shown(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		s := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		send := func(session uint64, line bool, state model.OutboxState) int64 {
			t.Helper()
			d.clock.advance(time.Second)
			step := d.step(t, "wang")
			step.Pushes = []model.Push{{Receiver: "li", Kind: model.PushText, Text: "x", Session: session, Line: line}}
			d.apply(t, step)
			lane := d.hold(t, d.out("li"))
			ids := []uint64{d.unsent(t, lane)[0].ID}
			err := d.BeginPush(ctx, lane, ids)
			if err == nil && state == model.OutSent {
				err = d.MarkSent(ctx, lane, ids, model.Receipt{})
			} else if err == nil {
				err = d.MarkDead(ctx, lane, ids, state, 0, "", nil)
			}
			if err != nil {
				t.Fatal(err)
			}
			return d.nowMS()
		}
		send(1, true, model.OutSent)
		want := map[uint64]int64{1: send(1, true, model.OutSent), 2: send(2, true, model.OutUncertain)}
		send(2, false, model.OutSent) // a notice, no line
		send(3, true, model.OutDead)
		if diff := cmp.Diff(want, d.load(t, "li", 0).Shown); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		// What was shown before the session was assigned, and before the focus, is past.
		d.clock.advance(time.Second)
		step := d.step(t, "wang")
		s.AssignedMS = d.nowMS()
		step.Session = &s
		d.apply(t, step)
		if shown := d.load(t, "li", 0).Shown; len(shown) != 0 {
			t.Errorf("after a new assignment: %v", shown)
		}
	})
}

func TestSeatChange(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "li")
		step.SeatChange = &model.SeatChange{State: new(model.SeatAway), FocusSession: new(uint64(7))}
		d.apply(t, step)
		step = d.step(t, "li")
		step.SeatChange = &model.SeatChange{FocusMS: new(int64(99))}
		d.apply(t, step)
		step = d.step(t, "li")
		step.SeatChange = &model.SeatChange{}
		d.apply(t, step)
		want := model.Seat{AccountID: d.acc.ID, UserID: "li", State: model.SeatAway, FocusSession: 7, FocusMS: 99, Name: "li", JoinedMS: d.seat(t, "li").JoinedMS}
		if diff := cmp.Diff(want, d.seat(t, "li")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestOpenSession(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if _, err := d.OpenSession(ctx, d.acc.ID, "wang"); !isNotFound(err) {
			t.Errorf("before the first: %v", err)
		}
		d.opens(t, "wang", func(s *model.Session) { s.State = model.StateClosed })
		s := d.opens(t, "wang", nil)
		got, err := d.OpenSession(ctx, d.acc.ID, "Wang")
		if diff := cmp.Diff(s, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err := d.SessionByID(ctx, 404); !isNotFound(err) {
			t.Errorf("an unknown id: %v", err)
		}
	})
}

func TestMessages_page(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", nil)
		step := d.step(t, "wang")
		for i := range 5 {
			step.Messages = append(step.Messages, model.Message{Seq: i + 1, From: model.FromBot, Content: text("嗨"), AtMS: 1})
		}
		step.Session = &s
		d.apply(t, step)
		rows, err := d.Messages(t.Context(), s.ID, 2, 2)
		if err != nil || len(rows) != 2 || rows[0].Seq != 3 || rows[1].Seq != 4 {
			t.Errorf("page: %+v, %v", rows, err)
		}
	})
}
