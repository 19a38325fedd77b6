package bot_test

import (
	"slices"
	"testing"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// project is the peer of the group in which zhang writes.
const project = "#project"

// answerURL takes the one answer of a mention by callback.
const answerURL = "https://answer.example.com/1"

// inGroup makes the lane the group's: the account is open to groups, over a long connection.
// It comes last, when the session is there.
func inGroup(s *scene) {
	c := &s.in.Case
	c.Account.Group = model.GroupBot{Join: model.GroupAllow, BotID: "aib", Mode: model.GroupConnection}
	c.Person, c.Member = project, groupMember()
	c.Writers = map[string]model.Member{zhang: *memberOf(zhang)}
	c.Conversation.Peer = project
	c.Group = &model.GroupChat{AccountID: 1, Peer: project, ChatID: "Project", BotID: "aib", LastFrom: zhang}
	for _, session := range []*model.Session{c.Session, c.Target} {
		if session != nil {
			session.Employee = project
		}
	}
}

func groupMember() *model.Member {
	m := memberOf(zhang)
	m.UserID, m.Name = project, "群聊·张三"
	return m
}

// mentions is zhang's call of the bot.
func mentions(text string) given {
	return happens(model.Event{
		Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: text},
		Group: &model.Mention{ChatID: "Project", BotID: "aib", From: zhang, Mode: model.GroupConnection},
	})
}

// byCallback gives the bot a callback URL; its last mention can be answered where url is.
func byCallback(url string, kept ...string) given {
	return func(s *scene) {
		s.in.Case.Account.Group.Mode = model.GroupCallback
		chat := s.in.Case.Group
		chat.ResponseURL, chat.UntilMS, chat.Kept = url, noon().Add(30*time.Minute).UnixMilli(), kept
		if m := s.in.Event.Group; m != nil {
			m.Mode, m.ResponseURL, m.UntilMS = model.GroupCallback, url, chat.UntilMS
		}
	}
}

func forbidden(s *scene) { s.in.Case.Account.Group.Join = model.GroupForbid }

func noticed(day int) given { return func(s *scene) { s.in.Case.Group.NoticeDay = day } }

// alone is written to the bot, in no group.
func alone(s *scene) { s.in.Event.Group.Single = true }

// groupRow is a scene in a group: what a step says, and what of the group it leaves.
type groupRow struct {
	name    string
	givens  []given
	outcome string
	told    []string
	kept    []string // lines that wait for the next mention
	url     string   // that is left for an answer
}

