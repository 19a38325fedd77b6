package bot

import (
	"fmt"
	"slices"
	"time"

	"deskmate/model"
)

// Human service that falls silent. What ends it depends on whose turn it is to write: the
// employee's, who was answered, or the seat's, which owes an answer. Every message starts the
// clocks anew; a timer that it has overtaken sets itself anew for what is left. Before the
// end the employee is warned, where the account wants that, and never does the session end
// without the warning: one that is late puts the end off. A seat that owes an answer for too
// long is reminded, and loses the session in the end to whoever else is there.

// retryReassign is how long a session that nobody else can take stays where it is before
// somebody is looked for again.
const retryReassign = time.Minute

// botIdle ends a session of the bot that nobody writes in, silently.
func (d *decision) botIdle() {
	after := d.acc.Policy.Bot.IdleAfter
	if d.s == nil || d.s.State != model.StateBot || after <= 0 {
		d.finish(model.OutcomeHandled, "stale_timer")
		return
	}
	if left := d.s.LastActivityMS() + after - d.at; left > 0 {
		d.setTimer(model.TimerBotIdle, msDuration(left))
		d.finish(model.OutcomeHandled, "stale_timer")
		return
	}
	d.close(model.ClosedIdle)
	d.finish(model.OutcomeHandled, "bot_idle")
}

// seatOwes says that the employee's line waits for the seat. The wait counts from the first
// one: who asks again and again doesn't wait longer for it.
func (d *decision) seatOwes() {
	if d.s.OwedMS == 0 {
		d.s.OwedMS = d.at
		d.watchAnswer()
	}
	d.startClocks()
}

// seatAnswered says that it is the employee's turn.
func (d *decision) seatAnswered() {
	d.s.OwedMS, d.s.RemindedMS = 0, 0
	d.startClocks()
}

// seatBegins starts the clocks of a session that a seat has just got: it owes the first line.
func (d *decision) seatBegins() {
	d.s.OwedMS, d.s.RemindedMS, d.s.KeepOpen = 0, 0, false
	d.seatOwes()
}

// startClocks starts anew the clocks that end the session.
func (d *decision) startClocks() {
	d.s.WarnedMS = 0
	d.changed()
	life, warn := d.life(), d.warning()
	d.setTimer(model.TimerIdle, life)
	if warn > 0 {
		d.setTimer(model.TimerWarn, life-warn)
	}
}

// stopIdling forgets the clocks of a session that no seat serves any more.
func (d *decision) stopIdling() {
	t := d.acc.Policy.Timers
	d.dropTimer(model.TimerIdle)
	if t.Warn > 0 {
		d.dropTimer(model.TimerWarn)
	}
	if t.Remind > 0 || t.Reassign > 0 {
		d.dropTimer(model.TimerOwed)
	}
}

// forgetClocks stops the clocks of a session that goes back to the queue.
func (d *decision) forgetClocks() {
	d.stopIdling()
	d.s.KeepOpen, d.s.WarnedMS, d.s.OwedMS, d.s.RemindedMS = false, 0, 0, 0
}

// life is how long the session lives on after a message; 0: for ever.
func (d *decision) life() time.Duration {
	if d.s.KeepOpen {
		return 0
	}
	return d.acc.Policy.Timers.Life(d.s.OwedMS != 0)
}

// warning is how long before the end the employee is warned; 0: not at all. A group hears no
// notices.
func (d *decision) warning() time.Duration {
	if model.IsGroup(d.employee) {
		return 0
	}
	return d.acc.Policy.Timers.Warn
}

// left is how long the session lives from now on; ends is false where it lives for ever, or
// nobody serves it.
func (d *decision) left() (left time.Duration, ends bool) {
	if d.s == nil || d.s.State != model.StateServing {
		return 0, false
	}
	life := d.life()
	end := d.s.LastActivityMS() + life.Milliseconds()
	if d.s.WarnedMS != 0 {
		end = max(end, d.s.WarnedMS+d.warning().Milliseconds())
	}
	return msDuration(end - d.at), life > 0
}

// idleTimer ends the session, or warns the employee if that is yet to be done.
func (d *decision) idleTimer() {
	left, ends := d.left()
	switch {
	case !ends:
		d.finish(model.OutcomeHandled, "stale_timer")
	case left > 0:
		d.setTimer(model.TimerIdle, left)
		d.finish(model.OutcomeHandled, "stale_timer")
	case d.warning() > 0 && d.s.WarnedMS == 0:
		d.warn()
	default:
		seats, life := d.listeners(), d.life()
		d.close(model.ClosedIdle)
		for _, seat := range seats {
			d.tell(seat, fmt.Sprintf("与%s的会话因 %s没有消息已结束。", d.employeeMember().Title(), minutes(life)))
		}
		d.finish(model.OutcomeHandled, "idle")
	}
}

