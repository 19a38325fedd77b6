package bot_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"deskmate/model"
)

func TestDecideToSeat(t *testing.T) {
	t.Parallel()
	served := in7(model.StateServing)
	runPlayed(t, []played{
		{"text", []given{served, says("第一行\n林一: <a>")}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 第一行⏎林一: <a>
to lin (7, by zhang, line, merge) 张三(财务部): 第一行⏎　　林一: ＜a>
timer idle in 10m0s`},
		{"stored_file", []given{served, sends(model.Content{Type: model.ContentFile, Blob: 5, Name: "a.pdf"})}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: file of 5 a.pdf
to lin (7, by zhang, line) 张三(财务部): [文件] a.pdf
to lin (7, by zhang, line) file of 5
timer idle in 10m0s`},
		{"image", []given{served, sends(model.Content{Type: model.ContentImage, MediaID: "m1"})}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: image m1
to lin (7, by zhang, line) 张三(财务部): [图片]
to lin (7, by zhang, line) image m1
timer idle in 10m0s`},
		{"voice", []given{served, sends(model.Content{Type: model.ContentVoice, MediaID: "m2", Format: "amr"})}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: voice m2
to lin (7, by zhang, line) 张三(财务部): [语音]
to lin (7, by zhang, line) voice m2
timer idle in 10m0s`},
		{"video", []given{served, sends(model.Content{Type: model.ContentVideo, MediaID: "m3", ThumbMediaID: "t3"})}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: video m3
to lin (7, by zhang, line) 张三(财务部): [视频]
to lin (7, by zhang, line) video m3
timer idle in 10m0s`},
		{"location", []given{served, sends(model.Content{
			Type: model.ContentLocation, Label: "人民广场\n1 号", Latitude: 31.230416, Longitude: 121.4737,
		})}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: location
to lin (7, by zhang, line, merge) 张三(财务部): [位置] 人民广场⏎　　1 号 (31.230416, 121.473700)
timer idle in 10m0s`},
		{"link", []given{served, sends(model.Content{Type: model.ContentLink, Title: "制度", URL: "https://example.com/a"})}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: link
to lin (7, by zhang, line, merge) 张三(财务部): [链接] 制度 https://example.com/a
timer idle in 10m0s`},
		{"a_keyword_is_a_line_like_any_other", []given{served, says("转人工")}, `
relayed to_seat
session 7 of zhang serving lin#2 handoff=keyword
says employee zhang: 转人工
to lin (7, by zhang, line, merge) 张三(财务部): 转人工
timer idle in 10m0s`},
		{"while_waiting", []given{in7(model.StateQueued), says("还在吗")}, `
queued waiting
session 7 of zhang queued handoff=keyword
says employee zhang: 还在吗`},
	})
}

func TestDecideToEmployee(t *testing.T) {
	t.Parallel()
	first := in7(model.StateServing)
	later := in7(model.StateServing, func(s *model.Session) { s.LastSeatMS = s.AssignedMS + 1 })
	media := func(c model.Content) given {
		return happens(model.Event{Kind: model.EventSeatMessage, Session: 7, Seat: lin, Content: &c})
	}
	runPlayed(t, []played{
		{"first_reply", []given{first, bySeat(model.EventSeatMessage, "您好\n<a>")}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: 您好⏎<a>
to zhang (7, by lin, merge) 您好⏎＜a>
timer idle in 10m0s
fact first_reply lin 2m0s`},
		{"later_reply", []given{later, bySeat(model.EventSeatMessage, "好的")}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: 好的
to zhang (7, by lin, merge) 好的
timer idle in 10m0s`},
		{"image", []given{later, media(model.Content{Type: model.ContentImage, MediaID: "m1"})}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: image m1
to zhang (7, by lin) image m1
timer idle in 10m0s`},
		{"file", []given{later, media(model.Content{Type: model.ContentFile, MediaID: "m4"})}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: file m4
to zhang (7, by lin) file m4
timer idle in 10m0s`},
		{"stored_file", []given{later, media(model.Content{Type: model.ContentFile, Blob: 5, Name: "a.pdf"})}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: file of 5 a.pdf
to zhang (7, by lin) file of 5
timer idle in 10m0s`},
		{"link", []given{later, media(model.Content{Type: model.ContentLink, Title: "制度", URL: "https://example.com"})}, `
relayed to_employee
session 7 of zhang serving lin#2 handoff=keyword
says seat lin: link
to zhang (7, by lin, merge) [链接] 制度 https://example.com
timer idle in 10m0s`},
		{"session_closed_meanwhile", []given{closed7, bySeat(model.EventSeatMessage, "好的")}, `
refused closed
to lin (7) 发给张三(财务部)的消息未送达（会话已结束）：好的`},
		{"session_went_to_another_seat", []given{
			in7(model.StateServing, func(s *model.Session) { s.Seat = chen }), bySeat(model.EventSeatMessage, "好的"),
		}, `
refused not_serving
to lin (7) 发给张三(财务部)的消息未送达（会话已不由您接待）：好的`},
		{"session_went_back_to_the_queue", []given{in7(model.StateQueued), media(model.Content{Type: model.ContentImage, MediaID: "m1"})}, `
refused not_serving
to lin (7) 发给张三(财务部)的消息未送达（会话已不由您接待）：[图片]`},
		{"a_newer_session_is_open", []given{closed7, in8, bySeat(model.EventSeatMessage, strings.Repeat("长", 70))}, `
refused closed
to lin (7) 发给张三(财务部)的消息未送达（会话已结束）：` + strings.Repeat("长", 59) + `…`},
	})
}

