package bot

import (
	"slices"
	"time"

	"deskmate/model"
)

// recallWithin is for how long WeCom takes a message back (doc path/94867), less what a
// recall may wait in the outbox.
const recallWithin = 24*time.Hour - time.Minute

// seatRecall takes back the last line that the seat wrote to the employee. What hasn't gone
// out yet is not sent; what WeCom has, it takes back. The transcript keeps the words.
func (d *decision) seatRecall() {
	if !d.mine() {
		return
	}
	if d.in.Sent == nil {
		d.need = Need{Kind: NeedSent, Only: d.in.Event.Seat}
		return
	}
	sent := *d.in.Sent
	if len(sent.Pushes) == 0 && d.recallKept(sent.Message) {
		return
	}
	if reason := recallRefused(sent, d.in.Now); reason != "" {
		d.denyRecall(reason)
		return
	}
	d.step.Recall = &model.Recall{Seq: sent.Message.Seq}
	for _, row := range sent.Pushes {
		if row.State == model.OutPending {
			d.step.Recall.Cancel = append(d.step.Recall.Cancel, row.ID)
			continue
		}
		d.push(model.Push{
			Receiver: d.employee, Kind: model.PushRecall, MsgID: row.MsgID, Author: d.in.Event.Seat,
		})
	}
	d.recalled(sent.Message)
}

// recallKept takes back what waits for a group's next mention. What doesn't wait there any more
// went out together with other lines.
func (d *decision) recallKept(m model.Message) bool {
	if !model.IsGroup(d.employee) || d.acc.Group.Mode != model.GroupCallback || m.Seq == 0 || m.RecalledMS != 0 {
		return false
	}
	chat := d.chat()
	at := len(chat.Kept) - 1
	for at >= 0 && chat.Kept[at] != m.Content.Words() {
		at--
	}
	if at < 0 {
		d.denyRecall(reasonTogether)
		return true
	}
	chat.Kept = slices.Delete(chat.Kept, at, at+1)
	d.recalled(m)
	return true
}

// recalled marks the line as taken back and tells who did it.
func (d *decision) recalled(m model.Message) {
	if d.step.Recall == nil {
		d.step.Recall = &model.Recall{Seq: m.Seq}
	}
	d.changed()
	d.tellActor("已撤回发给" + d.employeeMember().Title() + "的消息：" + excerpt(m.Content.Words(), excerptLimit))
	d.finish(model.OutcomeHandled, "recalled")
}

// denyRecall refuses a recall.
func (d *decision) denyRecall(reason string) {
	d.step.Detail.Seat = d.s.Seat
	d.tellActor("未撤回：" + refusalText(reason) + "。")
	d.finish(model.OutcomeRefused, reason)
}

// recallRefused is why a line can't be taken back; "" where it can.
func recallRefused(sent model.Sent, now time.Time) string {
	switch {
	case sent.Message.Seq == 0 || len(sent.Pushes) == 0:
		return reasonNotSent
	case sent.Message.RecalledMS != 0:
		return reasonRecalled
	case sent.Together:
		return reasonTogether
	}
	for _, row := range sent.Pushes {
		if reason := pushRecallRefused(row, now); reason != "" {
			return reason
		}
	}
	return ""
}

func pushRecallRefused(row model.Outbox, now time.Time) string {
	switch row.State {
	case model.OutPending:
		if row.Uncertain > 0 {
			return reasonUnconfirmed
		}
	case model.OutSending:
		return reasonSending
	case model.OutUncertain:
		return reasonUnconfirmed
	case model.OutDead, model.OutDiscarded:
		return reasonUndelivered
	case model.OutRecalled:
		return reasonRecalled
	case model.OutSent:
		switch {
		case row.MsgID == "":
			return reasonUnconfirmed
		case now.Sub(model.Time(row.SentMS)) > recallWithin:
			return reasonTooOld
		}
	}
	return ""
}
