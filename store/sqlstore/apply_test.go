package sqlstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestApply_writes_everything(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.step(t, "wang")
		sess := model.Session{
			ID: 77, AccountID: d.acc.ID, Employee: "wang", State: model.StateServing, Seat: "li", SeatNo: 1,
			HandoffReason: model.HandoffKeyword, Suggested: []uint64{5, 6}, MessageCount: 2, OpenedMS: step.At,
			AssignedMS: step.At, UpdatedMS: step.At,
		}
		step.Outcome, step.Reason, step.Detail = model.OutcomeHandedOff, "keyword", model.Detail{Score: 0.25, Seat: "li"}
		step.Session = &sess
		step.Reserve = &model.Reservation{Seat: "li", Limit: 1, No: 1, Day: day}
		step.Messages = []model.Message{
			{Seq: 1, From: model.FromEmployee, Sender: "wang", Content: text("转人工 <b>&"), AtMS: step.At},
			{Seq: 2, From: model.FromSystem, Content: text("李为您服务"), AtMS: step.At},
		}
		step.Pushes = []model.Push{
			{Receiver: "wang", Kind: model.PushText, Text: "李为您服务", Session: 77},
			{Receiver: "li", Kind: model.PushText, Text: "王: 转人工", Session: 77, Line: true, Author: "wang"},
			{Receiver: "wang", Kind: model.PushText, Text: "请稍等", Session: 77},
		}
		step.Timers = []model.TimerChange{{Kind: model.TimerIdle, DueMS: step.At + 600_000}}
		step.Forwards = []model.Forward{
			{Person: "li", Event: model.Event{Kind: model.EventPushFailed, Session: 77}},
			{Person: "", Event: model.Event{Kind: model.EventAppAlert, Key: "test"}},
			{Person: "wang", Event: model.Event{Kind: model.EventQueueTurn, Session: 77}},
		}
		step.Conversation = &model.Conversation{AccountID: d.acc.ID, Peer: "wang", LastSeat: "li", LastSession: 77, CreatedMS: step.At}
		step.Survey = &model.Survey{SessionID: 77, Employee: "wang", Seat: "li", SentMS: step.At}
		step.Facts = []model.Fact{{SessionID: 77, Kind: model.FactOpened, AtMS: step.At}, {SessionID: 77, Kind: model.FactAssigned, Seat: "li", Value: 3}}

		done := d.apply(t, step)
		if diff := cmp.Diff(model.Applied{Lanes: []model.LaneKind{model.LaneIn, model.LaneOut}}, done); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}

		sess.Version, sess.Unindexed = 1, true
		if diff := cmp.Diff(sess, d.session(t, 77)); diff != "" {
			t.Errorf("session (-want +got):\n%s", diff)
		}
		for i := range step.Messages {
			step.Messages[i].SessionID, step.Messages[i].AccountID = 77, d.acc.ID
		}
		msgs, err := d.Messages(ctx, 77, 0, 10)
		if diff := cmp.Diff(step.Messages, msgs); err != nil || diff != "" {
			t.Errorf("messages: %v (-want +got):\n%s", err, diff)
		}
		if seat := d.seat(t, "li"); seat.Load != 1 || seat.DayNo != 1 || seat.Day != day || seat.LastAssignedMS != step.At {
			t.Errorf("seat: %+v", seat)
		}
		inbox, err := d.InboxOf(ctx, d.acc.ID, step.InboxID-1, 1)
		if err != nil {
			t.Fatal(err)
		}
		row := inbox[0]
		if row.State != model.InboxDone || row.Outcome != step.Outcome || row.Reason != "keyword" || row.SessionID != 77 ||
			row.Detail != step.Detail || row.DoneMS != d.nowMS() {
			t.Errorf("inbox: %+v", row)
		}
		d.checkOutbox(t, step)
		d.checkForwards(t, step)

		c, err := d.LoadCase(ctx, step.Lane, model.Event{Session: 77})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(*step.Conversation, c.Conversation); diff != "" {
			t.Errorf("conversation (-want +got):\n%s", diff)
		}
		step.Survey.AccountID, step.Survey.Served = d.acc.ID, []string{"li"}
		if diff := cmp.Diff(step.Survey, c.Survey); diff != "" {
			t.Errorf("survey (-want +got):\n%s", diff)
		}
		if n := d.count(t, "fact"); n != 2 {
			t.Errorf("%d facts", n)
		}
		var timer model.Timer
		if err := d.Raw().Take(&timer).Error; err != nil {
			t.Fatal(err)
		}
		want := model.Timer{Lane: step.Lane.Lane, Kind: model.TimerIdle, AccountID: d.acc.ID, DueMS: step.At + 600_000, Gen: step.InboxID}
		if diff := cmp.Diff(want, timer); diff != "" {
			t.Errorf("timer (-want +got):\n%s", diff)
		}
	})
}

