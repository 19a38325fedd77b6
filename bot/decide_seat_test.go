package bot_test

import (
	"testing"
	"time"

	"deskmate/model"
)

func TestDecideSeatWrites(t *testing.T) {
	t.Parallel()
	image := sends(model.Content{Type: model.ContentImage, MediaID: "m1"})
	runPlayed(t, []played{
		{"to_the_only_session", []given{atDesk(7), says("您好")}, `
relayed to_session
forward to zhang seat_message session=7 seat=lin: 您好
focus on 7 since -1s`},
		{"image", []given{atDesk(7), image}, `
relayed to_session
forward to zhang seat_message session=7 seat=lin: image m1
focus on 7 since -1s`},
		{"to_the_session_in_focus", []given{atDesk(7, 8), focusOn(8, ago(30*time.Second)), says("您好")}, `
relayed to_session
forward to li seat_message session=8 seat=lin: 您好
focus on 8 since -1s`},
		{"nobody_in_focus", []given{atDesk(7, 8), says("您好")}, `
held which_session
to lin () card 这条消息发给谁？ | 选择后立即发出 | [#2 张三 send:7] | [#3 李四 send:8] | [我要咨询 self]
timer held in 1m0s
hold 您好`},
		{"another_employee_wrote_since", []given{
			atDesk(7, 8), focusOn(8, ago(30*time.Second)), shown7(ago(20 * time.Second)), image,
		}, `
held which_session
to lin () card 这条消息发给谁？ | 选择后立即发出 | [#2 张三 send:7] | [#3 李四 send:8] | [我要咨询 self]
timer held in 1m0s
hold image m1`},
		{"another_employee_wrote_after_the_text", []given{
			atDesk(7, 8), focusOn(8, ago(30*time.Second)), shown7(ago(500 * time.Millisecond)), says("您好"),
		}, `
relayed to_session
forward to li seat_message session=8 seat=lin: 您好
focus on 8 since -1s`},
		{"sticky_focus", []given{
			atDesk(7, 8), focusOn(8, ago(30*time.Second)), shown7(ago(20 * time.Second)), says("您好"),
			policy(func(p *model.Policy) { p.Focus = model.FocusSticky }),
		}, `
relayed to_session
forward to li seat_message session=8 seat=lin: 您好
focus on 8 since -1s`},
		{"held_behind_another", []given{atDesk(7, 8), held("第一条"), says("第二条")}, `
held which_session
hold 第二条`},
		{"just_after_the_last_session", []given{atDesk(), justServed(29 * time.Minute), says("还有")}, `
held which_session
to lin () card 这条消息发给谁？ | 选择后立即发出 | [张三(新会话) reopen:7] | [我要咨询 self]
timer held in 1m0s
hold 还有`},
		{"one_open_and_one_just_closed", []given{
			atDesk(8), focusOn(7, ago(30*time.Second)), justServed(20 * time.Second), says("还有"),
		}, `
held which_session
to lin () card 这条消息发给谁？ | 选择后立即发出 | [#3 李四 send:8] | [张三(新会话) reopen:7] | [我要咨询 self]
timer held in 1m0s
hold 还有`},
		{"long_after_the_last_session", []given{atDesk(), justServed(30 * time.Minute), says("年假"), knows(hit(false))}, `
need answer 年假
answered hit
session 100 of lin bot topic=11
says employee lin: 年假
says bot: 五天
to lin (100) 五天
timer bot_idle in 30m0s
conversation of lin: last seat "", last session 100
question 100 answered: 年假 entry=11
fact opened
fact answered hit`},
		{"asked_before_and_asks_on", []given{atDesk(), justServed(time.Minute), ownSession, says("病假"), knows(hit(false))}, `
need answer 病假
answered hit
session 9 of lin bot topic=11
says employee lin: 病假
says bot: 五天
to lin (9) 五天
timer bot_idle in 30m0s
question 100 answered: 病假 entry=11
fact answered hit`},
		{"as_an_employee", []given{
			atDesk(7), happens(model.Event{Kind: model.EventMessage, Reason: model.AsEmployee, Content: &model.Content{Type: "text", Text: "#列表"}}),
			knows(hit(false)), ownSession,
		}, `
need answer #列表
answered hit
session 9 of lin bot topic=11
says employee lin: #列表
says bot: 五天
to lin (9) 五天
timer bot_idle in 30m0s
question 100 answered: #列表 entry=11
fact answered hit`},
	})
}

