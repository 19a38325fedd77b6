package bot

import (
	"strconv"
	"time"

	"deskmate/model"
)

// welcomeEvery is how often the welcome is said at most: enter_agent comes with
// every opening of the conversation.
const welcomeEvery = 24 * time.Hour

// entered greets who opens the conversation, once in a while.
func (d *decision) entered() {
	welcome := d.acc.Policy.Bot.Welcome
	last := d.in.Case.Conversation.WelcomedMS
	due := last == 0 || d.at-last >= welcomeEvery.Milliseconds()
	human := d.s != nil && d.s.State != model.StateBot // the bot is silent then
	if welcome == "" || !due || human || !d.acc.Enabled || !d.in.Case.InScope || d.in.Case.Seat != nil {
		d.finish(model.OutcomeHandled, "enter")
		return
	}
	d.conversation().WelcomedMS = d.at
	d.tell(d.in.Case.Person, welcome)
	d.finish(model.OutcomeHandled, "welcomed")
}

// employeeMessage is a member's message as an employee.
func (d *decision) employeeMessage(c model.Content) {
	if !d.admit() {
		return
	}
	d.openSession()
	d.s.LastEmployeeMS = d.at
	d.record(model.FromEmployee, d.employee, c)
	switch d.s.State {
	case model.StateQueued:
		d.finish(model.OutcomeQueued, "waiting")
	case model.StateServing:
		d.relayToSeat(c)
		d.setTimer(model.TimerIdle, d.acc.Policy.Timers.Idle)
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

// admit refuses who may not ask: the account is disabled, or the member is outside its
// scope and has not talked before.
func (d *decision) admit() bool {
	if !d.acc.Enabled {
		d.closeDisabled()
		d.finish(model.OutcomeRefused, "account_disabled")
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
	seat := ""
	if d.s != nil {
		if d.s.State == model.StateServing {
			seat = d.s.Seat
		}
		d.close(model.ClosedDisabled)
	}
	d.tell(d.in.Case.Person, disabledText(d.acc.Name))
	if seat != "" {
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

// askBot lets the bot say something to a message.
func (d *decision) askBot(c model.Content) {
	d.setTimer(model.TimerBotIdle, msDuration(d.acc.Policy.Bot.IdleAfter))
	if c.Type != model.ContentText {
		d.missed(textUnreadable, "unreadable")
		return
	}
	if entry, ok := d.pickedNumber(c.Text); ok {
		d.answerEntry(entry, "number")
		return
	}
	if d.in.Answer == nil {
		d.need = Need{Kind: NeedAnswer, Text: c.Text}
		return
	}
	a := *d.in.Answer
	d.step.Detail.Score, d.step.Detail.Threshold = a.Score, a.Threshold
	if !a.Exact && d.isKeyword(c.Text) {
		d.handoff(model.HandoffKeyword)
		return
	}
	switch a.Kind {
	case model.AnswerHit:
		d.answered(a.Candidates[0], "hit")
	case model.AnswerSuggest:
		d.suggested(a.Candidates)
	case model.AnswerSmall:
		d.say(model.FromBot, a.Text)
		d.finish(model.OutcomeSmallTalk, "small_talk")
	case model.AnswerMiss:
		d.missed(d.acc.Policy.Bot.MissText, "miss")
	}
}

// isKeyword reports whether the whole text is one of the account's handoff keywords.
func (d *decision) isKeyword(text string) bool {
	folded := d.Fold(text)
	for _, k := range d.acc.Policy.Handoff.Keywords {
		if folded == d.Fold(k) {
			return true
		}
	}
	return false
}

// pickedNumber understands a bare number as a choice from the last suggestion.
func (d *decision) pickedNumber(text string) (entry uint64, ok bool) {
	n, err := strconv.Atoi(d.Fold(text))
	if err != nil || n < 1 || n > len(d.s.Suggested) {
		return 0, false
	}
	return d.s.Suggested[n-1], true
}

func (d *decision) answered(c model.AnswerCandidate, why string) {
	d.s.Misses, d.s.Suggested = 0, nil
	d.step.Detail.Entry = c.EntryID
	d.say(model.FromBot, c.Answer)
	d.fact(model.FactAnswered, why, 0)
	d.finish(model.OutcomeAnswered, why)
}

// answerEntry answers with the entry that somebody chose.
func (d *decision) answerEntry(entry uint64, why string) {
	if d.in.Entry == nil {
		d.need = Need{Kind: NeedEntry, Entry: entry}
		return
	}
	if !d.in.Entry.Found {
		d.s.Suggested = nil
		d.missed(d.acc.Policy.Bot.MissText, "entry_gone")
		return
	}
	d.answered(d.in.Entry.Candidate, why)
}

func (d *decision) suggested(cands []model.AnswerCandidate) {
	d.s.Suggested = nil
	for _, c := range cands {
		d.s.Suggested = append(d.s.Suggested, c.EntryID)
	}
	d.sayCard(model.FromBot, "sug", suggestionCard(d.acc.Name, cands, d.acc.Policy.Handoff.Button))
	d.fact(model.FactSuggested, "", 0)
	d.finish(model.OutcomeSuggested, "suggest")
}

// missed counts a miss, and hands over after as many in a row as the account allows.
func (d *decision) missed(text, why string) {
	d.s.Suggested = nil
	d.s.Misses++
	d.fact(model.FactMissed, why, 0)
	if limit := d.acc.Policy.Handoff.Misses; limit > 0 && d.s.Misses >= limit {
		d.handoff(model.HandoffMisses)
		return
	}
	if d.acc.Policy.Handoff.Button {
		d.sayCard(model.FromBot, "miss", missCard(d.acc.Name, text))
	} else {
		d.say(model.FromBot, text)
	}
	d.finish(model.OutcomeMissed, why)
}

// menuClick is a button of the app's menu.
func (d *decision) menuClick() {
	if d.in.Event.Key != verbHandoff {
		d.finish(model.OutcomeHandled, "menu")
		return
	}
	d.askedForHuman("已在为您转人工")
}

// askedForHuman is 转人工 pressed on a card or in the menu.
func (d *decision) askedForHuman(replace string) {
	if !d.admit() {
		return
	}
	if d.s != nil && d.s.State == model.StateServing {
		d.update("人工服务中", nil)
		d.tell(d.employee, "坐席正在为您服务，请直接发送消息。")
		d.finish(model.OutcomeHandled, "serving")
		return
	}
	d.openSession()
	if d.s.State == model.StateQueued {
		d.update(replace, nil)
		d.tell(d.employee, textAlreadyQueue+queueText(d.in.Case.Ahead))
		d.finish(model.OutcomeQueued, "waiting")
		return
	}
	d.s.LastEmployeeMS = d.at
	d.handoff(model.HandoffButton)
	if d.need.Kind == NeedNothing {
		d.update(replace, nil)
	}
}
