package bot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
)

func TestParseCommand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bot.Command
	}{
		{"#列表", bot.Command{Name: bot.CommandList}},
		{"  #列表 ", bot.Command{Name: bot.CommandList}},
		{"＃列表", bot.Command{Name: bot.CommandList}},
		{"# 列表", bot.Command{Name: bot.CommandList}},
		{"#结束", bot.Command{Name: bot.CommandEnd}},
		{"#結束", bot.Command{Name: bot.CommandEnd}},
		{"#结束 2", bot.Command{Name: bot.CommandEnd, Number: 2}},
		{"#结束　２", bot.Command{Name: bot.CommandEnd, Number: 2}},
		{"#结束2", bot.Command{Name: bot.CommandEnd, Number: 2}},
		{"#结束 #2", bot.Command{Name: bot.CommandEnd, Number: 2}},
		{"#保持", bot.Command{Name: bot.CommandKeep}},
		{"#保持 2", bot.Command{Name: bot.CommandKeep, Number: 2}},
		{"#取消保持", bot.Command{Name: bot.CommandUnkeep}},
		{"#取消保持2", bot.Command{Name: bot.CommandUnkeep, Number: 2}},
		{"#保持联系", bot.Command{Name: bot.CommandUnknown, Text: "#保持联系"}},
		{"#转接", bot.Command{Name: bot.CommandTransfer}},
		{"#转接 张三", bot.Command{Name: bot.CommandTransfer, Who: "张三"}},
		{"#转接张三", bot.Command{Name: bot.CommandTransfer, Who: "张三"}},
		{"#转接 2 张三", bot.Command{Name: bot.CommandTransfer, Number: 2, Who: "张三"}},
		{"#转接 Lin Na", bot.Command{Name: bot.CommandTransfer, Who: "Lin Na"}},
		{"#转接 10023", bot.Command{Name: bot.CommandTransfer, Who: "10023"}},
		{"#转接 队列", bot.Command{Name: bot.CommandQueue}},
		{"#转接 3 队列", bot.Command{Name: bot.CommandQueue, Number: 3}},
		{"#上线", bot.Command{Name: bot.CommandOnline}},
		{"#离开", bot.Command{Name: bot.CommandAway}},
		{"#离线", bot.Command{Name: bot.CommandOffline}},
		{"#帮助", bot.Command{Name: bot.CommandHelp}},
		{"#咨询 年假 几天？", bot.Command{Name: bot.CommandAsk, Text: "年假 几天？"}},
		{"#咨询", bot.Command{Name: bot.CommandAsk}},
		{"#2", bot.Command{Name: bot.CommandTo, Number: 2}},
		{"＃１２", bot.Command{Name: bot.CommandTo, Number: 12}},
		{"#2 您好，\n已经办好 ＃", bot.Command{Name: bot.CommandTo, Number: 2, Text: "您好，\n已经办好 ＃"}},
		{"#2\n您好", bot.Command{Name: bot.CommandTo, Number: 2, Text: "您好"}},
		{"@张三", bot.Command{Name: bot.CommandTo, Who: "张三"}},
		{"@张三 您好  ok", bot.Command{Name: bot.CommandTo, Who: "张三", Text: "您好  ok"}},
		{"＠张三　您好", bot.Command{Name: bot.CommandTo, Who: "张三", Text: "您好"}},
		{"@张三\u2005您好", bot.Command{Name: bot.CommandTo, Who: "张三", Text: "您好"}},
		{"#", bot.Command{Name: bot.CommandUnknown, Text: "#"}},
		{"#0", bot.Command{Name: bot.CommandUnknown, Text: "#0"}},
		{"#2楼有会议室", bot.Command{Name: bot.CommandUnknown, Text: "#2楼有会议室"}},
		{"#99999999999999999999", bot.Command{Name: bot.CommandUnknown, Text: "#99999999999999999999"}},
		{"#结束了吗", bot.Command{Name: bot.CommandUnknown, Text: "#结束了吗"}},
		{"#列表 请看", bot.Command{Name: bot.CommandUnknown, Text: "#列表 请看"}},
		{"# 标题 这是一大段\n内容", bot.Command{Name: bot.CommandUnknown, Text: "# 标题 这是一大段\n内容"}},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, ok := bot.ParseCommand(tt.text)
			if !ok {
				t.Fatal("taken for an ordinary text")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ParseCommand (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCommandLeavesTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " ", "您好", "请看 #2", "a@b.com", "@", "@ 张三", "2", "列表"} {
		if c, ok := bot.ParseCommand(text); ok {
			t.Errorf("ParseCommand(%q) = %+v, want an ordinary text", text, c)
		}
	}
}

func FuzzParseCommand(f *testing.F) {
	for _, s := range []string{"#2 a", "@张三 b", "＃结束　２", "#转接 2 队列", "#\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, ok := bot.ParseCommand(text)
		if ok != (c.Name != "") {
			t.Errorf("ParseCommand(%q) = %+v, %v", text, c, ok)
		}
		if c.Number < 0 || (c.Name == bot.CommandTo && c.Number == 0 && c.Who == "") {
			t.Errorf("ParseCommand(%q) = %+v names nobody", text, c)
		}
	})
}
