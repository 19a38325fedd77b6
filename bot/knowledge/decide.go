package knowledge

import (
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

const (
	candidatesMax = 5 // of an answer
	// worthShowing is the share of the first one's rank from which an entry is shown below it. Under
	// a twentieth, less than one in a hundred turns out to be the one that was meant.
	worthShowing = 0.05
	// choice is how many are shown even where the others lie further back, as long as there is
	// anything to be said for them: one question alone is no choice.
	choice    = 3
	anyReason = 0.002
)

// Decide makes an answer of what was found in x, by the two thresholds alone: the answer
// from policy.Answer on, a suggestion from policy.Suggest on, else a miss. Thresholds of
// zero count as the default ones. The nearest entries are candidates in every case, so that
// a miss can be explained; a suggestion holds only those worth showing. A question that is a
// variant letter for letter is Exact; where two entries have the same variant and neither as
// its standard question, both are suggested.
//
// With [Base.Index] it tells what another base or another policy would answer: search an
// index made by [match.Index.With], or decide again with other thresholds. Small talk is left
// to [Reply], and the version in [model.Answer.Model] to the caller.
func Decide(x *match.Index, r match.Result, policy model.BotPolicy) model.Answer {
	answer, suggest := thresholds(policy)
	a := model.Answer{Kind: model.AnswerMiss, Threshold: suggest, Topic: r.Topic}
	if len(r.Hits) == 0 {
		return a
	}
	first := r.Hits[0]
	a.Score = first.Score
	switch {
	case ambiguous(x, r.Hits):
		a.Kind = model.AnswerSuggest
	case first.Exact, first.Score >= answer:
		a.Kind, a.Exact, a.Threshold = model.AnswerHit, first.Exact, answer
	case first.Score >= suggest:
		a.Kind = model.AnswerSuggest
	}
	for i, h := range r.Hits[:min(len(r.Hits), candidatesMax)] {
		if a.Kind == model.AnswerSuggest && i > 0 && h.Rank < first.Rank*worthShowing && (i >= choice || h.Rank < anyReason) {
			break
		}
		a.Candidates = append(a.Candidates, candidate(x, h))
	}
	return a
}

// Reply is [Decide] for a question as it was asked: greetings, thanks and noise are small
// talk, unless an entry asks exactly that.
func Reply(x *match.Index, question string, r match.Result, policy model.BotPolicy) model.Answer {
	if text, small := match.SmallTalk(question); small && (len(r.Hits) == 0 || !r.Hits[0].Exact) {
		return model.Answer{Kind: model.AnswerSmall, Text: text}
	}
	return Decide(x, r, policy)
}

func thresholds(policy model.BotPolicy) (answer, suggest float64) {
	if policy.Answer <= 0 || policy.Suggest <= 0 {
		policy = model.DefaultPolicy().Bot
	}
	return policy.Answer, policy.Suggest
}

func candidate(x *match.Index, h match.Hit) model.AnswerCandidate {
	entry, _ := x.Entry(h.EntryID)
	return model.AnswerCandidate{
		EntryID: h.EntryID, Question: entry.Question, Answer: entry.Answer, More: entry.More, Score: h.Score, Variant: h.Variant,
	}
}

// ambiguous reports whether the question is letter for letter a similar question of two
// entries, and the standard question of none.
func ambiguous(x *match.Index, hits []match.Hit) bool {
	if len(hits) < 2 || !hits[1].Exact {
		return false
	}
	entry, _ := x.Entry(hits[0].EntryID)
	return entry.Question != hits[0].Variant
}