// checkOutbox expects the step's pushes, per receiver in their order.
func (d *desk) checkOutbox(t *testing.T, step model.Step) {
	t.Helper()
	seqs := map[string]uint64{}
	for i, p := range step.Pushes {
		seqs[p.Receiver]++
		var row model.Outbox
		if err := d.Raw().Where("dedupe = ?", fmt.Sprintf("%d:%d", step.InboxID, i)).Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		want := model.Outbox{
			ID: row.ID, AccountID: d.acc.ID, Lane: d.out(p.Receiver), Seq: seqs[p.Receiver], Dedupe: row.Dedupe,
			SessionID: p.Session, Line: p.Line, Push: p, State: model.OutPending, CreatedMS: step.At,
		}
		if diff := cmp.Diff(want, row); diff != "" {
			t.Errorf("outbox %d (-want +got):\n%s", i, diff)
		}
	}
}

// checkForwards expects the step's forwards as events of their lanes.
func (d *desk) checkForwards(t *testing.T, step model.Step) {
	t.Helper()
	for i, f := range step.Forwards {
		lane := model.CorpLane(d.acc.ID)
		if f.Person != "" {
			lane = d.person(f.Person)
		}
		rows := d.pending(t, d.hold(t, lane))
		if len(rows) != 1 {
			t.Errorf("lane %s has %d events", lane, len(rows))
			continue
		}
		if diff := cmp.Diff(f.Event, rows[0].Event); diff != "" || rows[0].Dedupe != fmt.Sprintf("f:%d:%d", step.InboxID, i) || rows[0].CreatedMS != step.At {
			t.Errorf("forward %d: %+v (-want +got):\n%s", i, rows[0], diff)
		}
	}
}

func TestApply_happens_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		step.Pushes = []model.Push{{Receiver: "wang", Kind: model.PushText, Text: "好的"}}
		errs := together(4, func(int) error {
			_, err := d.Apply(t.Context(), step)
			return err
		})
		if n := errs.succeeded(t, model.ErrDuplicate); n != 1 {
			t.Errorf("applied %d times", n)
		}
		if n := d.count(t, "outbox"); n != 1 {
			t.Errorf("%d pushes", n)
		}
	})
}

