package curate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// QuestionStore is where the questions of employees are kept.
type QuestionStore interface {
	OpenMisses(ctx context.Context, accountID uint64, sinceMS int64, limit int) ([]model.Question, error)
	Questions(ctx context.Context, accountID uint64, ids []uint64) ([]model.Question, error)
	SettleMisses(ctx context.Context, accountID uint64, ids []uint64, state model.MissState, entryID uint64) (int, error)
	SeatReplies(ctx context.Context, accountID uint64, sessionIDs []uint64) (map[uint64][]string, error)
}

// Condenser makes one short answer of what seats replied; its errors are no reason to stop.
type Condenser interface {
	Condense(ctx context.Context, acc model.Account, question string, replies []string) (string, error)
}

// MissesConfig is what [Misses] need; all of it but Condenser.
type MissesConfig struct {
	Questions QuestionStore
	Base      Base
	Editor    *Editor
	Log       *slog.Logger
	Condenser Condenser // nil: drafts are what seats wrote, word for word
}

// Misses turns questions that the bot could not answer, or whose answer got a 👎, into
// knowledge. Its methods may be called by any number of goroutines.
type Misses struct {
	questions QuestionStore
	base      Base
	editor    *Editor
	condenser Condenser
	log       *slog.Logger
	turns     turns
}

// NewMisses makes misses.
func NewMisses(cfg MissesConfig) (*Misses, error) {
	if cfg.Questions == nil || cfg.Base == nil || cfg.Editor == nil || cfg.Log == nil {
		return nil, errors.New("curate: misses need all their parts")
	}
	return &Misses{
		questions: cfg.Questions, base: cfg.Base, editor: cfg.Editor, condenser: cfg.Condenser,
		log: cfg.Log.With(slog.String("component", "curate")),
	}, nil
}

// Cluster is misses that ask the same.
type Cluster struct {
	Question string   // the one that is most like the others, as written
	IDs      []uint64 // of the questions, the newest first
	Examples []string // other ways in which it was asked, the most frequent first, at most 5
	Count    int      // how often it was asked
	Disliked int      // of them, answers that got a 👎
	People   int
	Sessions int
	HumanMS  int64 // of human service that followed, each session once
	LastMS   int64 // when it was asked last
	// Nearest is the entry that comes nearest; EntryID 0 where none comes near.
	Nearest Nearest
}

// Nearest is the entry that a question comes nearest to.
type Nearest struct {
	EntryID  uint64
	Question string  // its standard question
	Score    float64 // probability that it is meant, in [0, 1]
}

const (
	missesMax      = 5000 // misses that are clustered at a time, the newest
	clustersPage   = 20
	clustersMost   = 200
	examplesMax    = 5
	similarMissMax = 50 // ways of asking that a draft proposes
)

// Clusters groups the open misses since a time (0: all) by what they ask and lists the
// clusters that cost most: those after which people worked longest, then those asked most. The
// newest 5,000 misses are looked at. limit is at most 200; 0 means 20.
func (m *Misses) Clusters(ctx context.Context, acc model.Account, sinceMS int64, limit int) ([]Cluster, error) {
	open, err := m.questions.OpenMisses(ctx, acc.ID, sinceMS, missesMax)
	if err != nil {
		return nil, fmt.Errorf("read misses: %w", err)
	}
	if limit <= 0 {
		limit = clustersPage
	}
	index, err := m.base.Index(ctx, acc.ID)
	if err != nil {
		return nil, fmt.Errorf("cluster misses: %w", err)
	}
	groups := cluster(open)
	list := make([]Cluster, len(groups))
	for i, g := range groups {
		list[i] = summed(g)
	}
	slices.SortFunc(list, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(b.HumanMS, a.HumanMS), cmp.Compare(b.Count, a.Count),
			cmp.Compare(b.LastMS, a.LastMS), cmp.Compare(a.IDs[0], b.IDs[0]))
	})
	list = list[:min(len(list), limit, clustersMost)]
	err = each(ctx, len(list), func(i int) {
		list[i].Nearest = nearest(index, list[i].Question)
	})
	return list, err
}

func nearest(x *match.Index, question string) Nearest {
	hits := x.Search(match.Query{Text: question}, 1).Hits
	if len(hits) == 0 {
		return Nearest{}
	}
	entry, _ := x.Entry(hits[0].EntryID)
	return Nearest{EntryID: entry.ID, Question: entry.Question, Score: hits[0].Score}
}

// summed is a cluster of wordings, the most central first.
func summed(wordings []wording) Cluster {
	c := Cluster{Question: wordings[0].text}
	people, human := map[string]bool{}, map[uint64]int64{}
	for _, w := range wordings {
		for _, q := range w.asked {
			c.IDs = append(c.IDs, q.ID)
			people[q.Employee] = true
			human[q.SessionID] = max(human[q.SessionID], q.HumanMS)
			c.LastMS = max(c.LastMS, q.AtMS)
			if q.Feedback == model.FeedbackDown {
				c.Disliked++
			}
		}
	}
	slices.SortFunc(c.IDs, func(a, b uint64) int { return cmp.Compare(b, a) })
	others := slices.Clone(wordings[1:])
	slices.SortStableFunc(others, func(a, b wording) int { return cmp.Compare(len(b.asked), len(a.asked)) })
	for _, w := range others[:min(len(others), examplesMax)] {
		c.Examples = append(c.Examples, w.text)
	}
	c.Count, c.People, c.Sessions = len(c.IDs), len(people), len(human)
	for _, ms := range human {
		c.HumanMS += ms
	}
	return c
}
