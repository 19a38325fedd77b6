package sqlstore

import (
	"context"
	"fmt"

	"deskmate/model"
)

// Backlog is how many lanes have work waiting or in hand.
type Backlog struct {
	Events int // lanes with events to decide
	Pushes int // lanes with pushes to send
}

// Backlog counts the lanes that have work, over all accounts.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var rows []struct {
		Kind model.LaneKind
		N    int
	}
	err := s.reader(ctx).Model(&model.Lane{}).Select("kind, COUNT(*) AS n").Where("ready = ?", true).
		Where("kind IN ?", []model.LaneKind{model.LaneIn, model.LaneOut, model.LaneGroup}).Group("kind").Scan(&rows).Error
	if err != nil {
		return Backlog{}, fmt.Errorf("count the lanes with work: %w", s.translate(err))
	}
	var b Backlog
	for _, r := range rows {
		if r.Kind == model.LaneIn {
			b.Events = r.N
		} else {
			b.Pushes += r.N
		}
	}
	return b, nil
}