func TestApply_session_versions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", nil)
		stale := s

		step := d.step(t, "wang")
		s.Misses, s.MessageCount = 1, 1
		step.Session = &s
		step.Messages = []model.Message{{Seq: 1, From: model.FromEmployee, Sender: "wang", Content: text("请假"), AtMS: step.At}}
		d.apply(t, step)
		if got := d.session(t, s.ID); got.Version != 2 || got.Misses != 1 || step.Session.Version != 1 {
			t.Errorf("after a change: %+v; the step's own version: %d", got, step.Session.Version)
		}

		for _, tt := range []struct {
			name   string
			change func(*model.Step)
		}{
			{"an older version", func(st *model.Step) { st.Session = &stale }},
			{"a new session with a taken id", func(st *model.Step) { again := stale; again.Version = 0; st.Session = &again }},
			{"a message number that is taken", func(st *model.Step) {
				now := s
				now.Version = 2
				st.Session = &now
				st.Messages = []model.Message{{Seq: 1, From: model.FromBot, Content: text("x"), AtMS: 1}}
			}},
			{"a seat change without a seat", func(st *model.Step) { st.SeatChange = &model.SeatChange{FocusMS: new(int64(1))} }},
		} {
			step := d.step(t, "wang")
			tt.change(&step)
			step.Facts = []model.Fact{{Kind: model.FactMissed}}
			if _, err := d.Apply(t.Context(), step); !errors.Is(err, model.ErrStale) {
				t.Errorf("%s: %v", tt.name, err)
			}
			if n := d.count(t, "fact"); n != 0 {
				t.Errorf("%s: a part of the step was applied", tt.name)
			}
			d.apply(t, model.Step{Lane: step.Lane, InboxID: step.InboxID, Outcome: model.OutcomeHandled, At: step.At})
		}
	})
}

func TestApply_nothing_leaves_closed(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", func(s *model.Session) { s.State, s.CloseReason, s.ClosedMS = model.StateClosed, model.ClosedIdle, 5 })
		step := d.step(t, "wang")
		s.State = model.StateBot
		step.Session = &s
		if _, err := d.Apply(t.Context(), step); !errors.Is(err, model.ErrStale) {
			t.Errorf("reopening: %v", err)
		}
		s.State, s.UpdatedMS = model.StateClosed, 9
		d.apply(t, step)
		if got := d.session(t, s.ID); got.UpdatedMS != 9 || got.State != model.StateClosed {
			t.Errorf("session: %+v", got)
		}
	})
}

func TestApply_messages_need_a_session(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		step.Messages = []model.Message{{Seq: 1}}
		if _, err := d.Apply(t.Context(), step); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("got %v", err)
		}
	})
}

func TestApply_reserve(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.opens(t, "sun", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		away := model.SeatAway
		leave := d.step(t, "zhao")
		leave.SeatChange = &model.SeatChange{State: &away}
		d.apply(t, leave)

		for _, tt := range []struct {
			name string
			res  model.Reservation
			want error
		}{
			{"a full seat", model.Reservation{Seat: "li", Limit: 1, No: 2, Day: day}, model.ErrSeatTaken},
			{"a number that is used", model.Reservation{Seat: "li", No: 1, Day: day}, model.ErrSeatTaken},
			{"a number too high", model.Reservation{Seat: "li", No: 3, Day: day}, model.ErrSeatTaken},
			{"from 1 on a new day while somebody is served", model.Reservation{Seat: "li", No: 1, Day: day + 1}, model.ErrSeatTaken},
			{"a seat that is away", model.Reservation{Seat: "zhao", No: 1, Day: day}, model.ErrSeatTaken},
			{"nobody's seat", model.Reservation{Seat: "qian", No: 1, Day: day}, model.ErrSeatTaken},
			{"a seat that is away, by force", model.Reservation{Seat: "zhao", No: 1, Day: day, Force: true}, nil},
			{"a place below the limit", model.Reservation{Seat: "li", Limit: 2, No: 2, Day: day}, nil},
			{"a new day while somebody is served", model.Reservation{Seat: "li", No: 3, Day: day + 1}, nil},
		} {
			step := d.step(t, "wang")
			step.Reserve = &tt.res
			if _, err := d.Apply(t.Context(), step); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
		}
		if seat := d.seat(t, "li"); seat.Load != 3 || seat.Day != day+1 || seat.DayNo != 3 {
			t.Errorf("seat: %+v", seat)
		}
		step := d.step(t, "wang")
		step.Release = "zhao"
		d.apply(t, step)
		step = d.step(t, "wang")
		step.Reserve = &model.Reservation{Seat: "zhao", No: 1, Day: day + 1, Force: true}
		d.apply(t, step)
		if seat := d.seat(t, "zhao"); seat.Load != 1 || seat.DayNo != 1 {
			t.Errorf("a new day with nobody served: %+v", seat)
		}
	})
}

