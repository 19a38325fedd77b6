package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
)

// speaks stores a line of a seat and its pushes to the employee of a session that is served,
// and gives the ids of the outbox rows.
func (d *desk) speaks(t *testing.T, s *model.Session, words ...string) []uint64 {
	t.Helper()
	d.clock.advance(time.Second)
	step := d.step(t, s.Employee)
	s.MessageCount++
	step.Session = s
	step.Messages = []model.Message{{Seq: s.MessageCount, From: model.FromSeat, Sender: s.Seat, Content: text(words[0]), AtMS: d.nowMS()}}
	for _, w := range words {
		step.Pushes = append(step.Pushes, model.Push{
			Receiver: s.Employee, Kind: model.PushText, Text: w, Session: s.ID, Seq: s.MessageCount,
		})
	}
	d.apply(t, step)
	*s = d.session(t, s.ID)
	var ids []uint64
	for _, row := range d.unsent(t, model.Lane{Lane: d.out(s.Employee)}) {
		if row.MessageSeq == s.MessageCount {
			ids = append(ids, row.ID)
		}
	}
	if len(ids) != len(words) {
		t.Fatalf("%d pushes, want %d", len(ids), len(words))
	}
	return ids
}

func (d *desk) served(t *testing.T, employee string) model.Session {
	t.Helper()
	return d.opens(t, employee, func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
}

func TestLastSent(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.served(t, "wang")
		sent := func() model.Sent {
			t.Helper()
			sent, err := d.LastSent(t.Context(), s, "LI")
			if err != nil {
				t.Fatal(err)
			}
			return sent
		}
		if got := sent(); got.Message.Seq != 0 || len(got.Pushes) > 0 {
			t.Errorf("before anything: %+v", got)
		}
		first := d.speaks(t, &s, "一")
		second := d.speaks(t, &s, "二", "二之二")
		got := sent()
		if got.Message.Content.Text != "二" || len(got.Pushes) != 2 || got.Pushes[0].ID != second[0] || got.Together {
			t.Errorf("waiting: %+v", got)
		}
		lane := d.hold(t, d.out("wang"))
		if err := d.MarkSent(t.Context(), lane, append(first, second[0]), model.Receipt{MsgID: "m1"}); err != nil {
			t.Fatal(err)
		}
		if got := sent(); !got.Together || got.Pushes[0].MsgID != "m1" || got.Pushes[1].State != model.OutPending {
			t.Errorf("sent together: %+v", got)
		}
	})
}

func TestApply_recall(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.served(t, "wang")
		ids := d.speaks(t, &s, "打错了")
		recall := func(seq int, cancel []uint64) error {
			t.Helper()
			step := d.step(t, "wang")
			step.Session, step.Recall = &s, &model.Recall{Seq: seq, Cancel: cancel}
			_, err := d.Apply(t.Context(), step)
			s = d.session(t, s.ID)
			return err
		}
		// Not what a sender has begun with.
		lane := d.hold(t, d.out("wang"))
		if err := d.BeginPush(t.Context(), lane, ids); err != nil {
			t.Fatal(err)
		}
		if err := recall(1, ids); !errors.Is(err, model.ErrStale) {
			t.Errorf("of what is being sent: %v", err)
		}
		if lines, _ := d.Messages(t.Context(), s.ID, 0, 9); lines[0].RecalledMS != 0 {
			t.Error("marked all the same")
		}
		ids = d.speaks(t, &s, "又错了")
		if err := recall(2, ids); err != nil {
			t.Fatalf("of what waits: %v", err)
		}
		lines, err := d.Messages(t.Context(), s.ID, 1, 9)
		if err != nil || len(lines) != 1 || lines[0].RecalledMS != d.nowMS() || lines[0].Content.Text != "又错了" {
			t.Errorf("transcript: %+v, %v", lines, err)
		}
		if err := d.BeginPush(t.Context(), lane, ids); !errors.Is(err, model.ErrStale) {
			t.Errorf("a sender that has read it begins: %v", err)
		}
		for _, row := range d.unsent(t, lane) {
			if row.ID == ids[0] {
				t.Error("it still waits")
			}
		}
		if err := recall(2, nil); !errors.Is(err, model.ErrStale) {
			t.Errorf("twice: %v", err)
		}
	})
}

