package bot

import (
	"fmt"
	"strings"

	"deskmate/model"
)

// command does what a seat's command says.
func (d *decision) command(cmd Command) {
	switch cmd.Name {
	case CommandList:
		d.tell(d.in.Case.Person, d.listText())
	case CommandEnd:
		d.sessionCommand(cmd, "#结束 2", model.Event{Kind: model.EventSeatEnd})
	case CommandView:
		d.viewCommand(cmd)
	case CommandKeep:
		d.sessionCommand(cmd, "#保持 2", model.Event{Kind: model.EventSeatKeep})
	case CommandUnkeep:
		d.sessionCommand(cmd, "#取消保持 2", model.Event{Kind: model.EventSeatKeep, Reason: model.KeepOff})
	case CommandTransfer, CommandQueue:
		d.transferCommand(cmd)
	case CommandNext:
		d.takeNext(0)
	case CommandNote:
		d.noteCommand(cmd)
	case CommandRecall:
		if s, ok := d.target(cmd.Number, "#撤回 2"); ok {
			d.forward(s, model.Event{Kind: model.EventSeatRecall})
		}
	case CommandEarlier:
		d.earlierCommand(cmd)
	case CommandOnline:
		d.setState(model.SeatOnline, "您已上线，将接收新会话。")
	case CommandAway:
		d.setState(model.SeatAway, "您已设为离开，不再接收新会话。")
	case CommandOffline:
		d.setState(model.SeatOffline, "您已离线，不再接收新会话。")
	case CommandAsk:
		if cmd.Text == "" {
			d.tell(d.in.Case.Person, "请在 #咨询 后写上您的问题。")
			break
		}
		d.employeeMessage(model.Content{Type: model.ContentText, Text: cmd.Text})
		return
	case CommandTo:
		if cmd.Number > 0 {
			d.toNumber(cmd)
		} else {
			d.toName(cmd)
		}
		return
	case CommandQuick:
		d.quickCommand(cmd)
	case CommandFile:
		d.fileCommand(cmd)
	case CommandHelp:
		d.tell(d.in.Case.Person, d.helpText())
	case CommandUnknown:
		d.tell(d.in.Case.Person, "没有这个指令，内容未发送。\n"+d.helpText())
	}
	if d.need.Kind == NeedNothing && d.step.Outcome == "" {
		d.finish(model.OutcomeHandled, "command")
	}
}

// helpText lists the commands that the seat may use.
func (d *decision) helpText() string {
	if d.in.Case.Runs {
		return textHelp + "\n\n" + textOrderHelp
	}
	return textHelp
}

func (d *decision) listText() string {
	if len(d.in.Case.Serving) == 0 {
		return textNoSession
	}
	lines := []string{fmt.Sprintf("正在接待 %d 个会话：", len(d.in.Case.Serving))}
	for _, s := range d.in.Case.Serving {
		what := "已回复"
		if s.Session.OwedMS != 0 {
			what = "等待回复"
		}
		switch {
		case s.Session.ForAll():
			what = "全体，" + what
		case s.Session.Shared:
			what = "已接待，" + what
		}
		line := fmt.Sprintf("#%d %s　%s，%s", s.Session.SeatNo, s.Employee.Title(), what,
			ago(d.in.Now.Sub(model.Time(s.Session.LastActivityMS()))))
		if s.Session.KeepOpen {
			line += "，保持中"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (d *decision) setState(state model.SeatState, text string) {
	if n := len(d.in.Case.Serving); n > 0 && state != model.SeatOnline {
		text += fmt.Sprintf("还有 %d 个会话由您接待。", n)
	}
	d.step.SeatChange = &model.SeatChange{State: &state}
	d.step.WakeQueue = state == model.SeatOnline
	d.tell(d.in.Case.Person, text)
}

// target is the session a command is about: by number, else the one in focus. The example
// shows how to write the command with a number.
func (d *decision) target(number int, example string) (model.Served, bool) {
	if len(d.in.Case.Serving) == 0 {
		d.tell(d.in.Case.Person, textNoSession)
		return model.Served{}, false
	}
	if number == 0 {
		s, ok := d.focus()
		if !ok {
			d.tell(d.in.Case.Person, "请带上编号，例如 "+example+"。\n"+d.listText())
		}
		return s, ok
	}
	s, ok := d.byNumber(number)
	if !ok {
		d.tell(d.in.Case.Person, fmt.Sprintf("没有 #%d 会话。\n%s", number, d.listText()))
	}
	return s, ok
}

func (d *decision) byNumber(number int) (model.Served, bool) {
	for _, s := range d.in.Case.Serving {
		if s.Session.SeatNo == number {
			return s, true
		}
	}
	return model.Served{}, false
}

// sessionCommand forwards what a command does to a session.
func (d *decision) sessionCommand(cmd Command, example string, ev model.Event) {
	if s, ok := d.target(cmd.Number, example); ok {
		d.forward(s, ev)
	}
}

// toNumber is `#2 内容`, or `#2` alone, which chooses the session and sends what was held.
func (d *decision) toNumber(cmd Command) {
	s, ok := d.byNumber(cmd.Number)
	if !ok {
		d.tell(d.in.Case.Person, fmt.Sprintf("没有 #%d 会话，内容未发送。\n%s", cmd.Number, d.listText()))
		d.finish(model.OutcomeRefused, "no_such_session")
		return
	}
	d.address(s, cmd.Text)
}

// toName is `@姓名 内容`.
func (d *decision) toName(cmd Command) {
	found, text := FindMention(d.in.Case.Serving, cmd)
	switch len(found) {
	case 0:
		d.tell(d.in.Case.Person, "没有正在接待的「"+cmd.Who+"」，内容未发送。\n"+d.listText())
		d.finish(model.OutcomeRefused, "no_such_session")
	case 1:
		d.address(found[0], text)
	default:
		d.tell(d.in.Case.Person, "有多位「"+cmd.Who+"」，内容未发送，请用编号：\n"+d.listText())
		d.finish(model.OutcomeRefused, "ambiguous_name")
	}
}

func (d *decision) address(s model.Served, text string) {
	if text != "" {
		c := model.Content{Type: model.ContentText, Text: text}
		if !d.mistyped(c) {
			d.reply(s, c)
		}
		return
	}
	d.choose(s.Session.ID)
	if len(d.in.Case.Held) > 0 {
		d.sendHeld(s)
		return
	}
	d.tell(d.in.Case.Person, fmt.Sprintf("接下来的消息将发给 #%d %s。", s.Session.SeatNo, s.Employee.Title()))
	d.finish(model.OutcomeHandled, "focus")
}
