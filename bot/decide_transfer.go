package bot

import (
	"slices"
	"strings"

	"deskmate/model"
)

// seatTransfer gives the session to another seat, or back to the queue.
func (d *decision) seatTransfer() {
	if !d.mine() {
		return
	}
	ev := d.in.Event
	from, target := d.s.Seat, ev.Target
	if d.s.ForAll() {
		from = ev.Seat
	}
	switch {
	case target == "" && d.s.State == model.StateQueued:
		d.deny(reasonInQueue)
	case target == "":
		d.requeue(from)
	case target == d.s.Seat:
		d.deny(reasonSameSeat)
	case d.in.Offer == nil:
		d.need = Need{Kind: NeedSeat, Only: target, Force: ev.Force && ev.By != ""}
	case d.in.Offer.Seat == nil:
		d.step.Detail.Seat = from
		told := "转接失败：" + refusalText(reasonTransfer) + "。"
		if d.s.Seat == ev.Seat && ev.By == "" {
			told += "会话仍由您接待。"
		}
		d.tellActor(told)
		d.finish(model.OutcomeRefused, reasonTransfer)
	default:
		d.transfer(from)
	}
}

// transfer gives the session to the seat on offer.
func (d *decision) transfer(from string) {
	if d.s.State == model.StateServing {
		d.step.Release, d.step.WakeQueue = d.s.Seat, true
		d.s.HandoffSeq = d.s.MessageCount
	}
	if d.s.ForAll() {
		d.grey("已由"+seatName(*d.in.Offer.Seat)+"接待", d.in.Event.Target)
	}
	d.transferNote()
	d.assign()
	d.fact(model.FactTransfer, "seat", 0)
	to := seatName(*d.in.Offer.Seat)
	d.say(model.FromSystem, "已为您转接坐席 "+to+"。")
	d.report(from, "已将"+d.employeeMember().Title()+"转接给 "+to+"。")
	d.audit("session.reassigned", from, d.s.Seat)
	d.finish(model.OutcomeHandedOff, "transfer")
}

// requeue puts the session back into the queue, as somebody asks for.
func (d *decision) requeue(from string) {
	if d.s.ForAll() {
		d.grey("已放回排队")
	}
	d.s.ReturnedBy, d.s.HandoffSeq = d.s.Seat, d.s.MessageCount
	d.transferNote()
	d.backToQueue("坐席已将您转回排队", textInLine, "queue")
	d.report(from, "已将"+d.employeeMember().Title()+"放回排队。")
	d.audit("session.requeued", from, "")
	d.finish(model.OutcomeQueued, "transfer_queue")
}

// backToQueue takes the session from its seat and puts it back where it was in the queue; the
// employee is told what happened and, within the hours, what is done next. Its turn comes at
// once, in case another seat is free; the place that came free is for whoever can go there.
func (d *decision) backToQueue(told, next, why string) {
	d.step.Release = d.s.Seat
	d.fact(model.FactTransfer, why, 0)
	d.forgetClocks()
	c := d.conversation()
	c.Peer, c.LastSeat = d.employee, "" // who gives a session away is not preferred for it
	if d.open() {
		d.enqueue()
		d.awaitSeat(told + "，" + next)
	} else {
		d.enqueueOffHours(told + "。")
	}
	d.step.Forwards = append(d.step.Forwards, model.Forward{
		Person: d.employee, Event: model.Event{Kind: model.EventQueueTurn, Session: d.s.ID, AtMS: d.at},
	})
}

// transferNote records why the session is given away, for the seat that gets it.
func (d *decision) transferNote() {
	if note := strings.TrimSpace(d.in.Event.Note); note != "" {
		d.note("转接原因：" + note)
	}
}

// transferCommand is `#转接 姓名 原因` and `#转接 队列 原因`.
func (d *decision) transferCommand(cmd Command) {
	s, ok := d.target(cmd.Number, "#转接 2 姓名")
	if !ok {
		return
	}
	if cmd.Name == CommandQueue {
		d.forward(s, model.Event{Kind: model.EventSeatTransfer, Note: cmd.Text})
		return
	}
	if cmd.Who == "" {
		d.tell(d.in.Case.Person, "请写上转给谁，例如 #转接 王五，或 #转接 队列。")
		return
	}
	if d.in.Roster == nil {
		d.need = Need{Kind: NeedRoster}
		return
	}
	others := slices.DeleteFunc(slices.Clone(d.in.Roster), func(s model.Seat) bool { return s.UserID == d.in.Case.Person })
	found, who, note := FindSeatNote(others, cmd.Who)
	switch len(found) {
	case 0:
		d.tell(d.in.Case.Person, "没有找到坐席「"+who+"」。")
	case 1:
		d.forward(s, model.Event{Kind: model.EventSeatTransfer, Target: found[0].UserID, Note: note})
	default:
		names := make([]string, 0, len(found))
		for _, f := range found {
			names = append(names, seatName(f)+"("+f.UserID+")")
		}
		d.tell(d.in.Case.Person, "有多位「"+who+"」，请用账号："+strings.Join(names, "、"))
	}
}
