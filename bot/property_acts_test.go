package bot_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"deskmate/model"
)

// act lets one thing happen.
func (a *afternoon) act() {
	person := a.people[a.rng.IntN(len(a.people))]
	switch n := a.rng.IntN(24); {
	case n < 6:
		a.writesSomething(person)
	case n < 10:
		seats := sortedKeys(a.seats)
		a.commands(seats[a.rng.IntN(len(seats))])
	case n < 14:
		a.taps(person)
	case n < 16:
		a.timePasses()
	case n == 16:
		a.arrives(person, model.Event{Kind: model.EventMenuClick, Key: "handoff"})
	case n == 17:
		a.arrives(person, model.Event{Kind: model.EventEnter})
	case n == 18:
		a.wakeQueue()
	case n == 19:
		a.worksThere()
	case n > 19:
		a.acts()
	default:
		a.changes()
	}
}

// say is a text nobody has written before, behind a word that says what is made of it.
func (a *afternoon) say(word string) string {
	a.texts++
	return fmt.Sprintf("%s t%d;", word, a.texts)
}

func (a *afternoon) writesSomething(person string) {
	words := []string{"知道", "像", "像", "图", "还有", "谢谢", "嗯", "什么", "什么", "第一行\n第二行"}
	c := textOf(a.say(words[a.rng.IntN(len(words))]))
	switch a.rng.IntN(12) {
	case 0:
		c = model.Content{Type: model.ContentImage, MediaID: a.say("")}
	case 1:
		c = model.Content{Type: model.ContentLocation, Label: a.say("")}
	case 2:
		c = model.Content{Type: model.ContentLink, Title: a.say("")}
	case 3:
		a.writes(person, "人工")
		return
	case 6:
		a.writes(person, "不等了")
		return
	case 4, 5:
		a.writes(person, fmt.Sprint(a.rng.IntN(4)))
		return
	}
	ev := model.Event{Kind: model.EventMessage, Content: &c}
	a.arrives(person, ev)
	if a.chance(10) { // WeCom repeats it
		a.accept(model.Inbound{AccountID: 1, Person: person, DedupeKey: fmt.Sprintf("m:%d", a.ids-1), Event: ev}, model.PersonLane(1, person))
	}
}

func (a *afternoon) commands(seat string) {
	number := 1 + a.rng.IntN(4)
	name := a.people[a.rng.IntN(len(a.people))]
	other := a.members[[]string{lin, chen, zhang}[a.rng.IntN(3)]].ShortName()
	texts := []string{
		a.say("好的"), a.say("好的"), a.say("好的"),
		fmt.Sprintf("#%d %s", number, a.say("好的")), fmt.Sprintf("#%d", number),
		fmt.Sprintf("@%s %s", a.members[name].ShortName(), a.say("好的")), "@" + name,
		"#保持", fmt.Sprintf("#取消保持 %d", number),
		"#结束", fmt.Sprintf("#结束 %d", number), "#查看", fmt.Sprintf("#查看 %d", number),
		"#转接 " + other, fmt.Sprintf("#转接 %d %s", number, other), "#转接 队列",
		"#上线", "#上线", "#离开", "#离线", "#列表", "#帮助", "#胡说" + a.say(""),
		"#咨询 " + a.say("什么"),
		"#接待", "#接待", "#备注 " + a.say("备注"), fmt.Sprintf("#备注 %d %s", number, a.say("备注")),
		"#撤回", "#撤回", fmt.Sprintf("#撤回 %d", number), "#历史", fmt.Sprintf("#历史 %d 1", number),
		"#转接 " + other + " " + a.say("原因"), "#转接 队列 " + a.say("原因"),
	}
	a.writes(seat, texts[a.rng.IntN(len(texts))])
}

// acts is what somebody does through the API, to any session there ever was: a seat, or a
// supervisor in its place.
func (a *afternoon) acts() {
	ids := a.sessionIDs()
	if len(ids) == 0 {
		return
	}
	s := a.sessions[ids[len(ids)-1-a.rng.IntN(min(len(ids), 6))]]
	seats := sortedKeys(a.seats)
	ev := model.Event{Session: s.ID, Seat: seats[a.rng.IntN(len(seats))], API: true}
	if s.Seat != "" && a.chance(2) {
		ev.Seat = s.Seat
	}
	if a.chance(3) {
		ev.By, ev.Force = "zhao", a.chance(2)
	}
	switch c := textOf(a.say("API")); a.rng.IntN(8) {
	case 0, 1:
		ev.Kind = model.EventSeatClaim
	case 2:
		ev.Kind, ev.Target = model.EventSeatTransfer, seats[a.rng.IntN(len(seats))]
	case 3:
		ev.Kind, ev.Note = model.EventSeatTransfer, a.say("原因")
	case 4:
		ev.Kind, ev.Content = model.EventSeatNote, &c
	case 5:
		ev.Kind, ev.By = model.EventSeatRecall, ""
	case 6:
		ev.Kind = model.EventSeatEnd
	default:
		ev.Kind, ev.Content, ev.By = model.EventSeatMessage, &c, ""
	}
	a.arrives(s.Employee, ev)
}

