package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"deskmate/model"
)

// policy reads how the account behaves.
func (r *accountReader) policy() {
	p := &r.file.Account.Policy
	r.scope(p)
	r.top.texts("barred", &p.Barred, userIDs())
	fold(p.Barred)
	assignment(r.top.section("assignment"), &p.Assignment)
	bot(r.top.section("bot"), &p.Bot)
	languageModel(r.top.section("llm"), &p.LLM)
	handoff(r.top.section("handoff"), &p.Handoff)
	timers(r.top.section("timers"), &p.Timers)
	queue(r.top.section("queue"), &p.Queue)
	survey(r.top.section("survey"), &p.Survey)
	r.top.text("focus", (*string)(&p.Focus), oneOf(string(model.FocusStrict), string(model.FocusSticky)))
	workbench := r.top.section("workbench")
	workbench.flag("quiet", &p.Workbench.Quiet)
	workbench.done()
	r.top.text("menu", (*string)(&p.Menu), oneOf(string(model.MenuOn), string(model.MenuOff)))
	limits := r.top.section("limits")
	limits.whole("pushes_per_day", &p.Limits.PushesPerDay, 0, 1_000_000_000)
	limits.whole("shared_percent", &p.Limits.SharedPercent, 0, 100)
	limits.done()
	r.hours(p)
	r.seatFields(p)
	retention(r.top.section("retention"), &p.Retention)
}

// retention reads for how many days what is kept; 0 is for ever.
func retention(s *section, v *model.Retention) {
	s.whole("records", &v.Records, 0, model.RetentionLongest)
	s.whole("media", &v.Media, 0, model.RetentionLongest)
	if v.Records > 0 && v.Records < model.RecordsShortest {
		s.problem("records", "must be 0 for ever, or from %d to %d days", model.RecordsShortest, model.RetentionLongest)
	}
	if v.Media > 0 && v.Media < model.MediaShortest {
		s.problem("media", "must be 0 for ever, or from %d to %d days", model.MediaShortest, model.RetentionLongest)
	}
	s.done()
}

// scope reads who may ask. An empty scope is refused rather than guessed at: it may
// mean everyone or nobody.
func (r *accountReader) scope(p *model.Policy) {
	var scope model.Scope
	s := r.top.section("scope")
	s.texts("members", &scope.Members, userIDs())
	fold(scope.Members)
	seen := make(map[int64]bool)
	var departments []string
	s.texts("departments", &departments, func(text string) error {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id <= 0 {
			return errors.New("must be a department's id, a positive whole number")
		}
		if seen[id] {
			return fmt.Errorf("department %d stands twice", id)
		}
		seen[id] = true
		scope.Departments = append(scope.Departments, id)
		return nil
	})
	s.done()
	if !r.top.mentions("scope") {
		return
	}
	if len(scope.Members) == 0 && len(departments) == 0 {
		r.top.problem("scope", "needs members or departments; for everyone leave scope out")
	}
	p.Scope = &scope
}

func assignment(s *section, a *model.Assignment) {
	s.text("mode", (*string)(&a.Mode), oneOf(string(model.LeastBusy), string(model.AllSeats)))
	s.flag("claim", &a.Claim)
	s.flag("prefer_previous", &a.PreferPrevious)
	s.whole("busy_gap", &a.BusyGap, 1, 1000)
	s.whole("capacity", &a.Capacity, 0, 1000)
	s.flag("auto_away", &a.AutoAway)
	s.done()
}

func bot(s *section, b *model.BotPolicy) {
	s.flag("enabled", &b.Enabled)
	s.share("answer", &b.Answer)
	s.share("suggest", &b.Suggest)
	if b.Suggest > b.Answer {
		key := "suggest"
		if !s.has(key) {
			key = "answer"
		}
		s.problem(key, "suggest (%v) must be at most answer (%v)", b.Suggest, b.Answer)
	}
	s.text("welcome", &b.Welcome, must("at most 2048 bytes, about 680 Chinese characters", model.IsPushText))
	s.text("miss_text", &b.MissText, must("1 to 2048 bytes, about 680 Chinese characters", func(text string) bool {
		return text != "" && model.IsPushText(text)
	}))
	s.flag("feedback", &b.Feedback)
	followUp := time.Duration(b.FollowUp) * time.Millisecond
	s.length("follow_up", &followUp, ", or 0 for never")
	b.FollowUp = followUp.Milliseconds()
	s.whole("hot", &b.Hot, 0, 5)
	idle := time.Duration(b.IdleAfter) * time.Millisecond
	s.length("idle", &idle, "")
	b.IdleAfter = idle.Milliseconds()
	s.done()
}

func languageModel(s *section, l *model.LLMPolicy) {
	s.text("mode", (*string)(&l.Mode), oneOf(string(model.LLMOff), string(model.LLMRephrase)))
	s.text("tone", &l.Tone, must("at most 200 characters", func(text string) bool { return model.IsText(text, 200) }))
	s.text("model", &l.Model, lineUpTo(100))
	tokens := int(l.TokensPerDay)
	s.whole("tokens_per_day", &tokens, 0, 1_000_000_000)
	l.TokensPerDay = int64(tokens)
	s.done()
}

