package bot_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// The people of every scene. Session 7 is zhang's and session 8 li's; session 100 is the
// one a decision makes.
const (
	zhang = "zhang" // 张三(财务部), an employee
	li    = "li"    // 李四, another
	lin   = "lin"   // 林一, a seat
	chen  = "chen"  // 陈二, another
	fresh = 100
)

// noon is when every scene plays: 12:00 in Shanghai.
func noon() time.Time { return time.Date(2026, time.January, 5, 12, 0, 0, 0, shanghai()) }

func shanghai() *time.Location { return time.FixedZone("CST", 8*60*60) }

// ago is a time before noon, in epoch ms.
func ago(d time.Duration) int64 { return noon().Add(-d).UnixMilli() }

// scene is the input of a decision, and what it is told when it asks.
type scene struct {
	in        bot.Input
	rules     bot.Rules
	answer    model.Answer
	entry     bot.EntryAnswer
	question  bot.QuestionAnswer
	phrase    model.Phrase
	hot       []model.AnswerCandidate
	offer     bot.Offer
	active    []string
	roster    []model.Seat
	people    []model.Member
	misses    []model.OpenMiss
	asked     int64
	lesson    bot.LessonAnswer
	quick     []model.QuickReply
	queue     bot.QueueAnswer
	sent      model.Sent
	earlier   bot.EarlierAnswer
	directory func(*model.Case) // what reading the directory again changes
}

// given makes a scene more special.
type given func(*scene)

// newScene is zhang, who has talked to the account before and has no session open; seats
// are not to be had.
func newScene(givens ...given) *scene {
	policy := model.DefaultPolicy()
	policy.Bot.MissText = "不知道"
	policy.Bot.Feedback = false    // see decide_feedback_test.go
	policy.Workbench.Quiet = false // see decide_unshown_test.go
	s := &scene{rules: newRules(), offer: bot.Offer{Why: model.PickNone}, directory: func(*model.Case) {}}
	s.in = bot.Input{
		InboxID: 1, FreshID: fresh, Now: noon(), ArrivedMS: ago(time.Second),
		Case: model.Case{
			Account: model.Account{ID: 1, Key: "it", Name: "服务台", CorpID: "corp", Enabled: true, Policy: policy},
			Person:  zhang, Member: memberOf(zhang), InScope: true,
			Conversation: model.Conversation{AccountID: 1, Peer: zhang, CreatedMS: ago(time.Hour)},
		},
	}
	for _, g := range givens {
		g(s)
	}
	return s
}

// play decides, answering what is asked, and writes down all of it.
func (s *scene) play() string {
	needs, step := s.decide()
	return render(needs, step)
}

func (s *scene) decide() ([]bot.Need, model.Step) {
	in := s.in
	var needs []bot.Need
	for {
		step, need := s.rules.Decide(in)
		if need.Kind == bot.NeedNothing {
			return needs, step
		}
		if needs = append(needs, need); len(needs) > 20 {
			panic("the decision asks for ever: " + need.Kind)
		}
		switch need.Kind {
		case bot.NeedAnswer:
			in.Answer = &s.answer
		case bot.NeedEntry:
			in.Entry = &s.entry
		case bot.NeedQuestion:
			in.Question = &s.question
		case bot.NeedPhrase:
			in.Phrase = &s.phrase
		case bot.NeedHot:
			in.Hot = append([]model.AnswerCandidate{}, s.hot...)
		case bot.NeedFiles, bot.NeedLines:
			panic("a scene has no " + need.Kind)
		case bot.NeedQuick:
			in.Quick = append([]model.QuickReply{}, s.quick...)
		case bot.NeedSeat:
			in.Offer = &s.offer
		case bot.NeedActive:
			in.Active = append([]string{}, s.active...)
		case bot.NeedFigures:
			in.Figures = &model.AccountFigures{Bot: 1, Queued: 2, Serving: 3, Seats: 5, Online: 4, Sessions: 6, Misses: 7}
		case bot.NeedAsked:
			in.AskedMS = &s.asked
		case bot.NeedMisses:
			in.Misses = append([]model.OpenMiss{}, s.misses...)
		case bot.NeedLesson, bot.NeedTaught:
			l := s.lesson
			l.Lesson = need.Lesson
			if l.Lesson.Kind == model.OrderMiss && l.Lesson.Miss == 0 {
				l.Lesson.Miss, l.Lesson.Question = 42, "周末有没有班车"
			}
			in.Lesson = &l
		case bot.NeedPeople:
			in.People = append([]model.Member{}, s.people...)
		case bot.NeedRoster:
			in.Roster = s.roster
		case bot.NeedQueue:
			in.Queue = &s.queue
		case bot.NeedSent:
			in.Sent = &s.sent
		case bot.NeedEarlier:
			in.Earlier = &s.earlier
		case bot.NeedDirectory:
			in.DirectoryAsked = true
			s.directory(&in.Case)
		case bot.NeedNothing:
		}
	}
}

