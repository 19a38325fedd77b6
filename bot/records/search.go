package records

import (
	"context"
	"errors"
	"slices"
	"time"

	"deskmate/model"
)

// Searcher finds sessions of an account.
type Searcher struct{ cfg SearchConfig }

// SearchConfig is what a searcher works with. Every field is required.
type SearchConfig struct {
	Store    SearchStore
	Fold     Folder        // the indexer's
	Patience time.Duration // a search that has looked for so long gives what it has and where to go on
	Now      func() time.Time
}

// SearchStore keeps sessions, messages and their index.
type SearchStore interface {
	RecordIDs(ctx context.Context, f model.RecordFilter, before uint64, limit int) ([]uint64, error)
	Records(ctx context.Context, f model.RecordFilter, ids []uint64) ([]model.Record, error)
	SessionMessages(ctx context.Context, accountID uint64, ids []uint64) (map[uint64][]model.Message, error)
	UnindexedIDs(ctx context.Context, accountID, from, before uint64, limit int) ([]uint64, error)
	TextSegments(ctx context.Context, accountID, from, before uint64) ([]model.TextSegment, error)
	TextParts(ctx context.Context, accountID uint64, segmentIDs []uint64, parts []int) ([]model.TextPart, error)
}

// NewSearcher makes a searcher.
func NewSearcher(cfg SearchConfig) *Searcher { return &Searcher{cfg} }

// Search is what is looked for.
type Search struct {
	Filter model.RecordFilter
	Text   string // words that must all stand in the session; "": any
	Before uint64 // only sessions older than this one; 0: all
	Limit  int
}

// Found is a session that was found, with the lines that a word stands in.
type Found struct {
	model.Record
	Lines []Line // the first ones
	More  int    // further lines with a word
}

// Result is a page of what was found, newest first.
type Result struct {
	Found []Found
	// Next is the Before of the following page; 0: there is none. A page may be shorter than its
	// limit and yet have a following one.
	Next uint64
}

// Search finds sessions.
func (s *Searcher) Search(ctx context.Context, q Search) (Result, error) {
	for try := 1; ; try++ {
		const tries = 3 // segments may be joined while they are read
		r, err := s.once(ctx, q)
		if !errors.Is(err, model.ErrStale) || try == tries {
			return r, err
		}
	}
}

// How many sessions are looked at in one go: the first time, and at most.
const (
	firstLook = 40
	mostLook  = 300
)

func (s *Searcher) once(ctx context.Context, q Search) (Result, error) {
	var words *query
	if q.Text != "" {
		var err error
		if words, err = s.cfg.Fold.newQuery(q.Text); err != nil {
			return Result{}, err
		}
	}
	source, err := s.source(ctx, q, words)
	if err != nil {
		return Result{}, err
	}
	until := s.cfg.Now().Add(s.cfg.Patience)
	var out Result
	for look := firstLook; ; look = min(look*2, mostLook) {
		ids, err := source(look)
		further := errors.Is(err, errFurther)
		if (err != nil && !further) || len(ids) == 0 {
			return out, err
		}
		found, err := s.verify(ctx, q.Filter, words, ids)
		if err != nil {
			return out, err
		}
		room := q.Limit - len(out.Found)
		out.Found = append(out.Found, found[:min(room, len(found))]...)
		switch {
		case len(found) > room || len(found) == room:
			out.Next = out.Found[q.Limit-1].Session.ID
			return out, nil
		case further || s.cfg.Now().After(until):
			out.Next = ids[len(ids)-1]
			return out, nil
		}
	}
}

// source gives sessions to look at, newest first, so many at a time; none at the end.
func (s *Searcher) source(ctx context.Context, q Search, words *query) (func(n int) ([]uint64, error), error) {
	f, before := q.Filter, q.Before
	from := model.FirstID(f.FromMS)
	if f.ToMS > 0 && (before == 0 || before > model.FirstID(f.ToMS)) {
		before = model.FirstID(f.ToMS)
	}
	if words == nil || f.Employee != "" { // an employee has few sessions
		return func(n int) ([]uint64, error) {
			ids, err := s.cfg.Store.RecordIDs(ctx, f, before, n)
			if len(ids) > 0 {
				before = ids[len(ids)-1]
			}
			return ids, err
		}, nil
	}
	// The sessions without index are asked for first: one that is indexed in between is in both.
	fresh, err := s.cfg.Store.UnindexedIDs(ctx, f.AccountID, from, before, mostFresh)
	if err != nil {
		return nil, err
	}
	if len(fresh) == mostFresh { // the index is being built: look no further than here
		from = fresh[len(fresh)-1]
	}
	known, err := s.candidates(ctx, f.AccountID, words, from, before)
	if err != nil {
		return nil, err
	}
	return joined(fresh, known), nil
}

// mostFresh is how many sessions without index one search looks at.
const mostFresh = 5000

// joined gives the sessions of two sources, each once.
func joined(fresh []uint64, known *candidates) func(n int) ([]uint64, error) {
	full := len(fresh) == mostFresh
	var pending uint64
	have := false
	return func(n int) (ids []uint64, err error) {
		for len(ids) < n {
			if !have {
				if pending, err = known.next(); err != nil {
					return nil, err
				}
				have = true
			}
			newest := uint64(0)
			if len(fresh) > 0 {
				newest = fresh[0]
			}
			switch id := max(newest, pending); {
			case id == 0 && full:
				return ids, errFurther
			case id == 0:
				return ids, nil
			default:
				ids = append(ids, id)
				if id == newest {
					fresh = fresh[1:]
				}
				have = id != pending
			}
		}
		return ids, nil
	}
}

// errFurther says that a search has come to the end of what one call looks at.
var errFurther = errors.New("there are more sessions without index")

// verify reads the sessions that the filter lets through and keeps those in which all words
// stand.
func (s *Searcher) verify(ctx context.Context, f model.RecordFilter, words *query, ids []uint64) ([]Found, error) {
	records, err := s.cfg.Store.Records(ctx, f, ids)
	if err != nil {
		return nil, err
	}
	found := make([]Found, 0, len(records))
	if words == nil {
		for _, r := range records {
			found = append(found, Found{Record: r})
		}
		return found, nil
	}
	ids = ids[:0:0]
	for _, r := range records {
		ids = append(ids, r.Session.ID)
	}
	messages, err := s.cfg.Store.SessionMessages(ctx, f.AccountID, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if lines, more, ok := words.lines(s.cfg.Fold, messages[r.Session.ID]); ok {
			found = append(found, Found{Record: r, Lines: lines, More: more})
		}
	}
	return slices.Clip(found), nil
}
