package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"deskmate/model"
)

// weekly is a calendar without holidays; exceptions it does not know.
type weekly struct{}

func (weekly) Open(h *model.Hours, at time.Time) bool {
	if h == nil {
		return true
	}
	minute := at.Hour()*60 + at.Minute()
	return slices.ContainsFunc(h.Week[at.Weekday()], func(s model.Span) bool { return minute >= s.From && minute < s.To })
}

func (c weekly) Next(h *model.Hours, at time.Time) (time.Time, bool) {
	if c.Open(h, at) {
		return at, true
	}
	for minute := at.Truncate(time.Minute); minute.Before(at.AddDate(0, 0, 7)); {
		if minute = minute.Add(time.Minute); c.Open(h, minute) {
			return minute, true
		}
	}
	return time.Time{}, false
}

// open makes the hours Monday to Friday these, in hours of the day.
func open(parts ...int) *model.Hours {
	h := &model.Hours{Week: make([][]model.Span, 7)}
	for d := time.Monday; d <= time.Friday; d++ {
		for i := 0; i < len(parts); i += 2 {
			h.Week[d] = append(h.Week[d], model.Span{From: parts[i] * 60, To: parts[i+1] * 60})
		}
	}
	return h
}

// lunch is closed at noon until 14:00.
func lunch() given { return hoursOf(open(9, 12, 14, 18)) }

func hoursOf(h *model.Hours) given {
	return func(s *scene) { s.in.Case.Account.Policy.Hours = h }
}

func offEnd(s *scene) { s.in.Case.Account.Policy.OffHours.Action = model.OffEnd }

const (
	lunchHours = "人工服务时间为周一至周五 09:00-12:00、14:00-18:00，"
	kept       = lunchHours + "您的问题已记录，将在 1月5日(周一) 14:00 后由坐席联系您，您可以继续补充。"
)

func TestDecideOffHours(t *testing.T) {
	t.Parallel()
	runPlayed(t, []played{
		{"the_bot_answers", []given{in7(model.StateBot), lunch(), says("年假"), knows(hit(true))}, `
need answer 年假
answered hit
session 7 of zhang bot topic=11
says employee zhang: 年假
says bot: 五天
to zhang (7) 五天
timer bot_idle in 30m0s
question 100 answered: 年假 entry=11
fact answered hit`},
		{"handoff_is_kept", []given{in7(model.StateBot), lunch(), says("人工"), knows(miss()), seatFree(lin)}, `
need answer 人工
kept off_hours
session 7 of zhang queued handoff=keyword wait=opening
says employee zhang: 人工
says system: ` + kept + `
to zhang (7) ` + kept + `
timer bot_idle in 30m0s
timer bot_idle off
timer opening in 2h0m0s
fact handoff keyword`},
		{"after_misses", []given{in7(model.StateBot, func(s *model.Session) { s.Misses = 1 }), lunch(), says("嗯"), knows(miss())}, `
need answer 嗯
kept off_hours
session 7 of zhang queued handoff=misses wait=opening misses=2
says employee zhang: 嗯
says system: 机器人没能解决您的问题。` + kept + `
to zhang (7) 机器人没能解决您的问题。` + kept + `
timer bot_idle in 30m0s
timer bot_idle off
timer opening in 2h0m0s
question 100 missed: 嗯 miss=open
fact missed miss
fact handoff misses`},
		{"by_a_button", []given{in7(model.StateBot), lunch(), clicks("handoff")}, `
kept off_hours
session 7 of zhang queued handoff=button wait=opening
says system: ` + kept + `
to zhang (7) ` + kept + `
to zhang (7) update code 已转人工
timer bot_idle off
timer opening in 2h0m0s
fact handoff button`},
		{"text_of_the_account", []given{
			in7(model.StateBot), botOff, lunch(), says("在吗"),
			policy(func(p *model.Policy) { p.OffHours.Text = "午休中，{opening} 见。" }),
		}, `
kept off_hours
session 7 of zhang queued handoff=bot_off wait=opening
says employee zhang: 在吗
says system: 午休中，1月5日(周一) 14:00 见。
to zhang (7) 午休中，1月5日(周一) 14:00 见。
timer bot_idle off
timer opening in 2h0m0s
fact handoff bot_off`},
		{"no_opening_in_sight", []given{in7(model.StateBot), botOff, hoursOf(open()), says("在吗")}, `
kept off_hours
session 7 of zhang queued handoff=bot_off wait=opening
says employee zhang: 在吗
says system: 现在不在人工服务时间，您的问题已记录，恢复服务后由坐席联系您，您可以继续补充。
to zhang (7) 现在不在人工服务时间，您的问题已记录，恢复服务后由坐席联系您，您可以继续补充。
timer bot_idle off
fact handoff bot_off`},
		{"open_by_now", []given{in7(model.StateBot), botOff, hoursOf(open(12, 13)), says("在吗"), ahead(2)}, `
need seat
queued bot_off
session 7 of zhang queued handoff=bot_off
says employee zhang: 在吗
says system: card 正在为您转接人工，前面还有 2 位⏎等待时可以继续补充问题，坐席会一并看到。
to zhang (7) card 正在为您转接人工，前面还有 2 位 | 等待时可以继续补充问题，坐席会一并看到。 | [取消排队 leave:7]
timer bot_idle off
timer wait in 10m0s
timer place in 2m0s
fact handoff bot_off`},
	})
}

