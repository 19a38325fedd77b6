package bot_test

import (
	"fmt"
	"strings"
	"time"

	"deskmate/bot"
	"deskmate/model"
)

// render writes down what a decision asked for and everything its step does, one effect a
// line, so that a row of a table says all that happens and nothing else does.
func render(needs []bot.Need, s model.Step) string {
	var out []string
	line := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, n := range needs {
		line("need %s", renderNeed(n))
	}
	line("%s %s", s.Outcome, s.Reason)
	if s.Session != nil {
		line("session %s", renderSession(*s.Session))
	}
	if r := s.Reserve; r != nil {
		line("reserve %s no=%d day=%d limit=%d%s", r.Seat, r.No, r.Day, r.Limit, flag(r.Force, " force"))
	}
	if s.Release != "" {
		line("release %s", s.Release)
	}
	for _, m := range s.Messages {
		line("says %s %s", strings.TrimSpace(string(m.From)+" "+m.Sender)+":", renderContent(m.Content))
	}
	for _, p := range s.Pushes {
		line("to %s", renderPush(p))
	}
	for _, tm := range s.Timers {
		if tm.DueMS == 0 {
			line("timer %s off", tm.Kind)
		} else {
			line("timer %s in %s", tm.Kind, time.Duration(tm.DueMS-s.At)*time.Millisecond)
		}
	}
	for _, f := range s.Forwards {
		line("forward to %s %s", f.Person, renderEvent(f.Event))
	}
	out = append(out, renderRest(s)...)
	return strings.Join(out, "\n")
}

// renderRest is what a step does besides the session and what is sent.
func renderRest(s model.Step) []string {
	var out []string
	line := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if c := s.Conversation; c != nil {
		line("conversation of %s: last seat %q, last session %d%s%s", c.Peer, c.LastSeat, c.LastSession,
			flag(c.CreatedMS == s.At, ", new"), flag(c.WelcomedMS == s.At, ", welcomed"))
	}
	if c := s.SeatChange; c != nil {
		if c.State != nil {
			line("seat is %s", *c.State)
		}
		if c.FocusSession != nil {
			line("focus on %d since %s", *c.FocusSession, time.Duration(*c.FocusMS-s.At)*time.Millisecond)
		}
	}
	if s.Hold != nil {
		line("hold %s", renderContent(*s.Hold.Content))
	}
	if s.ReleaseHeld {
		line("drop the held")
	}
	if sv := s.Survey; sv != nil {
		line("survey of %d: employee %s, seat %s, rating %q, reasons %q", sv.SessionID, sv.Employee, sv.Seat, sv.Rating, sv.Reasons)
	}
	if q := s.Question; q != nil {
		line("question %s", renderQuestion(*q))
	}
	if c := s.QuestionChange; c != nil {
		line("question %d%s%s", c.ID, flag(c.Picked != 0, fmt.Sprintf(" picked=%d", c.Picked)), flag(c.Feedback != "", " "+string(c.Feedback)))
	}
	if r := s.Recall; r != nil {
		line("recall %d cancel %d", r.Seq, r.Cancel)
	}
	if o := s.Order; o != nil {
		line("order %s %s", o.Kind, o.UserID)
	}
	for _, a := range s.Audits {
		line("%s", strings.TrimSpace(fmt.Sprintf("audit %s %s %s: %s → %s", a.Actor, a.Action, a.Target, a.Before, a.After)))
	}
	for _, f := range s.Facts {
		line("%s", strings.Join(strings.Fields(fmt.Sprintf("fact %s %s %s %s", f.Kind, f.Reason, f.Seat, durationOf(f))), " "))
	}
	if p := s.WakeBehind; p != nil {
		line("wake the queue behind %d", p.ID)
	} else if s.WakeQueue {
		line("wake the queue")
	}
	return out
}

func renderQuestion(q model.Question) string {
	text := fmt.Sprintf("%d %s: %s", q.ID, q.Outcome, q.Text)
	if q.EntryID != 0 {
		text += fmt.Sprintf(" entry=%d", q.EntryID)
	}
	if len(q.Suggested) > 0 {
		text += fmt.Sprintf(" suggested=%d", q.Suggested)
	}
	if q.Topic != 0 {
		text += fmt.Sprintf(" topic=%d", q.Topic)
	}
	return text + flag(q.Miss != "", " miss="+string(q.Miss))
}

func durationOf(f model.Fact) string {
	if f.Value == 0 {
		return ""
	}
	return (time.Duration(f.Value) * time.Millisecond).String()
}

