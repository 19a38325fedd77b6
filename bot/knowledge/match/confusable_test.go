package match_test

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// confusable is a line of testdata/confusable.jsonl: two questions that differ in what
// decides, and what employees ask.
type confusable struct {
	A, B    string
	Queries []struct {
		Q        string
		Is       string
		Reworded bool
	}
}

func readConfusable(t testing.TB) []confusable {
	t.Helper()
	file, err := os.Open("testdata/confusable.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var pairs []confusable
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var pair confusable
		if err := json.Unmarshal(lines.Bytes(), &pair); err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, pair)
	}
	return pairs
}

// tally counts what became of questions: answered rightly, with the twin or with another
// entry, only suggested, or missed; first counts those whose first hit was right.
type tally struct{ asked, first, right, wrong, other, suggested, missed int }

func (c *tally) add(hits []match.Hit, right, twin uint64, policy model.BotPolicy) {
	c.asked++
	if len(hits) > 0 && hits[0].EntryID == right {
		c.first++
	}
	switch {
	case len(hits) == 0 || hits[0].Score < policy.Suggest:
		c.missed++
	case hits[0].Score < policy.Answer:
		c.suggested++
	case hits[0].EntryID == right:
		c.right++
	case hits[0].EntryID == twin:
		c.wrong++
	default:
		c.other++
	}
}

// TestIndex_does_not_confuse puts both questions of every pair into one base, as an account
// would have them, and then only one of each, so that nothing answers the other.
func TestIndex_does_not_confuse(t *testing.T) {
	t.Parallel()
	pairs := readConfusable(t)
	if len(pairs) < 200 {
		t.Fatalf("%d pairs, want 200", len(pairs))
	}
	var both, one []model.Entry
	for i, p := range pairs {
		both = append(both, entry(sideA(i), p.A), entry(sideB(i), p.B))
		one = append(one, entry(sideA(i), p.A))
	}
	for name, cfg := range map[string]*match.TrainConfig{"without an encoder": nil, "with one": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, alone := match.NewIndex(both, match.Options{}), match.NewIndex(one, match.Options{})
			if cfg != nil {
				x, alone = x.WithEncoder(mustTrain(t, both, *cfg)), alone.WithEncoder(mustTrain(t, one, *cfg))
			}
			plain, reworded, missing := askConfusable(pairs, x, alone)
			t.Logf("both there: %+v; in other words: %+v; the right one missing: %+v", plain, reworded, missing)
			if plain.wrong*200 > plain.asked || reworded.wrong*50 > reworded.asked || missing.wrong*20 > missing.asked {
				t.Error("too many wrong answers: at most 0.5 %, 2 % in other words, 5 % with the right one missing")
			}
			if plain.first*100 < plain.asked*97 {
				t.Error("the right one comes first less often than in 97 %")
			}
		})
	}
}

func sideA(i int) uint64 { return uint64(2*i + 1) }
func sideB(i int) uint64 { return uint64(2*i + 2) }

// askConfusable asks everything; alone is the index that holds the first of each pair only.
func askConfusable(pairs []confusable, x, alone *match.Index) (plain, reworded, missing tally) {
	policy := model.DefaultPolicy().Bot
	for i, p := range pairs {
		for _, q := range p.Queries {
			right, twin := sideA(i), sideB(i)
			if q.Is == "b" {
				right, twin = twin, right
				missing.add(alone.Search(match.Query{Text: q.Q}, 1).Hits, right, twin, policy)
			}
			count := &plain
			if q.Reworded {
				count = &reworded
			}
			count.add(x.Search(match.Query{Text: q.Q}, 1).Hits, right, twin, policy)
		}
	}
	return plain, reworded, missing
}