func TestApply_audits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		step.Audits = []model.Audit{{Actor: "member:zhou", Action: "session.ended", Target: "7"}}
		d.apply(t, step)
		got, err := d.Audits(t.Context(), model.AuditFilter{AccountID: d.acc.ID}, model.AuditKey{}, 9)
		if err != nil || len(got) == 0 {
			t.Fatalf("Audits = %v, %v", got, err)
		}
		want := model.Audit{ID: got[0].ID, AccountID: d.acc.ID, AtMS: step.At, Actor: "member:zhou", Action: "session.ended", Target: "7"}
		if diff := cmp.Diff(want, got[0], cmpopts.IgnoreFields(model.Audit{}, "Seq", "Prev", "Hash")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestEarlierSessions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		closed := func(seat, question string) model.Session {
			t.Helper()
			d.clock.advance(time.Minute)
			s := d.opens(t, "wang", nil)
			step := d.step(t, "wang")
			s.State, s.CloseReason, s.ClosedMS, s.Seat, s.MessageCount = model.StateClosed, model.ClosedBySeat, d.nowMS(), seat, 2
			step.Session = &s
			step.Messages = []model.Message{
				{Seq: 1, From: model.FromEmployee, Sender: "wang", Content: text(question), AtMS: d.nowMS()},
				{Seq: 2, From: model.FromNote, Sender: "zhao", Content: text("备注"), AtMS: d.nowMS()},
			}
			step.Survey = &model.Survey{SessionID: s.ID, Employee: "wang", Seat: seat, SentMS: d.nowMS()}
			d.apply(t, step)
			return d.session(t, s.ID)
		}
		old, newer := closed("li", "一"), closed("", "二")
		step := d.step(t, "wang")
		step.SurveyWas = model.Survey{SessionID: old.ID}
		step.Survey = &model.Survey{SessionID: old.ID, Rating: model.RatingGood, RatedMS: d.nowMS()}
		d.apply(t, step)
		old.UpdatedMS = step.At // a rating changes what is counted of the session
		d.opens(t, "wang", nil)
		got, err := d.EarlierSessions(t.Context(), d.acc, "Wang", 5)
		want := []model.Earlier{{Session: newer, Question: "二"}, {Session: old, SeatName: "li", Rating: model.RatingGood, Question: "一"}}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("(-want +got):\n%s, %v", diff, err)
		}
		if got, _ := d.EarlierSessions(t.Context(), d.acc, "wang", 1); len(got) != 1 || got[0].Session.ID != newer.ID {
			t.Errorf("one = %+v", got)
		}
		end, err := d.Transcript(t.Context(), d.acc, old, 1)
		if err != nil || len(end.Messages) != 1 || end.Messages[0].Seq != 2 || end.Names["zhao"] != "zhao" {
			t.Errorf("Transcript = %+v, %v", end, err)
		}
	})
}

func TestLoadCase_names(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.served(t, "wang")
		step := d.step(t, "wang")
		s.MessageCount = 1
		step.Session = &s
		step.Messages = []model.Message{{Seq: 1, From: model.FromNote, Sender: "zhao", Content: text("备注"), AtMS: d.nowMS()}}
		d.apply(t, step)
		lane := model.Lane{Lane: d.person("wang"), AccountID: d.acc.ID}
		for name, tt := range map[string]struct {
			event model.Event
			want  map[string]string
		}{
			"claim":    {model.Event{Kind: model.EventSeatClaim, Session: s.ID, Seat: "zhao"}, map[string]string{"li": "li", "zhao": "zhao"}},
			"by":       {model.Event{Kind: model.EventSeatEnd, Session: s.ID, By: "zhou"}, map[string]string{"li": "li", "zhou": "zhou"}},
			"transfer": {model.Event{Kind: model.EventSeatTransfer, Session: s.ID, Seat: "li"}, map[string]string{"zhao": "zhao"}},
			"both":     {model.Event{Kind: model.EventSeatTransfer, Session: s.ID, By: "zhou"}, map[string]string{"li": "li", "zhou": "zhou", "zhao": "zhao"}},
			"message":  {model.Event{Kind: model.EventSeatMessage, Session: s.ID, Seat: "li"}, nil},
		} {
			c, err := d.LoadCase(t.Context(), lane, tt.event)
			if diff := cmp.Diff(tt.want, c.Names); diff != "" || err != nil {
				t.Errorf("%s (-want +got):\n%s, %v", name, diff, err)
			}
		}
	})
}