func flag(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

func renderNeed(n bot.Need) string {
	words := []string{string(n.Kind)}
	for _, w := range []struct{ name, value string }{
		{"", n.Text}, {"→ ", n.Answer}, {"previous=", n.Previous}, {"only=", n.Only}, {"of ", n.Employee},
	} {
		if w.value != "" {
			words = append(words, w.name+w.value)
		}
	}
	for _, id := range []uint64{n.Entry, n.Question} {
		if id != 0 {
			words = append(words, fmt.Sprint(id))
		}
	}
	if len(n.Seats) > 0 {
		words = append(words, fmt.Sprintf("of %s", n.Seats))
	}
	if n.Count != 0 {
		words = append(words, fmt.Sprint(n.Count))
	}
	if n.Topic != 0 {
		words = append(words, fmt.Sprint("topic=", n.Topic))
	}
	if n.Force {
		words = append(words, "force")
	}
	return strings.Join(words, " ")
}

func renderSession(s model.Session) string {
	text := fmt.Sprintf("%d of %s %s", s.ID, s.Employee, s.State)
	if s.Seat != "" {
		text += fmt.Sprintf(" %s#%d", s.Seat, s.SeatNo)
	}
	if s.HandoffReason != "" {
		text += " handoff=" + string(s.HandoffReason)
	}
	if s.CloseReason != "" {
		text += " closed=" + string(s.CloseReason)
	}
	if s.WaitState != "" {
		text += " wait=" + string(s.WaitState)
	}
	if s.ReturnedBy != "" {
		text += " returned_by=" + s.ReturnedBy
	}
	text += flag(s.KeepOpen, " kept") + flag(s.WarnedMS != 0, " warned") + flag(s.RemindedMS != 0, " reminded")
	if s.Misses > 0 {
		text += fmt.Sprintf(" misses=%d", s.Misses)
	}
	if len(s.Suggested) > 0 {
		text += fmt.Sprintf(" suggested=%d for=%d", s.Suggested, s.SuggestedFor)
	}
	for _, u := range s.Unshown {
		text += fmt.Sprintf(" %s unshown from %d", u.Seat, u.From)
	}
	if s.TopicEntry != 0 {
		text += fmt.Sprintf(" topic=%d", s.TopicEntry)
	}
	return text
}

func renderPush(p model.Push) string {
	about := []string{}
	if p.Session != 0 {
		about = append(about, fmt.Sprint(p.Session))
	}
	if p.Author != "" {
		about = append(about, "by "+p.Author)
	}
	if p.Line {
		about = append(about, "line")
	}
	if p.Merge {
		about = append(about, "merge")
	}
	head := p.Receiver + " (" + strings.Join(about, ", ") + ") "
	switch p.Kind {
	case model.PushText:
		return head + oneLine(p.Text)
	case model.PushCard:
		return head + "card " + renderCard(*p.Card)
	case model.PushUpdate:
		u := p.Update
		if u.Card != nil {
			return head + "update " + u.ResponseCode + " " + renderCard(*u.Card)
		}
		return head + "update " + u.ResponseCode + " " + u.Replace
	case model.PushMarkdown, model.PushImage, model.PushVoice, model.PushVideo, model.PushFile, model.PushTextCard:
	case model.PushRecall:
		return head + "recall " + p.MsgID
	}
	if p.Blob != 0 {
		return head + fmt.Sprintf("%s of %d", p.Kind, p.Blob)
	}
	return head + string(p.Kind) + " " + p.MediaID
}

func renderCard(c model.Card) string {
	parts := []string{c.Title}
	for _, text := range []string{c.Desc, oneLine(c.Body)} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	for _, b := range c.Buttons {
		parts = append(parts, "["+b.Text+" "+b.Key+"]")
	}
	for _, choice := range c.Choices {
		for _, o := range choice.Options {
			parts = append(parts, "("+o.Text+")")
		}
	}
	return strings.Join(parts, " | ")
}

func renderContent(c model.Content) string {
	switch c.Type {
	case model.ContentText:
		return oneLine(c.Text)
	case model.ContentCard:
		return "card " + oneLine(c.Text)
	case model.ContentImage, model.ContentVoice, model.ContentVideo, model.ContentFile:
		if c.Blob != 0 {
			return fmt.Sprintf("%s of %d %s", c.Type, c.Blob, c.Name)
		}
		return string(c.Type) + " " + c.MediaID + c.Text
	case model.ContentLocation, model.ContentLink:
	}
	return string(c.Type)
}

func renderEvent(ev model.Event) string {
	text := string(ev.Kind)
	for _, w := range []struct {
		name  string
		value any
		given bool
	}{
		{"session=", ev.Session, ev.Session != 0},
		{"seat=", ev.Seat, ev.Seat != ""},
		{"target=", ev.Target, ev.Target != ""},
		{"reason=", ev.Reason, ev.Reason != ""},
		{"by=", ev.By, ev.By != ""},
		{"note=", ev.Note, ev.Note != ""},
		{"gen=", ev.Gen, ev.Gen != 0},
	} {
		if w.given {
			text += fmt.Sprintf(" %s%v", w.name, w.value)
		}
	}
	if ev.Content != nil {
		text += ": " + renderContent(*ev.Content)
	}
	return text
}

// oneLine shows line ends, so that a text stays on its line.
func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "⏎") }