func TestDecideOffHoursEnd(t *testing.T) {
	t.Parallel()
	const ended = lunchHours + "暂时无法转人工，请在 1月5日(周一) 14:00 后再联系我们。"
	runPlayed(t, []played{
		{"by_keyword", []given{in7(model.StateBot), lunch(), offEnd, says("人工"), knows(miss()), seatFree(lin)}, `
need answer 人工
refused off_hours
session 7 of zhang closed handoff=keyword closed=off_hours
says employee zhang: 人工
says system: ` + ended + `
to zhang (7) ` + ended + `
timer bot_idle in 30m0s
timer bot_idle off
timer idle off
fact closed off_hours`},
		{"after_misses", []given{in7(model.StateBot, func(s *model.Session) { s.Misses = 1 }), lunch(), offEnd, says("嗯"), knows(miss())}, `
need answer 嗯
refused off_hours
session 7 of zhang closed handoff=misses closed=off_hours misses=2
says employee zhang: 嗯
says system: 机器人没能解决您的问题。` + ended + `
to zhang (7) 机器人没能解决您的问题。` + ended + `
timer bot_idle in 30m0s
timer bot_idle off
timer idle off
question 100 missed: 嗯 miss=open
fact missed miss
fact closed off_hours`},
		{"by_a_button", []given{in7(model.StateBot), hoursOf(open()), offEnd, clicks("handoff")}, `
refused off_hours
session 7 of zhang closed handoff=button closed=off_hours
says system: 现在不在人工服务时间，暂时无法转人工。
to zhang (7) 现在不在人工服务时间，暂时无法转人工。
to zhang (7) update code 不在人工服务时间
timer bot_idle off
timer idle off
fact closed off_hours`},
		{"who_waits_goes_on_waiting", []given{
			in7(model.StateQueued), lunch(), offEnd, happens(model.Event{Kind: model.EventQueueTurn, Session: 7}),
			recent(line7(3, model.FromSystem, textOf(kept))), seatFree(lin),
		}, `
handled off_hours
session 7 of zhang queued handoff=keyword wait=opening
timer opening in 2h0m0s
timer wait off`},
	})
}

// Who waits already when seats stop working, or do again.
func TestDecideWaitsForHours(t *testing.T) {
	t.Parallel()
	const inLine = "正在为您转接人工，您排在第一位"
	turn := happens(model.Event{Kind: model.EventQueueTurn, Session: 7})
	told := recent(line7(2, model.FromSystem, textOf("机器人没能解决您的问题。"+kept)), line7(3, model.FromEmployee, textOf("急")))
	runPlayed(t, []played{
		{"another_line", []given{in7(model.StateQueued), lunch(), told, says("很急")}, `
kept off_hours
session 7 of zhang queued handoff=keyword wait=opening
says employee zhang: 很急
timer opening in 2h0m0s
timer wait off`},
		{"the_first_line_after_the_end", []given{
			in7(model.StateQueued), lunch(), recent(line7(3, model.FromSystem, textOf(inLine))), says("很急"),
		}, `
kept off_hours
session 7 of zhang queued handoff=keyword wait=opening
says employee zhang: 很急
says system: ` + kept + `
to zhang (7) ` + kept + `
timer opening in 2h0m0s
timer wait off`},
		{"asks_again", []given{in7(model.StateQueued), lunch(), told, clicks("handoff")}, `
kept off_hours
to zhang (7) update code 已转人工
to zhang (7) ` + kept},
		{"turn_after_the_end", []given{
			in7(model.StateQueued), lunch(), recent(line7(3, model.FromSystem, textOf(inLine))), turn, seatFree(lin),
		}, `
handled off_hours
session 7 of zhang queued handoff=keyword wait=opening
says system: ` + kept + `
to zhang (7) ` + kept + `
timer opening in 2h0m0s
timer wait off`},
		{"back_to_the_queue", []given{in7(model.StateServing), lunch(), bySeat(model.EventSeatTransfer, "")}, `
queued transfer_queue
session 7 of zhang queued handoff=keyword wait=opening returned_by=lin
release lin
says system: 坐席已将您转回排队。` + kept + `
to zhang (7) 坐席已将您转回排队。` + kept + `
to lin (7) 已将张三(财务部)放回排队。
timer idle off
timer opening in 2h0m0s
forward to zhang queue_turn session=7
conversation of zhang: last seat "", last session 0
fact transfer queue lin`},
		{"opening", []given{in7(model.StateQueued), hoursOf(open(12, 18)), told, timerDue(model.TimerOpening), seatFree(lin)}, `
need seat
handed_off queue
session 7 of zhang serving lin#3 handoff=keyword
reserve lin no=3 day=20260105 limit=5
says system: 已为您接入坐席 林一，请直接发送消息。
to lin (7, line) 张三(财务部) 转人工（员工要求）⏎系统: 机器人没能解决您的问题。` + kept + `⏎张三: 急
to lin (7, line) card #3 张三(财务部) | 转人工：员工要求 | [回复 TA focus:7] | [结束会话 end:7]
to zhang (7) 已为您接入坐席 林一，请直接发送消息。
timer wait off
timer idle in 10m0s
conversation of zhang: last seat "lin", last session 0
fact assigned least_busy lin 3m0s
wake the queue`},
		{"opening_for_who_is_not_first", []given{
			in7(model.StateQueued), hoursOf(open(12, 18)), told, ahead(1), timerDue(model.TimerOpening), seatFree(lin),
		}, `
handled not_first`},
		{"opening_put_off", []given{in7(model.StateQueued), lunch(), told, ahead(1), timerDue(model.TimerOpening), seatFree(lin)}, `
handled off_hours
session 7 of zhang queued handoff=keyword wait=opening
timer opening in 2h0m0s
timer wait off`},
		{"opening_of_a_session_served_by_now", []given{in7(model.StateServing), timerDue(model.TimerOpening)}, `
handled stale_timer`},
		{"opening_of_no_session", []given{timerDue(model.TimerOpening)}, `
handled stale_timer`},
	})
}

