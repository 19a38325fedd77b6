package wecom_test

import (
	"testing"

	"deskmate/wecom"
)

func TestEscapeMarkdown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"plain", "好的，10-20 分钟 a_b", "好的，10-20 分钟 a_b"},
		{"emphasis", "**急** `x` ~y~", "＊＊急＊＊ ｀x｀ ～y～"},
		{"mention", "<@all> <font color=red>", "＜@all> ＜font color=red>"},
		{"link", "[点我](http://evil.example/_x_)", "［点我］(http://evil.example/_x_)"},
		{"address", "见 https://a.example/b_*c*?d=[1] 谢谢", "见 https://a.example/b_*c*?d=[1] 谢谢"},
		{"heading and quote", "# 大\n> 引\n  - 项\n+ 项\n---", "＃ 大\n＞ 引\n  － 项\n＋ 项\n－－-"},
		{"minus", "-3 度", "-3 度"},
		{"table", "a|b", "a｜b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := wecom.EscapeMarkdown(c.text); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