// played is a row of the tables: a scene and everything that happens in it.
type played struct {
	name   string
	givens []given
	want   string
}

func runPlayed(t *testing.T, rows []played) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := newScene(row.givens...).play()
			if diff := cmp.Diff(strings.Split(strings.TrimSpace(row.want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
		})
	}
}

func newRules() bot.Rules {
	return bot.Rules{
		Fold:     func(s string) string { return strings.ToLower(strings.TrimSpace(s)) },
		Split:    splitter(2048),
		Escape:   func(s string) string { return strings.ReplaceAll(s, "<", "＜") },
		Survey:   surveyor{},
		Location: shanghai(),
		Hours:    weekly{},
	}
}

// splitter cuts as the WeCom edge does: at a line end where it can, else between two
// characters.
func splitter(limit int) func(string) []string {
	return func(text string) []string {
		var parts []string
		for len(text) > limit {
			end, gap := limit, 0
			if i := strings.LastIndexByte(text[:limit+1], '\n'); i > 0 {
				end, gap = i, 1
			} else {
				for end > 1 && text[end]&0xC0 == 0x80 {
					end--
				}
			}
			parts = append(parts, text[:end])
			text = text[end+gap:]
		}
		if text != "" {
			parts = append(parts, text)
		}
		return parts
	}
}

// surveyor asks after every end by hand and, where the rule says so, after idle ones.
type surveyor struct{}

func (surveyor) Due(rule model.SurveyRule, s model.Session) bool {
	if s.Seat == "" {
		return rule.AfterBot && s.CloseReason == model.ClosedIdle
	}
	return rule.Enabled && (s.CloseReason == model.ClosedBySeat || rule.AfterIdle && s.CloseReason == model.ClosedIdle)
}

func (surveyor) Card(ask model.SurveyAsk) model.Card {
	card := model.Card{Kind: model.CardButtons, Title: "请评价" + string(ask.Rating), Desc: ask.SeatName}
	for _, r := range []model.Rating{model.RatingGood, model.RatingBad} {
		card.Buttons = append(card.Buttons, model.CardButton{Text: string(r), Key: "rate:" + strconv.FormatUint(ask.Session, 10) + ":" + string(r)})
	}
	return card
}

func (surveyor) ReasonCard(ask model.SurveyAsk) (model.Card, bool) {
	return model.Card{
		Kind: model.CardVote, Title: "为什么",
		Submit: model.CardButton{Text: "提交", Key: "reason:" + strconv.FormatUint(ask.Session, 10)},
	}, ask.Rule.AskReason
}

func (surveyor) Read(click model.Click) (model.SurveyAnswer, bool) {
	parts := strings.Split(click.Key, ":")
	switch {
	case len(parts) == 3 && parts[0] == "rate":
		return model.SurveyAnswer{Rating: model.Rating(parts[2])}, true
	case len(parts) == 2 && parts[0] == "reason":
		return model.SurveyAnswer{Reasons: click.Selected["why"]}, true
	}
	return model.SurveyAnswer{}, false
}

func (surveyor) Words(_ model.SurveyWords, r model.Rating) string { return string(r) }

func memberOf(userID string) *model.Member {
	m := model.Member{CorpID: "corp", UserID: userID, DisplayID: userID}
	switch userID {
	case zhang:
		m.Name, m.DepartmentName = "张三", "财务部"
	case li:
		m.Name = "李四"
	case lin:
		m.Name = "林一"
	case chen:
		m.Name = "陈二"
	}
	return &m
}