// ownSession is a session that lin, a seat, has as an employee.
func ownSession(s *scene) {
	own := session7(model.StateBot)
	own.ID, own.Employee = 9, lin
	s.in.Case.Session = own
}

func TestDecideSeatCommands(t *testing.T) {
	t.Parallel()
	const help = `坐席指令：⏎#列表　查看正在接待的会话⏎#2 内容　回复 2 号会话（只发 #2 表示选定它）⏎@姓名 内容　按姓名回复⏎` +
		`#查看 2　查看 2 号会话的最近消息⏎` +
		`#结束　结束当前会话（#结束 2 结束 2 号）⏎` +
		`#保持　没有消息也不自动结束（#取消保持 恢复）⏎` +
		`#接待　接待排队最久的员工⏎#转接 姓名 原因　转给其他坐席（#转接 队列 放回排队），原因可不写⏎#备注 内容　记录备注，只有坐席能看到⏎#撤回　撤回发给员工的最后一条消息⏎#历史　查看该员工以往的会话（#历史 2 1 查看第 1 个的内容）⏎` +
		`/短语　发送快捷回复（#快捷 查看，#快捷 关键词 查找）⏎#文件　发送文件（#文件 2 发给 2 号）⏎` +
		`#上线 / #离开 / #离线　切换状态⏎#咨询 问题　以员工身份提问⏎#帮助　查看本说明`
	const list = `正在接待 2 个会话：⏎#2 张三(财务部)　等待回复，1 分钟前⏎#3 李四　等待回复，1 分钟前`
	runPlayed(t, []played{
		{"list", []given{atDesk(7, 8), says("#列表")}, `
handled command
to lin () ` + list},
		{"list_answered", []given{atDesk(7), says("#列表"), func(s *scene) {
			s.in.Case.Serving[0].Session.LastSeatMS, s.in.Case.Serving[0].Session.OwedMS = ago(time.Second), 0
		}}, `
handled command
to lin () 正在接待 1 个会话：⏎#2 张三(财务部)　已回复，刚刚`},
		{"list_kept_open", []given{atDesk(7), says("#列表"), func(s *scene) {
			s.in.Case.Serving[0].Session.KeepOpen = true
		}}, `
handled command
to lin () 正在接待 1 个会话：⏎#2 张三(财务部)　等待回复，1 分钟前，保持中`},
		{"keep", []given{atDesk(7), says("#保持")}, `
handled command
forward to zhang seat_keep session=7 seat=lin`},
		{"keep_by_number", []given{atDesk(7, 8), says("#保持 3")}, `
handled command
forward to li seat_keep session=8 seat=lin`},
		{"keep_no_longer", []given{atDesk(7), says("#取消保持 2")}, `
handled command
forward to zhang seat_keep session=7 seat=lin reason=off`},
		{"keep_what", []given{atDesk(), says("#保持")}, `
handled command
to lin () 您现在没有正在接待的会话。`},
		{"list_of_nobody", []given{atDesk(), says("#列表")}, `
handled command
to lin () 您现在没有正在接待的会话。`},
		{"help", []given{atDesk(), says("#帮助")}, `
handled command
to lin () ` + help},
		{"unknown", []given{atDesk(7), says("#2楼 有会议室")}, `
handled command
to lin () 没有这个指令，内容未发送。⏎` + help},
		{"online", []given{atDesk(7), says("#上线")}, `
handled command
to lin () 您已上线，将接收新会话。
seat is online
wake the queue`},
		{"away", []given{atDesk(7), says("#离开")}, `
handled command
to lin () 您已设为离开，不再接收新会话。还有 1 个会话由您接待。
seat is away`},
		{"offline", []given{atDesk(), says("#离线")}, `
handled command
to lin () 您已离线，不再接收新会话。
seat is offline`},
		{"ask", []given{atDesk(7), says("#咨询 年假"), knows(hit(false))}, `
need answer 年假
answered hit
session 100 of lin bot topic=11
says employee lin: 年假
says bot: 五天
to lin (100) 五天
timer bot_idle in 30m0s
conversation of lin: last seat "", last session 100
question 100 answered: 年假 entry=11
fact opened
fact answered hit`},
		{"ask_nothing", []given{atDesk(7), says("#咨询")}, `
handled command
to lin () 请在 #咨询 后写上您的问题。`},
		{"end", []given{atDesk(7), says("#结束")}, `
handled command
forward to zhang seat_end session=7 seat=lin`},
		{"end_the_one_in_focus", []given{atDesk(7, 8), focusOn(8, ago(time.Second)), says("#结束")}, `
handled command
forward to li seat_end session=8 seat=lin`},
		{"end_by_number", []given{atDesk(7, 8), focusOn(8, ago(time.Second)), says("#结束 2")}, `
handled command
forward to zhang seat_end session=7 seat=lin`},
		{"end_which", []given{atDesk(7, 8), says("#结束")}, `
handled command
to lin () 请带上编号，例如 #结束 2。⏎` + list},
		{"end_no_such_number", []given{atDesk(7, 8), says("#结束 9")}, `
handled command
to lin () 没有 #9 会话。⏎` + list},
		{"end_nothing", []given{atDesk(), says("#结束")}, `
handled command
to lin () 您现在没有正在接待的会话。`},
		{"choose_by_number", []given{atDesk(7, 8), says("#3")}, `
handled focus
to lin () 接下来的消息将发给 #3 李四。
focus on 8 since -1s`},
		{"reply_by_number", []given{atDesk(7, 8), focusOn(7, ago(time.Second)), says("#3 您好\n李四")}, `
relayed to_session
forward to li seat_message session=8 seat=lin: 您好⏎李四
focus on 8 since -1s`},
		{"no_such_number", []given{atDesk(7, 8), says("#9 您好")}, `
refused no_such_session
to lin () 没有 #9 会话，内容未发送。⏎` + list},
		{"reply_by_name", []given{atDesk(7, 8), says("@李四 您好")}, `
relayed to_session
forward to li seat_message session=8 seat=lin: 您好
focus on 8 since -1s`},
		{"choose_by_name", []given{atDesk(7, 8), says("@张三")}, `
handled focus
to lin () 接下来的消息将发给 #2 张三(财务部)。
focus on 7 since -1s`},
		{"no_such_name", []given{atDesk(7, 8), says("@王五 您好")}, `
refused no_such_session
to lin () 没有正在接待的「王五」，内容未发送。⏎` + list},
		{"two_of_the_name", []given{atDesk(7, 8), says("@张三 您好"), func(s *scene) {
			s.in.Case.Serving[1].Employee.Name = "张三"
		}}, `
refused ambiguous_name
to lin () 有多位「张三」，内容未发送，请用编号：⏎正在接待 2 个会话：⏎#2 张三(财务部)　等待回复，1 分钟前⏎#3 张三　等待回复，1 分钟前`},
	})
}

