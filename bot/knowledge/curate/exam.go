package curate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// GoldenStore is where golden questions are kept.
type GoldenStore interface {
	GoldenQuestions(ctx context.Context, accountID uint64) ([]model.Golden, error)
	SaveGolden(ctx context.Context, g model.Golden) (model.Golden, error)
	DeleteGolden(ctx context.Context, accountID, id uint64) error
	Entry(ctx context.Context, accountID, entryID uint64) (model.Entry, error)
}

// The limits of golden questions.
const (
	maxGolden         = 1000 // of an account
	maxGoldenQuestion = 400  // characters
)

// Examiner asks golden questions, those whose right answer is known, of the base as it is or
// would be. Its methods may be called by any number of goroutines.
type Examiner struct {
	store GoldenStore
	base  Base
	now   func() time.Time
}

// NewExaminer makes an examiner; now is nil for time.Now.
func NewExaminer(store GoldenStore, base Base, now func() time.Time) (*Examiner, error) {
	if store == nil || base == nil {
		return nil, errors.New("curate: an examiner needs a store and a base")
	}
	if now == nil {
		now = time.Now
	}
	return &Examiner{store: store, base: base, now: now}, nil
}

// Verdict says how well a golden question is answered.
type Verdict string

// The verdicts, the best first.
const (
	VerdictRight     Verdict = "right"     // the right entry answers; or nothing does where nothing must
	VerdictSuggested Verdict = "suggested" // the right entry is among the suggestions
	VerdictMissed    Verdict = "missed"    // nothing answers, and the right entry is not suggested
	VerdictWrong     Verdict = "wrong"     // another entry answers
)

// worth orders the verdicts: the better the greater.
func (v Verdict) worth() int {
	switch v {
	case VerdictRight:
		return 3
	case VerdictSuggested:
		return 2
	case VerdictMissed:
		return 1
	case VerdictWrong:
	}
	return 0
}

// Outcome is what the base makes of a golden question.
type Outcome struct {
	Verdict  Verdict          `json:"verdict"`
	Kind     model.AnswerKind `json:"kind"`
	EntryID  uint64           `json:"entry_id,omitempty"` // the first candidate; 0 for none, and for an entry that is not stored yet
	Question string           `json:"question,omitempty"` // its standard question
	Score    float64          `json:"score"`              // its probability
}

// same reports whether two outcomes are the same to whoever asked.
func (o Outcome) same(p Outcome) bool {
	return o.Verdict == p.Verdict && o.Kind == p.Kind && (o.EntryID == p.EntryID || o.Kind == model.AnswerMiss)
}

// Examined is a golden question and what came of it.
type Examined struct {
	Golden   model.Golden
	Expected string // standard question of the right entry; "" for none, or one that is gone or does not answer
	Outcome  Outcome
}

// Exam is what all golden questions of an account give now.
type Exam struct {
	Questions                       []Examined // in the order of the list
	Right, Suggested, Missed, Wrong int
}

// Move is a golden question that a change would answer differently.
type Move struct {
	GoldenID uint64  `json:"golden_id"`
	Question string  `json:"question"`
	EntryID  uint64  `json:"entry_id"` // the right one; 0: the bot must not answer
	Before   Outcome `json:"before"`
	After    Outcome `json:"after"`
}

// Worse reports whether the change would spoil the answer.
func (m Move) Worse() bool { return m.After.Verdict.worth() < m.Before.Verdict.worth() }

// Preview is what a change would do to an account's golden questions.
type Preview struct {
	Asked  int    `json:"asked"`
	Worse  int    `json:"worse"`  // moves that spoil an answer
	Better int    `json:"better"` // moves that mend one
	Moves  []Move `json:"moves,omitempty"`
}

// List lists an account's golden questions.
func (x *Examiner) List(ctx context.Context, accountID uint64) ([]model.Golden, error) {
	return x.store.GoldenQuestions(ctx, accountID)
}

// Add adds a golden question: entryID is the entry that must answer it, 0 where none must.
// One that is there already is a conflict with the reason golden_taken.
func (x *Examiner) Add(ctx context.Context, accountID uint64, question string, entryID uint64, author string) (model.Golden, error) {
	question = line(question)
	folded := match.Fold(question)
	var p problems
	if folded == "" {
		p.add("question_empty", "问题没有可以匹配的文字")
	}
	p.text("问题", question, maxGoldenQuestion)
	if err := p.err(); err != nil {
		return model.Golden{}, err
	}
	if entryID != 0 {
		if _, err := x.store.Entry(ctx, accountID, entryID); err != nil {
			return model.Golden{}, fmt.Errorf("find the entry that is to answer: %w", told(err, thisEntry))
		}
	}
	list, err := x.store.GoldenQuestions(ctx, accountID)
	if err != nil {
		return model.Golden{}, fmt.Errorf("read golden questions: %w", err)
	}
	if len(list) >= maxGolden {
		return model.Golden{}, model.Invalid("too_many_golden", "最多 %d 个检验问题", maxGolden)
	}
	for _, g := range list {
		if match.Fold(g.Question) == folded {
			return model.Golden{}, conflict("golden_taken", "这个检验问题已经有了")
		}
	}
	return x.store.SaveGolden(ctx, model.Golden{AccountID: accountID, Question: question, EntryID: entryID, Author: author})
}

// Delete takes a golden question away.
func (x *Examiner) Delete(ctx context.Context, accountID, id uint64) error {
	return told(x.store.DeleteGolden(ctx, accountID, id), thisGolden)
}

