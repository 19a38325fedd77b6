package sqlstore_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// reviews are the sessions that the lane of a person was told to look at.
func (d *desk) reviews(t *testing.T, userID string) (sessions []uint64) {
	t.Helper()
	var rows []model.Inbox
	if err := d.Raw().Where("lane = ?", d.person(userID)).Order("seq").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Event.Kind == model.EventReview {
			sessions = append(sessions, r.Event.Session)
		}
	}
	return sessions
}

// actions are what the audit log of the desk's account says, oldest first.
func (d *desk) actions(t *testing.T) (list []string) {
	t.Helper()
	all, err := d.Audits(t.Context(), model.AuditFilter{AccountID: d.acc.ID}, model.AuditKey{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		a := all[len(all)-1-i]
		list = append(list, a.Actor+" "+a.Action+" "+a.Target)
	}
	return list
}

func TestReviewSessions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		wang := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		chen := d.opens(t, "chen", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		review := func(want int) {
			t.Helper()
			if n, err := d.ReviewSessions(ctx, d.acc.ID); n != want || err != nil {
				t.Errorf("ReviewSessions = %d, %v, want %d", n, err, want)
			}
		}
		review(0)
		d.acc = d.saveAccount(t, d.acc, "zhao")
		review(1)
		review(0) // the same is told once
		if diff := cmp.Diff([]uint64{wang.ID}, d.reviews(t, "wang")); diff != "" {
			t.Errorf("of the removed seat (-want +got):\n%s", diff)
		}

		changed, err := d.MarkSeat(ctx, d.acc.ID, "ZHAO", "赵磊", true)
		if !changed || err != nil {
			t.Fatalf("MarkSeat = %v, %v", changed, err)
		}
		if diff := cmp.Diff([]uint64{chen.ID}, d.reviews(t, "chen")); diff != "" {
			t.Errorf("of the seat that left (-want +got):\n%s", diff)
		}
		if changed, err = d.MarkSeat(ctx, d.acc.ID, "zhao", "赵磊", true); changed || err != nil {
			t.Errorf("marked twice: %v, %v", changed, err)
		}
		if changed, err = d.MarkSeat(ctx, d.acc.ID, "wang", "王芳", true); changed || err != nil {
			t.Errorf("who is no seat: %v, %v", changed, err)
		}
		if changed, err = d.MarkSeat(ctx, d.acc.ID, "zhao", "赵磊", false); !changed || err != nil {
			t.Errorf("back: %v, %v", changed, err)
		}
		want := []string{
			"cli seat.added li", "cli seat.added zhao", "cli seat.removed li", "system seat.left zhao", "system seat.back zhao",
		}
		if diff := cmp.Diff(want, d.actions(t)); diff != "" {
			t.Errorf("audit log (-want +got):\n%s", diff)
		}
		var told []model.Inbox
		if err := d.Raw().Where("lane = ?", model.CorpLane(d.acc.ID)).Order("seq").Find(&told).Error; err != nil {
			t.Fatal(err)
		}
		for i, who := range []string{"li", "zhao"} {
			if len(told) != 2 || told[i].Event.Kind != model.EventSeatLeft || told[i].Event.Seat != who {
				t.Errorf("owners hear of %+v", told)
			}
		}
	})
}

func TestReviewSessions_of_a_disabled_account_and_held_texts(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		step := d.step(t, "li")
		step.Hold = &model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: "给谁"}}
		d.apply(t, step)
		setup := model.SeatSetups("li", "zhao")
		setup[0].Permissions = []model.SeatPermission{model.MayRead}
		acc := d.acc
		acc.Enabled = false
		if _, _, err := d.SaveAccount(ctx, acc, setup, nil, "cli"); err != nil {
			t.Fatal(err)
		}
		if n, err := d.ReviewSessions(ctx, d.acc.ID); n != 2 || err != nil {
			t.Fatalf("ReviewSessions = %d, %v", n, err)
		}
		if got := d.reviews(t, "li"); len(got) != 1 || got[0] != 0 {
			t.Errorf("who holds texts is told %v", got)
		}
		if got := d.reviews(t, "wang"); len(got) != 1 {
			t.Errorf("the employee of a disabled account is told %v", got)
		}
		lane := model.Lane{Lane: d.person("li"), AccountID: d.acc.ID}
		c, err := d.LoadCase(ctx, lane, model.Event{Kind: model.EventReview})
		if err != nil || len(c.Held) != 1 {
			t.Errorf("the case has %d held texts, %v", len(c.Held), err)
		}
	})
}

