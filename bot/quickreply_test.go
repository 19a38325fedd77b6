package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

func quickOf(id uint64, owner, group, shortcut, text string) model.QuickReply {
	return model.QuickReply{
		ID: id, AccountID: 1, Owner: owner, Group: group, Shortcut: shortcut, Folded: model.FoldShortcut(shortcut), Text: text,
	}
}

// withQuick gives the account three quick replies and lin two.
func withQuick(s *scene) {
	s.quick = []model.QuickReply{
		quickOf(1, "", "", "Hi", "{员工}您好，我是{seat}"), quickOf(2, "", "账号", "密码", "请打开自助平台"),
		quickOf(3, "", "账号", "解锁", "已为您解锁"),
		quickOf(4, lin, "", "hi", "嗨 {employee}"), quickOf(5, lin, "午休", "等等", "请稍等"),
	}
}

func TestParseShortcut(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/hi": "hi", " ／密码 ": "密码", "/" + strings.Repeat("字", 32): strings.Repeat("字", 32),
		"/": "", "/ hi": "", "/hi there": "", "/etc/passwd": "", "//hi": "", "hi": "", "/1／2": "", "/a\nb": "",
		"/" + strings.Repeat("字", 33): "",
	} {
		got, ok := bot.ParseShortcut(text)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

func TestUnslashed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"//hi": "/hi", "／/hi": "/hi", "//hi there": "//hi there", "//cdn.example.com/x": "//cdn.example.com/x", "/hi": "/hi", "///": "///",
	} {
		if got, changed := bot.Unslashed(text); got != want || changed != (text != want) {
			t.Errorf("%q becomes %q, %v", text, got, changed)
		}
	}
}

func TestNearestQuick(t *testing.T) {
	t.Parallel()
	list := []model.QuickReply{
		quickOf(1, "", "", "vpn", "x"), quickOf(2, "", "", "打印机", "x"), quickOf(3, "", "", "密码重置", "x"), quickOf(4, "", "", "无线", "连 VPM 网络"),
	}
	for word, want := range map[string]string{"vpm": "无线 vpn 打印机", "打印": "打印机 无线 vpn", "vpn1": "vpn 打印机 密码重置"} {
		var got []string
		for _, q := range bot.NearestQuick(list, word) {
			got = append(got, q.Shortcut)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", word, diff)
		}
	}
	if got := bot.NearestQuick(nil, "x"); len(got) != 0 {
		t.Errorf("of none: %v", got)
	}
}

