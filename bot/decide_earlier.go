package bot

import (
	"fmt"
	"strings"

	"deskmate/model"
)

// How much a seat is shown of the past.
const (
	earlierSessions = 5   // of an employee
	earlierLines    = 200 // of one of them, as far as they fit
	earlierMessages = 3   // that they may take
)

// earlierCommand is `#历史`: the last sessions of the employee, or what was said in one.
func (d *decision) earlierCommand(cmd Command) {
	s, ok := d.target(cmd.Number, "#历史 2")
	if !ok {
		return
	}
	if d.in.Earlier == nil {
		d.need = Need{Kind: NeedEarlier, Employee: s.Session.Employee, Count: cmd.Index}
		return
	}
	list := d.in.Earlier.List
	var text string
	switch {
	case len(list) == 0:
		text = s.Employee.Title() + " 没有以往的会话。"
	case cmd.Index > len(list):
		text = fmt.Sprintf("%s 没有第 %d 个以往的会话。\n%s", s.Employee.Title(), cmd.Index, d.earlierList(s))
	case cmd.Index == 0:
		text = d.earlierList(s)
	default:
		text = d.earlierTranscript(s, list[cmd.Index-1], d.in.Earlier.Transcript)
	}
	// As with a line of the employee, an implicit focus on somebody else ends.
	d.push(model.Push{Receiver: d.in.Case.Person, Kind: model.PushText, Session: s.Session.ID, Text: text, Line: true})
}

// earlierList lists the employee's last sessions.
func (d *decision) earlierList(s model.Served) string {
	lines := []string{fmt.Sprintf("%s 最近的会话（#历史 %d 1 查看第 1 个的内容）：", s.Employee.Title(), s.Session.SeatNo)}
	for i, e := range d.in.Earlier.List {
		seat := e.SeatName
		if seat == "" {
			seat = "机器人"
		}
		line := fmt.Sprintf("%d. %s　%s　%s", i+1, d.clock(e.Session.OpenedMS), seat, closedWords(e.Session.CloseReason))
		if e.Rating != "" {
			line += "　评价：" + d.Survey.Words(d.acc.Policy.Survey.Words, e.Rating)
		}
		if e.Question != "" {
			line += "\n" + relayIndent + d.Escape(excerpt(e.Question, excerptLimit))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// earlierTranscript is the end of an earlier session, as much as a few messages hold.
func (d *decision) earlierTranscript(s model.Served, e model.Earlier, t model.Transcript) string {
	lines := make([]string, 0, len(t.Messages))
	for _, m := range t.Messages {
		words := m.Content.Words()
		if m.RecalledMS != 0 {
			words += "（已撤回）"
		}
		lines = append(lines, spoken(speaker(m, s.Employee, t.Names), d.Escape(words)))
	}
	for skip := 0; ; skip++ {
		head := fmt.Sprintf("%s %s 的会话", s.Employee.Title(), d.clock(e.Session.OpenedMS))
		if left := e.Session.MessageCount - len(lines) + skip; left > 0 {
			head += fmt.Sprintf("（更早的 %d 条消息未显示）", left)
		}
		text := strings.Join(append([]string{head}, lines[skip:]...), "\n")
		if skip == len(lines) || len(d.parts(text, relayIndent)) <= earlierMessages {
			return text
		}
	}
}

// speaker names who wrote a line.
func speaker(m model.Message, employee model.Member, names map[string]string) string {
	name := names[m.Sender]
	if name == "" {
		name = m.Sender
	}
	switch m.From {
	case model.FromEmployee:
		return employee.ShortName()
	case model.FromBot:
		return "机器人"
	case model.FromSeat:
		return "坐席" + name
	case model.FromNote:
		return "备注(" + name + ")"
	case model.FromSystem:
		return "系统"
	}
	return string(m.From)
}

// clock says a time as colleagues read it.
func (d *decision) clock(ms int64) string {
	return model.Time(ms).In(d.Location).Format("2006-01-02 15:04")
}

// closedWords says to people why a session closed.
func closedWords(r model.CloseReason) string {
	switch r {
	case model.ClosedBySeat:
		return "坐席结束"
	case model.ClosedByEmployee:
		return "员工结束"
	case model.ClosedIdle:
		return "超时结束"
	case model.ClosedQueue:
		return "排队超时"
	case model.ClosedOffHours:
		return "非服务时间"
	case model.ClosedDisabled:
		return "账号停用"
	}
	return string(r)
}