func TestApply_transfer(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		step := d.step(t, "wang")
		s.Seat = "li"
		step.Session, step.Release, step.Reserve = &s, "zhao", d.place(t, "li")
		d.apply(t, step)
		if li, zhao := d.seat(t, "li").Load, d.seat(t, "zhao").Load; li != 1 || zhao != 0 {
			t.Errorf("loads: li %d, zhao %d", li, zhao)
		}

		// To itself: the place is given back before it is taken again.
		again := d.step(t, "wang")
		s = d.session(t, s.ID)
		again.Session, again.Release, again.Reserve = &s, "li", d.place(t, "li")
		again.Reserve.Limit = 1
		d.apply(t, again)
		if load := d.seat(t, "li").Load; load != 1 {
			t.Errorf("load after a transfer to itself: %d", load)
		}

		// Never below nothing, and a seat that is gone takes no harm.
		for _, seat := range []string{"zhao", "qian"} {
			over := d.step(t, "wang")
			over.Release = seat
			d.apply(t, over)
		}
		if load := d.seat(t, "zhao").Load; load != 0 {
			t.Errorf("load after one release too many: %d", load)
		}
	})
}

// A seat never exceeds its capacity, whoever decides at the same time.
func TestApply_capacity_holds_under_contention(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const people, limit = 12, 4
		steps := make([]model.Step, people)
		for i := range steps {
			steps[i] = d.step(t, fmt.Sprintf("p%d", i))
		}
		errs := together(people, func(i int) error {
			step := steps[i]
			for {
				seats, err := d.Seats(t.Context(), d.acc.ID)
				if err != nil {
					return err
				}
				li := seats[0]
				if li.Load >= limit {
					return model.ErrSeatTaken
				}
				step.Reserve = &model.Reservation{Seat: "li", Limit: limit, No: li.NextNo(day), Day: day}
				if _, err = d.Apply(t.Context(), step); !errors.Is(err, model.ErrSeatTaken) {
					return err
				}
			}
		})
		if n := errs.succeeded(t, model.ErrSeatTaken); n != limit {
			t.Errorf("%d sessions were assigned, want %d", n, limit)
		}
		if seat := d.seat(t, "li"); seat.Load != limit || seat.DayNo != limit {
			t.Errorf("seat: %+v", seat)
		}
	})
}

// Steps that write to each other's lanes at the same time all get through.
func TestApply_crossing_forwards(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		people := []string{"a", "b", "c", "d", "e", "f"}
		var steps []model.Step
		for _, who := range people {
			step := d.step(t, who)
			for _, other := range people {
				step.Forwards = append(step.Forwards, model.Forward{Person: other, Event: model.Event{Kind: model.EventSeatMessage}})
				step.Pushes = append(step.Pushes, model.Push{Receiver: other, Kind: model.PushText, Text: who})
			}
			steps = append(steps, step)
		}
		together(len(steps), func(i int) error {
			_, err := d.Apply(t.Context(), steps[i])
			return err
		}).mustAll(t)
		if n := d.count(t, "outbox"); n != int64(len(people)*len(people)) {
			t.Errorf("%d pushes", n)
		}
		for _, who := range people {
			for i, row := range d.pending(t, model.Lane{Lane: d.person(who)}) {
				if row.Seq != uint64(i+2) {
					t.Errorf("lane of %s: row %d has number %d", who, i, row.Seq)
				}
			}
		}
	})
}

