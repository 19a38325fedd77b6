package model_test

import (
	"errors"
	"strings"
	"testing"

	"deskmate/model"
)

func TestQuickReplyExpand(t *testing.T) {
	t.Parallel()
	names := model.Names{Employee: "王{seat}", Seat: "李明", Account: "IT 服务台"}
	for text, want := range map[string]string{
		"您好": "您好",
		"{employee}您好，我是{seat}，{account}": "王{seat}您好，我是李明，IT 服务台",
		"{员工}您好，我是｛坐席｝，{账号}":              "王{seat}您好，我是李明，IT 服务台",
		"{Employee} {other} {} {员工":       "{Employee} {other} {} {员工",
		"{{seat}}":                        "{李明}",
	} {
		if got := (model.QuickReply{Text: text}).Expand(names); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestQuickReplyCheck(t *testing.T) {
	t.Parallel()
	good := model.QuickReply{Shortcut: "密码", Text: "x"}
	for _, tt := range []struct {
		name   string
		change func(*model.QuickReply)
		reason string
	}{
		{"good", func(*model.QuickReply) {}, ""},
		{"longest", func(q *model.QuickReply) {
			q.Shortcut, q.Text, q.Title, q.Group = strings.Repeat("字", 32), strings.Repeat("x", 2048), strings.Repeat("字", 32), strings.Repeat("字", 32)
		}, ""},
		{"no_shortcut", func(q *model.QuickReply) { q.Shortcut = "" }, "quick_reply_shortcut"},
		{"long_shortcut", func(q *model.QuickReply) { q.Shortcut = strings.Repeat("字", 33) }, "quick_reply_shortcut"},
		{"space", func(q *model.QuickReply) { q.Shortcut = "a　b" }, "quick_reply_shortcut"},
		{"slash", func(q *model.QuickReply) { q.Shortcut = "a/b" }, "quick_reply_shortcut"},
		{"unseen", func(q *model.QuickReply) { q.Shortcut = "a\u200b" }, "quick_reply_shortcut"},
		{"no_text", func(q *model.QuickReply) { q.Text = " \n" }, "quick_reply_text"},
		{"long_text", func(q *model.QuickReply) { q.Text = strings.Repeat("字", 683) }, "quick_reply_text"},
		{"long_title", func(q *model.QuickReply) { q.Title = strings.Repeat("字", 33) }, "quick_reply_title"},
		{"group_of_two_lines", func(q *model.QuickReply) { q.Group = "a\nb" }, "quick_reply_group"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q := good
			tt.change(&q)
			reason := ""
			if e, ok := errors.AsType[*model.Error](q.Check()); ok {
				reason = e.Reason
			}
			if reason != tt.reason {
				t.Errorf("refused for %q, want %q", reason, tt.reason)
			}
		})
	}
}

func TestFoldShortcut(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{" ＶＰＮ１ ": "vpn1", "Vpn": "vpn", "密码！": "密码!"} {
		if got := model.FoldShortcut(from); got != want {
			t.Errorf("%q folds to %q, want %q", from, got, want)
		}
	}
}

func TestQuickReplyLabel(t *testing.T) {
	t.Parallel()
	long := model.QuickReply{Text: "请您打开\n" + strings.Repeat("自助平台", 10)}
	if got := long.Label(); got != "请您打开 自助平台自助平台自助平台自助…" {
		t.Errorf("label: %q", got)
	}
	long.Title = "平台"
	if got := long.Label(); got != "平台" {
		t.Errorf("label: %q", got)
	}
}
