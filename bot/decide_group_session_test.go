package bot_test

import (
	"slices"
	"testing"
	"time"

	"deskmate/model"
)

func pushesTo(step model.Step, receiver string) []model.Push {
	return slices.DeleteFunc(slices.Clone(step.Pushes), func(p model.Push) bool { return p.Receiver != receiver })
}

func TestGroupIdles(t *testing.T) {
	t.Parallel()
	warn := clocks(model.Timers{Idle: 10 * time.Minute, Warn: 2 * time.Minute})
	_, step := newScene(warn, timerDue(model.TimerIdle), silent7(10*time.Minute), inGroup).decide()
	if step.Reason != "idle" || step.Release != lin || step.Session == nil || step.Session.State != model.StateClosed {
		t.Errorf("%s %s, release %q, session %+v", step.Outcome, step.Reason, step.Release, step.Session)
	}
	if group := pushesTo(step, project); len(group) != 0 {
		t.Errorf("the group hears %+v", group)
	}
	_, step = newScene(warn, mentions("在吗"), silent7(time.Minute), inGroup).decide()
	for _, timer := range step.Timers {
		if timer.Kind == model.TimerWarn && timer.DueMS != 0 {
			t.Error("a timer for a warning is set")
		}
	}
}

func TestGroupRefusesBarredWriters(t *testing.T) {
	t.Parallel()
	for _, session := range []given{func(*scene) {}, in7(model.StateServing)} {
		_, step := newScene(mentions("在吗"), session, inGroup, barred).decide()
		if step.Reason != "barred" || step.Outcome != model.OutcomeRefused || len(pushesTo(step, lin)) != 0 {
			t.Errorf("%s %s, told %+v", step.Outcome, step.Reason, step.Pushes)
		}
	}
}

func TestGroupSeatUnreachable(t *testing.T) {
	t.Parallel()
	words := textOf("在吗")
	_, step := newScene(
		happens(model.Event{Kind: model.EventPushFailed, Session: 7, Target: lin, Reason: string(model.OutDead), Content: &words}),
		in7(model.StateServing), policy(autoAway), inGroup,
	).decide()
	if len(step.Forwards) != 1 || step.Forwards[0].Event.Kind != model.EventSeatAway || len(step.Pushes) != 0 {
		t.Errorf("forwards %+v, pushes %+v", step.Forwards, step.Pushes)
	}
}

func TestGroupPastMediaHasTheGroupAsAuthor(t *testing.T) {
	t.Parallel()
	picture := line7(2, model.FromEmployee, model.Content{Type: model.ContentImage, Blob: 9})
	_, step := newScene(
		acts(model.EventSeatTransfer, func(ev *model.Event) { ev.Target = chen }), in7(model.StateServing), recent(picture), seatFree(chen), inGroup,
	).decide()
	found := false
	for _, p := range pushesTo(step, chen) {
		found = found || p.Blob == 9
		if p.Author != "" && p.Author != project {
			t.Errorf("the author of %s is %q", p.Kind, p.Author)
		}
	}
	if !found {
		t.Errorf("the picture isn't shown: %+v", step.Pushes)
	}
}

func TestGroupRecall(t *testing.T) {
	t.Parallel()
	says := func(kept ...string) model.Step {
		_, step := newScene(bySeat(model.EventSeatMessage, "十分钟"), in7(model.StateServing), inGroup, byCallback(answerURL, kept...)).decide()
		return step
	}
	step := says()
	if p := pushesTo(step, project); len(p) != 1 || p[0].Seq != step.Session.MessageCount {
		t.Errorf("alone: %+v", p)
	}
	if p := pushesTo(says("带工具"), project); len(p) != 1 || p[0].Seq != 0 {
		t.Errorf("joined: %+v", p)
	}
	for _, p := range pushesTo(step, lin) {
		if p.Seq != 0 {
			t.Errorf("what the seat is told counts as the line: %+v", p)
		}
	}
	recall := func(kept ...string) model.Step {
		_, step := newScene(
			acts(model.EventSeatRecall, func(*model.Event) {}), in7(model.StateServing),
			func(s *scene) { s.sent = model.Sent{Message: line7(4, model.FromSeat, textOf("打错了"))} }, inGroup, byCallback("", kept...),
		).decide()
		return step
	}
	step = recall("带工具", "打错了")
	if step.Reason != "recalled" || step.Recall == nil || step.Recall.Seq != 4 || !slices.Equal(step.Group.Kept, []string{"带工具"}) {
		t.Errorf("kept: %s, %+v, %+v", step.Reason, step.Recall, step.Group)
	}
	if step = recall("带工具"); step.Reason != "sent_together" || step.Recall != nil {
		t.Errorf("sent: %s, %+v", step.Reason, step.Recall)
	}
}