func TestDecideTransferCommands(t *testing.T) {
	t.Parallel()
	other := seatOf("chen2")
	other.Name = "陈二"
	roster := withRoster(seatOf(lin), seatOf(chen))
	runPlayed(t, []played{
		{"to_a_seat", []given{atDesk(7), says("#转接 陈二"), roster}, `
need roster
handled command
forward to zhang seat_transfer session=7 seat=lin target=chen`},
		{"by_number_to_a_seat", []given{atDesk(7, 8), says("#转接 3 陈二"), roster}, `
need roster
handled command
forward to li seat_transfer session=8 seat=lin target=chen`},
		{"to_the_queue", []given{atDesk(7), says("#转接 队列")}, `
handled command
forward to zhang seat_transfer session=7 seat=lin`},
		{"to_nobody", []given{atDesk(7), says("#转接")}, `
handled command
to lin () 请写上转给谁，例如 #转接 王五，或 #转接 队列。`},
		{"to_somebody_who_is_no_seat", []given{atDesk(7), says("#转接 王五"), roster}, `
need roster
handled command
to lin () 没有找到坐席「王五」。`},
		{"to_oneself", []given{atDesk(7), says("#转接 林一"), roster}, `
need roster
handled command
to lin () 没有找到坐席「林一」。`},
		{"to_one_of_two", []given{atDesk(7), says("#转接 陈二"), withRoster(seatOf(lin), seatOf(chen), other)}, `
need roster
handled command
to lin () 有多位「陈二」，请用账号：陈二(chen)、陈二(chen2)`},
		{"nothing", []given{atDesk(), says("#转接 陈二"), roster}, `
handled command
to lin () 您现在没有正在接待的会话。`},
		{"which", []given{atDesk(7, 8), says("#转接 陈二"), roster}, `
handled command
to lin () 请带上编号，例如 #转接 2 姓名。⏎正在接待 2 个会话：⏎#2 张三(财务部)　等待回复，1 分钟前⏎#3 李四　等待回复，1 分钟前`},
	})
}