func TestDecideGroup(t *testing.T) {
	t.Parallel()
	all := seats(map[string]model.SeatState{li: model.SeatOffline})
	const cardOf = " card #3 群聊·张三(财务部) 回复 TA"
	for _, row := range []groupRow{
		{
			"a mention goes to a seat",
			[]given{mentions("打印机坏了"), seatFree(lin), inGroup},
			"handed_off group",
			[]string{"lin 群聊·张三(财务部) 转人工（群聊中 @）\n张三(财务部): 打印机坏了", "lin" + cardOf, "#project 已收到，坐席会尽快回复。"},
			nil, "",
		},
		{
			"with no seat it waits",
			[]given{mentions("打印机坏了"), inGroup},
			"queued group",
			[]string{"#project 已收到，坐席会尽快回复。"},
			nil, "",
		},
		{
			"by callback the only answer is the seat's",
			[]given{mentions("打印机坏了"), seatFree(lin), inGroup, byCallback(answerURL)},
			"handed_off group",
			[]string{"lin 群聊·张三(财务部) 转人工（群聊中 @）\n张三(财务部): 打印机坏了", "lin" + cardOf},
			nil, answerURL,
		},
		{
			"another mention goes to the same seat",
			[]given{mentions("在吗"), in7(model.StateServing), inGroup},
			"relayed to_seat",
			[]string{"lin 群聊·张三(财务部): 在吗"},
			nil, "",
		},
		{
			"a reply goes to the group",
			[]given{bySeat(model.EventSeatMessage, "在的"), in7(model.StateServing), inGroup},
			"relayed to_employee",
			[]string{"#project 在的"},
			nil, "",
		},
		{
			"the end is silent in the group",
			[]given{bySeat(model.EventSeatEnd, ""), in7(model.StateServing), inGroup},
			"handled ended",
			[]string{"lin 已结束与群聊·张三(财务部)的会话。"},
			nil, "",
		},
		{
			"joining is forbidden",
			[]given{mentions("在吗"), inGroup, forbidden, noticed(20260104)},
			"refused group_forbidden",
			[]string{"#project 本服务未开放群聊。"},
			nil, "",
		},
		{
			"once a day",
			[]given{mentions("在吗"), inGroup, forbidden, noticed(20260105)},
			"refused group_forbidden", nil, nil, "",
		},
		{
			"outside the scope",
			[]given{mentions("在吗"), inGroup, outOfScope},
			"refused scope",
			[]string{"#project 抱歉，您不在「服务台」的服务范围内。如需使用，请联系管理员。"},
			nil, "",
		},
		{
			"to the bot alone",
			[]given{mentions("在吗"), inGroup, alone},
			"refused bot_alone",
			[]string{"#project 这里只服务群聊。请打开应用「服务台」咨询。"},
			nil, "",
		},
		{
			"the first line uses the answer",
			[]given{bySeat(model.EventSeatMessage, "在的"), in7(model.StateServing), inGroup, byCallback(answerURL)},
			"relayed to_employee",
			[]string{"#project 在的", "lin 已发到群里。本次 @ 只能回复一次，之后的内容会随下一次 @ 的回复发出。"},
			nil, "",
		},
		{
			"the second is kept",
			[]given{bySeat(model.EventSeatMessage, "带工具"), in7(model.StateServing), inGroup, byCallback("")},
			"relayed to_employee",
			[]string{"lin 已保存：本次 @ 的回复机会已用完或已过期，这条内容会随群里下一次 @ 的回复一起发出。"},
			[]string{"带工具"},
			"",
		},
		{
			"and goes out with the next",
			[]given{bySeat(model.EventSeatMessage, "十分钟"), in7(model.StateServing), inGroup, byCallback(answerURL, "带工具")},
			"relayed to_employee",
			[]string{"#project 带工具\n十分钟", "lin 已发到群里。本次 @ 只能回复一次，之后的内容会随下一次 @ 的回复发出。"},
			nil, "",
		},
		{
			"or at the end",
			[]given{
				bySeat(model.EventSeatEnd, ""), allSeats(false), in7(model.StateServing, shared7), all, inGroup, byCallback(answerURL, "带工具"),
			},
			"handled ended",
			[]string{
				"lin 已结束与群聊·张三(财务部)的会话。", "chen 坐席林一已结束与群聊·张三(财务部)的会话。", "#project 带工具",
			},
			nil, "",
		},
		{
			"all seats hear a mention",
			[]given{mentions("在吗"), allSeats(false), in7(model.StateServing, shared7), all, inGroup},
			"relayed to_seat",
			[]string{"chen 群聊·张三(财务部): 在吗", "lin 群聊·张三(财务部): 在吗"},
			nil, "",
		},
		{
			"and how it is answered",
			[]given{mentions("在吗"), allSeats(false), in7(model.StateServing, shared7), all, inGroup, byCallback(answerURL)},
			"relayed to_seat",
			[]string{
				"chen 群聊·张三(财务部): 在吗", "chen 群聊：可回复 1 次，12:30 前有效",
				"lin 群聊·张三(财务部): 在吗", "lin 群聊：可回复 1 次，12:30 前有效",
			},
			nil, answerURL,
		},
		{
			"the group and the others hear one seat's reply",
			[]given{bySeat(model.EventSeatMessage, "在的"), allSeats(false), in7(model.StateServing, shared7), all, inGroup},
			"relayed to_employee",
			[]string{"#project 在的", "chen 坐席林一 回复 群聊·张三: 在的"},
			nil, "",
		},
		{
			"nobody is left to hear it",
			[]given{
				mentions("在吗"), allSeats(false), in7(model.StateServing, shared7), inGroup,
				seats(map[string]model.SeatState{chen: model.SeatOffline, li: model.SeatOffline, lin: model.SeatOffline}),
			},
			"queued nobody_listens", nil, nil, "",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(row.givens...).decide()
			if got := string(step.Outcome) + " " + step.Reason; got != row.outcome {
				t.Errorf("outcome %s, want %s", got, row.outcome)
			}
			checkTold(t, step, row.told...)
			if chat := step.Group; chat != nil && (!slices.Equal(chat.Kept, row.kept) || chat.ResponseURL != row.url) {
				t.Errorf("the group keeps %q and can be answered at %q, want %q, %q", chat.Kept, chat.ResponseURL, row.kept, row.url)
			} else if chat == nil && row.kept != nil {
				t.Error("nothing is kept")
			}
		})
	}
}

func TestDecideGroupFiles(t *testing.T) {
	t.Parallel()
	picture := model.Event{
		Kind: model.EventMessage, Content: &model.Content{Type: model.ContentImage, URL: "https://files.example.com/1"},
		Group: &model.Mention{ChatID: "Project", BotID: "aib", From: zhang, Mode: model.GroupConnection},
	}
	for _, row := range []struct {
		name string
		file bot.StoredFile
		want []string // to the seats
	}{
		{"kept", bot.StoredFile{Blob: 31}, []string{
			"chen (7, by #project, line) 群聊·张三(财务部): [图片]", "chen (7, by #project, line) image of 31",
			"lin (7, by #project, line) 群聊·张三(财务部): [图片]", "lin (7, by #project, line) image of 31",
		}},
		{"not to be had", bot.StoredFile{}, []string{"chen (7, by #project, line, merge) 群聊·张三(财务部): [图片]（未能取得）", "lin (7, by #project, line, merge) 群聊·张三(财务部): [图片]（未能取得）"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(happens(picture), allSeats(false), in7(model.StateServing, shared7), seats(map[string]model.SeatState{li: model.SeatOffline}), inGroup)
			if _, need := s.rules.Decide(s.in); need.Kind != bot.NeedFiles {
				t.Errorf("asks for %q", need.Kind)
			}
			s.in.Files = []bot.StoredFile{row.file}
			_, step := s.decide()
			var got []string
			for _, p := range step.Pushes {
				got = append(got, renderPush(p))
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("told\n%q\nwant\n%q", got, row.want)
			}
		})
	}
}