func seatOf(userID string) model.Seat {
	return model.Seat{AccountID: 1, UserID: userID, State: model.SeatOnline, Name: memberOf(userID).Name}
}

// What happens.

func happens(ev model.Event) given { return func(s *scene) { s.in.Event = ev } }

func sends(c model.Content) given { return happens(model.Event{Kind: model.EventMessage, Content: &c}) }

func says(text string) given { return sends(model.Content{Type: model.ContentText, Text: text}) }

// clicks is a tap on a card's button. As the engine does, it names the session of the key.
func clicks(key string) given {
	return happens(model.Event{
		Kind: model.EventCardClick, Session: bot.SessionOf(key),
		Click: &model.Click{Key: key, TaskID: "task-1", ResponseCode: "code"},
	})
}

// bySeat is what lin did to session 7, as it arrives on zhang's lane.
func bySeat(kind model.EventKind, text string) given {
	ev := model.Event{Kind: kind, Session: 7, Seat: lin}
	if text != "" {
		ev.Content = &model.Content{Type: model.ContentText, Text: text}
	}
	return happens(ev)
}

func timerDue(kind model.TimerKind) given {
	return happens(model.Event{Kind: model.EventTimer, Timer: kind})
}

// Who it is and where things stand.

// newcomer has never talked to the account.
func newcomer(s *scene) { s.in.Case.Conversation = model.Conversation{AccountID: 1, Peer: zhang} }

// outOfScope is a known member whom the account does not serve.
func outOfScope(s *scene) { s.in.Case.InScope = false }

// barred is a member from whom the account is hidden, and who has talked to it before.
func barred(s *scene) { s.in.Case.Account.Policy.Barred = []string{zhang} }

// unknownMember is somebody the directory, as far as it was read, does not have.
func unknownMember(s *scene) { s.in.Case.Member, s.in.Case.InScope = nil, false }

func disabled(s *scene) { s.in.Case.Account.Enabled = false }

func policy(change func(*model.Policy)) given {
	return func(s *scene) { change(&s.in.Case.Account.Policy) }
}

func botOff(s *scene) { s.in.Case.Account.Policy.Bot.Enabled = false }

// session7 is zhang's session in a state, 20 minutes old and 4 messages long.
func session7(state model.SessionState) *model.Session {
	s := &model.Session{
		ID: 7, AccountID: 1, Employee: zhang, State: state, Version: 3, MessageCount: 4,
		OpenedMS: ago(20 * time.Minute), LastEmployeeMS: ago(time.Minute),
	}
	switch state {
	case model.StateQueued:
		s.HandoffReason, s.HandoffSeq, s.QueuedMS = model.HandoffKeyword, 2, ago(3*time.Minute)
		s.WaitingMS, s.WaitDueMS = s.QueuedMS, s.QueuedMS+(10*time.Minute).Milliseconds()
	case model.StateServing:
		s.HandoffReason, s.HandoffSeq, s.QueuedMS = model.HandoffKeyword, 2, ago(3*time.Minute)
		s.Seat, s.SeatNo, s.AssignedMS, s.OwedMS = lin, 2, ago(2*time.Minute), s.LastEmployeeMS
	case model.StateBot, model.StateClosed:
	}
	return s
}

// in7 opens session 7, which is the target of events that name it, too.
func in7(state model.SessionState, changes ...func(*model.Session)) given {
	return func(s *scene) {
		session := session7(state)
		for _, c := range changes {
			c(session)
		}
		target := *session
		s.in.Case.Session, s.in.Case.Target = session, &target
		if session.Seat != "" {
			s.in.Case.SeatName = memberOf(session.Seat).Name
		}
	}
}

// closed7 is session 7 after lin ended it a minute ago; no session is open.
func closed7(s *scene) {
	target := session7(model.StateServing)
	target.State, target.CloseReason, target.ClosedMS = model.StateClosed, model.ClosedBySeat, ago(time.Minute)
	s.in.Case.Target = target
}

func recent(messages ...model.Message) given {
	return func(s *scene) { s.in.Case.Recent = messages }
}

func ahead(n int) given { return func(s *scene) { s.in.Case.Ahead = n } }

