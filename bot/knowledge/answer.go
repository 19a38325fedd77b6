package knowledge

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// Answer says what the account's knowledge base makes of a question, as [Decide] does.
// Greetings, thanks and noise are small talk, unless an entry asks exactly that. Entries
// outside their validity don't count. It fails when the base can't be read.
func (b *Base) Answer(ctx context.Context, accountID uint64, ask model.Ask) (model.Answer, error) {
	h, err := b.hold(ctx, accountID)
	if err != nil {
		return model.Answer{}, fmt.Errorf("answer from knowledge of account %d: %w", accountID, err)
	}
	f := b.find(ctx, h, ask, candidatesMax)
	return f.answer, nil
}

// explained is how many candidates an explanation shows.
const explained = 10

// Explain shows how [Base.Answer] comes to its answer. Candidates are shown for small talk
// too.
func (b *Base) Explain(ctx context.Context, accountID uint64, ask model.Ask) (model.Explanation, error) {
	h, err := b.hold(ctx, accountID)
	if err != nil {
		return model.Explanation{}, fmt.Errorf("explain an answer from knowledge of account %d: %w", accountID, err)
	}
	start := b.now()
	f := b.find(ctx, h, ask, explained)
	took := b.now().Sub(start)
	answer, suggest := thresholds(ask.Policy)
	e := model.Explanation{
		Answer: f.answer, Folded: f.result.Folded, Expanded: f.result.Expanded, Thresholds: [2]float64{answer, suggest},
		Encoder: h.encoder > 0, Embedding: f.embedded, TookMS: float64(took.Microseconds()) / float64(time.Millisecond.Microseconds()),
	}
	names := match.FeatureNames()
	for _, hit := range f.result.Hits {
		c := model.ExplainedCandidate{AnswerCandidate: candidate(h.index, hit), Rank: hit.Rank, Features: map[string]float64{}}
		for i, value := range hit.Features {
			c.Features[names[i]] = value
		}
		e.Candidates = append(e.Candidates, c)
	}
	return e, nil
}

// finding is an answer and what it was made of.
type finding struct {
	answer   model.Answer
	result   match.Result
	embedded bool // with the vector of the question
}

// find asks what is in memory, and the embedding model where there are vectors to compare
// and the question is not settled without.
func (b *Base) find(ctx context.Context, h holding, ask model.Ask, limit int) finding {
	vector := unembedded
	if b.embed != nil && h.dressed {
		vector = func() []float32 { return b.embed.question(ctx, ask.Question) }
	}
	f := find(h.index, match.Query{Text: ask.Question, Topic: ask.Topic, AtMS: b.now().UnixMilli()}, ask.Policy, limit, vector)
	f.answer.Model = modelName(h.encoder)
	return f
}

func find(x *match.Index, q match.Query, policy model.BotPolicy, limit int, vector func() []float32) finding {
	f := finding{result: x.Search(q, limit)}
	f.answer = Reply(x, q.Text, f.result, policy)
	exact := len(f.result.Hits) > 0 && f.result.Hits[0].Exact
	if exact || f.answer.Kind == model.AnswerSmall {
		return f
	}
	if q.Vector = vector(); q.Vector != nil {
		f.result, f.embedded = x.Search(q, limit), true
		f.answer = Decide(x, f.result, policy)
	}
	return f
}

func unembedded() []float32 { return nil }

func modelName(encoder uint64) string {
	if encoder == 0 {
		return match.WeightsVersion()
	}
	return match.WeightsVersion() + "+" + strconv.FormatUint(encoder, 10)
}

// Index is an account's base as it is in memory, read first if need be. It doesn't change;
// what was edited since is in the next one.
func (b *Base) Index(ctx context.Context, accountID uint64) (*match.Index, error) {
	h, err := b.hold(ctx, accountID)
	if err != nil {
		return nil, fmt.Errorf("index of account %d: %w", accountID, err)
	}
	return h.index, nil
}

// Entry gives an entry by id, for somebody who picked it from a suggestion. It is
// [model.ErrNotFound] when the account has none such or it does not answer now.
func (b *Base) Entry(ctx context.Context, accountID, entryID uint64) (model.AnswerCandidate, error) {
	h, err := b.hold(ctx, accountID)
	if err != nil {
		return model.AnswerCandidate{}, fmt.Errorf("entry %d of account %d: %w", entryID, accountID, err)
	}
	c, ok := b.live(h, entryID)
	if !ok {
		return model.AnswerCandidate{}, fmt.Errorf("entry %d of account %d: %w", entryID, accountID, model.ErrNotFound)
	}
	return c, nil
}

// live gives an entry as its own answer, if it answers now.
func (b *Base) live(h holding, entryID uint64) (model.AnswerCandidate, bool) {
	entry, ok := h.index.Entry(entryID)
	if !ok || !entry.Live(b.now().UnixMilli()) {
		return model.AnswerCandidate{}, false
	}
	return candidate(h.index, match.Hit{EntryID: entryID, Score: 1, Variant: entry.Question}), true
}

// hotList is what was asked most.
type hotList struct {
	ids []uint64
	at  time.Time // when it was read; zero: never
}

const (
	hotSpan  = 30 * 24 * time.Hour // that is looked back upon
	hotFresh = 5 * time.Minute     // for which a list is good
	hotRead  = 20                  // entries, for some may no longer answer
)

// Hot gives up to n entries that answered most in the last 30 days and still answer, the
// most asked first. The order may be some minutes old.
func (b *Base) Hot(ctx context.Context, accountID uint64, n int) ([]model.AnswerCandidate, error) {
	h, err := b.hold(ctx, accountID)
	if err != nil {
		return nil, fmt.Errorf("hot questions of account %d: %w", accountID, err)
	}
	a, now := b.account(accountID), b.now()
	a.mu.RLock()
	list := a.hot
	a.mu.RUnlock()
	if list.at.IsZero() || now.Sub(list.at) >= hotFresh {
		ids, err := b.source.HotEntries(ctx, accountID, now.Add(-hotSpan).UnixMilli(), hotRead)
		if err != nil {
			return nil, fmt.Errorf("hot questions of account %d: %w", accountID, err)
		}
		list = hotList{ids, now}
		a.mu.Lock()
		a.hot = list
		a.mu.Unlock()
	}
	var hot []model.AnswerCandidate
	for _, id := range list.ids {
		if c, ok := b.live(h, id); ok && len(hot) < n {
			hot = append(hot, c)
		}
	}
	return hot, nil
}