// Whom a seat serves it goes on serving, and it may write first.
func TestDecideSeatOffHours(t *testing.T) {
	t.Parallel()
	first := func(s *scene) { closed7(s); s.offer.Force = true }
	for _, tt := range []struct {
		name   string
		givens []given
		want   string
	}{
		{"line_of_the_employee", []given{in7(model.StateServing), says("还在吗")}, "relayed to_seat"},
		{"line_of_the_seat", []given{in7(model.StateServing), bySeat(model.EventSeatMessage, "在")}, "relayed to_employee"},
		{"transfer", []given{
			in7(model.StateServing), seatFree(chen), happens(model.Event{Kind: model.EventSeatTransfer, Session: 7, Seat: lin, Target: chen}),
		}, "handed_off transfer"},
		{"seat_writes_first", []given{seatFree(lin), first, bySeat(model.EventSeatOpen, "还有一点")}, "relayed to_employee"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(append(tt.givens, lunch())...).decide()
			if got := string(step.Outcome) + " " + step.Reason; got != tt.want {
				t.Errorf("step is %s, want %s", got, tt.want)
			}
		})
	}
}

// A timer must not come before the opening, however finely the clock counts.
func TestDecideOpeningIsExact(t *testing.T) {
	t.Parallel()
	s := newScene(in7(model.StateBot), botOff, lunch(), says("在吗"))
	s.in.Now = noon().Add(1_234_567 * time.Nanosecond)
	_, step := s.decide()
	due := step.Timers[len(step.Timers)-1].DueMS
	if want := noon().Add(2 * time.Hour).UnixMilli(); due != want {
		t.Errorf("the timer is due %d ms from the opening", due-want)
	}
}

// Rules without a calendar, as tools have them, know of no hours.
func TestDecideWithoutCalendar(t *testing.T) {
	t.Parallel()
	s := newScene(in7(model.StateBot), botOff, lunch(), says("在吗"), seatFree(lin))
	s.rules.Hours = nil
	if _, step := s.decide(); step.Outcome != model.OutcomeHandedOff {
		t.Errorf("handoff ends as %s", step.Outcome)
	}
}

// How hours are said: days alike in one.
func TestDecideHoursInWords(t *testing.T) {
	t.Parallel()
	span := []model.Span{{From: 8*60 + 30, To: 10 * 60}}
	late := []model.Span{{From: 22 * 60, To: 24 * 60}}
	for _, tt := range []struct {
		name  string
		hours model.Hours
		want  string
	}{
		{"office", *open(9, 12), "周一至周五 09:00-12:00"},
		{"holidays", model.Hours{Week: open(9, 12).Week, Holidays: true}, "周一至周五 09:00-12:00（节假日按国家安排）"},
		{"every_day", model.Hours{Week: [][]model.Span{span, span, span, span, span, span, span}}, "每天 08:30-10:00"},
		{"weekend", model.Hours{Week: [][]model.Span{span, nil, nil, nil, nil, nil, span}}, "周六、周日 08:30-10:00"},
		{"days_apart", model.Hours{Week: [][]model.Span{nil, span, nil, span, late, late, nil}}, "周一 08:30-10:00，周三 08:30-10:00，周四、周五 22:00-24:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(in7(model.StateBot), botOff, hoursOf(&tt.hours), says("在吗")).decide()
			text := step.Messages[1].Content.Text
			if want := "人工服务时间为" + tt.want + "，您的问题已记录"; !strings.HasPrefix(text, want) {
				t.Errorf("hours are said as %q, want %q", text, want)
			}
		})
	}
}