func TestApply_wakes_the_queue(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		queued := func(who string) model.Session {
			d.clock.advance(time.Second)
			return d.opens(t, who, func(s *model.Session) { s.State, s.QueuedMS = model.StateQueued, d.nowMS() })
		}
		own, first := queued("wang"), queued("sun")
		queued("zhou")

		step := d.step(t, "wang") // the step's own session is not its own successor
		step.Session, step.WakeQueue = &own, true
		done := d.apply(t, step)
		want := model.Applied{Lanes: []model.LaneKind{model.LaneIn}, Woken: "sun"}
		if diff := cmp.Diff(want, done); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}
		rows := d.pending(t, d.hold(t, d.person("sun")))
		event := model.Event{Kind: model.EventQueueTurn, Session: first.ID, AtMS: step.At}
		if len(rows) != 1 || rows[0].Event != event || rows[0].Dedupe != fmt.Sprintf("q:%d", step.InboxID) {
			t.Errorf("lane of sun: %+v", rows)
		}

		other := d.step(t, "li")
		other.WakeQueue = true
		if done := d.apply(t, other); done.Woken != "wang" {
			t.Errorf("woken: %q", done.Woken)
		}
	})
}

func TestApply_wakes_nobody_where_nobody_waits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "li")
		step.WakeQueue = true
		if diff := cmp.Diff(model.Applied{}, d.apply(t, step)); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}
	})
}

func TestApply_held_texts(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		held := func() []string {
			t.Helper()
			c, err := d.LoadCase(t.Context(), d.lanes[d.person("li")], model.Event{})
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			for _, e := range c.Held {
				texts = append(texts, e.Content.Text)
			}
			return texts
		}
		hold := func(s string, release bool) {
			step := d.step(t, "li")
			content := text(s)
			step.Hold, step.ReleaseHeld = &model.Event{Kind: model.EventMessage, Content: &content}, release
			d.apply(t, step)
		}
		hold("一", false)
		hold("二", false)
		if diff := cmp.Diff([]string{"一", "二"}, held()); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		hold("三", true)
		if diff := cmp.Diff([]string{"三"}, held()); diff != "" {
			t.Errorf("after a release (-want +got):\n%s", diff)
		}
	})
}

func TestApply_survey(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		save := func(was, sv model.Survey) error {
			step := d.step(t, "wang")
			step.SurveyWas, step.Survey = was, &sv
			_, err := d.Apply(t.Context(), step)
			return err
		}
		for _, seat := range []string{"zhao", "li"} {
			if err := d.Raw().Create(&model.SeatSession{AccountID: d.acc.ID, SessionID: 9, Seat: seat}).Error; err != nil {
				t.Fatal(err)
			}
		}
		sent := model.Survey{SessionID: 9, Employee: "wang", Seat: "li", SentMS: 1, ExpiresMS: 9}
		rated, other := sent, sent
		rated.Rating, rated.RatedMS, rated.FirstRating, rated.FirstMS = model.RatingBad, 2, model.RatingBad, 2
		other.Rating, other.RatedMS, other.FirstRating, other.FirstMS = model.RatingGood, 3, model.RatingGood, 3
		reasons := rated
		reasons.Reasons, reasons.ReasonMS = []string{"太慢"}, 4
		changed := rated
		changed.Rating, changed.RatedMS = model.RatingFair, 5
		for _, tt := range []struct {
			name    string
			was, sv model.Survey
			want    error
		}{
			{"a rating before the survey", sent, rated, model.ErrStale},
			{"sent", model.Survey{}, sent, nil},
			{"sent twice", model.Survey{}, sent, model.ErrStale},
			{"rated", sent, rated, nil},
			{"rated otherwise at the same time", sent, other, model.ErrStale},
			{"reasons", rated, reasons, nil},
			{"reasons twice", rated, reasons, model.ErrStale},
			{"changed", reasons, changed, nil},
		} {
			if err := save(tt.was, tt.sv); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
			}
		}
		var got model.Survey
		if err := d.Raw().Take(&got).Error; err != nil {
			t.Fatal(err)
		}
		changed.AccountID, changed.Served = d.acc.ID, []string{"zhao", "li"}
		if diff := cmp.Diff(changed, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		for who, want := range map[string]int64{"Wang": 1, "qian": 0} {
			if at, err := d.LastSurvey(t.Context(), d.acc.ID, who); err != nil || at != want {
				t.Errorf("%s was asked at %d, %v", who, at, err)
			}
		}
	})
}
