package bot

import (
	"cmp"
	"strings"
	"time"

	"deskmate/model"
)

// reasonOffHours says that something waits or ends because seats don't work now.
const reasonOffHours = "off_hours"

// open reports whether the account's seats work now.
func (d *decision) open() bool {
	return d.Hours == nil || d.Hours.Open(d.acc.Policy.Hours, d.in.Now.In(d.Location))
}

// handoffOffHours keeps the session for the next opening, or ends it.
func (d *decision) handoffOffHours(reason model.HandoffReason) {
	d.step.Detail.Rule = string(reason)
	intro := strings.Replace(handoffIntro(reason), "，", "。", 1)
	if d.acc.Policy.OffHours.Action == model.OffEnd {
		d.s.HandoffReason = reason
		d.say(model.FromSystem, intro+d.offHoursText(true))
		d.close(model.ClosedOffHours)
		d.finish(model.OutcomeRefused, reasonOffHours)
		return
	}
	d.leaveBot(reason)
	d.enqueueOffHours(intro)
	d.finish(model.OutcomeKept, reasonOffHours)
}

// enqueueOffHours lets the session wait for the next opening.
func (d *decision) enqueueOffHours(intro string) {
	d.enqueue()
	d.s.WaitState = model.WaitOpening
	d.say(model.FromSystem, intro+d.offHoursText(false))
	d.awaitOpening()
}

// nextOpening is when seats work again; ok is false where no opening is in sight.
func (d *decision) nextOpening() (at time.Time, ok bool) {
	return d.Hours.Next(d.acc.Policy.Hours, d.in.Now.In(d.Location))
}

// awaitOpening sets the timer for the next opening. Where none is in sight, only a change
// of the hours helps, and then the queue gets its turn anyway.
func (d *decision) awaitOpening() {
	if at, ok := d.nextOpening(); ok {
		d.step.Timers = append(d.step.Timers, model.TimerChange{Kind: model.TimerOpening, DueMS: at.UnixMilli()})
	}
}

// offHoursText says that seats don't work now, and when they do again.
func (d *decision) offHoursText(end bool) string {
	opening := ""
	if at, ok := d.nextOpening(); ok {
		opening = openingWords(at)
	}
	if text := d.acc.Policy.OffHours.Text; text != "" {
		return strings.ReplaceAll(text, model.OpeningMark, cmp.Or(opening, "恢复服务"))
	}
	return offHoursText(hoursWords(d.acc.Policy.Hours), opening, end)
}

// waiting is a line of an employee who waits for a seat: it stays in the session.
func (d *decision) waiting() {
	if d.open() {
		d.resumeWaiting()
		d.finish(model.OutcomeQueued, "waiting")
		return
	}
	d.waitOffHours()
	d.finish(model.OutcomeKept, reasonOffHours)
}

// waitOffHours lets a session that waits already go on waiting for the next opening. The
// employee is told, unless that was the last thing we told: the hours may have ended, or
// changed, in between. Whoever left a message hears nothing.
func (d *decision) waitOffHours() {
	d.awaitOpening()
	if d.s.WaitState == model.WaitMessage {
		return
	}
	d.pauseWaiting()
	text, told := d.offHoursText(false), ""
	for _, m := range d.in.Case.Recent {
		if m.From == model.FromSystem {
			told = m.Content.Text
		}
	}
	if !strings.HasSuffix(told, text) {
		d.say(model.FromSystem, text)
	}
}

// opening is the timer of a session that waits for the hours. Many wait for the same
// moment: the first of them takes its turn, which wakes the next.
func (d *decision) opening() {
	switch {
	case d.s == nil || d.s.State != model.StateQueued:
		d.finish(model.OutcomeHandled, "stale_timer")
	case d.in.Case.Ahead > 0 && d.open():
		d.resumeWaiting()
		d.finish(model.OutcomeHandled, "not_first")
	default:
		d.queueTurn()
	}
}
