package curate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// AskedStore tells what the bot was asked.
type AskedStore interface {
	RecentQuestions(ctx context.Context, accountID uint64, limit int) ([]model.Question, error)
}

// Tuner shows what thresholds do and proposes some. Its methods may be called by any number
// of goroutines.
type Tuner struct {
	store AskedStore
	base  Base
	now   func() time.Time
}

// NewTuner makes a tuner; now is nil for time.Now.
func NewTuner(store AskedStore, base Base, now func() time.Time) (*Tuner, error) {
	if store == nil || base == nil {
		return nil, errors.New("curate: a tuner needs a store and a base")
	}
	if now == nil {
		now = time.Now
	}
	return &Tuner{store: store, base: base, now: now}, nil
}

// Counts is what thresholds make of the last questions.
type Counts struct {
	Answered  int
	Suggested int
	Missed    int
	Right     int // of the answers, those that people confirmed: 👍, a tap on that suggestion, a miss settled so
	Wrong     int // of the answers, those that people denied: 👎, a tap on another suggestion
}

// Shift is a question that other thresholds would treat differently.
type Shift struct {
	Question string
	Times    int // how often it was asked
	Before   model.AnswerKind
	After    model.AnswerKind
	EntryID  uint64 // the first candidate
	Entry    string // its standard question
	Score    float64
	Right    *bool // what people said of that candidate; nil: nothing
}

// Effect is what other thresholds would have done to the last questions.
type Effect struct {
	Questions int // how many were asked again; small talk is left out
	Before    Counts
	After     Counts
	Moved     int     // questions that would be treated differently
	Shifts    []Shift // of those, the most frequent, then the surest; at most 50
}

const (
	effectQuestions = 1000
	effectShifts    = 50
)

// Effect asks the last 1,000 questions again under the present thresholds and under those
// proposed. Thresholds that are not 0 < suggest ≤ answer ≤ 1 are of class invalid with the
// reason thresholds.
func (t *Tuner) Effect(ctx context.Context, acc model.Account, answer, suggest float64) (Effect, error) {
	if !(suggest > 0 && suggest <= answer && answer <= 1) {
		return Effect{}, model.Invalid("thresholds", "阈值应为 0 < 推荐 ≤ 直接回答 ≤ 1")
	}
	asked, err := t.store.RecentQuestions(ctx, acc.ID, effectQuestions)
	if err != nil {
		return Effect{}, fmt.Errorf("read the last questions: %w", err)
	}
	index, err := t.base.Index(ctx, acc.ID)
	if err != nil {
		return Effect{}, fmt.Errorf("ask the last questions again: %w", err)
	}
	proposed := acc.Policy.Bot
	proposed.Answer, proposed.Suggest = answer, suggest
	now := model.MS(t.now())
	again := distinct(asked)
	err = each(ctx, len(again), func(i int) {
		q := &again[i]
		found := index.Search(match.Query{Text: q.asked[0].Text, Topic: q.asked[0].Topic, AtMS: now}, candidates)
		q.before = knowledge.Reply(index, q.asked[0].Text, found, acc.Policy.Bot)
		q.after = knowledge.Reply(index, q.asked[0].Text, found, proposed)
	})
	if err != nil {
		return Effect{}, err
	}
	return effect(again), nil
}

// askedAgain is a question, each time it was asked, and what it gives now.
type askedAgain struct {
	asked         []model.Question
	before, after model.Answer
}

// distinct gathers the questions that are the same to matching, in the order they came.
func distinct(asked []model.Question) []askedAgain {
	type key struct {
		folded string
		topic  uint64
	}
	at := map[key]int{}
	var list []askedAgain
	for _, q := range asked {
		k := key{match.Fold(q.Text), q.Topic}
		i, ok := at[k]
		if !ok {
			i = len(list)
			at[k] = i
			list = append(list, askedAgain{})
		}
		list[i].asked = append(list[i].asked, q)
	}
	return list
}

func effect(again []askedAgain) Effect {
	var e Effect
	for i := range again {
		q := &again[i]
		if q.before.Kind == model.AnswerSmall {
			continue
		}
		e.Questions += len(q.asked)
		e.Before.count(q.asked, q.before)
		e.After.count(q.asked, q.after)
		if q.before.Kind != q.after.Kind {
			e.Moved += len(q.asked)
			e.Shifts = append(e.Shifts, q.shift())
		}
	}
	slices.SortStableFunc(e.Shifts, func(a, b Shift) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(b.Score, a.Score))
	})
	e.Shifts = e.Shifts[:min(len(e.Shifts), effectShifts)]
	return e
}

func (q *askedAgain) shift() Shift {
	s := Shift{
		Question: q.asked[0].Text, Times: len(q.asked), Before: q.before.Kind, After: q.after.Kind, Score: q.before.Score,
	}
	if len(q.before.Candidates) > 0 {
		first := q.before.Candidates[0]
		s.EntryID, s.Entry = first.EntryID, first.Question
		for _, asked := range q.asked {
			if right, known := judged(asked, first.EntryID); known {
				s.Right = &right
				break
			}
		}
	}
	return s
}

func (c *Counts) count(asked []model.Question, a model.Answer) {
	switch a.Kind {
	case model.AnswerHit:
		c.Answered += len(asked)
	case model.AnswerSuggest:
		c.Suggested += len(asked)
		return
	case model.AnswerMiss, model.AnswerSmall:
		c.Missed += len(asked)
		return
	}
	for _, q := range asked {
		switch right, known := judged(q, a.Candidates[0].EntryID); {
		case known && right:
			c.Right++
		case known:
			c.Wrong++
		}
	}
}

// judged is what people said of an entry as the answer to a question.
func judged(q model.Question, entryID uint64) (right, known bool) {
	meant := q.SolvedBy
	if meant == 0 && q.Feedback != model.FeedbackDown {
		meant = q.Picked
		if meant == 0 && q.Feedback == model.FeedbackUp {
			meant = q.EntryID
		}
	}
	switch {
	case meant != 0:
		return meant == entryID, true
	case q.Feedback == model.FeedbackDown && cmp.Or(q.Picked, q.EntryID) == entryID:
		return false, true
	}
	return false, false
}
