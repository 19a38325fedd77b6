package bot_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// Of each thing that happens webhooks are told once, with the session as it is afterwards, and
// numbers of people masked.
func TestDecide_tells_outside(t *testing.T) {
	t.Parallel()
	survey := func(s *scene) {
		closed7(s)
		s.in.Case.Survey = &model.Survey{SessionID: 7, AccountID: 1, Employee: zhang, Seat: lin, SentMS: 1}
	}
	for _, test := range []struct {
		name   string
		givens []given
		want   []string
	}{
		{"missed", []given{says("怎么报销 110"), knows(miss())}, []string{
			"session.opened bot", "question.missed bot question=怎么报销 ***",
		}},
		{"handed_off", []given{says("人工"), seatFree(lin)}, []string{
			"session.opened serving", "session.handed_off serving keyword", "session.assigned serving least_busy",
		}},
		{"rated", []given{survey, clicks("rate:7:bad")}, []string{"session.rated closed rating=bad"}},
		{"rated_twice", []given{survey, func(s *scene) { s.in.Case.Survey.Rating = model.RatingBad }, clicks("rate:7:bad")}, nil},
		{"nothing", []given{says("你好"), func(s *scene) { s.in.Case.InScope = false; s.in.Case.Conversation = model.Conversation{} }}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(test.givens...)
			s.rules.Mask = func(text string) string { return strings.ReplaceAll(text, "110", "***") }
			_, step := s.decide()
			var got []string
			for _, ev := range step.Webhooks {
				line := string(ev.Kind) + " " + string(ev.Session.State)
				if ev.Account.Key != "it" || ev.Session.Employee != zhang {
					t.Errorf("%s of %+v, %+v", line, ev.Account, ev.Session)
				}
				if ev.Reason != "" && ev.Kind != model.WebhookMissed {
					line += " " + ev.Reason
				}
				if ev.Rating != "" {
					line += " rating=" + string(ev.Rating)
				}
				if ev.Question != "" {
					line += " question=" + ev.Question
				}
				if body, err := json.Marshal(ev); err != nil || strings.Contains(string(body), "110") {
					t.Errorf("%s: %s, %v", line, body, err)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