func TestReserve_needs_a_seat_that_may_answer(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		setup := model.SeatSetups("li", "zhao")
		setup[0].Permissions = []model.SeatPermission{model.MayRead}
		if _, _, err := d.SaveAccount(t.Context(), d.acc, setup, nil, "cli"); err != nil {
			t.Fatal(err)
		}
		step := d.step(t, "wang")
		s := model.Session{ID: 77, AccountID: d.acc.ID, Employee: "wang", State: model.StateServing, Seat: "li", OpenedMS: d.nowMS()}
		step.Session, step.Reserve = &s, &model.Reservation{Seat: "li", No: 1, Day: day, Force: true}
		if _, err := d.Apply(t.Context(), step); !errors.Is(err, model.ErrSeatTaken) {
			t.Errorf("Apply = %v", err)
		}
	})
}

func TestPutSeat(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		want := model.SeatSetup{
			UserID: "Qian", Capacity: 3, Priority: 2, Hours: &model.Hours{Week: [][]model.Span{{{From: 1, To: 2}}}},
			Permissions: []model.SeatPermission{model.MayRead, model.MayAnswer},
		}
		v, err := d.PutSeat(ctx, d.acc.ID, d.acc.Version, want, "token:x")
		if v != d.acc.Version+1 || err != nil {
			t.Fatalf("PutSeat = %d, %v", v, err)
		}
		if again, err := d.PutSeat(ctx, d.acc.ID, v, want, "token:x"); again != v || err != nil {
			t.Errorf("the same again: version %d, %v", again, err)
		}
		if _, err := d.PutSeat(ctx, d.acc.ID, d.acc.Version, want, "token:x"); !errors.Is(err, model.ErrStale) {
			t.Errorf("of an older version: %v", err)
		}
		want.UserID, want.Permissions = "qian", []model.SeatPermission{model.MayAnswer, model.MayRead}
		seat, err := d.Seat(ctx, d.acc.ID, "QIAN")
		if diff := cmp.Diff(want, seat.Setup()); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if err := d.SetSeatState(ctx, d.acc.ID, "qian", model.SeatAway, "token:x"); err != nil {
			t.Error(err)
		}
		if _, err := d.RemoveSeat(ctx, d.acc.ID, 0, "qian", "token:x"); err != nil {
			t.Error(err)
		}
		if _, err := d.RemoveSeat(ctx, d.acc.ID, 0, "qian", "token:x"); !isNotFound(err) {
			t.Errorf("removed twice: %v", err)
		}
		if err := d.SetSeatState(ctx, d.acc.ID, "qian", model.SeatAway, "token:x"); !isNotFound(err) {
			t.Errorf("state of nobody: %v", err)
		}
		log := []string{
			"cli seat.added li", "cli seat.added zhao", "token:x seat.added qian", "token:x seat.state qian", "token:x seat.removed qian",
		}
		if diff := cmp.Diff(log, d.actions(t)); diff != "" {
			t.Errorf("audit log (-want +got):\n%s", diff)
		}
	})
}

func TestSaveCalendarYear(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		y := model.CalendarYear{Year: 2027, Days: []model.CalendarDay{{Day: 20270101, Name: "元旦"}, {Day: 20270207, Work: true, Name: "春节"}}}
		v, err := d.SaveCalendarYear(ctx, y, "cli")
		if v != 1 || err != nil {
			t.Fatalf("SaveCalendarYear = %d, %v", v, err)
		}
		if _, err := d.SaveCalendarYear(ctx, y, "cli"); !errors.Is(err, model.ErrStale) {
			t.Errorf("by somebody who hasn't seen it: %v", err)
		}
		y.Version, y.Days = 1, y.Days[:1]
		if v, err = d.SaveCalendarYear(ctx, y, "cli"); v != 2 || err != nil {
			t.Errorf("SaveCalendarYear = %d, %v", v, err)
		}
		y.Version = 2
		got, err := d.CalendarYears(ctx)
		if diff := cmp.Diff([]model.CalendarYear{y}, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		one, err := d.CalendarYear(ctx, 2027)
		if diff := cmp.Diff(y, one); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err := d.CalendarYear(ctx, 2028); !isNotFound(err) {
			t.Errorf("a year that isn't stored: %v", err)
		}
		if n, err := d.CalendarVersion(ctx); n != 2 || err != nil {
			t.Errorf("CalendarVersion = %d, %v", n, err)
		}
	})
}
