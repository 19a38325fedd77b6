package match_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"deskmate/bot/knowledge/match"
)

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want string }{
		{"lower case", "VPN", "vpn"},
		{"full width", "ＶＰＮ　１２３", "vpn123"},
		{"punctuation and blanks", " 年假，  怎么 请？ ", "年假怎么请"},
		{"traditional", "如何申請帳號與密碼", "如何申请帐号与密码"},
		{"emoji", "打印机坏了😭️👍🏻", "打印机坏了"},
		{"courtesies at both ends", "你好，请问一下怎么报销呢？谢谢！", "怎么报销"},
		{"courtesy inside stays", "邮件里写你好可以吗", "邮件里写你好可以吗"},
		{"only courtesies stay", "你好，谢谢", "你好谢谢"},
		{"a word that begins like one", "你好像没回复我", "你好像没回复我"},
		{"english word that begins like one", "hire a new colleague", "hire a new colleague"},
		{"hi goes", "Hi, reset my password", "reset my password"},
		{"words stay apart", "reset  my-password", "reset my password"},
		{"numbers stay apart", "3.5", "3 5"},
		{"letters and numbers join", "Win 10", "win10"},
		{"no blank beside Chinese", "连接 VPN 失败", "连接vpn失败"},
		{"signs of a name", "C++ 和 C# 环境", "c++和c#环境"},
		{"compatibility forms", "①㎏ﬁ", "1kgfi"},
		{"accents stay", "café", "café"},
		{"nothing to read", "？？！…", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := match.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestFold_simplifies_every_character_of_its_table(t *testing.T) {
	t.Parallel()
	first, second, _ := strings.Cut(strings.TrimSpace(match.TraditionalTable()), "\n")
	from, to := []rune(first), []rune(second)
	if len(from) != len(to) || len(from) < 3000 {
		t.Fatalf("%d traditional characters, %d simplified ones", len(from), len(to))
	}
	for i := range from {
		if got := match.Fold(string(from[i])); got != string(to[i]) {
			t.Errorf("Fold(%c) = %s, want %c", from[i], got, to[i])
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, seed := range []string{
		"你好，请问怎么报销呢", "VPN 連不上", "C++", "a-\u0301", "İ", "ϓ", "hi hello", "１２　３", "\xff", "㍿ ﷺ",
		"你好像呢", "thanks thank you", "𝐕𝐏𝐍", "e\u0301+\u0301", "각",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := match.Fold(text)
		if twice := match.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, folded again %q", text, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Errorf("Fold(%q) isn't UTF-8", text)
		}
	})
}

func TestSmallTalk(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want bool
	}{
		{"你好", true},
		{"您好！在吗？", true},
		{"好的，谢谢您", true},
		{"谢谢啦", true},
		{"👍", true},
		{"[强][强]", true},
		{"???", true},
		{"。", true},
		{"OK", true},
		{"再见", true},
		{"Hello~", true},
		{"嗯嗯", true},
		{"", false},
		{"  ", false},
		{"你好，怎么请假", false},
		{"好的打印机在哪", false},
		{"可以报销吗", false},
		{"谢谢你上次说的报销流程在哪里", false},
		{"转人工", false},
		{"密码", false},
		{"1", false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			reply, ok := match.SmallTalk(tt.text)
			if ok != tt.want || ok != (reply != "") {
				t.Errorf("SmallTalk(%q) = %q, %t, want %t", tt.text, reply, ok, tt.want)
			}
		})
	}
}

func TestSmallTalk_answers_in_kind(t *testing.T) {
	t.Parallel()
	hello, _ := match.SmallTalk("你好")
	thanks, _ := match.SmallTalk("好的，谢谢")
	bye, _ := match.SmallTalk("好的再见")
	noise, _ := match.SmallTalk("??")
	replies := []string{hello, thanks, bye, noise}
	slices.Sort(replies)
	if got := len(slices.Compact(replies)); got != 4 {
		t.Errorf("%d different replies, want 4: %q", got, replies)
	}
}
