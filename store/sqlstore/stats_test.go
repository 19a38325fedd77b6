package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

func TestSaveStatsByVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *sqlstore.Store) {
		ctx := t.Context()
		st, err := s.StatState(ctx, 3)
		if err != nil || st != (model.StatState{AccountID: 3}) {
			t.Fatalf("state of nothing = %+v, %v", st, err)
		}
		first := model.StatState{AccountID: 3, Version: 1, Format: 1, Zone: "UTC", ThroughMS: 5, SinceMS: 6}
		day := model.StatRollup{AccountID: 3, Span: model.StatDaily, At: 20261101, Total: []byte{1}, Seats: []byte{2}}
		hour := model.StatRollup{AccountID: 3, Span: model.StatSlot, At: 7, Total: []byte{3}, Seats: []byte{4}}
		if err := s.SaveStats(ctx, first, []model.StatRollup{day, hour}); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveStats(ctx, first, nil); !errors.Is(err, model.ErrStale) {
			t.Errorf("the same version again: %v", err)
		}
		second := first
		second.Version, second.ThroughMS = 2, 9
		gone := hour
		gone.Total, gone.Seats, day.Total = nil, nil, []byte{8}
		if err := s.SaveStats(ctx, second, []model.StatRollup{day, gone}); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveStats(ctx, second, []model.StatRollup{gone}); !errors.Is(err, model.ErrStale) {
			t.Errorf("a version that is taken: %v", err)
		}
		if st, err = s.StatState(ctx, 3); err != nil || st != second {
			t.Errorf("state = %+v, %v", st, err)
		}
		got, err := s.StatRollups(ctx, 3, model.StatDaily, 20261101, 20261101, false)
		bare := day
		bare.Seats = nil
		if diff := cmp.Diff([]model.StatRollup{bare}, got); err != nil || diff != "" {
			t.Errorf("days: %v\n%s", err, diff)
		}
		if got, err = s.StatRollups(ctx, 3, model.StatSlot, 0, 99, true); err != nil || len(got) != 0 {
			t.Errorf("hours = %v, %v", got, err)
		}
		if _, err := s.DropStats(ctx, first); !errors.Is(err, model.ErrStale) {
			t.Errorf("drop by an old state: %v", err)
		}
		for more := true; more; {
			if more, err = s.DropStats(ctx, second); err != nil {
				t.Fatal(err)
			}
		}
		if got, err = s.StatRollups(ctx, 3, model.StatDaily, 0, 1<<40, true); err != nil || len(got) != 0 {
			t.Errorf("days after all = %v, %v", got, err)
		}
	})
}

// TestStatChanged finds sessions again whose survey or question changed after they closed.
func TestStatChanged(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		x := d.serves(t, "wang", "li", "发票", "好的")
		d.clock.advance(time.Minute)
		d.hears(t, "wang")
		step := d.step(t, "wang")
		next := x
		next.State, next.ClosedMS, next.UpdatedMS = model.StateClosed, step.At, step.At
		step.Session, step.Release = &next, "li"
		step.Survey = &model.Survey{SessionID: x.ID, Employee: "wang", Seat: "li", SentMS: step.At}
		step.Question = &model.Question{ID: 99, SessionID: x.ID, Employee: "wang", Outcome: model.OutcomeAnswered, AtMS: step.At}
		d.apply(t, step)
		changed := func(want string) {
			t.Helper()
			ids, err := d.StatChanged(ctx, d.acc.ID, d.nowMS())
			if err != nil || len(ids) != 1 || ids[0] != x.ID {
				t.Errorf("after %s changed %v, %v", want, ids, err)
			}
		}
		act := func(change func(*model.Step)) {
			t.Helper()
			d.clock.advance(time.Hour)
			if ids, err := d.StatChanged(ctx, d.acc.ID, d.nowMS()); err != nil || len(ids) != 0 {
				t.Errorf("changed before = %v, %v", ids, err)
			}
			d.hears(t, "wang")
			step := d.step(t, "wang")
			change(&step)
			d.apply(t, step)
		}
		act(func(s *model.Step) {
			s.SurveyWas = model.Survey{SessionID: x.ID}
			s.Survey = &model.Survey{SessionID: x.ID, Employee: "wang", Seat: "li", Rating: model.RatingBad, RatedMS: s.At}
		})
		changed("a rating")
		act(func(s *model.Step) { s.QuestionChange = &model.QuestionChange{ID: 99, Feedback: model.FeedbackDown} })
		changed("a 👎")
		d.clock.advance(time.Hour)
		if err := d.CommentSurvey(ctx, model.SurveyTicket{AccountID: d.acc.ID, Session: x.ID, Employee: "wang"}, "慢", d.nowMS()); err != nil {
			t.Fatal(err)
		}
		changed("a comment")
		list, err := d.StatSessions(ctx, d.acc.ID, x.ID, x.ID+1)
		if err != nil || len(list) != 1 {
			t.Fatalf("sessions = %v, %v", list, err)
		}
		got := list[0]
		if got.Survey == nil || got.Survey.Rating != model.RatingBad || got.Survey.Comment != "慢" || len(got.Questions) != 1 ||
			got.Questions[0].Feedback != model.FeedbackDown || len(got.Seats) != 1 || got.Seats[0].Seat != "li" || got.Seats[0].FirstMS == 0 ||
			got.Session.State != model.StateClosed {
			t.Errorf("session = %+v", got)
		}
		before, err := d.StatBefore(ctx, d.acc.ID, x.ID+1)
		if none, err := d.StatBefore(ctx, d.acc.ID, x.ID); err != nil || none != 0 {
			t.Errorf("before the first = %d, %v", none, err)
		}
		if err != nil || before != x.ID {
			t.Errorf("before = %d, %v", before, err)
		}
	})
}