// warnTimer warns the employee that the session is about to end.
func (d *decision) warnTimer() {
	warn := d.warning()
	left, ends := d.left()
	switch {
	case !ends, warn <= 0, d.s.WarnedMS != 0:
		d.finish(model.OutcomeHandled, "stale_timer")
	case left > warn:
		d.setTimer(model.TimerWarn, left-warn)
		d.finish(model.OutcomeHandled, "stale_timer")
	default:
		d.warn()
	}
}

func (d *decision) warn() {
	d.s.WarnedMS = d.at
	warn := d.warning()
	d.sayCard(model.FromSystem, "warn", warnCard(d.acc.Name, d.s.ID, warn))
	d.setTimer(model.TimerIdle, warn)
	d.finish(model.OutcomeHandled, "warned")
}

// continueClick is 继续 on the warning: the session goes on, and nobody owes an answer to it.
func (d *decision) continueClick(id uint64) {
	if d.s == nil || d.s.ID != id {
		d.update(textOver, nil)
		d.finish(model.OutcomeHandled, "not_serving")
		return
	}
	d.update(textContinued, nil)
	if d.s.State == model.StateServing {
		d.s.LastEmployeeMS = d.at
		d.startClocks()
	}
	d.finish(model.OutcomeHandled, "continued")
}

// seatKeep keeps the session open although nobody writes, or no longer.
func (d *decision) seatKeep() {
	if !d.mine() {
		return
	}
	ev := d.in.Event
	d.s.KeepOpen = ev.Reason != model.KeepOff
	d.startClocks()
	if !ev.API {
		d.tell(ev.Seat, keepText(d.employeeMember().Title(), d.s.KeepOpen))
	}
	d.finish(model.OutcomeHandled, "keep")
}

// watchAnswer sets when somebody looks whether the seat has answered.
func (d *decision) watchAnswer() {
	t := d.acc.Policy.Timers
	after := time.Duration(0)
	switch {
	case d.s.OwedMS == 0:
	case t.Remind > 0 && d.s.RemindedMS == 0:
		after = t.Remind
	case !d.s.ForAll(): // what all seats see, each of them can take
		after = t.Reassign
	}
	if after > 0 {
		d.step.Timers = append(d.step.Timers, model.TimerChange{Kind: model.TimerOwed, DueMS: d.s.OwedMS + after.Milliseconds()})
	}
}

// owedTimer reminds the seat that it owes an answer, or looks for another seat.
func (d *decision) owedTimer() {
	if d.s == nil || d.s.State != model.StateServing || d.s.OwedMS == 0 {
		d.finish(model.OutcomeHandled, "stale_timer")
		return
	}
	t, owed := d.acc.Policy.Timers, msDuration(d.at-d.s.OwedMS)
	switch {
	case t.Reassign > 0 && owed >= t.Reassign && !d.s.ForAll():
		d.reassign(owed)
	case t.Remind > 0 && owed >= t.Remind && d.s.RemindedMS == 0:
		d.remind(owed)
	default:
		d.watchAnswer()
		d.finish(model.OutcomeHandled, "stale_timer")
	}
}

func (d *decision) remind(owed time.Duration) {
	d.s.RemindedMS = d.at
	d.changed()
	for _, seat := range d.listeners() {
		d.tell(seat, remindText(d.s.SeatNo, d.employeeMember().Title(), owed))
	}
	d.watchAnswer()
	d.finish(model.OutcomeHandled, "reminded")
}

// reassign takes the session from a seat that doesn't answer: it is first in line for
// another one. With nobody else there it stays where it is.
func (d *decision) reassign(owed time.Duration) {
	if d.in.Roster == nil {
		d.need = Need{Kind: NeedRoster}
		return
	}
	seat, title := d.s.Seat, d.employeeMember().Title()
	another := slices.ContainsFunc(d.in.Roster, func(s model.Seat) bool {
		return s.Available(d.in.Now.In(d.Location), d.Hours) && s.UserID != seat && s.UserID != d.employee
	})
	if !another || !d.open() {
		d.setTimer(model.TimerOwed, retryReassign)
		d.finish(model.OutcomeHandled, "nobody_else")
		return
	}
	d.s.ReturnedBy = seat
	d.showSinceAnswer()
	d.backToQueue("坐席暂时没有回复，已为您重新排队", textInLine, "unanswered")
	if d.acc.Policy.Assignment.AutoAway {
		d.step.Forwards = append(d.step.Forwards, model.Forward{Person: seat, Event: model.Event{
			Kind: model.EventSeatAway, Session: d.s.ID, Seat: seat, Reason: AwayNoAnswer, AtMS: d.at,
		}})
	}
	d.tell(seat, title+"已等您回复 "+waitedWords(owed)+"，会话已放回排队。")
	d.finish(model.OutcomeQueued, "reassigned")
}
