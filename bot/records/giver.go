package records

import (
	"context"
	"slices"
	"time"

	"deskmate/model"
)

// Giver writes records for use elsewhere: spreadsheets, printed pages.
type Giver struct{ cfg GiverConfig }

// GiverConfig is what a giver works with. Every field but the last two is required.
type GiverConfig struct {
	Searcher *Searcher
	Store    GiverStore
	Mask     func(string) string // hides numbers that identify people or their money
	Zone     *time.Location
	Now      func() time.Time
	Sessions int // at most so many in one file; 0: 50,000
	Lines    int // and so many messages; 0: 100,000
}

// GiverStore keeps what is given.
type GiverStore interface {
	Record(ctx context.Context, accountID, id uint64) (model.Record, error)
	SessionMessages(ctx context.Context, accountID uint64, ids []uint64) (map[uint64][]model.Message, error)
	Names(ctx context.Context, corpID string, userIDs []string) (map[string]string, error)
}

// NewGiver makes a giver.
func NewGiver(cfg GiverConfig) *Giver {
	if cfg.Sessions == 0 {
		cfg.Sessions = 50_000
	}
	if cfg.Lines == 0 {
		cfg.Lines = 100_000
	}
	return &Giver{cfg}
}

// names are those of everybody in some sessions.
func (g *Giver) names(ctx context.Context, acc model.Account, records []model.Record, messages map[uint64][]model.Message) (map[string]string, error) {
	var all []string
	for _, r := range records {
		all = append(all, r.Session.Employee, r.Session.Seat)
		for _, s := range r.Seats {
			all = append(all, s.Seat)
		}
		for _, m := range messages[r.Session.ID] {
			all = append(all, m.Sender)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > 0 && all[0] == "" {
		all = all[1:]
	}
	return g.cfg.Store.Names(ctx, acc.CorpID, all)
}

// senderName is who wrote a message.
func senderName(m model.Message, names map[string]string) string {
	if name := names[m.Sender]; name != "" {
		return name
	}
	if m.Sender != "" {
		return m.Sender
	}
	return senderLabel(m.From)
}
