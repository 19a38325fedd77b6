package sqlstore_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// shares is a step that gives a new session of a person to all seats that listen.
func (d *desk) shares(t *testing.T, userID string) model.Step {
	t.Helper()
	step := d.step(t, userID)
	d.events++
	seats, err := d.Seats(t.Context(), d.acc.ID)
	if err != nil {
		t.Fatal(err)
	}
	no := model.NextShared(seats, day)
	step.Session = &model.Session{
		ID: model.NewID(d.clock.Now()) + uint64(d.events), AccountID: d.acc.ID, Employee: userID,
		State: model.StateServing, Shared: true, SeatNo: no, OpenedMS: d.nowMS(), AssignedMS: d.nowMS(),
	}
	step.Reserve = &model.Reservation{No: no, Day: day}
	for _, s := range seats {
		if s.Listens(userID) {
			step.Reserve.Listeners = append(step.Reserve.Listeners, s.UserID)
		}
	}
	return step
}

// says puts a seat into a state, as it says itself.
func (d *desk) says(t *testing.T, userID string, state model.SeatState) model.Applied {
	t.Helper()
	step := d.step(t, userID)
	step.SeatChange = &model.SeatChange{State: &state}
	return d.apply(t, step)
}

func TestApply_shared_numbers(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.opens(t, "own", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		for want := 2; want <= 3; want++ { // above li's own number, at both seats
			step := d.shares(t, fmt.Sprintf("w%d", want))
			d.apply(t, step)
			if step.Session.SeatNo != want {
				t.Errorf("the session for all is #%d, want %d", step.Session.SeatNo, want)
			}
		}
		if li, zhao := d.seat(t, "li"), d.seat(t, "zhao"); li.NextNo(day) != 4 || zhao.NextNo(day) != 4 || li.Load != 1 || zhao.Load != 0 {
			t.Errorf("after two sessions for all: li %+v, zhao %+v", li, zhao)
		}
		own := d.opens(t, "next", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		if own.SeatNo != 4 {
			t.Errorf("zhao's own session is #%d, want 4", own.SeatNo)
		}
		// The next day begins anew only once none of yesterday's is open.
		if zhao := d.seat(t, "zhao"); zhao.NextNo(day+1) != 5 {
			t.Errorf("the next day zhao is at %d, want 5", zhao.NextNo(day+1))
		}
		if n, err := d.CheckLoads(t.Context(), d.acc.ID); n != 0 || err != nil {
			t.Errorf("loads repaired: %d, %v", n, err)
		}
	})
}

func TestApply_shared_refusals(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for _, tt := range []struct {
			name   string
			change func(*model.Reservation)
			want   error
		}{
			{"a number too high", func(r *model.Reservation) { r.No++ }, model.ErrSeatTaken},
			{"a number too low", func(r *model.Reservation) { r.No-- }, model.ErrSeatTaken},
			{"a seat too few", func(r *model.Reservation) { r.Listeners = r.Listeners[:1] }, model.ErrStale},
			{"nobody", func(r *model.Reservation) { r.Listeners = nil }, model.ErrStale},
			{"as it is", func(*model.Reservation) {}, nil},
		} {
			step := d.shares(t, "wang")
			tt.change(step.Reserve)
			if _, err := d.Apply(t.Context(), step); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
		}
		// A seat's own number that a session for all has got is taken.
		step := d.step(t, "zhang")
		step.Reserve = &model.Reservation{Seat: "li", No: 1, Day: day}
		if _, err := d.Apply(t.Context(), step); !errors.Is(err, model.ErrSeatTaken) {
			t.Errorf("a number of a session for all: %v", err)
		}
	})
}

// Whoever claims keeps the number, and takes a place where there is one.
func TestApply_claim(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for i, tt := range []struct {
			limit int
			want  error
		}{{1, nil}, {1, model.ErrSeatTaken}, {2, nil}} {
			shared := d.shares(t, fmt.Sprintf("w%d", i))
			d.apply(t, shared)
			step := d.step(t, fmt.Sprintf("w%d", i))
			s := d.session(t, shared.Session.ID)
			s.Seat = "li"
			step.Session = &s
			step.Reserve = &model.Reservation{Seat: "li", Limit: tt.limit, No: s.SeatNo, Day: day, Force: true, Keep: true}
			if _, err := d.Apply(t.Context(), step); !errors.Is(err, tt.want) {
				t.Errorf("claim %d: %v, want %v", i, err, tt.want)
			}
		}
		if li := d.seat(t, "li"); li.Load != 2 || li.DayNo != 3 {
			t.Errorf("li after two claims: %+v", li)
		}
		if n, err := d.CheckLoads(t.Context(), d.acc.ID); n != 0 || err != nil {
			t.Errorf("loads repaired: %d, %v", n, err)
		}
	})
}

