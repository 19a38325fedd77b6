package bot

import (
	"cmp"
	"strings"

	"deskmate/model"
)

// Over a long connection a seat answers in the group whenever it likes. With a callback URL each
// mention takes one answer; what is written beyond that waits for the next mention.

// groupAnswerLimit is how many bytes of seats' lines one answer takes. WeCom takes 20480; what
// must be escaped grows to three times its size.
const groupAnswerLimit = 6000

// answerGroup sends a seat's line to the group; alone is false where others go out with it.
func (d *decision) answerGroup(seat string, c model.Content) (alone bool) {
	words := c.Words()
	switch {
	case !d.acc.Group.Bound():
		d.tell(seat, undeliveredText(d.in.personTitle(), "账号已不再绑定智能机器人", words))
	case d.acc.Group.Mode == model.GroupCallback:
		return d.answerOnce(seat, c)
	case c.HasMedia():
		if kind, ok := mediaPush(c.Type); ok {
			d.toGroup(model.Push{Kind: kind, MediaID: c.MediaID, Blob: c.Blob, Author: seat})
		}
	default:
		for _, part := range d.Split(words) {
			d.toGroup(model.Push{Kind: model.PushText, Text: part, Author: seat, Merge: true})
		}
	}
	return true
}

// answerOnce uses the last mention's one answer, or keeps the line for the next one's.
func (d *decision) answerOnce(seat string, c model.Content) (alone bool) {
	if c.HasMedia() {
		d.tell(seat, undeliveredText(d.in.personTitle(), "群聊（回调方式）只能回复文字", c.Words()))
		return true
	}
	chat := d.chat()
	chat.Kept = append(chat.Kept, c.Words())
	alone = len(chat.Kept) == 1
	if !chat.TakesAnswer(d.at) {
		d.tell(seat, textGroupKept)
		return alone
	}
	d.sendKept(seat)
	d.tell(seat, textGroupUsed)
	return alone
}

// sendKept answers the last mention with the lines that wait, as far as they fit.
func (d *decision) sendKept(seat string) {
	chat := d.chat()
	n, size := 0, 0
	for n < len(chat.Kept) && (n == 0 || size+1+len(chat.Kept[n]) <= groupAnswerLimit) {
		size += 1 + len(chat.Kept[n])
		n++
	}
	text := strings.Join(chat.Kept[:n], "\n")
	d.toGroup(model.Push{Kind: model.PushText, Text: text, URL: chat.ResponseURL, Author: seat})
	chat.Kept, chat.ResponseURL = chat.Kept[n:], ""
}

// endGroup sends what waits when a session with a group ends, if it can be sent. It counts as
// the words of who served, or else replied last.
func (d *decision) endGroup() {
	if g := d.in.Case.Group; g != nil && len(g.Kept) > 0 && d.chat().TakesAnswer(d.at) {
		d.sendKept(cmp.Or(d.s.Seat, d.s.RepliedBy, d.in.Case.Conversation.LastSeat))
	}
}

// showAnswerNote tells everybody who may answer the last mention how.
func (d *decision) showAnswerNote() {
	note := d.answerNote()
	if note == "" {
		return
	}
	for _, seat := range d.listeners() {
		d.push(model.Push{
			Receiver: seat, Kind: model.PushText, Text: note, Line: true, Merge: true, Fanout: d.fanout(),
		})
	}
}

// answerNote says how a seat can answer the last mention; "" where there is nothing to say.
func (d *decision) answerNote() string {
	if d.acc.Group.Mode != model.GroupCallback {
		return ""
	}
	chat := d.chat()
	if !chat.TakesAnswer(d.at) {
		return textGroupWait
	}
	return "群聊：可回复 1 次，" + model.Time(chat.UntilMS).In(d.Location).Format("15:04") + " 前有效"
}
