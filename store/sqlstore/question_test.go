package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
)

// asked stores a question of a session, as a step of its employee's lane does.
func (d *desk) asked(t *testing.T, session uint64, text string, change func(*model.Question)) model.Question {
	t.Helper()
	step := d.step(t, "wang")
	d.events++
	q := model.Question{
		ID: model.NewID(d.clock.Now()) + uint64(d.events), SessionID: session, Employee: "wang", Text: text, Folded: "f:" + text,
		Outcome: model.OutcomeMissed, Miss: model.MissOpen, AtMS: d.nowMS(),
	}
	if change != nil {
		change(&q)
	}
	step.Question = &q
	d.apply(t, step)
	return d.question(t, q.ID)
}

// taps applies what a tap says about a question.
func (d *desk) taps(t *testing.T, change model.QuestionChange) {
	t.Helper()
	step := d.step(t, "wang")
	step.QuestionChange = &change
	d.apply(t, step)
}

func (d *desk) question(t *testing.T, id uint64) model.Question {
	t.Helper()
	list, err := d.Questions(t.Context(), d.acc.ID, []uint64{id})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return list[0]
}

func answered(entryID uint64) func(*model.Question) {
	return func(q *model.Question) { q.Outcome, q.Miss, q.EntryID = model.OutcomeAnswered, model.MissNone, entryID }
}

func TestApply_records_questions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		want := model.Question{
			SessionID: 5, Employee: "wang", Text: "年假几天", Folded: "年假几天", Outcome: model.OutcomeSuggested, Score: 0.61, Threshold: 0.85,
			Topic: 3, EntryID: 7, Suggested: []uint64{7, 8}, Model: "w1+e2", AtMS: d.nowMS(),
		}
		got := d.asked(t, 5, "", func(q *model.Question) { want.ID = q.ID; *q = want })
		want.AccountID = d.acc.ID
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("question (-want +got):\n%s", diff)
		}
		d.taps(t, model.QuestionChange{ID: want.ID, Picked: 8})
		d.taps(t, model.QuestionChange{ID: want.ID, Feedback: model.FeedbackUp})
		d.taps(t, model.QuestionChange{ID: want.ID, Feedback: model.FeedbackDown}) // too late
		want.Picked, want.Feedback = 8, model.FeedbackUp
		if diff := cmp.Diff(want, d.question(t, want.ID)); diff != "" {
			t.Errorf("after taps (-want +got):\n%s", diff)
		}
		d.taps(t, model.QuestionChange{ID: 1, Feedback: model.FeedbackDown}) // no such question

		d.clock.advance(time.Second)
		long := d.asked(t, 5, strings.Repeat("问", 3000), nil)
		if len([]rune(long.Text)) != 2000 || len([]rune(long.Folded)) != 400 {
			t.Errorf("a long one: %d, %d", len([]rune(long.Text)), len([]rune(long.Folded)))
		}
		list, err := d.RecentQuestions(t.Context(), d.acc.ID, 1)
		if err != nil || len(list) != 1 || list[0].ID != long.ID {
			t.Errorf("recent: %+v, %v", list, err)
		}
		if list, err := d.Questions(t.Context(), 1, []uint64{want.ID}); err != nil || len(list) != 0 {
			t.Errorf("of another account: %+v, %v", list, err)
		}
	})
}

func TestApply_remembers_a_session_s_topic(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", func(s *model.Session) { s.Suggested, s.SuggestedFor, s.TopicEntry, s.TopicMS = []uint64{1}, 2, 3, 4 })
		if s.SuggestedFor != 2 || s.TopicEntry != 3 || s.TopicMS != 4 {
			t.Errorf("opened: %+v", s)
		}
		step := d.step(t, "wang")
		s.SuggestedFor, s.TopicEntry, s.TopicMS = 0, 5, 6
		step.Session = &s
		d.apply(t, step)
		c, err := d.LoadCase(t.Context(), d.hold(t, d.person("wang")), model.Event{})
		if err != nil || c.Session == nil || c.Session.SuggestedFor != 0 || c.Session.TopicEntry != 5 || c.Session.TopicMS != 6 {
			t.Errorf("loaded: %+v, %v", c.Session, err)
		}
	})
}

