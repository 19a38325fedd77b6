package bot_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// sendsToZhang works off what is on its way to the employee.
func (w *world) sendsToZhang() {
	w.t.Helper()
	if err := w.sender().Handle(w.t.Context(), w.claim(model.OutLane(1, zhang))); err != nil && !errors.Is(err, bot.ErrLetGo) {
		w.t.Fatalf("send: %v", err)
	}
}

func (w *world) seatSays(text string) {
	w.t.Helper()
	w.writes(lin, text)
	w.mustHandle(lin, zhang)
}

func (w *world) gotTexts() []string {
	var texts []string
	for _, p := range w.pushed {
		if p.Receiver == zhang {
			texts = append(texts, string(p.Kind)+" "+p.Text+p.MsgID)
		}
	}
	return texts
}

func TestRecall(t *testing.T) {
	t.Parallel()
	t.Run("after_it_was_sent", func(t *testing.T) {
		t.Parallel()
		w, id := serves(t)
		w.sendsToZhang()
		before := len(w.pushed)
		w.seatSays("打错了")
		w.sendsToZhang()
		w.seatSays("#撤回")
		w.seatSays("#撤回")
		w.sendsToZhang()
		want := []string{"text 打错了", "recall msg" + string(rune('0'+before+1))}
		if diff := cmp.Diff(want, w.gotTexts()[before:]); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		told := w.told(lin)
		if last := told[len(told)-1]; last != "未撤回：该消息已撤回。" {
			t.Errorf("a second recall: %q", last)
		}
		lines := w.messages[id]
		if last := lines[len(lines)-1]; last.RecalledMS == 0 || last.Content.Text != "打错了" {
			t.Errorf("transcript ends with %+v", last)
		}
	})
	t.Run("before_it_was_sent", func(t *testing.T) {
		t.Parallel()
		w, _ := serves(t)
		w.seatSays("打错了")
		w.seatSays("#撤回")
		w.seatSays("这样对")
		w.sendsToZhang()
		got := w.gotTexts()
		if slices.Contains(got, "text 打错了") || !slices.Contains(got, "text 这样对") {
			t.Errorf("sent %q", got)
		}
	})
	t.Run("after_it_was_sent_with_others", func(t *testing.T) {
		t.Parallel()
		w, _ := serves(t)
		w.sendsToZhang()
		w.seatSays("第一句")
		w.seatSays("第二句")
		w.sendsToZhang()
		w.seatSays("#撤回")
		told := w.told(lin)
		if last := told[len(told)-1]; last != "未撤回：该消息与其他消息合并发出，不能单独撤回。" {
			t.Errorf("told %q", last)
		}
	})
	t.Run("while_a_sender_has_read_it", func(t *testing.T) {
		t.Parallel()
		w, _ := serves(t)
		w.sendsToZhang()
		before := len(w.pushed)
		w.seatSays("打错了")
		image := model.Content{Type: model.ContentImage, MediaID: "pic"}
		w.arrives(lin, model.Event{Kind: model.EventMessage, Content: &image})
		w.mustHandle(lin, zhang)
		w.onPush = func(p model.Push) error {
			if p.Kind == model.PushText && p.Text == "打错了" {
				w.onPush = nil
				w.seatSays("#撤回") // takes the picture back, which the sender has read as well
			}
			return nil
		}
		w.sendsToZhang()
		if diff := cmp.Diff([]string{"text 打错了"}, w.gotTexts()[before:]); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		if rows, _ := w.PendingOutbox(t.Context(), model.Lane{Lane: model.OutLane(1, zhang)}, 9); len(rows) > 0 {
			t.Errorf("%d pushes wait", len(rows))
		}
	})
}

// A recall may be repeated; one that WeCom refuses the second time has worked the first time.
func TestRecallOfUnknownFate(t *testing.T) {
	t.Parallel()
	w, _ := serves(t)
	w.seatSays("打错了")
	w.sendsToZhang()
	w.seatSays("#撤回")
	answers := []*model.PushError{{Class: model.FailUncertain, Err: model.ErrUnavailable}, {Class: model.FailDrop, Code: 40058, Err: model.ErrUnavailable}}
	w.onPush = func(p model.Push) error {
		if p.Kind != model.PushRecall || len(answers) == 0 {
			return nil
		}
		err := answers[0]
		answers = answers[1:]
		return err
	}
	w.sendsToZhang()
	w.sendsToZhang()
	rows := w.outbox[model.OutLane(1, zhang)]
	if last := rows[len(rows)-1]; last.Push.Kind != model.PushRecall || last.State != model.OutSent || len(answers) > 0 {
		t.Errorf("the recall is %+v, %d answers left", last, len(answers))
	}
}