func handoff(s *section, h *model.Handoff) {
	s.texts("keywords", &h.Keywords, distinct(must("1 to 20 characters", func(text string) bool {
		return text != "" && model.IsLine(text, model.KeywordMost)
	})))
	if len(h.Keywords) > model.KeywordsMost {
		s.problem("keywords", "must be at most %d, and these are %d", model.KeywordsMost, len(h.Keywords))
	}
	s.whole("misses", &h.Misses, 0, 100)
	s.flag("button", &h.Button)
	s.flag("dislike", &h.Dislike)
	s.done()
}

func timers(s *section, t *model.Timers) {
	s.length("idle", &t.Idle, ", or 0 for never")
	s.text("owed", new(string), func(text string) error {
		if text == "never" {
			t.Owed = model.Never
			return nil
		}
		owed, ok := length(text)
		if !ok {
			return badLength(", or never")
		}
		t.Owed = owed
		return nil
	})
	s.length("warn", &t.Warn, ", or 0 for no warning")
	s.length("remind", &t.Remind, ", or 0 for never")
	s.length("reassign", &t.Reassign, ", or 0 for never")
	s.done()
	warning(s, *t)
	if t.Remind > 0 && t.Reassign > 0 && t.Reassign <= t.Remind {
		s.problem("reassign", "(%v) must be above remind (%v)", t.Reassign, t.Remind)
	}
}

// warning checks that there is an end to warn of, and time before it.
func warning(s *section, t model.Timers) {
	if t.Warn == 0 {
		return
	}
	idle, owed := t.Life(false), t.Life(true)
	switch {
	case idle == 0 && owed == 0:
		s.problem("warn", "has no end to warn of: human service never ends by itself")
	case idle > 0 && t.Warn >= idle:
		s.problem("warn", "(%v) must be below idle (%v)", t.Warn, idle)
	case owed > 0 && t.Warn >= owed:
		s.problem("warn", "(%v) must be below owed (%v)", t.Warn, owed)
	}
}

func queue(s *section, q *model.Queue) {
	s.length("timeout", &q.Timeout, ", or 0 for never")
	s.done()
}

func survey(s *section, v *model.SurveyRule) {
	s.flag("enabled", &v.Enabled)
	s.flag("ask_reason", &v.AskReason)
	s.texts("reasons", &v.Reasons, distinct(must("1 to 17 characters, which is what a card shows", func(text string) bool {
		return text != "" && model.IsLine(text, model.ReasonMost)
	})))
	switch n := len(v.Reasons); {
	case n > model.ReasonsMost:
		s.problem("reasons", "must be at most %d, and these are %d", model.ReasonsMost, n)
	case n == 0 && v.AskReason && s.has("reasons"):
		s.problem("reasons", "needs one at least, or ask_reason: false")
	}
	s.flag("after_idle", &v.AfterIdle)
	s.flag("after_bot", &v.AfterBot)
	s.flag("changeable", &v.Changeable)
	s.length("quiet", &v.Quiet, ", or 0 for never quiet")
	s.length("expires", &v.Expires, "")
	if v.Expires != 0 && (v.Expires < model.SurveyShortest || v.Expires > model.SurveyLongest) {
		s.problem("expires", "must be from 1h to 168h")
	}
	surveyWords(s.section("words"), &v.Words)
	s.done()
}

// surveyWords reads an account's own words; what they may be is the model's to say.
func surveyWords(s *section, w *model.SurveyWords) {
	for key, to := range map[string]*string{
		"title": &w.Title, "body": &w.Body, "good": &w.Good, "fair": &w.Fair, "bad": &w.Bad, "ask": &w.Ask, "thanks": &w.Thanks,
	} {
		s.text(key, to, func(text string) error {
			most := map[string]int{
				"title": model.SurveyTitleMost, "ask": model.SurveyTitleMost, "body": model.SurveyBodyMost, "thanks": model.SurveyThanksMost,
			}[key]
			if most = cmp.Or(most, model.SurveyButtonMost); utf8.RuneCountInString(text) > most || strings.TrimSpace(text) != text {
				return fmt.Errorf("must be at most %d characters, without blanks around them", most)
			}
			long := key == "body" || key == "thanks"
			if text != "" && !long && !model.IsLine(text, most) || !model.IsText(text, most) {
				return errors.New("must have no control characters, and line ends only in body and thanks")
			}
			return nil
		})
	}
	good, fair, bad := cmp.Or(w.Good, "满意"), cmp.Or(w.Fair, "一般"), cmp.Or(w.Bad, "不满意")
	if good == fair || fair == bad || good == bad {
		s.problem("good", "good, fair and bad must differ: %s, %s, %s", good, fair, bad)
	}
	s.done()
}

// userIDs makes a check of userids: their form, and that none stands twice.
func userIDs() func(string) error {
	return distinct(must("a userid, 1 to 64 of letters, digits and _-@.", model.IsUserID))
}

// distinct adds to a check that no text stands twice, whatever its case.
func distinct(check func(string) error) func(string) error {
	seen := make(map[string]bool)
	return func(text string) error {
		if err := check(text); err != nil {
			return err
		}
		if seen[model.Fold(text)] {
			return fmt.Errorf("%s stands twice", text)
		}
		seen[model.Fold(text)] = true
		return nil
	}
}

// fold folds userids in place.
func fold(userIDs []string) {
	for i, id := range userIDs {
		userIDs[i] = model.Fold(id)
	}
}

// oneOf checks for one of a few words.
func oneOf(words ...string) func(string) error {
	return must(strings.Join(words, " or "), func(text string) bool {
		return slices.Contains(words, text)
	})
}