// seatFree offers a seat; its next number is 3.
func seatFree(userID string) given {
	return func(s *scene) {
		seat := seatOf(userID)
		seat.Day, seat.DayNo = 20260105, 2
		s.offer = bot.Offer{Seat: &seat, Why: model.PickLeastBusy, Limit: 5}
	}
}

func knows(a model.Answer) given { return func(s *scene) { s.answer = a } }

func hit(exact bool) model.Answer {
	return model.Answer{
		Kind: model.AnswerHit, Exact: exact, Score: 0.9, Threshold: 0.8, Model: "w1",
		Candidates: []model.AnswerCandidate{{EntryID: 11, Question: "年假几天", Answer: "五天", Variant: "年假有几天"}},
	}
}

// illustrated is a hit whose answer is a text, a picture, a file and another text.
func illustrated() model.Answer {
	a := hit(true)
	a.Candidates[0].More = []string{"[图片:31]", "[文件:32]", "详见 <a href=\"https://example.com/a\">制度</a>"}
	return a
}

func suggest() model.Answer {
	return model.Answer{Kind: model.AnswerSuggest, Score: 0.5, Threshold: 0.4, Candidates: []model.AnswerCandidate{
		{EntryID: 11, Question: "年假几天", Answer: "五天"},
		{EntryID: 12, Question: "病假需要交什么材料才可以", Answer: "病历"},
	}}
}

func miss() model.Answer { return model.Answer{Kind: model.AnswerMiss, Score: 0.1, Threshold: 0.4} }

func entryFound(s *scene) {
	s.entry = bot.EntryAnswer{Found: true, Candidate: model.AnswerCandidate{EntryID: 12, Question: "病假", Answer: "病历"}}
}

// asked50 is question 50 of zhang's, in session 7, as the log has it: entries 11 and 12
// were suggested.
func asked50(changes ...func(*model.Question)) given {
	return func(s *scene) {
		q := model.Question{
			ID: 50, AccountID: 1, SessionID: 7, Employee: zhang, Text: "请假", Outcome: model.OutcomeSuggested,
			EntryID: 11, Suggested: []uint64{11, 12},
		}
		for _, c := range changes {
			c(&q)
		}
		s.question = bot.QuestionAnswer{Found: true, Question: q}
	}
}

// served is li's or zhang's session as its seat lin sees it.
func served(id uint64) model.Served {
	s := *session7(model.StateServing)
	employee := memberOf(zhang)
	if id == 8 {
		s.ID, s.Employee, s.SeatNo, s.AssignedMS = 8, li, 3, ago(time.Minute)
		employee = memberOf(li)
	}
	return model.Served{Session: s, Employee: *employee}
}

// atDesk makes lin the person, serving these sessions.
func atDesk(sessions ...uint64) given {
	return func(s *scene) {
		seat := seatOf(lin)
		c := &s.in.Case
		c.Person, c.Member, c.Seat = lin, memberOf(lin), &seat
		c.Conversation = model.Conversation{AccountID: 1, Peer: lin, CreatedMS: ago(time.Hour)}
		for _, id := range sessions {
			c.Serving = append(c.Serving, served(id))
		}
	}
}

// focusOn says which session lin chose, and when.
func focusOn(id uint64, since int64) given {
	return func(s *scene) { s.in.Case.Seat.FocusSession, s.in.Case.Seat.FocusMS = id, since }
}

// shown7 says when lin was last shown a line of session 7.
func shown7(at int64) given {
	return func(s *scene) { s.in.Case.Shown = map[uint64]int64{7: at} }
}

// justServed says that lin's last session, 7, closed so long ago.
func justServed(d time.Duration) given {
	return func(s *scene) {
		last := served(7)
		last.Session.State, last.Session.ClosedMS = model.StateClosed, ago(d)
		s.in.Case.LastServed = &last
	}
}

func held(texts ...string) given {
	return func(s *scene) {
		for _, text := range texts {
			c := model.Content{Type: model.ContentText, Text: text}
			s.in.Case.Held = append(s.in.Case.Held, model.Event{Kind: model.EventMessage, Content: &c})
		}
	}
}

func withRoster(seats ...model.Seat) given {
	return func(s *scene) { s.roster = slices.Clone(seats) }
}