// Many sessions for all and of seats at once: no seat gets a number twice.
func TestApply_shared_numbers_together(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const people = 12
		steps := make([]model.Step, people)
		for i := range steps {
			steps[i] = d.shares(t, fmt.Sprintf("p%d", i))
		}
		together(people, func(i int) error {
			step := steps[i]
			for {
				seats, err := d.Seats(t.Context(), d.acc.ID)
				if err != nil {
					return err
				}
				no := model.NextShared(seats, day)
				step.Reserve = &model.Reservation{No: no, Day: day, Listeners: []string{"li", "zhao"}}
				if i%2 == 1 {
					no = seats[0].NextNo(day)
					step.Session.Seat, step.Session.Shared = "li", false
					step.Reserve = &model.Reservation{Seat: "li", No: no, Day: day}
				}
				step.Session.SeatNo = no
				if _, err = d.Apply(t.Context(), step); !errors.Is(err, model.ErrSeatTaken) {
					return err
				}
			}
		}).succeeded(t)
		c := d.load(t, "li", 0)
		used := map[int]bool{}
		for _, s := range c.Serving {
			if used[s.Session.SeatNo] {
				t.Errorf("li knows two sessions as #%d", s.Session.SeatNo)
			}
			used[s.Session.SeatNo] = true
		}
		if len(c.Serving) != people {
			t.Errorf("li knows %d sessions, want %d", len(c.Serving), people)
		}
	})
}

// A seat that comes is told of every open session for all, once; one that was there is not.
func TestShareWith(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if n, err := d.ShareDue(ctx, []uint64{d.acc.ID}); n != 0 || err != nil {
			t.Fatalf("without sessions: %d, %v", n, err)
		}
		d.says(t, "zhao", model.SeatOffline)
		var ids []uint64
		for _, p := range []string{"wang", "zhang"} {
			step := d.shares(t, p)
			if !slices.Equal(step.Reserve.Listeners, []string{"li"}) {
				t.Errorf("listeners: %v", step.Reserve.Listeners)
			}
			d.apply(t, step)
			ids = append(ids, step.Session.ID)
		}
		d.opens(t, "own", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		if n, err := d.ShareWith(ctx, d.acc.ID, "li"); n != 0 || err != nil {
			t.Errorf("who was there: %d, %v", n, err)
		}
		d.clock.advance(time.Second)
		if done := d.says(t, "zhao", model.SeatOnline); !done.Joined {
			t.Error("coming online is no joining")
		}
		for _, want := range []int{2, 0} {
			if n, err := d.ShareWith(ctx, d.acc.ID, "Zhao"); n != want || err != nil {
				t.Errorf("ShareWith = %d, %v, want %d", n, err, want)
			}
		}
		joined := d.seat(t, "zhao").JoinedMS
		for i, p := range []string{"wang", "zhang"} {
			rows := d.pending(t, d.hold(t, d.person(p)))
			want := model.Event{Kind: model.EventSeatJoin, Session: ids[i], Seat: "zhao", AtMS: joined}
			if diff := cmp.Diff(want, rows[len(rows)-1].Event); diff != "" {
				t.Errorf("%s (-want +got):\n%s", p, diff)
			}
		}
		// Away is no coming, and a seat that is added is due.
		d.clock.advance(time.Second)
		d.says(t, "zhao", model.SeatAway)
		if n, err := d.ShareDue(ctx, []uint64{d.acc.ID}); n != 0 || err != nil {
			t.Errorf("after going away: %d, %v", n, err)
		}
		d.saveAccount(t, d.acc, "li", "zhao", "qian")
		for _, want := range []int{2, 0} {
			if n, err := d.ShareDue(ctx, []uint64{d.acc.ID}); n != want || err != nil {
				t.Errorf("a new seat: %d, %v, want %d", n, err, want)
			}
		}
	})
}

