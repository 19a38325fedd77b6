package bot

import (
	"time"

	"deskmate/model"
)

// Waiting for a seat. The employee is told the place and, every few minutes, that it got
// better; can leave at any time; and is asked after the account's time whether to go on. What
// happens to those who don't, or don't answer for as long again, is the simplest thing that
// loses nothing: the session stays in the queue where it is, as a message. Nobody hears of it
// until a seat comes free and gets it, with all that was written, in its turn.

// placeEvery is how often at most somebody who waits is told that fewer are ahead.
const placeEvery = 2 * time.Minute

// awaitSeat tells the employee the place in the queue, behind intro, and starts the clocks.
func (d *decision) awaitSeat(intro string) {
	d.startWaiting()
	d.sayCard(model.FromSystem, "queue", queueCard(d.acc.Name, intro, d.in.Case, d.s.ID))
}

// startWaiting starts the clocks of who waits for a seat and knows the place.
func (d *decision) startWaiting() {
	d.s.WaitState, d.s.WaitAhead = model.WaitSeat, d.in.Case.Ahead
	d.changed()
	d.nextPeriod()
	d.watchPlace()
}

// nextPeriod sets when the employee is asked whether to go on waiting.
func (d *decision) nextPeriod() {
	d.s.WaitDueMS = 0
	if timeout := d.acc.Policy.Queue.Timeout; timeout > 0 {
		d.s.WaitDueMS = d.at + timeout.Milliseconds()
		d.setTimer(model.TimerWait, timeout)
	}
}

// watchPlace looks again later whether fewer are ahead.
func (d *decision) watchPlace() {
	if d.in.Case.Ahead > 0 {
		d.setTimer(model.TimerPlace, placeEvery)
	}
}

// resumeWaiting starts the clocks of who waited for the hours, now that they have begun.
func (d *decision) resumeWaiting() {
	if d.s.WaitState == model.WaitOpening {
		d.startWaiting()
	}
}

// pauseWaiting stops the clocks until the hours begin again.
func (d *decision) pauseWaiting() {
	if d.s.WaitState == model.WaitOpening {
		return
	}
	d.stopClocks()
	d.s.WaitState = model.WaitOpening
	d.changed()
}

// endWaiting forgets how the session waited.
func (d *decision) endWaiting() {
	d.stopClocks()
	d.s.WaitState, d.s.ReturnedBy = model.WaitSeat, ""
}

func (d *decision) stopClocks() {
	if d.s.WaitDueMS != 0 {
		d.dropTimer(model.TimerWait)
	}
	if d.s.WaitAhead > 0 {
		d.dropTimer(model.TimerPlace)
	}
	d.s.WaitDueMS, d.s.WaitAhead = 0, 0
}

// waitsForSeat reports whether the session is queued with its clocks running, within the
// hours; if not, the event that asked is finished.
func (d *decision) waitsForSeat() bool {
	switch {
	case d.s == nil || d.s.State != model.StateQueued || d.s.WaitState == model.WaitOpening || d.s.WaitState == model.WaitMessage:
		d.finish(model.OutcomeHandled, "stale_timer")
		return false
	case !d.open():
		d.waitOffHours()
		d.finish(model.OutcomeHandled, reasonOffHours)
		return false
	}
	return true
}

// placeTimer tells the employee that fewer are ahead than at last, if so.
func (d *decision) placeTimer() {
	if !d.waitsForSeat() {
		return
	}
	d.watchPlace()
	if d.in.Case.Ahead >= d.s.WaitAhead {
		d.finish(model.OutcomeHandled, "same_place")
		return
	}
	d.s.WaitAhead = d.in.Case.Ahead
	d.changed()
	d.tell(d.employee, placeText(d.in.Case))
	d.finish(model.OutcomeHandled, "place")
}

// waitIsUp asks who has waited for the account's time whether to go on; who was asked and
// did not answer has left a message.
func (d *decision) waitIsUp() {
	if !d.waitsForSeat() {
		return
	}
	if d.s.WaitDueMS == 0 || d.at < d.s.WaitDueMS || d.acc.Policy.Queue.Timeout <= 0 {
		d.finish(model.OutcomeHandled, "stale_timer")
		return
	}
	if d.s.WaitState == model.WaitAsked {
		d.leaveMessage("timeout")
		d.finish(model.OutcomeHandled, "left_message")
		return
	}
	d.s.WaitState, d.s.WaitAhead = model.WaitAsked, min(d.s.WaitAhead, d.in.Case.Ahead)
	d.changed()
	d.nextPeriod()
	d.sayCard(model.FromSystem, "wait", waitCard(d.acc, d.in.Case, *d.s, d.in.Now.Sub(model.Time(d.s.WaitingMS))))
	d.finish(model.OutcomeHandled, "asked_to_wait")
}

// leaveMessage makes the session one that waits for a seat without its employee.
func (d *decision) leaveMessage(why string) {
	d.stopClocks()
	d.s.WaitState = model.WaitMessage
	d.changed()
	d.fact(model.FactMessage, why, d.at-d.s.WaitingMS)
	d.say(model.FromSystem, textMessage)
}

// queueClick is a tap on a card of who waits: 取消排队, 继续等待 or 留言.
func (d *decision) queueClick(verb string, id uint64) {
	if d.s == nil || d.s.ID != id || d.s.State != model.StateQueued {
		text := textNotQueued
		if d.s != nil && d.s.State == model.StateServing {
			text = textServing
		}
		d.update(text, nil)
		d.finish(model.OutcomeHandled, "not_waiting")
		return
	}
	switch {
	case verb == verbLeave:
		d.update(textLeft, nil)
		d.leaveQueue()
		return
	case verb == verbMessage && d.s.WaitState != model.WaitMessage:
		d.leaveMessage("chosen")
	case verb == verbWait && (d.s.WaitState == model.WaitAsked || d.s.WaitState == model.WaitMessage):
		d.goOnWaiting()
	}
	d.update(waitWords(d.s.WaitState), nil)
	d.finish(model.OutcomeHandled, "wait_choice")
}

// goOnWaiting starts the clocks anew for who was asked, or takes the message back.
func (d *decision) goOnWaiting() {
	if !d.open() {
		d.s.WaitState = model.WaitSeat
		d.waitOffHours()
		return
	}
	d.startWaiting()
	d.tell(d.employee, textGoOn+placeText(d.in.Case))
}

// isLeaving reports whether the whole message of who waits asks to leave the queue.
func (d *decision) isLeaving(c model.Content) bool {
	if c.Type != model.ContentText {
		return false
	}
	folded := d.Fold(c.Text)
	for _, word := range []string{"取消", "取消排队", "不等了"} {
		if folded == d.Fold(word) {
			return true
		}
	}
	return false
}

// leaveQueue gives the session back to the bot. What was written meanwhile stays in it.
func (d *decision) leaveQueue() {
	d.fact(model.FactLeft, "", d.at-d.s.WaitingMS)
	d.endWaiting()
	d.s.State = model.StateBot
	d.s.HandoffReason, d.s.HandoffSeq, d.s.QueuedMS, d.s.Misses = "", 0, 0, 0
	d.s.LastEmployeeMS = d.at
	d.setTimer(model.TimerBotIdle, msDuration(d.acc.Policy.Bot.IdleAfter))
	d.step.WakeQueue = true // in case it had its turn
	d.say(model.FromSystem, leftText(d.acc.Policy.Bot.Enabled))
	d.finish(model.OutcomeHandled, "left_queue")
}
