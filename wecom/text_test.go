package wecom_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"deskmate/wecom"
)

func TestSplitText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		limit      int
		want       []string
	}{
		{"empty", "", 10, nil},
		{"fits", "年假十天", 12, []string{"年假十天"}},
		{"at_a_line_end", "line one\nline two", 12, []string{"line one", "line two"}},
		{"at_the_last_line_end_that_fits", "a\nb\nc\nd", 5, []string{"a\nb\nc", "d"}},
		{"at_a_line_end_just_behind", "abcdef\ngh", 6, []string{"abcdef", "gh"}},
		{"at_a_line_end_of_two_characters", "abcdef\r\ngh", 8, []string{"abcdef", "gh"}},
		{"at_a_space", "alpha beta gamma", 12, []string{"alpha beta ", "gamma"}},
		{"at_chinese_punctuation", "一二三，四五六", 15, []string{"一二三，", "四五六"}},
		{"not_inside_an_address", "见https://a.example/b?c=d", 19, []string{"见https://a.exampl", "e/b?c=d"}},
		{"not_inside_a_character", "一二三四五", 7, []string{"一二", "三四", "五"}},
		{"not_at_an_early_space", "a bbbbbbbbbbbb", 8, []string{"a bbbbbb", "bbbbbb"}},
		{"line_end_at_the_beginning", "\nabcdefgh", 4, []string{"\nabc", "defg", "h"}},
		{"line_end_at_the_end", "abcdef\n", 6, []string{"abcdef"}},
		{"limit_below_a_character", "一😀", 1, []string{"一", "😀"}},
		{"not_utf8", "\x80\x80\x80\x80\x80\x80", 4, []string{"\x80\x80\x80\x80", "\x80\x80"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, wecom.SplitText(tt.text, tt.limit)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzSplitText(f *testing.F) {
	f.Add("一二三\n四五六，七八九 abc\r\n\r\n", 7)
	f.Add("\xf8\x80\x80\x80\x80\x80", 4)
	f.Add(strings.Repeat("长", 3000), wecom.TextLimit)
	f.Add("\n\n\n\n\n\n", 4)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		parts := wecom.SplitText(text, limit)
		most := max(limit, utf8.UTFMax)
		for _, part := range parts {
			if part == "" || len(part) > most {
				t.Errorf("a part has %d bytes of %d", len(part), most)
			}
			if utf8.ValidString(text) && !utf8.ValidString(part) {
				t.Errorf("a character was cut: %q", part)
			}
		}
		lines := strings.NewReplacer("\n", "", "\r", "")
		if diff := cmp.Diff(lines.Replace(text), lines.Replace(strings.Join(parts, ""))); diff != "" {
			t.Error(diff)
		}
		if lost := strings.Count(text, "\n") - strings.Count(strings.Join(parts, ""), "\n"); lost > len(parts) {
			t.Errorf("%d line ends lost in %d parts", lost, len(parts))
		}
	})
}

func TestEscape(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"plain", "年假 <几天> a<b & 1 < 2", "年假 <几天> a<b & 1 < 2"},
		{"link", `<a href="https://e">点</a>`, `＜a href="https://e">点＜/a>`},
		{"upper_case", `<A HREF='https://e'>点</A>`, `＜A HREF='https://e'>点＜/A>`},
		{"spaced", "< a\n href=https://e>点< / a >", "＜ a\n href=https://e>点＜ / a >"},
		{"other_spaces", "<\u3000a\u00a0href=x>点<\u200b/a>", "＜\u3000a\u00a0href=x>点＜\u200b/a>"},
		{"without_space", `<a/href=x><a"href=x>`, `＜a/href=x>＜a"href=x>`},
		{"bare", "<a>x</a>", "＜a>x＜/a>"},
		{"beginning_at_the_end", "说<a", "说＜a"},
		{"another_tag", "<abc> <address> <b>", "<abc> <address> <b>"},
		{"address", "https://e.example/<x>?a=1", "https://e.example/<x>?a=1"},
		{"twice", "<<a href=x>", "<＜a href=x>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := wecom.Escape(tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if again := wecom.Escape(got); again != got {
				t.Errorf("a second time gives %q", again)
			}
		})
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		chars int
		want  string
	}{
		{"", 3, ""},
		{"一二三", 3, "一二三"},
		{"一二三四", 3, "一二…"},
		{"一二", 1, "…"},
		{"一二", 0, ""},
		{"一二", -1, ""},
	}
	for _, tt := range tests {
		if got := wecom.Cut(tt.text, tt.chars); got != tt.want {
			t.Errorf("Cut(%q, %d) is %q, want %q", tt.text, tt.chars, got, tt.want)
		}
	}
}