// taps is a tap on any card that somebody was ever sent, old ones too.
func (a *afternoon) taps(person string) {
	var cards []model.Card
	for _, row := range a.outbox[model.OutLane(1, person)] {
		switch push := row.Push; {
		case row.State != model.OutSent:
		case push.Kind == model.PushCard:
			cards = append(cards, *push.Card)
		case push.Kind == model.PushUpdate && push.Update.Card != nil: // has become another one
			cards = append(cards, *push.Update.Card)
		}
	}
	if len(cards) == 0 {
		return
	}
	card := cards[len(cards)-1-a.rng.IntN(min(len(cards), 4))]
	a.texts++
	click := model.Click{Key: card.Submit.Key, TaskID: card.TaskID, ResponseCode: fmt.Sprint("click", a.texts)}
	if len(card.Buttons) > 0 {
		click.Key = card.Buttons[a.rng.IntN(len(card.Buttons))].Key
	}
	if click.Key == "" { // it shows words only
		return
	}
	a.arrives(person, model.Event{Kind: model.EventCardClick, Click: &click})
}

// timePasses moves the clock and delivers the timers that are due.
func (a *afternoon) timePasses() {
	a.now = a.now.Add([]time.Duration{time.Second, time.Minute, 6 * time.Minute, 40 * time.Minute}[a.rng.IntN(4)])
	a.deliverTimers(
		model.TimerBotIdle, model.TimerIdle, model.TimerWarn, model.TimerOwed, model.TimerHeld, model.TimerOpening, model.TimerWait,
		model.TimerPlace, model.TimerUnread,
	)
}

// deliverTimers delivers those of these kinds that are due.
func (a *afternoon) deliverTimers(kinds ...model.TimerKind) {
	for _, lane := range sortedKeys(a.timers) {
		for _, kind := range kinds {
			due, ok := a.timers[lane][kind]
			if !ok || due > a.now.UnixMilli() {
				continue
			}
			delete(a.timers[lane], kind)
			a.ids++
			in := model.Inbound{AccountID: 1, DedupeKey: fmt.Sprintf("t:%d", a.ids), Event: model.Event{Kind: model.EventTimer, Timer: kind}}
			if _, err := a.Accept(context.Background(), in, lane); err != nil {
				a.t.Fatalf("accept: %v", err)
			}
		}
	}
}

// changes is what an owner or the directory does.
func (a *afternoon) changes() {
	switch a.rng.IntN(12) {
	case 11:
		a.changesMode()
	case 10:
		a.comesToListen("zhao")
	case 9:
		a.acc.Policy.Queue.Timeout = time.Duration(a.rng.IntN(3)) * 5 * time.Minute
	case 8:
		a.hours()
	case 7:
		a.acc.Policy.Barred = a.people[a.rng.IntN(len(a.people)):]
	case 3:
		a.acc.Policy.Bot.Feedback = !a.acc.Policy.Bot.Feedback
	case 4: // questions are not kept for ever
		for _, id := range slices.Sorted(maps.Keys(a.questions)) {
			if a.chance(3) {
				delete(a.questions, id)
			}
		}
	case 0:
		a.acc.Policy.Bot.Enabled = !a.acc.Policy.Bot.Enabled
	case 1:
		a.acc.Enabled = false
	case 2:
		a.arrives(zhang, model.Event{Kind: model.EventContact, Contact: &model.ContactChange{Change: "update_user", UserID: zhang}})
	default:
		a.acc.Enabled = true
	}
}

// changesMode assigns otherwise from now on; what goes to all seats is looked at again.
func (a *afternoon) changesMode() {
	p := &a.acc.Policy.Assignment
	p.Claim, p.Mode = a.chance(2), model.LeastBusy
	if a.chance(2) {
		p.Mode = model.AllSeats
	}
	for _, id := range a.sessionIDs() {
		if s := a.sessions[id]; s.ForAll() {
			a.arrives(s.Employee, model.Event{Kind: model.EventReview, Session: id})
		}
	}
}

// comesToListen makes somebody a seat.
func (a *afternoon) comesToListen(userID string) {
	if a.seats[userID] == nil {
		a.addSeat(userID, a.rng.IntN(3))
		a.seats[userID].JoinedMS = a.now.UnixMilli()
	}
}

// hours makes the account work always, or in parts of the day: time goes on by hours in an
// afternoon, so that it opens and closes.
func (a *afternoon) hours() {
	p := &a.acc.Policy
	p.Hours, p.OffHours.Action = nil, model.OffQueue
	if a.chance(3) {
		return
	}
	if a.chance(3) {
		p.OffHours.Action = model.OffEnd
	}
	var parts []int
	for hour := a.rng.IntN(3); hour < 24; hour += 2 + a.rng.IntN(3) {
		parts = append(parts, hour, hour+1)
	}
	p.Hours = open(parts...)
}

// clocks sets how human service falls silent: ends in minutes, so that time that passes
// meets them all.
func (a *afternoon) clocks() {
	t := &a.acc.Policy.Timers
	t.Idle = []time.Duration{0, 5 * time.Minute, 10 * time.Minute}[a.rng.IntN(3)]
	t.Owed = []time.Duration{0, model.Never, 4 * time.Minute, time.Hour}[a.rng.IntN(4)]
	t.Warn = []time.Duration{0, time.Minute, 3 * time.Minute}[a.rng.IntN(3)]
	t.Remind = []time.Duration{0, time.Minute, 5 * time.Minute}[a.rng.IntN(3)]
	t.Reassign = []time.Duration{0, 6 * time.Minute, 20 * time.Minute}[a.rng.IntN(3)]
}
