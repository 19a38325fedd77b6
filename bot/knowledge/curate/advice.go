package curate

import (
	"context"
	"fmt"
	"math"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Advice is thresholds proposed for an account, from asking each of its own questions of the
// others.
type Advice struct {
	Enough    bool // there were questions enough to tell; else the thresholds are the default ones
	Answer    float64
	Suggest   float64
	Precision float64 // expected share of right answers among those given; 0 where not Enough
	Coverage  float64 // expected share of known questions that are answered; 0 where not Enough
	Suggested float64 // expected share that gets a suggestion; 0 where not Enough
	Questions int     // that were asked
}

const (
	adviceQuestions = 2000 // asked at most
	adviceEnough    = 100  // questions below which nothing is proposed
	adviceAnswers   = 30   // answers below which a precision means nothing
	precisionWanted = 0.95
	answerLowest    = 0.60 // a proposed answer threshold: at least
	answerHighest   = 0.98 // and at most
	suggestWanted   = 0.40 // share of suggestions whose first is right, at the margin
	suggestLowest   = 0.20
	suggestBelow    = 0.10 // a suggestion threshold's distance from that of answers
	thresholdStep   = 0.01
)

// SuggestThresholds proposes thresholds: the lowest from which at least 95 % of the answers
// would be right, or the highest that can still be judged where none reaches that; and the
// lowest from which suggestions are worth showing.
func (t *Tuner) SuggestThresholds(ctx context.Context, acc model.Account) (Advice, error) {
	index, err := t.base.Index(ctx, acc.ID)
	if err != nil {
		return Advice{}, fmt.Errorf("propose thresholds: %w", err)
	}
	trials, err := index.LeaveOneOut(ctx, adviceQuestions)
	if err != nil {
		return Advice{}, fmt.Errorf("propose thresholds: %w", err)
	}
	return advise(trials), nil
}

func advise(trials []match.Trial) Advice {
	usual := model.DefaultPolicy().Bot
	advice := Advice{Answer: usual.Answer, Suggest: usual.Suggest, Questions: len(trials)}
	if len(trials) < adviceEnough {
		return advice
	}
	for at := answerLowest; at <= answerHighest; at = step(at, thresholdStep) {
		given, right := within(trials, at, math.Inf(1))
		if given < adviceAnswers {
			break
		}
		advice.Enough, advice.Answer = true, at
		advice.Precision = float64(right) / float64(given)
		advice.Coverage = float64(given) / float64(len(trials))
		if advice.Precision >= precisionWanted {
			break
		}
	}
	if !advice.Enough {
		return advice
	}
	advice.Suggest = suggestFrom(trials, advice.Answer)
	shown, _ := within(trials, advice.Suggest, advice.Answer)
	advice.Suggested = float64(shown) / float64(len(trials))
	return advice
}

// suggestFrom is the lowest threshold from which, a step at a time down from answer, enough
// of the suggestions have the right entry first.
func suggestFrom(trials []match.Trial, answer float64) float64 {
	const width = 0.1 // of what is looked at below a threshold: one step holds too few
	from := step(answer, -suggestBelow)
	for from > suggestLowest {
		shown, right := within(trials, step(from, -width), from)
		if float64(right) < suggestWanted*float64(shown) {
			break
		}
		from = step(from, -thresholdStep)
	}
	return max(from, suggestLowest)
}

// step moves a threshold and keeps it at two decimals.
func step(at, by float64) float64 { return math.Round((at+by)*100) / 100 }

// within counts the trials whose score is in [from, below), and those of them that are right.
func within(trials []match.Trial, from, below float64) (n, right int) {
	for _, t := range trials {
		if t.Score >= from && t.Score < below {
			n++
			if t.Right {
				right++
			}
		}
	}
	return n, right
}