func TestDecideHeld(t *testing.T) {
	t.Parallel()
	two := held("第一条", "第二条")
	more := func(s *scene) { // six sessions in all
		for n := range 5 {
			next := served(8)
			next.Session.ID, next.Session.SeatNo = uint64(20+n), 4+n
			s.in.Case.Serving = append(s.in.Case.Serving, next)
		}
	}
	runPlayed(t, []played{
		{"reminded", []given{atDesk(7, 8), two, timerDue(model.TimerHeld)}, `
handled reminded
to lin () card 这 2 条消息发给谁？ | 选择后立即发出 | [#2 张三 send:7] | [#3 李四 send:8] | [我要咨询 self]
timer held in 10m0s`},
		{"nothing_to_remind_of", []given{atDesk(7, 8), timerDue(model.TimerHeld)}, `handled stale_timer`},
		{"more_sessions_than_buttons", []given{atDesk(7), more, two, timerDue(model.TimerHeld), justServed(time.Minute)}, `
handled reminded
to lin () card 这 2 条消息发给谁？ | 选择后立即发出 | 还有更多会话：回复 #编号 选择，#列表 查看全部 | ` +
			`[#2 张三 send:7] | [#4 李四 send:20] | [#5 李四 send:21] | [#6 李四 send:22] | [#7 李四 send:23] | [我要咨询 self]
timer held in 10m0s`},
		{"sent_by_the_card", []given{atDesk(7, 8), two, clicks("send:8")}, `
relayed held_sent
to lin () update code 已发给 #3 李四
timer held off
forward to li seat_message session=8 seat=lin: 第一条
forward to li seat_message session=8 seat=lin: 第二条
focus on 8 since -1s
drop the held`},
		{"sent_by_number", []given{atDesk(7, 8), two, says("#2")}, `
relayed held_sent
timer held off
forward to zhang seat_message session=7 seat=lin: 第一条
forward to zhang seat_message session=7 seat=lin: 第二条
focus on 7 since -1s
drop the held`},
		{"sent_by_name", []given{atDesk(7, 8), two, says("@李四")}, `
relayed held_sent
timer held off
forward to li seat_message session=8 seat=lin: 第一条
forward to li seat_message session=8 seat=lin: 第二条
focus on 8 since -1s
drop the held`},
		{"sent_by_choosing_a_session", []given{atDesk(7, 8), two, clicks("focus:7")}, `
relayed held_sent
to lin () update code #2 张三(财务部) | 正在回复 TA：直接发消息即可 | [回复 TA focus:7] | [结束会话 end:7]
timer held off
forward to zhang seat_message session=7 seat=lin: 第一条
forward to zhang seat_message session=7 seat=lin: 第二条
focus on 7 since -1s
drop the held`},
		{"sent_to_a_session_that_has_closed", []given{atDesk(8), two, clicks("send:7")}, `
handled not_serving
to lin () update code 会话已结束
to lin () card 这 2 条消息发给谁？ | 选择后立即发出 | [#3 李四 send:8] | [我要咨询 self]`},
		{"reopened", []given{atDesk(), two, closed7, clicks("reopen:7")}, `
relayed held_reopened
to lin () update code 已发出
timer held off
forward to zhang seat_open session=7 seat=lin: 第一条
forward to zhang seat_open session=7 seat=lin: 第二条
drop the held`},
		{"reopened_by_another_seat", []given{atDesk(), two, closed7, clicks("reopen:7"), func(s *scene) {
			s.in.Case.Target.Seat = chen
		}}, `
handled not_serving
to lin () update code 会话已不存在`},
		{"taken_as_a_question", []given{atDesk(7), two, clicks("self")}, `
handled held_self
to lin () update code 按咨询处理
timer held off
forward to lin message reason=as_employee: 第一条
forward to lin message reason=as_employee: 第二条
drop the held`},
		{"sent_already", []given{atDesk(7), clicks("send:7")}, `
handled nothing_held
to lin () update code 已处理
to lin () 没有待发送的内容，可能已经发出。`},
		{"reopened_already", []given{atDesk(7), closed7, clicks("reopen:7")}, `
handled nothing_held
to lin () update code 已处理
to lin () 没有待发送的内容，可能已经发出。`},
		{"asked_already", []given{atDesk(7), clicks("self")}, `
handled nothing_held
to lin () update code 已处理
to lin () 没有待发送的内容，可能已经发出。`},
	})
}
