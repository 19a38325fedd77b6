package curate_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

func TestEffect(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("如何申请年假", "年假怎么请"), entry("工资什么时候发", "哪天发工资"), entry("怎么连公司的VPN"))
	leave, pay := ids["如何申请年假"], ids["工资什么时候发"]
	d := newDesk(t, s)
	ask := func(text string, change func(*model.Question)) {
		q := asked(uint64(len(s.questions)+1), 1, "wang", text)
		q.Miss = model.MissNone
		change(&q)
		s.questions = append(s.questions, q)
	}
	plain := func(*model.Question) {}
	ask("年假怎么请", func(q *model.Question) { q.EntryID, q.Feedback = leave, model.FeedbackUp })
	ask("哪天发工资", func(q *model.Question) { q.EntryID, q.Feedback = pay, model.FeedbackDown })
	ask("哪天发工资", func(q *model.Question) { q.Picked = leave })
	ask("年假怎么请", func(q *model.Question) { q.SolvedBy = pay })
	ask("谢谢", plain)
	ask("量子力学的基本假设", plain)
	near := "申请年假要怎么做" // neither letter for letter nor beside the point
	ask(near, plain)
	score := d.asks(t, near).Score
	if score < 0.3 || score > 0.999 {
		t.Fatalf("%q scores %v: it shows nothing", near, score)
	}
	account := acc()
	account.Policy.Bot.Answer, account.Policy.Bot.Suggest = score-0.01, 0.25
	miss := d.asks(t, "量子力学的基本假设").Score

	effect, err := d.tuner.Effect(t.Context(), account, 1, 0.99999)
	must(t, err)
	want := curate.Effect{
		Questions: 6, Moved: 1,
		Before: curate.Counts{Answered: 5, Missed: 1, Right: 1, Wrong: 3},
		After:  curate.Counts{Answered: 4, Missed: 2, Right: 1, Wrong: 3},
		Shifts: []curate.Shift{{
			Question: near, Times: 1, Before: model.AnswerHit, After: model.AnswerMiss, EntryID: leave, Entry: "如何申请年假", Score: score,
		}},
	}
	if miss >= 0.25 {
		t.Fatalf("what nobody knows scores %v", miss)
	}
	if diff := cmp.Diff(want, effect); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	effect, err = d.tuner.Effect(t.Context(), account, 1, score)
	if err != nil || effect.After.Suggested != 1 || effect.Shifts[0].After != model.AnswerSuggest {
		t.Errorf("%+v, %v", effect, err)
	}
	for _, tt := range [][2]float64{{0.5, 0}, {0.4, 0.5}, {1.1, 0.5}, {0, 0}} {
		_, err := d.tuner.Effect(t.Context(), account, tt[0], tt[1])
		wantReason(t, err, "thresholds")
	}
}

func TestEffect_shows_what_people_said_of_a_shift(t *testing.T) {
	t.Parallel()
	s := newStore()
	ids := s.fill(entry("如何申请年假"), entry("工资什么时候发"))
	d := newDesk(t, s)
	q := asked(1, 1, "wang", "申请年假要怎么做")
	q.SolvedBy = ids["如何申请年假"]
	again := q
	again.ID, again.SolvedBy = 2, 0
	s.questions = []model.Question{q, again}
	account := acc()
	account.Policy.Bot.Answer, account.Policy.Bot.Suggest = 0.01, 0.01
	effect, err := d.tuner.Effect(t.Context(), account, 1, 1)
	must(t, err)
	if len(effect.Shifts) != 1 || effect.Shifts[0].Times != 2 || effect.Moved != 2 || effect.Shifts[0].Right == nil || !*effect.Shifts[0].Right {
		t.Errorf("%+v", effect)
	}
}

func TestSuggestThresholds_wants_questions(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.fill(entry("如何申请年假", "年假怎么请"))
	d := newDesk(t, s)
	advice, err := d.tuner.SuggestThresholds(t.Context(), acc())
	usual := model.DefaultPolicy().Bot
	if err != nil || advice.Enough || advice.Answer != usual.Answer || advice.Suggest != usual.Suggest || advice.Precision != 0 {
		t.Errorf("%+v, %v", advice, err)
	}
}

func TestSuggestThresholds(t *testing.T) {
	t.Parallel()
	s := newStore()
	var list []model.Entry
	for i := range 120 {
		thing := fmt.Sprintf("%c%c", '一'+rune(i*7), '丁'+rune(i*11))
		list = append(list, entry("怎么申请"+thing, thing+"怎么申请", "申请"+thing+"要怎么做"))
	}
	s.fill(list...)
	d := newDesk(t, s)
	advice, err := d.tuner.SuggestThresholds(t.Context(), acc())
	must(t, err)
	if !advice.Enough || advice.Precision < 0.95 || advice.Coverage <= 0 || advice.Suggest >= advice.Answer || advice.Questions < 100 {
		t.Errorf("%+v", advice)
	}
}

func TestAdvise(t *testing.T) {
	t.Parallel()
	// right of every hundred trials at each tenth of the scores
	trials := func(right ...int) []match.Trial {
		var list []match.Trial
		for tenth, n := range right {
			for i := range 100 {
				list = append(list, match.Trial{Score: float64(tenth)/10 + 0.05, Right: i < n})
			}
		}
		return list
	}
	for _, tt := range []struct {
		name   string
		trials []match.Trial
		want   curate.Advice
	}{
		{
			"as calibrated", trials(5, 15, 25, 35, 45, 55, 65, 75, 96, 99),
			curate.Advice{Enough: true, Answer: 0.76, Suggest: 0.45, Precision: 0.975, Coverage: 0.2, Suggested: 0.4, Questions: 1000},
		},
		{
			"an easy base", trials(90, 90, 90, 90, 95, 96, 97, 98, 99, 100),
			curate.Advice{Enough: true, Answer: 0.60, Suggest: 0.20, Precision: 0.985, Coverage: 0.4, Suggested: 0.4, Questions: 1000},
		},
		{
			"one that never gets there", trials(5, 5, 5, 5, 5, 30, 40, 50, 60, 80),
			curate.Advice{Enough: true, Answer: 0.95, Suggest: 0.65, Precision: 0.8, Coverage: 0.1, Suggested: 0.3, Questions: 1000},
		},
		{
			"too few answers", trials(5, 5, 5, 5, 5, 5),
			curate.Advice{Answer: 0.80, Suggest: 0.20, Questions: 600},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, curate.Advise(tt.trials)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
