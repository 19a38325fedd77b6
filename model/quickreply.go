package model

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// QuickReply (快捷回复) is a text that seats send again and again, an account's or a seat's own.
type QuickReply struct {
	ID        uint64 `gorm:"primaryKey;autoIncrement:false"`
	AccountID uint64 `gorm:"not null"`
	Owner     string `gorm:"size:128;not null"`                  // folded userid of the seat whose own it is; "": the account's
	Group     string `gorm:"column:group_name;size:64;not null"` // a heading, ≤ 32 characters; "": none
	Shortcut  string `gorm:"size:64;not null"`                   // what a seat types behind a slash; see [QuickReply.Check]
	Folded    string `gorm:"size:64;not null"`                   // Shortcut as [FoldShortcut] writes it; unique per Owner
	Title     string `gorm:"size:64;not null"`                   // what it is about, ≤ 32 characters; "": the text says it
	Text      string `gorm:"column:reply;type:text;not null"`    // 1–2048 bytes, with the words of [QuickReply.Expand]
	Position  int    `gorm:"not null"`                           // the owner's order, from 0
	Version   uint64 `gorm:"not null"`                           // grows with every change of its content; 0 before it is stored
	UpdatedMS int64  `gorm:"not null"`
}

// How long the parts of a quick reply may be, and how many one owner may have.
const (
	ShortcutChars   = 32
	quickTitleChars = 32
	quickTextBytes  = 2048
	MaxQuickReplies = 500
)

// FoldShortcut writes a shortcut the one way it is compared: in lower case, full-width letters
// and digits as half-width ones.
func FoldShortcut(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, strings.TrimSpace(s)))
}

// ValidShortcut reports whether s can be typed behind a slash and be found: one word of 1 to 32
// characters without a slash.
func ValidShortcut(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= ShortcutChars && !strings.ContainsFunc(s, func(r rune) bool {
		return r == '/' || r == '／' || unicode.IsSpace(r) || !unicode.IsPrint(r)
	})
}

// Check says what is wrong with the quick reply's content; nil where nothing is.
func (q QuickReply) Check() error {
	switch {
	case !ValidShortcut(q.Shortcut):
		return Invalid("quick_reply_shortcut", "快捷短语须为 1 到 %d 个字，不含空格和斜杠", ShortcutChars)
	case strings.TrimSpace(q.Text) == "":
		return Invalid("quick_reply_text", "回复内容不能为空")
	case len(q.Text) > quickTextBytes:
		return Invalid("quick_reply_text", "回复内容不能超过 %d 字节（约 680 个汉字）", quickTextBytes)
	case utf8.RuneCountInString(q.Title) > quickTitleChars || !plain(q.Title):
		return Invalid("quick_reply_title", "标题须在 %d 个字以内，不含换行", quickTitleChars)
	case utf8.RuneCountInString(q.Group) > quickTitleChars || !plain(q.Group):
		return Invalid("quick_reply_group", "分组名须在 %d 个字以内，不含换行", quickTitleChars)
	}
	return nil
}

// plain reports whether s is one line that shows what it holds.
func plain(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Names are who and what the words of a quick reply stand for.
type Names struct {
	Employee string // the employee's name
	Seat     string // the seat's
	Account  string // the account's
}

// Expand is the text with its words replaced: {employee} or {员工}, {seat} or {坐席}, {account} or
// {账号}; the braces may be full-width. Other braces stay, and so do words inside of names.
func (q QuickReply) Expand(n Names) string {
	var pairs []string
	for _, w := range []struct{ name, english, chinese string }{
		{n.Employee, "employee", "员工"}, {n.Seat, "seat", "坐席"}, {n.Account, "account", "账号"},
	} {
		for _, word := range []string{w.english, w.chinese} {
			pairs = append(pairs, "{"+word+"}", w.name, "｛"+word+"｝", w.name)
		}
	}
	return strings.NewReplacer(pairs...).Replace(q.Text)
}

// Label is what the quick reply is called in lists: its title, else how its text begins.
func (q QuickReply) Label() string {
	const chars = 20
	text := []rune(strings.Join(strings.Fields(cmp.Or(q.Title, q.Text)), " "))
	if len(text) > chars && q.Title == "" {
		return string(text[:chars-1]) + "…"
	}
	return string(text)
}

// Matches reports whether the quick reply is about a word: its group, shortcut, title or text
// holds it.
func (q QuickReply) Matches(word string) bool {
	return strings.Contains(FoldShortcut(q.Group+"\n"+q.Shortcut+"\n"+q.Title+"\n"+q.Text), FoldShortcut(word))
}

// QuickPlace is the place of a quick reply in a list; the zero value is before all.
type QuickPlace struct {
	Owner    string
	Position int
	ID       uint64
}

// QuickFilter says which quick replies are listed: the account's and those of a seat.
type QuickFilter struct {
	AccountID uint64
	Seat      string // "": the account's alone
	Text      string // see [QuickReply.Matches]; "": all
	After     QuickPlace
	Limit     int
}