// Run asks all golden questions now.
func (x *Examiner) Run(ctx context.Context, acc model.Account) (Exam, error) {
	list, index, err := x.load(ctx, acc.ID)
	if err != nil {
		return Exam{}, err
	}
	outcomes, err := x.outcomes(ctx, acc, index, list)
	if err != nil {
		return Exam{}, err
	}
	exam := Exam{Questions: make([]Examined, len(list))}
	for i, g := range list {
		right, _ := index.Entry(g.EntryID)
		exam.Questions[i] = Examined{Golden: g, Expected: right.Question, Outcome: outcomes[i]}
		switch outcomes[i].Verdict {
		case VerdictRight:
			exam.Right++
		case VerdictSuggested:
			exam.Suggested++
		case VerdictMissed:
			exam.Missed++
		case VerdictWrong:
			exam.Wrong++
		}
	}
	return exam, nil
}

// Preview says which golden questions a change would answer differently: changed holds
// entries as they would be (new ones without an ID), deleted those that would go.
func (x *Examiner) Preview(ctx context.Context, acc model.Account, changed []model.Entry, deleted []uint64) (Preview, error) {
	return x.preview(ctx, acc, func(now *match.Index) *match.Index {
		next := slices.Clone(changed)
		id := uint64(unstored)
		for i := range next {
			if next[i].ID == 0 {
				next[i].ID = id
				id++
			}
		}
		return now.With(next, deleted)
	})
}

// PreviewImport is [Examiner.Preview] of bringing a file's entries into a base that has the
// existing ones; with replace those that the file lacks would go.
func (x *Examiner) PreviewImport(ctx context.Context, acc model.Account, file, existing []model.Entry, replace bool) (Preview, error) {
	changed, deleted := merged(file, existing, replace)
	return x.Preview(ctx, acc, changed, deleted)
}

// merged says what an import would change: entries as they would be, and ids of those that
// would go.
func merged(entries, existing []model.Entry, replace bool) (changed []model.Entry, deleted []uint64) {
	old := make(map[string]*model.Entry, len(existing))
	for i := range existing {
		old[existing[i].Folded] = &existing[i]
	}
	kept := make(map[uint64]bool, len(entries))
	for _, e := range entries {
		if before, ok := old[e.Folded]; ok {
			e.ID, kept[before.ID] = before.ID, true
			if e.Ref == "" {
				e.Ref = before.Ref
			}
			if before.Same(&e) {
				continue
			}
		}
		changed = append(changed, e)
	}
	if replace {
		for i := range existing {
			if !kept[existing[i].ID] {
				deleted = append(deleted, existing[i].ID)
			}
		}
	}
	return changed, deleted
}

// unstored is where the ids begin that entries have while they are only looked at: far above
// those of [model.NewID].
const unstored = 1 << 63

// preview asks before and after.
func (x *Examiner) preview(ctx context.Context, acc model.Account, change func(*match.Index) *match.Index) (Preview, error) {
	list, index, err := x.load(ctx, acc.ID)
	if err != nil || len(list) == 0 {
		return Preview{}, err
	}
	before, err := x.outcomes(ctx, acc, index, list)
	if err != nil {
		return Preview{}, err
	}
	after, err := x.outcomes(ctx, acc, change(index), list)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Asked: len(list)}
	for i, g := range list {
		m := Move{GoldenID: g.ID, Question: g.Question, EntryID: g.EntryID, Before: before[i], After: after[i]}
		if m.Before.same(m.After) {
			continue
		}
		switch worth := m.After.Verdict.worth() - m.Before.Verdict.worth(); {
		case worth < 0:
			p.Worse++
		case worth > 0:
			p.Better++
		}
		p.Moves = append(p.Moves, m)
	}
	return p, nil
}

func (x *Examiner) load(ctx context.Context, accountID uint64) ([]model.Golden, *match.Index, error) {
	list, err := x.store.GoldenQuestions(ctx, accountID)
	if err != nil {
		return nil, nil, fmt.Errorf("read golden questions: %w", err)
	}
	index, err := x.base.Index(ctx, accountID)
	if err != nil {
		return nil, nil, fmt.Errorf("ask golden questions: %w", err)
	}
	return list, index, nil
}

func (x *Examiner) outcomes(ctx context.Context, acc model.Account, index *match.Index, list []model.Golden) ([]Outcome, error) {
	outcomes := make([]Outcome, len(list))
	now := model.MS(x.now())
	err := each(ctx, len(list), func(i int) {
		a := answer(index, match.Query{Text: list[i].Question, AtMS: now}, acc.Policy.Bot)
		outcomes[i] = outcome(list[i].EntryID, a)
	})
	return outcomes, err
}

// outcome judges an answer by the entry that must be it, 0 for none.
func outcome(right uint64, a model.Answer) Outcome {
	o := Outcome{Kind: a.Kind, Score: a.Score, Verdict: VerdictMissed}
	if len(a.Candidates) > 0 {
		o.EntryID, o.Question = a.Candidates[0].EntryID, a.Candidates[0].Question
	}
	answered := a.Kind == model.AnswerHit
	switch {
	case answered && o.EntryID == right, !answered && right == 0:
		o.Verdict = VerdictRight
	case answered:
		o.Verdict = VerdictWrong
	case a.Kind == model.AnswerSuggest && suggests(a, right):
		o.Verdict = VerdictSuggested
	}
	if o.EntryID >= unstored {
		o.EntryID = 0
	}
	return o
}

func suggests(a model.Answer, entryID uint64) bool {
	return slices.ContainsFunc(a.Candidates, func(c model.AnswerCandidate) bool { return c.EntryID == entryID })
}
