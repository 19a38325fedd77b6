package knowledge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Source is where the entries are kept. Versions grow with every change of an account's
// entries.
type Source interface {
	// KnowledgeVersions gives the version of every account's knowledge base; an account
	// without entries may be missing.
	KnowledgeVersions(ctx context.Context) (map[uint64]uint64, error)
	// Entries gives all entries of an account and the version they are of.
	Entries(ctx context.Context, accountID uint64) ([]model.Entry, uint64, error)
	// EntriesSince gives what changed after version: entries as they are now, ids that are
	// gone, and the version they are of.
	EntriesSince(ctx context.Context, accountID, version uint64) (changed []model.Entry, deleted []uint64, newVersion uint64, err error)
}

// Config is what a [Base] needs.
type Config struct {
	Source Source           // required
	Log    *slog.Logger     // required
	Now    func() time.Time // nil: time.Now; the clock of durations in the log
	Poll   time.Duration    // how often versions are compared; 0: 400 ms
}

const defaultPoll = 400 * time.Millisecond

// Base answers from the knowledge bases of all accounts. An account is read at its
// first question and then kept up to date by [Base.Run]. All methods may be called by
// any number of goroutines.
type Base struct {
	source Source
	log    *slog.Logger
	now    func() time.Time
	poll   time.Duration

	mu       sync.Mutex
	accounts map[uint64]*account
}

// account is one account's knowledge base in memory.
type account struct {
	turn chan struct{} // holds a token while somebody loads or updates it

	mu      sync.RWMutex
	index   *match.Index // nil: not loaded
	version uint64 // of index
}

// New makes a base that has loaded nothing yet.
func New(cfg Config) (*Base, error) {
	if cfg.Source == nil || cfg.Log == nil {
		return nil, errors.New("knowledge: Source and Log are required")
	}
	b := &Base{
		source: cfg.Source, log: cfg.Log.With(slog.String("component", "knowledge")),
		now: cfg.Now, poll: cfg.Poll, accounts: map[uint64]*account{},
	}
	if b.now == nil {
		b.now = time.Now
	}
	if b.poll <= 0 {
		b.poll = defaultPoll
	}
	return b, nil
}

// Answer says what the account's knowledge base makes of a question: the answer from
// policy.Answer on, a suggestion from policy.Suggest on, else a miss. The nearest
// entries are candidates in every case, so that a miss can be explained; a suggestion
// holds only those worth showing. A question that is a variant letter for letter is
// Exact; where two entries have the same variant and neither as its standard question,
// both are suggested. Thresholds of zero count as the default ones.
func (b *Base) Answer(ctx context.Context, accountID uint64, question string, policy model.BotPolicy) (model.Answer, error) {
	index, err := b.index(ctx, accountID)
	if err != nil {
		return model.Answer{}, fmt.Errorf("answer from knowledge of account %d: %w", accountID, err)
	}
	return answer(index, question, policy), nil
}

// Entry gives an entry by id, for somebody who picked it from a suggestion. It is
// [model.ErrNotFound] when the account has none such or it is off.
func (b *Base) Entry(ctx context.Context, accountID, entryID uint64) (model.AnswerCandidate, error) {
	index, err := b.index(ctx, accountID)
	if err != nil {
		return model.AnswerCandidate{}, fmt.Errorf("entry %d of account %d: %w", entryID, accountID, err)
	}
	entry, ok := index.Entry(entryID)
	if !ok {
		return model.AnswerCandidate{}, fmt.Errorf("entry %d of account %d: %w", entryID, accountID, model.ErrNotFound)
	}
	return model.AnswerCandidate{EntryID: entry.ID, Question: entry.Question, Answer: entry.Answer, Score: 1, Variant: entry.Question}, nil
}

// candidatesMax is how many candidates an answer has.
const candidatesMax = 5

// answer decides by the two thresholds.
func answer(index *match.Index, question string, policy model.BotPolicy) model.Answer {
	if policy.Answer <= 0 || policy.Suggest <= 0 {
		usual := model.DefaultPolicy().Bot
		policy.Answer, policy.Suggest = usual.Answer, usual.Suggest
	}
	hits := index.Search(question, candidatesMax)
	if reply, ok := match.SmallTalk(question); ok && (len(hits) == 0 || !hits[0].Exact) {
		return model.Answer{Kind: model.AnswerSmall, Text: reply}
	}
	return grade(index, hits, policy)
}

// grade makes an answer of what was found.
func grade(index *match.Index, hits []match.Hit, policy model.BotPolicy) model.Answer {
	a := model.Answer{Kind: model.AnswerMiss, Threshold: policy.Suggest}
	if len(hits) > 0 {
		a.Score = hits[0].Score
	}
	switch ambiguous := ambiguous(index, hits); {
	case len(hits) == 0:
	case ambiguous:
		a.Kind = model.AnswerSuggest
	case hits[0].Exact:
		a.Kind, a.Exact, a.Threshold = model.AnswerHit, true, policy.Answer
	case a.Score >= policy.Answer:
		a.Kind, a.Threshold = model.AnswerHit, policy.Answer
	case a.Score >= policy.Suggest:
		a.Kind = model.AnswerSuggest
	}
	for _, h := range hits {
		if a.Kind == model.AnswerSuggest && h.Score < policy.Suggest*worthShowing {
			break
		}
		entry, _ := index.Entry(h.EntryID)
		a.Candidates = append(a.Candidates, model.AnswerCandidate{
			EntryID: h.EntryID, Question: entry.Question, Answer: entry.Answer, Score: h.Score, Variant: h.Variant,
		})
	}
	return a
}

// worthShowing is the share of the suggestion threshold from which an entry is shown
// below a better one.
const worthShowing = 0.4

// ambiguous reports whether the question is letter for letter a similar question of two
// entries, and the standard question of none.
func ambiguous(index *match.Index, hits []match.Hit) bool {
	if len(hits) < 2 || !hits[1].Exact {
		return false
	}
	entry, _ := index.Entry(hits[0].EntryID)
	return entry.Question != hits[0].Variant
}
