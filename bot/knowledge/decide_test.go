package knowledge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// TestDecide_tells_what_a_change_would_answer as a preview or a golden question does.
func TestDecide_tells_what_a_change_would_answer(t *testing.T) {
	t.Parallel()
	base := newBase(t, newSource(office()...))
	x, err := base.Index(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	decide := func(x *match.Index, question string, policy model.BotPolicy) model.Answer {
		return knowledge.Decide(x, x.Search(match.Query{Text: question}, 10), policy)
	}
	usual := model.DefaultPolicy().Bot
	a := mustAnswer(t, base, "密码忘了怎么重置")
	a.Model = ""
	if diff := cmp.Diff(a, decide(x, "密码忘了怎么重置", usual)); diff != "" {
		t.Errorf("on the base as it is (-answered +decided):\n%s", diff)
	}
	if b := decide(x.With([]model.Entry{entry(70, "食堂几点开饭")}, nil), "食堂几点开饭", usual); !b.Exact {
		t.Errorf("with another entry: %+v", b)
	}
	usual.Answer = 1
	if b := decide(x, "密码忘了怎么重置", usual); b.Kind != model.AnswerSuggest {
		t.Errorf("with another threshold: %+v", b)
	}
}

func TestDecide_suggests(t *testing.T) {
	t.Parallel()
	x := match.NewIndex(office(), match.Options{})
	hit := func(id uint64, score float64) match.Hit { return match.Hit{EntryID: id, Score: score, Rank: score} }
	tests := []struct {
		name string
		hits []match.Hit
		want int
	}{
		{"several", []match.Hit{hit(1, 0.5), hit(2, 0.4), hit(3, 0.3)}, 3},
		{"five at most", []match.Hit{hit(1, 0.5), hit(2, 0.5), hit(3, 0.5), hit(4, 0.5), hit(5, 0.5), hit(6, 0.5)}, 5},
		{"a choice of three", []match.Hit{hit(1, 0.7), hit(2, 0.01), hit(3, 0.01), hit(4, 0.01)}, 3},
		{"one that nothing else comes near", []match.Hit{hit(1, 0.7), hit(2, 0.001), hit(3, 0.001)}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := knowledge.Decide(x, match.Result{Hits: tt.hits}, model.DefaultPolicy().Bot)
			if a.Kind != model.AnswerSuggest || len(a.Candidates) != tt.want {
				t.Errorf("%s of %d, want %d", a.Kind, len(a.Candidates), tt.want)
			}
		})
	}
}
