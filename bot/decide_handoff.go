package bot

import (
	"fmt"
	"strings"

	"deskmate/model"
)

// handoff gives the session from the bot to a seat, or to the queue.
func (d *decision) handoff(reason model.HandoffReason) {
	if !d.open() {
		d.handoffOffHours(reason)
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Previous: d.in.Case.Conversation.LastSeat}
		return
	}
	d.leaveBot(reason)
	d.step.Detail.Rule = string(reason)
	if !d.in.Offer.found() {
		d.step.WakeQueue = d.in.Offer.Free // for those who have waited longer
		d.enqueue()
		d.awaitSeat(handoffIntro(reason) + textInLine)
		d.finish(model.OutcomeQueued, string(reason))
		return
	}
	d.assign()
	d.sayServed(handoffIntro(reason))
	d.finish(model.OutcomeHandedOff, string(reason))
}

// leaveBot ends the bot's part in the session.
func (d *decision) leaveBot(reason model.HandoffReason) {
	d.s.HandoffReason = reason
	d.s.HandoffSeq, d.s.QueuedMS = d.s.MessageCount, d.at
	d.forgetSuggestion()
	d.s.TopicEntry, d.s.TopicMS = 0, 0
	d.dropTimer(model.TimerBotIdle)
	d.fact(model.FactHandoff, string(reason), 0)
}

// enqueue lets the session wait; for what, the caller says.
func (d *decision) enqueue() {
	d.s.State = model.StateQueued
	d.s.Seat, d.s.SeatNo, d.s.Shared = "", 0, false
	d.s.WaitingMS = d.at
	d.changed()
	d.step.Detail.SeatWhy = string(model.PickNone)
}

// assign gives the session to the seat on offer, or to all, and shows them what was said
// before.
func (d *decision) assign() {
	offer := d.in.Offer
	since := d.at // nobody waited, unless in the queue
	if d.s.State == model.StateQueued {
		since = d.s.WaitingMS
	}
	message := d.s.WaitState == model.WaitMessage
	d.endWaiting()
	d.s.State = model.StateServing
	d.s.AssignedMS = d.at
	d.s.LastSeatMS, d.s.RepliedBy = 0, ""
	d.changed()
	if offer.All {
		d.share()
	} else {
		d.giveTo(*offer.Seat)
	}
	d.fact(model.FactAssigned, string(offer.Why), d.at-since)
	for _, seat := range d.listeners() {
		d.introduceTo(seat, message, d.history(), d.s.HandoffSeq)
	}
	d.seatBegins()
}

// giveTo makes the session one seat's own.
func (d *decision) giveTo(seat model.Seat) {
	offer, day := d.in.Offer, d.day()
	d.s.Seat, d.s.Shared = seat.UserID, false
	d.s.SeatNo = seat.NextNo(day)
	d.step.Reserve = &model.Reservation{
		Seat: d.s.Seat, Limit: offer.Limit, No: d.s.SeatNo, Day: day, Force: offer.Force,
		InTurn: offer.Why != model.PickAsked,
	}
	d.step.Detail.Seat, d.step.Detail.SeatWhy = d.s.Seat, string(offer.Why)
	c := d.conversation()
	c.Peer = d.employee
	c.LastSeat = d.s.Seat
}

// sayServed tells the employee who serves from now on.
func (d *decision) sayServed(intro string) {
	if d.in.Offer.All {
		d.say(model.FromSystem, intro+textServedByAll)
		return
	}
	d.say(model.FromSystem, servedText(intro, seatName(*d.in.Offer.Seat)))
}

func seatName(s model.Seat) string {
	if s.Name != "" {
		return s.Name
	}
	return s.UserID
}

// historyLines is how many lines of the past a seat is shown with a session; what
// the employee said since the handoff is shown in any case.
const historyLines = 10

// introduceTo sends the session to a seat that doesn't know it: who, why, what was said before,
// and the card. What is missing of it after the line since is counted. Whoever left a message
// may not be there any more.
func (d *decision) introduceTo(seat string, message bool, past []model.Message, since int) {
	d.forgetUnshown(seat)
	employee := d.employeeMember()
	lines := []string{employee.Title() + " 转人工（" + handoffWords(d.s.HandoffReason) + "）"}
	if message {
		lines = append(lines, textMessageLeft)
	}
	if len(past) > 0 && past[0].Seq-1 > since {
		lines = append(lines, fmt.Sprintf("（更早的 %d 条消息未显示）", past[0].Seq-1-since))
	}
	d.showLines(seat, strings.Join(lines, "\n"), past)
	card := sessionCard(d.acc, *d.s, employee, false)
	d.groupCard(&card)
	d.card(model.Push{Receiver: seat, Line: true}, "desk", card)
}

