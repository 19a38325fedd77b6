package bot_test

import (
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// quiet tells seats that work in the workbench of lines.
func quiet(s *scene) { s.in.Case.Account.Policy.Workbench.Quiet = true }

// works is a seat that works in the workbench.
func works(seats ...string) given { return func(s *scene) { s.active = seats } }

// toldOf is what lin was only told of, from a line on and for so long.
func toldOf(from int, since time.Duration) func(*model.Session) {
	return func(s *model.Session) {
		s.Unshown = append(s.Unshown, model.Unshown{Seat: lin, From: from, SinceMS: ago(since), ToldMS: ago(since)})
	}
}

// lines3 are the lines of session 7 from 3 on; lin has read it up to seen.
func lines3(seen int, at ...time.Duration) given {
	return func(s *scene) {
		s.in.Case.Seen = map[string]int{lin: seen}
		for i, ago3 := range at {
			s.in.Case.Unshown = append(s.in.Case.Unshown, model.Message{
				SessionID: 7, Seq: 3 + i, From: model.FromEmployee, Sender: zhang, Content: textOf([]string{"第三", "第四"}[i]), AtMS: ago(ago3),
			})
		}
	}
}

func TestDecideUnshown(t *testing.T) {
	t.Parallel()
	const told = "张三(财务部) 有新消息，请在工作台查看；1 分钟内未读的会发到这里。"
	runPlayed(t, []played{
		{"the_seat_works_elsewhere", []given{quiet, in7(model.StateServing), says("在吗")}, `
need active of [lin]
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 在吗
to lin (7, by zhang, line, merge) 张三(财务部): 在吗
timer idle in 10m0s`},
		{"the_seat_is_told", []given{quiet, works(lin), in7(model.StateServing), says("在吗")}, `
need active of [lin]
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 5
says employee zhang: 在吗
to lin (7, line) ` + told + `
timer idle in 10m0s
timer unread in 1m0s`},
		{"once_for_many_lines", []given{quiet, works(lin), in7(model.StateServing, toldOf(3, 20*time.Second)), lines3(0, 20*time.Second), says("在吗")}, `
need active of [lin]
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 3
says employee zhang: 在吗
timer idle in 10m0s`},
		{"a_minute_counts_from_the_first_line_not_read", []given{quiet, works(lin), in7(model.StateServing, toldOf(3, 20*time.Second)), lines3(4, 20*time.Second, 15*time.Second), says("在吗")}, `
need active of [lin]
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 5
says employee zhang: 在吗
timer idle in 10m0s
timer unread in 1m0s`},
		{"told_again_after_ten_minutes", []given{quiet, works(lin), in7(model.StateServing, toldOf(0, 10*time.Minute)), says("在吗")}, `
need active of [lin]
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 5
says employee zhang: 在吗
to lin (7, line) ` + told + `
timer idle in 10m0s
timer unread in 1m0s`},
		{"who_has_gone_is_sent_all_in_order", []given{quiet, in7(model.StateServing, toldOf(3, 20*time.Second)), lines3(3, 20*time.Second, 15*time.Second), says("在吗")}, `
need active of [lin]
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 0
says employee zhang: 在吗
to lin (7, by zhang, line, merge) 张三(财务部): 第四
to lin (7, by zhang, line, merge) 张三(财务部): 在吗
timer idle in 10m0s
timer unread off`},
		{"read_in_time", []given{quiet, in7(model.StateServing, toldOf(3, time.Minute)), lines3(4, time.Minute, 15*time.Second), timerDue(model.TimerUnread)}, `
handled all_read
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 0
timer unread off`},
		{"read_in_part", []given{quiet, in7(model.StateServing, toldOf(3, time.Minute)), lines3(3, time.Minute, 15*time.Second), timerDue(model.TimerUnread)}, `
handled all_read
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 4
timer unread in 45s`},
		{"not_read", []given{quiet, works(lin), in7(model.StateServing, toldOf(3, time.Minute)), lines3(0, time.Minute, 15*time.Second), timerDue(model.TimerUnread)}, `
handled unread_sent
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 0
to lin (7, by zhang, line, merge) 张三(财务部): 第三
to lin (7, by zhang, line, merge) 张三(财务部): 第四
timer unread off`},
		{"nothing_is_due", []given{quiet, in7(model.StateServing, toldOf(0, time.Minute)), timerDue(model.TimerUnread)}, `
handled stale_timer`},
		{"switched_off_meanwhile", []given{in7(model.StateServing, toldOf(3, time.Minute)), lines3(0, time.Minute), timerDue(model.TimerUnread)}, `
handled unread_sent
session 7 of zhang serving lin#2 handoff=keyword lin unshown from 0
to lin (7, by zhang, line, merge) 张三(财务部): 第三
timer unread off`},
	})
}

// What was only told of goes out before the end of the session is told.
func TestUnshownAtTheEnd(t *testing.T) {
	t.Parallel()
	s := newScene(quiet, in7(model.StateServing, toldOf(3, 20*time.Second)), lines3(3, 20*time.Second, 15*time.Second), bySeat(model.EventSeatEnd, ""))
	_, step := s.decide()
	var texts []string
	for _, p := range step.Pushes {
		if p.Receiver == lin {
			texts = append(texts, p.Text)
		}
	}
	if len(texts) != 2 || texts[0] != "张三(财务部): 第四" || texts[1] != "已结束与张三(财务部)的会话。" || len(step.Session.Unshown) != 0 {
		t.Errorf("lin is sent %q, unshown %v", texts, step.Session.Unshown)
	}
}

// With all seats each has its own part: who works in the workbench is told, the other is sent
// the line, and nobody its own answer.
func TestUnshownToAllSeats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.acc.Policy.Workbench.Quiet, w.acc.Policy.Assignment.Mode = true, model.AllSeats
	w.addSeat(lin, 0)
	w.addSeat(chen, 0)
	w.conversations[zhang] = model.Conversation{AccountID: 1, Peer: zhang, CreatedMS: 1}
	w.writes(zhang, "人工")
	w.mustHandle(zhang)
	w.active[lin] = true
	before := [2]int{len(w.told(lin)), len(w.told(chen))}
	w.writes(zhang, "第一句")
	w.mustHandle(zhang)
	id := w.sessionIDs()[0]
	w.arrives(zhang, model.Event{Kind: model.EventSeatMessage, Session: id, Seat: chen, Content: new(textOf("答"))})
	w.mustHandle(zhang)
	got := w.told(chen)[before[1]:]
	if len(got) != 1 || got[0] != "张三(财务部): 第一句" {
		t.Errorf("chen is sent %q", got)
	}
	if got := w.told(lin)[before[0]:]; len(got) != 1 {
		t.Errorf("lin is told %q", got)
	}
	w.now = w.now.Add(time.Minute)
	w.arrives(zhang, model.Event{Kind: model.EventTimer, Timer: model.TimerUnread})
	w.mustHandle(zhang)
	got = w.told(lin)[before[0]+1:]
	if len(got) != 2 || got[0] != "张三(财务部): 第一句" || got[1] != "坐席陈二 回复 张三: 答" {
		t.Errorf("lin is sent %q", got)
	}
	if got := w.told(chen)[before[1]:]; len(got) != 1 {
		t.Errorf("chen is sent %q", got)
	}
}

// Where nobody can say who works in the workbench, nobody does.
func TestPresenceUnknown(t *testing.T) {
	t.Parallel()
	w, _ := serves(t)
	w.acc.Policy.Workbench.Quiet, w.active[lin] = true, true
	w.onActive = func() error { return model.ErrUnavailable }
	before := len(w.told(lin))
	w.writes(zhang, "在吗")
	w.mustHandle(zhang)
	if got := w.told(lin)[before:]; len(got) != 1 || got[0] != "张三(财务部): 在吗" {
		t.Errorf("lin is sent %q", got)
	}
}

var _ bot.Presence = (*world)(nil)