func TestMisses(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		// One session was served for ten minutes after the question, one is still being served, one never was.
		start := d.nowMS()
		minute := time.Minute.Milliseconds()
		served := d.opens(t, "wang", func(s *model.Session) {
			s.State, s.Seat, s.AssignedMS, s.ClosedMS = model.StateClosed, "li", start+minute, start+11*minute
		})
		serving := d.opens(t, "zhang", func(s *model.Session) {
			s.State, s.Seat, s.LastSeatMS = model.StateServing, "li", start+3*minute
		})
		first := d.asked(t, served.ID, "打印机坏了", nil)
		second := d.asked(t, serving.ID, "打印机坏了", nil)
		good := d.asked(t, served.ID, "年假几天", answered(7))
		d.clock.advance(time.Hour)
		third := d.asked(t, 99, "食堂", nil)
		disliked := d.asked(t, 99, "班车", answered(8))
		d.taps(t, model.QuestionChange{ID: disliked.ID, Feedback: model.FeedbackDown})

		open := func() map[uint64]int64 {
			t.Helper()
			list, err := d.OpenMisses(ctx, d.acc.ID, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			human := map[uint64]int64{}
			for i, q := range list {
				human[q.ID] = q.HumanMS
				if i > 0 && list[i-1].AtMS < q.AtMS {
					t.Error("not newest first")
				}
			}
			return human
		}
		want := map[uint64]int64{first.ID: 10 * minute, second.ID: 3 * minute, third.ID: 0, disliked.ID: 0}
		if diff := cmp.Diff(want, open()); diff != "" {
			t.Errorf("open (-want +got):\n%s", diff)
		}
		if list, err := d.OpenMisses(ctx, d.acc.ID, d.nowMS(), 1); err != nil || len(list) != 1 {
			t.Errorf("the last hour's: %+v, %v", list, err)
		}

		if n, err := d.SettleMisses(ctx, d.acc.ID, []uint64{first.ID}, model.MissSolved, 42); n != 2 || err != nil { // the second asks the same
			t.Errorf("solved %d, %v", n, err)
		}
		if n, err := d.SettleMisses(ctx, d.acc.ID, []uint64{third.ID, disliked.ID, good.ID}, model.MissIgnored, 0); n != 2 || err != nil {
			t.Errorf("ignored %d, %v", n, err)
		}
		if q := d.question(t, second.ID); q.Miss != model.MissSolved || q.SolvedBy != 42 {
			t.Errorf("solved: %+v", q)
		}
		if q := d.question(t, good.ID); q.Miss != model.MissNone {
			t.Errorf("what was no miss: %+v", q)
		}
		if left := open(); len(left) != 0 {
			t.Errorf("still open: %v", left)
		}
		// Asked again, what is ignored is no miss; what is solved may be one.
		again := d.asked(t, 99, "食堂", nil)
		dislikedAgain := d.asked(t, 99, "班车", answered(8))
		d.taps(t, model.QuestionChange{ID: dislikedAgain.ID, Feedback: model.FeedbackDown})
		solvedAgain := d.asked(t, 99, "打印机坏了", nil)
		for id, want := range map[uint64]model.MissState{
			again.ID: model.MissIgnored, dislikedAgain.ID: model.MissIgnored, solvedAgain.ID: model.MissOpen,
		} {
			if q := d.question(t, id); q.Miss != want {
				t.Errorf("%q is %q, not %q", q.Text, q.Miss, want)
			}
		}
		// A 👎 doesn't open again what was dealt with.
		d.taps(t, model.QuestionChange{ID: first.ID, Feedback: model.FeedbackDown})
		if q := d.question(t, first.ID); q.Miss != model.MissSolved || q.Feedback != model.FeedbackDown {
			t.Errorf("after a 👎: %+v", q)
		}
		if _, err := d.SettleMisses(ctx, d.acc.ID, nil, model.MissOpen, 0); reason(err) != "miss_state" {
			t.Errorf("settled as open: %v", err)
		}
		if n, err := d.SettleMisses(ctx, d.acc.ID, nil, model.MissIgnored, 0); n != 0 || err != nil {
			t.Errorf("none: %d, %v", n, err)
		}
	})
}