// A seat that is back in the company is shown what goes to all, and one that nobody served
// has no record of a seat.
func TestShare_with_who_is_back(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.shares(t, "wang")
		d.apply(t, step)
		if r, err := d.Record(ctx, d.acc.ID, step.Session.ID); err != nil || len(r.Seats) != 0 {
			t.Errorf("seats of a session that goes to all: %+v, %v", r.Seats, err)
		}
		for _, seat := range []string{"li", "zhao"} {
			if _, err := d.ShareWith(ctx, d.acc.ID, seat); err != nil {
				t.Fatal(err)
			}
		}
		leaves := func(atMS int64) model.Applied {
			d.clock.advance(time.Second)
			d.hears(t, "zhao")
			step := d.step(t, "zhao")
			step.SeatChange = &model.SeatChange{LeftMS: &atMS}
			return d.apply(t, step)
		}
		if leaves(d.nowMS()).Joined {
			t.Error("leaving is no joining")
		}
		if !leaves(0).Joined {
			t.Error("coming back is no joining")
		}
		if n, err := d.ShareWith(ctx, d.acc.ID, "zhao"); n != 1 || err != nil {
			t.Errorf("shown %d sessions, %v", n, err)
		}
	})
}

// A case shows a seat what goes to all, and says what it was shown since it came.
func TestLoadCase_shared(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.shares(t, "wang")
		step.Pushes = []model.Push{{
			Receiver: "li", Kind: model.PushCard, Session: step.Session.ID,
			Card: &model.Card{Kind: model.CardButtons, Title: "t", TaskID: "desk-1-0"},
		}}
		d.apply(t, step)
		id := step.Session.ID
		for person, want := range map[string]int{"li": 1, "zhao": 1, "wang": 0} {
			c := d.load(t, person, 0)
			if len(c.Serving) != want {
				t.Errorf("%s serves %d sessions, want %d", person, len(c.Serving), want)
			}
			if knows := len(c.Seats) == 2; knows != (person == "wang") {
				t.Errorf("%s: %d seats", person, len(c.Seats))
			}
		}
		joins := func(seat string, at int64) bool {
			c, err := d.LoadCase(t.Context(), d.lanes[d.person("wang")], model.Event{Kind: model.EventSeatJoin, Session: id, Seat: seat, AtMS: at})
			if err != nil {
				t.Fatal(err)
			}
			return c.Introduced
		}
		if !joins("li", step.At) || joins("li", step.At+1) || joins("zhao", 0) {
			t.Error("who was shown a session since it came is wrong")
		}
	})
}

// A card can be changed by the code of its send, until that is too old.
func TestCardCode(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.step(t, "wang")
		for i, task := range []string{"desk-1-0", "desk-2-0", "held-3-0"} {
			step.Pushes = append(step.Pushes, model.Push{
				Receiver: "li", Kind: model.PushCard, Session: 7, Card: &model.Card{Title: "t", TaskID: task, Desc: fmt.Sprint(i)},
			})
		}
		d.apply(t, step)
		lane := d.hold(t, d.out("li"))
		check := func(when, want string) {
			t.Helper()
			if code, err := d.CardCode(ctx, lane, 7); code != want || err != nil {
				t.Errorf("%s: %q, %v, want %q", when, code, err, want)
			}
		}
		check("before it is sent", "")
		for i, r := range d.unsent(t, lane) {
			if err := d.MarkSent(ctx, lane, []uint64{r.ID}, model.Receipt{ResponseCode: fmt.Sprint("code", i)}); err != nil {
				t.Fatal(err)
			}
		}
		check("after it", "code1")
		if code, err := d.CardCode(ctx, lane, 8); code != "" || err != nil {
			t.Errorf("of another session: %q, %v", code, err)
		}
		d.clock.advance(72 * time.Hour)
		check("three days later", "")
	})
}

// Of a line for several seats the author hears where the last copy fails.
func TestMarkDead_copies(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		for _, seat := range []string{"li", "zhao"} {
			step.Pushes = append(step.Pushes, model.Push{Receiver: seat, Kind: model.PushText, Text: "问", Author: "wang", Fanout: "有新消息"})
		}
		d.apply(t, step)
		told := []model.Forward{{Person: "wang", Event: model.Event{Kind: model.EventPushFailed}}}
		for i, seat := range []string{"li", "zhao"} {
			lane := d.hold(t, d.out(seat))
			id := d.unsent(t, lane)[0].ID
			if err := d.MarkDead(t.Context(), lane, []uint64{id}, model.OutDead, 1, "no", told); err != nil {
				t.Fatal(err)
			}
			if n := len(d.pending(t, d.lanes[d.person("wang")])); n != i {
				t.Errorf("after %d copies failed the author is told %d times", i+1, n)
			}
		}
	})
}