// showLines sends a seat lines of the session under a heading, and the pictures among them.
func (d *decision) showLines(seat, heading string, past []model.Message) {
	employee := d.employeeMember()
	lines := []string{heading}
	for _, m := range past {
		words := d.Escape(m.Content.Words())
		if m.RecalledMS != 0 {
			words += "（已撤回）"
		}
		lines = append(lines, spoken(d.senderName(m, employee), words))
	}
	d.push(model.Push{Receiver: seat, Kind: model.PushText, Text: strings.Join(lines, "\n"), Line: true})
	for _, m := range past {
		if m.From == model.FromEmployee && m.Content.HasMedia() {
			d.relayMedia(model.Push{Receiver: seat, Author: d.employee}, employee.Title(), m.Content)
		}
	}
}

// history is what the seat is shown: the last lines, and everything since the handoff
// that the case holds.
func (d *decision) history() []model.Message {
	all := append([]model.Message(nil), d.in.Case.Recent...)
	for _, m := range d.step.Messages {
		if m.From != model.FromSystem {
			all = append(all, m)
		}
	}
	start := max(0, len(all)-historyLines)
	for start > 0 && all[start-1].Seq > d.s.HandoffSeq {
		start--
	}
	return all[start:]
}

func (d *decision) senderName(m model.Message, employee model.Member) string {
	switch {
	case m.From == model.FromSeat && d.s.Shared:
		return "坐席" + d.nameOf(m.Sender)
	case m.From == model.FromSeat:
		return "坐席" // the employee knew no names either
	case m.From == model.FromEmployee:
		return d.writerName(m, employee)
	}
	return speaker(m, employee, d.in.Case.Names)
}

// relayToSeat shows its seats a line of the employee, the one with that number.
func (d *decision) relayToSeat(c model.Content, seq int) {
	seats := d.listeners()
	if d.asksActive(seats) {
		return
	}
	for _, seat := range seats {
		if !d.spare(seat, seq) {
			d.relayTo(seat, d.employeeMember().Title(), d.employee, c)
		}
	}
}

// relayTo sends a seat what somebody wrote.
func (d *decision) relayTo(seat, name, author string, c model.Content) {
	p := model.Push{Receiver: seat, Author: author, Fanout: d.fanout()}
	if c.HasMedia() {
		d.relayMedia(p, name, c)
		return
	}
	p.Kind, p.Text, p.Line, p.Merge = model.PushText, spoken(name, d.Escape(c.Words())), true, true
	d.push(p)
}

// relayMedia sends a picture, voice or video on, behind a line that names its sender; to says
// to whom, and whose it is.
func (d *decision) relayMedia(to model.Push, name string, c model.Content) {
	kind, ok := mediaPush(c.Type)
	to.Line = name != ""
	if name != "" {
		p := to
		p.Kind, p.Text = model.PushText, spoken(name, c.Words())
		d.push(p)
	}
	if !ok {
		return
	}
	to.Kind, to.MediaID = kind, c.MediaID
	if to.MediaID == "" {
		to.Blob = c.Blob
		if kind == model.PushVideo { // stored ones are uploaded as pictures and files
			to.Kind = model.PushFile
		}
	}
	d.push(to)
}

func mediaPush(t model.ContentType) (model.PushKind, bool) {
	switch t {
	case model.ContentImage:
		return model.PushImage, true
	case model.ContentVoice:
		return model.PushVoice, true
	case model.ContentVideo:
		return model.PushVideo, true
	case model.ContentFile:
		return model.PushFile, true
	case model.ContentText, model.ContentLocation, model.ContentLink, model.ContentCard:
	}
	return "", false
}

// queueTurn gives a waiting session to a seat that may be free.
func (d *decision) queueTurn() {
	if d.s == nil || d.s.State != model.StateQueued || (d.in.Event.Session != 0 && d.in.Event.Session != d.s.ID) {
		d.step.WakeQueue = true // the free seat is for the next one then
		d.finish(model.OutcomeHandled, "not_waiting")
		return
	}
	if !d.acc.Enabled {
		d.closeDisabled()
		d.step.WakeQueue = true // so that the others who wait learn it, too
		d.finish(model.OutcomeHandled, "account_disabled")
		return
	}
	if !d.open() {
		d.waitOffHours()
		d.finish(model.OutcomeHandled, reasonOffHours)
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Previous: d.in.Case.Conversation.LastSeat}
		return
	}
	if !d.in.Offer.found() {
		d.resumeWaiting()
		if d.in.Offer.Pass {
			d.step.WakeQueue, d.step.WakeBehind = true, &model.Place{QueuedMS: d.s.QueuedMS, ID: d.s.ID}
		}
		d.step.Detail.SeatWhy = string(model.PickNone)
		d.finish(model.OutcomeHandled, "no_seat")
		return
	}
	d.assign()
	d.sayServed("")
	d.step.WakeQueue = true
	d.finish(model.OutcomeHandedOff, "queue")
}