func TestHotEntries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for range 5 {
			d.asked(t, 1, "以前", answered(1))
		}
		d.clock.advance(time.Hour)
		since := d.nowMS()
		for range 2 {
			d.asked(t, 1, "年假", answered(7))
		}
		d.asked(t, 1, "工资", answered(8))
		for range 2 {
			q := d.asked(t, 1, "社保", func(q *model.Question) { q.Outcome, q.Miss, q.EntryID = model.OutcomeSuggested, model.MissNone, 7 })
			d.taps(t, model.QuestionChange{ID: q.ID, Picked: 9})
		}
		d.taps(t, model.QuestionChange{ID: d.asked(t, 1, "社保", answered(9)).ID, Feedback: model.FeedbackUp})
		for range 4 {
			d.taps(t, model.QuestionChange{ID: d.asked(t, 1, "班车", answered(10)).ID, Feedback: model.FeedbackDown})
			d.asked(t, 1, "不知道", func(q *model.Question) { q.EntryID = 11 })
		}
		got, err := d.HotEntries(t.Context(), d.acc.ID, since, 10)
		if diff := cmp.Diff([]uint64{9, 7, 8}, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if got, err := d.HotEntries(t.Context(), d.acc.ID, since, 1); err != nil || len(got) != 1 {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestTrainingPairs(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		taps := func(text string, c model.QuestionChange, entryID uint64) {
			q := d.asked(t, 1, text, func(q *model.Question) { q.EntryID, q.Miss = entryID, model.MissNone })
			c.ID = q.ID
			d.taps(t, c)
			d.clock.advance(time.Second)
		}
		taps("好", model.QuestionChange{Feedback: model.FeedbackUp}, 1)
		taps("坏", model.QuestionChange{Feedback: model.FeedbackDown}, 2)
		taps("选", model.QuestionChange{Picked: 3}, 2)
		taps("选错", model.QuestionChange{Picked: 4, Feedback: model.FeedbackDown}, 2)
		taps("无", model.QuestionChange{Feedback: model.FeedbackUp}, 0)
		d.asked(t, 1, "不说", answered(5))
		miss := d.asked(t, 1, "没答上", nil)
		if _, err := d.SettleMisses(t.Context(), d.acc.ID, []uint64{miss.ID}, model.MissSolved, 6); err != nil {
			t.Fatal(err)
		}
		want := []model.TrainingPair{
			{Question: "没答上", EntryID: 6},
			{Question: "选错", EntryID: 4, Wrong: true},
			{Question: "选", EntryID: 3},
			{Question: "坏", EntryID: 2, Wrong: true},
			{Question: "好", EntryID: 1},
		}
		got, err := d.TrainingPairs(t.Context(), d.acc.ID, 100)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		got, err = d.TrainingPairs(t.Context(), d.acc.ID, 2)
		if diff := cmp.Diff(want[:2], got); err != nil || diff != "" {
			t.Errorf("the newest: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestSeatReplies(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		want := map[uint64][]string{}
		var sessions []uint64
		for _, who := range []string{"wang", "zhang"} {
			s := d.opens(t, who, nil)
			step := d.step(t, who)
			step.Session = &s
			for i, m := range []model.Message{
				{From: model.FromEmployee, Sender: who, Content: text("怎么办")},
				{From: model.FromSeat, Sender: "li", Content: text(who + " 请重启")},
				{From: model.FromBot, Content: text("您好")},
				{From: model.FromSeat, Sender: "li", Content: model.Content{Type: model.ContentImage, MediaID: "m"}},
				{From: model.FromSeat, Sender: "zhao", Content: text("好了吗")},
			} {
				m.Seq = i + 1
				step.Messages = append(step.Messages, m)
			}
			s.MessageCount = len(step.Messages)
			d.apply(t, step)
			sessions = append(sessions, s.ID)
			want[s.ID] = []string{who + " 请重启", "好了吗"}
		}
		got, err := d.SeatReplies(t.Context(), d.acc.ID, append(sessions, 12345))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if got, err := d.SeatReplies(t.Context(), 1, sessions); err != nil || len(got) != 0 {
			t.Errorf("of another account: %v, %v", got, err)
		}
	})
}

// Many settle and record at the same time: nothing is lost, and nothing is settled twice.
func TestSettleMisses_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		var all []uint64
		for i := range 12 {
			all = append(all, d.asked(t, 1, fmt.Sprint("问题", i), nil).ID)
		}
		settled := make([]int, 4)
		together(4, func(i int) (err error) {
			settled[i], err = d.SettleMisses(t.Context(), d.acc.ID, all, []model.MissState{model.MissSolved, model.MissIgnored}[i%2], 1)
			return err
		}).mustAll(t)
		sum := 0
		for _, n := range settled {
			sum += n
		}
		list, err := d.Questions(t.Context(), d.acc.ID, all)
		states := map[model.MissState]int{}
		for _, q := range list {
			states[q.Miss]++
		}
		if err != nil || sum != len(all) || states[model.MissSolved]+states[model.MissIgnored] != len(all) {
			t.Errorf("settled %v, states %v, %v", settled, states, err)
		}
		if diff := cmp.Diff(all, ofQuestions(list), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("not in the order asked for (-want +got):\n%s", diff)
		}
	})
}

func ofQuestions(list []model.Question) (ids []uint64) {
	for _, q := range list {
		ids = append(ids, q.ID)
	}
	return ids
}
