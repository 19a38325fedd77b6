package bot_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// taps clicks the button of that text on the last card that zhang was sent with one.
func (w *world) taps(text string) {
	w.t.Helper()
	rows := w.outbox[model.OutLane(1, zhang)]
	for _, row := range slices.Backward(rows) {
		if row.Push.Kind != model.PushCard {
			continue
		}
		for _, b := range row.Push.Card.Buttons {
			if b.Text == text {
				w.ids++
				w.arrives(zhang, model.Event{Kind: model.EventCardClick, Click: &model.Click{
					Key: b.Key, TaskID: row.Push.Card.TaskID, ResponseCode: fmt.Sprint("rc", w.ids),
				}})
				w.mustHandle(zhang)
				return
			}
		}
	}
	w.t.Fatalf("there is no button %q", text)
}

// talks makes a world in which answers are asked about.
func talks(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.acc.Policy.Bot.Feedback = true
	return w
}

func (w *world) onlyQuestion() model.Question {
	w.t.Helper()
	if len(w.questions) != 1 {
		w.t.Fatalf("%d questions are logged, want 1", len(w.questions))
	}
	for _, q := range w.questions {
		return q
	}
	return model.Question{}
}

func TestEngineSuggestionToFeedback(t *testing.T) {
	t.Parallel()
	w := talks(t)
	w.addSeat(lin, 0)
	w.writes(zhang, "像假")
	w.mustHandle(zhang)
	w.taps("1 年假几天")
	w.taps("👎 没解决")
	w.taps("👍 有帮助") // its card was not updated yet
	w.taps("转人工")
	w.taps("👍 有帮助")
	w.wantOutcomes(zhang, "done suggested suggest", "done answered suggestion", "done handled feedback",
		"done handled feedback_already", "done handed_off dislike", "done handled feedback_already")
	q := w.onlyQuestion()
	if q.Picked != 11 || q.Feedback != model.FeedbackDown || q.Text != "像假" {
		t.Errorf("question %+v", q)
	}
}

func TestEngineHotQuestion(t *testing.T) {
	t.Parallel()
	w := talks(t)
	w.acc.Policy.Bot.Welcome, w.acc.Policy.Bot.Hot = "您好", 2
	w.arrives(zhang, model.Event{Kind: model.EventEnter})
	w.mustHandle(zhang)
	w.taps("年假几天")
	w.taps("👍 有帮助")
	w.wantOutcomes(zhang, "done handled welcomed", "done answered hot", "done handled feedback")
	if q := w.onlyQuestion(); q.Text != "年假几天" || q.Feedback != model.FeedbackUp || q.EntryID != 11 {
		t.Errorf("question %+v", q)
	}
}

func TestEngineWelcomesWithoutTheHotQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acc.Policy.Bot.Welcome, w.acc.Policy.Bot.Hot = "您好", 2
	w.onAnswer = func() error { return model.ErrUnavailable }
	w.arrives(zhang, model.Event{Kind: model.EventEnter})
	w.mustHandle(zhang)
	w.wantOutcomes(zhang, "done handled welcomed")
	if rows := w.outbox[model.OutLane(1, zhang)]; len(rows) != 1 || rows[0].Push.Text != "您好" {
		t.Errorf("%d pushes, want the welcome alone", len(rows))
	}
}

func TestEngineFollowsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.writes(zhang, "还有吗") // about nothing
	w.writes(zhang, "还有吗")
	w.mustHandle(zhang)
	var got []uint64
	for _, s := range w.steps {
		got = append(got, s.Detail.Topic)
	}
	if diff := cmp.Diff([]uint64{0, 11}, got); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
}

// A question that can't be looked up is no reason to lose the tap.
func TestEngineQuestionAway(t *testing.T) {
	t.Parallel()
	w := talks(t)
	w.writes(zhang, "知道")
	w.mustHandle(zhang)
	w.onQuestion = func() error { return model.ErrUnavailable }
	q := w.onlyQuestion()
	w.arrives(zhang, model.Event{Kind: model.EventCardClick, Click: &model.Click{Key: fmt.Sprint("up:", q.ID), ResponseCode: "rc"}})
	if err := w.handle(zhang); !errors.Is(err, bot.ErrLetGo) {
		t.Errorf("Handle = %v, want it delayed", err)
	}
	w.onQuestion = nil
	w.mustHandle(zhang)
	w.wantOutcomes(zhang, "done answered hit", "done handled feedback")
}

func TestEngineRephrases(t *testing.T) {
	t.Parallel()
	setup := func(t *testing.T) *world {
		t.Helper()
		w := newWorld(t)
		w.phrasing = true
		w.acc.Policy.LLM.Mode = model.LLMRephrase
		return w
	}
	t.Run("the_answer", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.writes(zhang, "知道")
		w.mustHandle(zhang)
		if diff := cmp.Diff([]string{"您好，五天"}, w.told(zhang)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
	t.Run("once_however_often_it_is_decided", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.failing(5, model.ErrStale, everyStep)
		w.writes(zhang, "知道")
		w.mustHandle(zhang)
		if w.phrased != 1 {
			t.Errorf("the model was asked %d times, want once", w.phrased)
		}
	})
	t.Run("not_where_no_model_is_there", func(t *testing.T) {
		t.Parallel()
		w := setup(t)
		w.phrasing = false
		w.writes(zhang, "知道")
		w.mustHandle(zhang)
		if diff := cmp.Diff([]string{"五天"}, w.told(zhang)); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}