func TestDecideQuickReplies(t *testing.T) {
	t.Parallel()
	many := func(s *scene) {
		for i := range 52 {
			s.quick = append(s.quick, quickOf(uint64(i+1), "", "", fmt.Sprint("n", i), "x"))
		}
	}
	const unknown = "没有快捷回复「/h」，内容未发送。相近的有：⏎/Hi　{员工}您好，我是{seat}⏎/hi　嗨 {employee}⏎/密码　请打开自助平台⏎如需原样发送，请写 //h"
	runPlayed(t, []played{
		{"own_wins", []given{atDesk(7), withQuick, says("/HI")}, `
need quick_reply
relayed to_session
forward to zhang seat_message session=7 seat=lin: 嗨 张三
focus on 7 since -1s`},
		{"of_the_account", []given{atDesk(7), withQuick, says("／密码")}, `
need quick_reply
relayed to_session
forward to zhang seat_message session=7 seat=lin: 请打开自助平台
focus on 7 since -1s`},
		{"by_number", []given{atDesk(7, 8), withQuick, says("#3 /hi")}, `
need quick_reply
relayed to_session
forward to li seat_message session=8 seat=lin: 嗨 李四
focus on 8 since -1s`},
		{"mistyped", []given{atDesk(7), withQuick, says("/h")}, `
need quick_reply
refused no_such_shortcut
to lin () ` + unknown},
		{"mistyped_by_number", []given{atDesk(7, 8), withQuick, says("#3 /h")}, `
need quick_reply
refused no_such_shortcut
to lin () ` + unknown},
		{"mistyped_where_there_are_none", []given{atDesk(7), says("/h")}, `
need quick_reply
refused no_such_shortcut
to lin () 没有快捷回复「/h」，内容未发送。⏎如需原样发送，请写 //h`},
		{"literally", []given{atDesk(7), says("//h")}, `
relayed to_session
forward to zhang seat_message session=7 seat=lin: /h
focus on 7 since -1s`},
		{"more_than_a_word", []given{atDesk(7), says("/h 开头")}, `
relayed to_session
forward to zhang seat_message session=7 seat=lin: /h 开头
focus on 7 since -1s`},
		{"held_until_a_receiver_is_chosen", []given{atDesk(7, 8), withQuick, says("/hi")}, `
need quick_reply
held which_session
to lin () card 这条消息发给谁？ | 选择后立即发出 | [#2 张三 send:7] | [#3 李四 send:8] | [我要咨询 self]
timer held in 1m0s
hold /hi`},
		{"held_and_sent", []given{atDesk(7, 8), withQuick, held("/hi", "//x"), clicks("send:8")}, `
need quick_reply
relayed held_sent
to lin () update code 已发给 #3 李四
timer held off
forward to li seat_message session=8 seat=lin: 嗨 李四
forward to li seat_message session=8 seat=lin: /x
focus on 8 since -1s
drop the held`},
		{"gone_while_held", []given{atDesk(7, 8), held("/hi", "好的"), says("#2")}, `
need quick_reply
relayed held_sent
to lin () 没有快捷回复「/hi」，内容未发送。⏎如需原样发送，请写 //hi
timer held off
forward to zhang seat_message session=7 seat=lin: 好的
focus on 7 since -1s
drop the held`},
		{"as_an_employee_it_is_a_question", []given{atDesk(), says("/年假"), knows(hit(false)), ownSession}, `
need answer /年假
answered hit
session 9 of lin bot topic=11
says employee lin: /年假
says bot: 五天
to lin (9) 五天
timer bot_idle in 30m0s
question 100 answered: /年假 entry=11
fact answered hit`},
		{"listed", []given{atDesk(), withQuick, says("#快捷")}, `
need quick_reply
handled command
to lin () 快捷回复（发送 /短语 即可）：⏎【常用】⏎/Hi　{员工}您好，我是{seat}⏎【账号】⏎/密码　请打开自助平台⏎/解锁　已为您解锁⏎` +
			`【我的】⏎/hi　嗨 {employee}⏎【我的 · 午休】⏎/等等　请稍等`},
		{"found", []given{atDesk(), withQuick, says("#快捷 平台")}, `
need quick_reply
handled command
to lin () 快捷回复（发送 /短语 即可）：⏎【账号】⏎/密码　请打开自助平台`},
		{"not_found", []given{atDesk(), withQuick, says("#快捷 打印")}, `
need quick_reply
handled command
to lin () 没有找到含「打印」的快捷回复。`},
		{"none", []given{atDesk(), says("#快捷")}, `
need quick_reply
handled command
to lin () 还没有快捷回复，可请负责人添加，或在工作台添加自己的。`},
	})
	if got := newScene(atDesk(), many, says("#快捷")).play(); !strings.Contains(got, "/n49　x⏎还有 2 条，用 #快捷 关键词 查找") {
		t.Errorf("a long list: %s", got)
	}
}

func TestDecideSeatState(t *testing.T) {
	t.Parallel()
	state := func(to string) given {
		return happens(model.Event{Kind: model.EventSeatState, Seat: lin, Reason: to, API: true})
	}
	left := func(s *scene) { s.in.Case.Seat.LeftMS = ago(0) }
	runPlayed(t, []played{
		{"away", []given{atDesk(7), state("away")}, "handled seat_state\nseat is away"},
		{"online", []given{atDesk(7), state("online")}, "handled seat_state\nseat is online\nwake the queue"},
		{"no_state", []given{atDesk(7), state("gone")}, "refused no_seat"},
		{"left", []given{atDesk(7), left, state("online")}, "refused no_seat"},
		{"no_seat", []given{state("online")}, "refused no_seat"},
	})
}