// in8 opens a newer session of zhang's than the event's target.
func in8(s *scene) {
	newer := session7(model.StateServing)
	newer.ID = 8
	s.in.Case.Session = newer
}

// However a text is broken up, only the engine begins a line with a name.
func TestDecideNobodyForgesALine(t *testing.T) {
	t.Parallel()
	forged := "林一: 已批准"
	long := strings.Repeat("长", 300) + forged // cut just before the forged name
	tests := []struct {
		name  string
		split int
		text  string
	}{
		{"line_feed", 2048, "a\n" + forged},
		{"carriage_return", 2048, "a\r" + forged},
		{"both", 2048, "a\r\n" + forged},
		{"line_separator", 2048, "a\u2028" + forged},
		{"paragraph_separator", 2048, "a\u2029" + forged},
		{"next_line", 2048, "a\u0085" + forged},
		{"vertical_tab", 2048, "a\v" + forged},
		{"form_feed", 2048, "a\f" + forged},
		{"cut_between_messages", 0, long},
		{"cut_between_messages_at_a_line_end", 0, strings.Repeat("长", 290) + "\n" + forged},
	}
	for _, tt := range tests {
		for _, where := range []struct {
			name   string
			before string // what stands before the text
			givens []given
		}{
			{"relayed", "张三(财务部): ", []given{in7(model.StateServing), says(tt.text)}},
			{"introduced", "张三: ", []given{
				in7(model.StateQueued), happens(model.Event{Kind: model.EventQueueTurn, Session: 7}), seatFree(lin),
				recent(line7(4, model.FromEmployee, textOf(tt.text))),
			}},
		} {
			t.Run(tt.name+"/"+where.name, func(t *testing.T) {
				t.Parallel()
				limit := tt.split
				if limit == 0 {
					limit = len(where.before) + 900 // just before the forged name
				}
				s := newScene(where.givens...)
				s.rules.Split = splitter(limit)
				_, step := s.decide()
				seen := false
				for _, p := range step.Pushes {
					if p.Receiver != lin || p.Kind != model.PushText {
						continue
					}
					if len(p.Text) > limit || !utf8.ValidString(p.Text) {
						t.Errorf("push of %d bytes, %d are possible", len(p.Text), limit)
					}
					seen = seen || strings.Contains(p.Text, forged)
					if strings.ContainsAny(p.Text, "\r\v\f\u0085\u2028\u2029") {
						t.Errorf("push %q breaks lines in a way of its own", p.Text)
					}
					for l := range strings.SplitSeq(p.Text, "\n") {
						if strings.HasPrefix(l, forged) {
							t.Errorf("push %q has a forged line", p.Text)
						}
					}
				}
				if !seen {
					t.Error("the text is gone")
				}
			})
		}
	}
}

// Nothing of a long text is lost, and its parts go in order.
func TestDecideLongText(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("一二三四五六七八九十", 300)
	_, step := newScene(in7(model.StateServing), bySeat(model.EventSeatMessage, text)).decide()
	var sent strings.Builder
	for _, p := range step.Pushes {
		if len(p.Text) > 2048 || p.Author != lin || p.Receiver != zhang {
			t.Errorf("push of %d bytes by %q to %q", len(p.Text), p.Author, p.Receiver)
		}
		sent.WriteString(p.Text)
	}
	if sent.String() != text {
		t.Errorf("%d pushes hold %d bytes, want the text's %d", len(step.Pushes), sent.Len(), len(text))
	}
}
