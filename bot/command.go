package bot

import (
	"strconv"
	"strings"
)

// CommandName says what a seat wants.
type CommandName string

// The commands.
const (
	CommandTo       CommandName = "to"       // #2, #2 内容, @姓名 内容: from now on to Number or Who; Text, if any, goes there
	CommandList     CommandName = "list"     // #列表
	CommandEnd      CommandName = "end"      // #结束, #结束 2: Number is 0 for the session in focus
	CommandKeep     CommandName = "keep"     // #保持, #保持 2: Number as for CommandEnd
	CommandUnkeep   CommandName = "unkeep"   // #取消保持, #取消保持 2
	CommandTransfer CommandName = "transfer" // #转接 姓名 原因, #转接 2 姓名 原因: Who is all but the number; for [FindSeatNote]
	CommandQueue    CommandName = "queue"    // #转接 队列, #转接 2 队列 原因: back to the queue, Text says why
	CommandNext     CommandName = "next"     // #接待: whoever waits longest
	CommandNote     CommandName = "note"     // #备注 内容, #备注 2 内容: Text is "" where it is missing
	CommandRecall   CommandName = "recall"   // #撤回, #撤回 2
	CommandEarlier  CommandName = "earlier"  // #历史, #历史 2, #历史 2 1: Index is 0 for the list
	CommandOnline   CommandName = "online"   // #上线
	CommandAway     CommandName = "away"     // #离开
	CommandOffline  CommandName = "offline"  // #离线
	CommandAsk      CommandName = "ask"      // #咨询 问题: Text is "" where the question is missing
	CommandQuick    CommandName = "quick"    // #快捷, #快捷 关键词: Text is "" for all of them
	CommandFile     CommandName = "file"     // #文件, #文件 2: Number is 0 for the session in focus
	CommandView     CommandName = "view"     // #查看, #查看 2: the last lines; Number is 0 for the session in focus
	CommandHelp     CommandName = "help"     // #帮助
	CommandUnknown  CommandName = "unknown"  // begins like a command and is none: Text is all that was written
)

// Command is what a seat typed, understood.
type Command struct {
	Name   CommandName
	Number int    // the seat's number for a session, as in #2; 0: none given
	Who    string // a name or userid as typed; for [FindMention] or [FindSeat]
	Text   string // what is to be sent, noted or asked; "" for none
	Index  int    // which one of a list, from 1; 0: the list
}

// ParseCommand reads a seat's text. It reports false for what is no command and goes
// to the employee. Full-width ＃, ＠, digits and spaces are taken as their half-width
// forms, inside the command only: Text stays as it was typed.
//
// What begins with # and is no command is [CommandUnknown], never a text for the
// employee: a mistyped command must not reach them, and what was meant for them is
// better sent again than lost.
func ParseCommand(text string) (Command, bool) {
	text = strings.TrimSpace(text)
	if rest, ok := cutAnyPrefix(text, "@", "＠"); ok {
		who, message := cutSpace(rest)
		// "@ " with a space after it is an ordinary text.
		if who == "" || !strings.HasPrefix(rest, who) {
			return Command{}, false
		}
		return Command{Name: CommandTo, Who: who, Text: message}, true
	}
	rest, ok := cutAnyPrefix(text, "#", "＃")
	if !ok {
		return Command{}, false
	}
	c := parseWord(strings.TrimSpace(rest))
	if c.Name == CommandUnknown {
		c = Command{Name: CommandUnknown, Text: text}
	}
	return c, true
}

// parseWord reads what stands after the #.
func parseWord(s string) Command {
	word, rest := cutSpace(s)
	if n, ok := number(word); ok {
		return Command{Name: CommandTo, Number: n, Text: rest}
	}
	for _, w := range []struct {
		simplified, traditional string
		read                    func(arg string) Command
	}{
		{"列表", "列表", bare(CommandList)},
		{"上线", "上線", bare(CommandOnline)},
		{"离开", "離開", bare(CommandAway)},
		{"离线", "離線", bare(CommandOffline)},
		{"帮助", "幫助", bare(CommandHelp)},
		{"接待", "接待", bare(CommandNext)},
		{"备注", "備註", parseNote},
		{"撤回", "撤回", numbered(CommandRecall)},
		{"历史", "歷史", parseEarlier},
		{"结束", "結束", numbered(CommandEnd)},
		{"文件", "文件", numbered(CommandFile)},
		{"快捷", "快捷", func(arg string) Command { return Command{Name: CommandQuick, Text: arg} }},
		{"查看", "查看", numbered(CommandView)},
		{"保持", "保持", numbered(CommandKeep)},
		{"取消保持", "取消保持", numbered(CommandUnkeep)},
		{"转接", "轉接", parseTransfer},
		{"咨询", "諮詢", func(arg string) Command { return Command{Name: CommandAsk, Text: arg} }},
	} {
		// The argument may follow without a space, as people type it: #转接张三.
		if arg, ok := cutAnyPrefix(s, w.simplified, w.traditional); ok {
			return w.read(strings.TrimSpace(arg))
		}
	}
	return Command{Name: CommandUnknown}
}

// bare reads a command that takes nothing.
func bare(name CommandName) func(string) Command {
	return func(arg string) Command {
		if arg != "" {
			return Command{Name: CommandUnknown}
		}
		return Command{Name: name}
	}
}

// numbered reads a command that takes a session's number or nothing.
func numbered(name CommandName) func(string) Command {
	return func(arg string) Command {
		if arg == "" {
			return Command{Name: name}
		}
		n, ok := number(arg)
		if !ok {
			return Command{Name: CommandUnknown}
		}
		return Command{Name: name, Number: n}
	}
}

// parseEarlier reads `2 1`: the session's number, and which of the earlier ones.
func parseEarlier(arg string) Command {
	first, rest := cutSpace(arg)
	c := numbered(CommandEarlier)(first)
	if rest == "" || c.Name == CommandUnknown {
		return c
	}
	n, ok := number(rest)
	if !ok {
		return Command{Name: CommandUnknown}
	}
	c.Index = n
	return c
}

// parseNote takes a first word of digits for a session's number where something follows it.
func parseNote(arg string) Command {
	if first, rest := cutSpace(arg); rest != "" {
		if n, ok := number(first); ok {
			return Command{Name: CommandNote, Number: n, Text: rest}
		}
	}
	return Command{Name: CommandNote, Text: arg}
}

// parseTransfer takes a first word of digits for a session's number only where
// something follows it, since userids may be digits, too.
func parseTransfer(arg string) Command {
	c := Command{Name: CommandTransfer, Who: arg}
	if first, rest := cutSpace(arg); rest != "" {
		if n, ok := number(first); ok {
			c.Number, c.Who = n, rest
		}
	}
	if first, rest := cutSpace(c.Who); first == "队列" || first == "隊列" {
		c.Name, c.Who, c.Text = CommandQueue, "", rest
	}
	return c
}

// number reads a session number: digits of either width and perhaps a # before them,
// from 1.
func number(s string) (int, bool) {
	const maxDigits = 6
	digits := strings.TrimPrefix(strings.Map(narrow, s), "#")
	if len(digits) > maxDigits || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0
}

// cutAnyPrefix cuts the first of the prefixes that s begins with.
func cutAnyPrefix(s string, prefixes ...string) (string, bool) {
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(s, p); ok {
			return rest, true
		}
	}
	return s, false
}
