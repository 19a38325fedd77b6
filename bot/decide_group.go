package bot

import (
	"time"

	"deskmate/model"
)

// groupMention is a message that calls the account's AI bot in a group chat. The bot never
// answers there: it goes to a seat.
func (d *decision) groupMention() {
	d.noteMention()
	if !d.admitGroup() || d.needFiles() {
		return
	}
	d.openSession()
	d.s.LastEmployeeMS = d.at
	lines := d.mentionLines()
	for _, c := range lines {
		d.record(model.FromEmployee, d.in.Event.Group.From, c)
	}
	switch d.s.State {
	case model.StateQueued:
		d.waiting()
	case model.StateServing:
		if d.nobodyListens() {
			d.placeAnew("nobody_listens")
			return
		}
		for i, c := range lines {
			d.relayToSeat(c, d.s.MessageCount-len(lines)+1+i)
		}
		d.showAnswerNote()
		d.seatOwes()
		d.finish(model.OutcomeRelayed, "to_seat")
	case model.StateBot:
		d.handoff(model.HandoffGroup)
		d.acknowledge()
	case model.StateClosed: // openSession never leaves one
	}
}

// noteMention writes down where the mention came from and how it can be answered.
func (d *decision) noteMention() {
	m, chat := d.in.Event.Group, d.chat()
	chat.ChatID, chat.BotID, chat.Single, chat.LastFrom = m.ChatID, m.BotID, m.Single, m.From
	chat.ReqID, chat.ResponseURL, chat.UntilMS = m.ReqID, m.ResponseURL, m.UntilMS
}

// chat is the group chat as the step leaves it, for changing.
func (d *decision) chat() *model.GroupChat {
	if d.step.Group == nil {
		c := model.GroupChat{AccountID: d.acc.ID, Peer: d.in.Case.Person}
		if d.in.Case.Group != nil {
			c = *d.in.Case.Group
			c.Kept = append([]string(nil), c.Kept...)
		}
		d.step.Group = &c
	}
	return d.step.Group
}

// admitGroup refuses what the account doesn't serve: any group where joining is forbidden,
// writers outside its scope or barred, and who writes to the bot alone, for the app is there for that.
// The group hears so once a day.
func (d *decision) admitGroup() bool {
	m := d.in.Event.Group
	_, known := d.in.Case.Writers[m.From]
	switch {
	case !d.acc.Enabled:
		d.closeDisabled()
		d.refuseGroup("account_disabled", disabledText(d.acc.Name))
	case d.acc.Group.Join != model.GroupAllow:
		d.refuseGroup("group_forbidden", textNoGroups)
	case m.Single:
		d.refuseGroup("bot_alone", botAloneText(d.acc.Name))
	case d.acc.Policy.Bars(m.From):
		d.refuseGroup("barred", refusedText(d.acc.Name))
	case !d.in.DirectoryAsked && (!known || !d.in.Case.InScope):
		d.need = Need{Kind: NeedDirectory}
	case !d.in.Case.InScope:
		d.refuseGroup("scope", refusedText(d.acc.Name))
	default:
		return true
	}
	return false
}

func (d *decision) refuseGroup(reason, text string) {
	if chat := d.chat(); chat.NoticeDay != d.day() {
		chat.NoticeDay = d.day()
		d.tellGroup(text)
	}
	d.finish(model.OutcomeRefused, reason)
}

// needFiles asks for the files of the mention, which can be fetched for five minutes only.
func (d *decision) needFiles() bool {
	if d.in.Files == nil && len(filesOf(d.in.Event)) > 0 {
		d.need = Need{Kind: NeedFiles}
		return true
	}
	return false
}

// filesOf are the files of a mention, in order.
func filesOf(ev model.Event) []model.Content {
	var files []model.Content
	for _, c := range mentionParts(ev) {
		if c.URL != "" && c.Type != model.ContentText && c.Type != model.ContentLink {
			files = append(files, c)
		}
	}
	return files
}

func mentionParts(ev model.Event) []model.Content {
	return append([]model.Content{*ev.Content}, ev.Group.More...)
}

// mentionLines is what was written, as it is kept: files by their blobs.
func (d *decision) mentionLines() []model.Content {
	var lines []model.Content
	n := 0
	for _, c := range mentionParts(d.in.Event) {
		if c.URL != "" && c.Type != model.ContentText && c.Type != model.ContentLink {
			file := StoredFile{}
			if n < len(d.in.Files) {
				file = d.in.Files[n]
			}
			n++
			kept := model.Content{Type: c.Type, Blob: file.Blob, Name: file.Name, Size: file.Size}
			if file.Blob == 0 {
				kept = model.Content{Type: model.ContentText, Text: c.Words() + textNotFetched}
			}
			c = kept
		}
		lines = append(lines, c)
	}
	return lines
}

// acknowledge is the one line that a group hears when a session begins. With callbacks it would
// use up the seat's only answer.
func (d *decision) acknowledge() {
	if d.need.Kind != NeedNothing || d.acc.Group.Mode == model.GroupCallback {
		return
	}
	text := textGroupReceived
	if !d.open() {
		text = d.offHoursText(d.s.State == model.StateClosed)
	}
	if d.s.State != model.StateClosed {
		d.record(model.FromSystem, "", model.Content{Type: model.ContentText, Text: text})
	}
	d.tellGroup(text)
}

// tellGroup says a text of ours in the group, if it can be said.
func (d *decision) tellGroup(text string) {
	if d.acc.Group.Mode != model.GroupCallback {
		d.toGroup(model.Push{Kind: model.PushText, Text: text})
		return
	}
	if chat := d.chat(); chat.TakesAnswer(d.at) {
		d.toGroup(model.Push{Kind: model.PushText, Text: text, URL: chat.ResponseURL})
		chat.ResponseURL = ""
	}
}

// toGroup sends to the group. Nothing else does: a notice or a card for an employee has no place
// there, see push.
func (d *decision) toGroup(p model.Push) {
	p.Receiver = d.in.Case.Person
	if d.s != nil {
		p.Session = d.s.ID
	}
	d.step.Pushes = append(d.step.Pushes, p)
}

// groupCard makes the card of a session one of a group.
func (d *decision) groupCard(card *model.Card) {
	if !model.IsGroup(d.employee) {
		return
	}
	card.Desc = "群聊：回复会发到群里"
	if note := d.answerNote(); note != "" {
		card.Desc = note
	}
}

// writerName names who wrote a line of the transcript: in a group, several people do.
func (d *decision) writerName(m model.Message, employee model.Member) string {
	if !model.IsGroup(d.employee) {
		return employee.ShortName()
	}
	if w, ok := d.in.Case.Writers[m.Sender]; ok {
		return w.Title()
	}
	return m.Sender
}

// The texts of group chats.
const (
	textNoGroups      = "本服务未开放群聊。"
	textGroupReceived = "已收到，坐席会尽快回复。"
	textGroupKept     = "已保存：本次 @ 的回复机会已用完或已过期，这条内容会随群里下一次 @ 的回复一起发出。"
	textGroupUsed     = "已发到群里。本次 @ 只能回复一次，之后的内容会随下一次 @ 的回复发出。"
	textGroupWait     = "群聊：本次 @ 已不能回复，内容会随下一次 @ 的回复发出" //nolint:gosec // no secret
	textNotFetched    = "（未能取得）"
)

func botAloneText(account string) string {
	return "这里只服务群聊。请打开应用「" + account + "」咨询。"
}

// groupFileTime is how long a file of a mention is fetched for.
const groupFileTime = 90 * time.Second
