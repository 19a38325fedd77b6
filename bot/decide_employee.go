package bot

import "deskmate/model"

// employeeMessage is a member's message as an employee.
func (d *decision) employeeMessage(c model.Content) {
	if d.wantsUpload(c) {
		return
	}
	if !d.admit() {
		return
	}
	d.openSession()
	d.s.LastEmployeeMS = d.at
	d.record(model.FromEmployee, d.employee, c)
	switch d.s.State {
	case model.StateQueued:
		if d.isLeaving(c) {
			d.leaveQueue()
			return
		}
		d.waiting()
	case model.StateServing:
		if d.nobodyListens() {
			d.placeAnew("nobody_listens")
			return
		}
		d.relayToSeat(c, d.s.MessageCount)
		d.seatOwes()
		d.finish(model.OutcomeRelayed, "to_seat")
	case model.StateBot:
		if !d.acc.Policy.Bot.Enabled {
			d.handoff(model.HandoffBotOff)
			return
		}
		d.askBot(c)
	case model.StateClosed: // openSession never leaves one
	}
}

// upload is a file that an employee chose on a page. The page is for one session while people
// answer it: a file is neither a question for the bot nor meant for anybody else.
func (d *decision) upload() {
	if d.s == nil || d.s.ID != d.in.Event.Session || d.s.State == model.StateBot {
		d.finish(model.OutcomeRefused, reasonClosed)
		return
	}
	d.employeeMessage(*d.in.Event.Content)
}

// admit refuses who may not ask: the account is disabled, the member is outside its scope and
// has not talked before, or is barred and no person serves it.
func (d *decision) admit() bool {
	if !d.acc.Enabled {
		d.closeDisabled()
		d.finish(model.OutcomeRefused, "account_disabled")
		return false
	}
	human := d.s != nil && d.s.State != model.StateBot
	if d.acc.Policy.Bars(d.in.Case.Person) && !human {
		d.tell(d.in.Case.Person, refusedText(d.acc.Name))
		d.finish(model.OutcomeRefused, "barred")
		return false
	}
	known := d.in.Case.Conversation.CreatedMS != 0
	if !known && !d.in.DirectoryAsked && (d.in.Case.Member == nil || !d.in.Case.InScope) {
		d.need = Need{Kind: NeedDirectory}
		return false
	}
	if known || d.in.Case.InScope {
		return true
	}
	d.tell(d.in.Case.Person, refusedText(d.acc.Name))
	d.finish(model.OutcomeRefused, "scope")
	return false
}

// closeDisabled ends what is open with an account that is disabled, and tells everybody.
func (d *decision) closeDisabled() {
	seats := d.listeners()
	if d.s != nil {
		d.close(model.ClosedDisabled)
	}
	d.tell(d.in.Case.Person, disabledText(d.acc.Name))
	for _, seat := range seats {
		d.tell(seat, "与"+d.employeeMember().Title()+"的会话已结束：账号已停用。")
	}
}

// openSession makes a new session unless one is open.
func (d *decision) openSession() {
	if d.s != nil {
		return
	}
	d.adopt(model.Session{
		ID: d.in.FreshID, AccountID: d.acc.ID, Employee: d.in.Case.Person, State: model.StateBot, OpenedMS: d.at,
	})
	d.step.Detail.From = ""
	d.changed()
	c := d.conversation()
	c.LastSession = d.s.ID
	if c.CreatedMS == 0 {
		c.CreatedMS = d.at
	}
	d.fact(model.FactOpened, "", 0)
}

// menuClick is a button of the app's menu.
func (d *decision) menuClick() {
	if d.in.Event.Key != verbHandoff {
		d.finish(model.OutcomeHandled, "menu")
		return
	}
	d.askedForHuman(model.HandoffButton)
}

// askedForHuman is 转人工 pressed on a card or in the menu.
func (d *decision) askedForHuman(reason model.HandoffReason) {
	if !d.admit() {
		return
	}
	if d.s != nil && d.s.State == model.StateServing {
		d.update(textServing, nil)
		d.tell(d.employee, "坐席正在为您服务，请直接发送消息。")
		d.finish(model.OutcomeHandled, "serving")
		return
	}
	d.openSession()
	if d.s.State == model.StateQueued {
		d.askedAgain()
		return
	}
	d.s.LastEmployeeMS = d.at
	d.handoff(reason)
	switch {
	case d.need.Kind != NeedNothing:
	case d.s.State == model.StateClosed:
		d.update(textOffHours, nil)
	default:
		d.update(textHandedOff, nil)
	}
}

// askedAgain is 转人工 pressed by who waits already.
func (d *decision) askedAgain() {
	d.update(textHandedOff, nil)
	if !d.open() {
		d.tell(d.employee, d.offHoursText(false))
		d.finish(model.OutcomeKept, reasonOffHours)
		return
	}
	d.startWaiting()
	d.tell(d.employee, textAlreadyQueue+textInLine+placeText(d.in.Case))
	d.finish(model.OutcomeQueued, "waiting")
}
