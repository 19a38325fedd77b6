package sqlstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestDepartmentsAbove(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		for user, want := range map[string][]int64{"WANG": {1, 2, 3}, "sun": {1, 2}, "li": {1}, "nobody": nil} {
			got, err := d.DepartmentsAbove(t.Context(), strings.ToUpper(corp), user)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", user, err, diff)
			}
			for _, department := range []int64{1, 2, 3} { // says the same as the other way round
				acc := d.acc
				acc.Policy.Scope = &model.Scope{Departments: []int64{department}}
				in, err := d.InScope(t.Context(), acc, user)
				if err != nil || in != acc.Policy.Scope.Has(user, got) {
					t.Errorf("%s in %d: %v %v", user, department, in, err)
				}
			}
		}
	})
}

func TestOwnRecords(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.directory(t)
		first := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat, s.ClosedMS = model.StateClosed, "li", 5 })
		step := d.step(t, "wang")
		step.Messages = []model.Message{
			{Seq: 1, From: model.FromSystem, Content: text("请稍候"), AtMS: 1},
			{Seq: 2, From: model.FromEmployee, Sender: "wang", Content: text("打印机"), AtMS: 1},
			{Seq: 3, From: model.FromEmployee, Sender: "wang", Content: text("坏了"), AtMS: 1},
		}
		step.Session = &first
		first.MessageCount = 3
		step.Survey = &model.Survey{SessionID: first.ID, Employee: "wang", Seat: "li", SentMS: 7}
		d.apply(t, step)
		d.clock.advance(time.Second)
		second := d.opens(t, "wang", nil)
		d.opens(t, "sun", nil)

		list, err := d.OwnRecords(t.Context(), d.acc, "Wang", 0, 10)
		if err != nil || len(list) != 2 || list[0].Session.ID != second.ID || list[1].Session.ID != first.ID {
			t.Fatalf("%+v, %v", list, err)
		}
		if r := list[1]; r.SeatName != "李" || r.Question != "打印机" || r.Survey.SentMS != 7 || list[0].Survey.SessionID != 0 {
			t.Errorf("%+v", r)
		}
		page, err := d.OwnRecords(t.Context(), d.acc, "wang", second.ID, 10)
		if err != nil || len(page) != 1 || page[0].Session.ID != first.ID {
			t.Errorf("a page: %+v, %v", page, err)
		}
		if r, err := d.OwnRecord(t.Context(), d.acc, "wang", first.ID); err != nil || r.Question != "打印机" {
			t.Errorf("one: %+v, %v", r, err)
		}
		if _, err := d.OwnRecord(t.Context(), d.acc, "sun", first.ID); !isNotFound(err) {
			t.Errorf("somebody else's: %v", err)
		}
		other := d.saveAccount(t, account("it", 5))
		if _, err := d.OwnRecord(t.Context(), other, "wang", first.ID); !isNotFound(err) {
			t.Errorf("another account's: %v", err)
		}
		if c, err := d.Conversation(t.Context(), other.ID, "Wang"); err != nil || c.Peer != "wang" || c.CreatedMS != 0 {
			t.Errorf("conversation: %+v, %v", c, err)
		}
	})
}

func TestCommentSurvey(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		step.Survey = &model.Survey{SessionID: 9, Employee: "wang", Seat: "li", SentMS: 1}
		d.apply(t, step)
		ticket := model.SurveyTicket{AccountID: d.acc.ID, Session: 9, Employee: "Wang"}
		long := strings.Repeat("长", model.CommentSize)
		for at, comment := range []string{"等了很久", "等了很久", long, ""} {
			if err := d.CommentSurvey(t.Context(), ticket, comment, int64(at+5)); err != nil {
				t.Fatal(err)
			}
			got, err := d.Survey(t.Context(), d.acc.ID, 9)
			if err != nil || got.Comment != comment || got.CommentMS != int64(at+5) || got.Seat != "li" || got.Rating != "" {
				t.Errorf("%+v, %v", got, err)
			}
		}
		// A rating leaves the comment alone.
		if err := d.CommentSurvey(t.Context(), ticket, "慢", 20); err != nil {
			t.Fatal(err)
		}
		step = d.step(t, "wang")
		step.SurveyWas = model.Survey{SessionID: 9}
		step.Survey = &model.Survey{SessionID: 9, Employee: "wang", Seat: "li", SentMS: 1, Rating: model.RatingBad, RatedMS: 21}
		d.apply(t, step)
		if got, err := d.Survey(t.Context(), d.acc.ID, 9); err != nil || got.Comment != "慢" || got.Rating != model.RatingBad {
			t.Errorf("after a rating: %+v, %v", got, err)
		}
		for _, wrong := range []model.SurveyTicket{
			{AccountID: d.acc.ID, Session: 8, Employee: "wang"}, {AccountID: d.acc.ID + 1, Session: 9, Employee: "wang"}, {AccountID: d.acc.ID, Session: 9, Employee: "sun"},
		} {
			if err := d.CommentSurvey(t.Context(), wrong, "x", 30); !isNotFound(err) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}

func TestPulse(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.opens(t, "chen", func(s *model.Session) { s.State = model.StateClosed })
		d.opens(t, "wang", nil)
		d.opens(t, "sun", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		got, err := d.Pulse(t.Context(), d.acc.ID, 0)
		want := model.Pulse{Bot: 1, Serving: 1, Opened: 3, Online: 2}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		got, err = d.Pulse(t.Context(), d.acc.ID+1, 0)
		if diff := cmp.Diff(model.Pulse{}, got); err != nil || diff != "" {
			t.Errorf("another account's: %v (-want +got):\n%s", err, diff)
		}
	})
}
