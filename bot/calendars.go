package bot

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"deskmate/model"
)

// Calendars keeps this process's calendar of holidays in step with the stored years, within
// one poll.
type Calendars struct {
	store   CalendarStore
	poll    time.Duration
	set     func([]model.CalendarYear)
	log     *slog.Logger
	version uint64
	loaded  bool
}

// CalendarStore is where the stored years are.
type CalendarStore interface {
	CalendarVersion(ctx context.Context) (uint64, error)
	CalendarYears(ctx context.Context) ([]model.CalendarYear, error)
}

// NewCalendars makes a follower; set takes the stored years whenever they change.
func NewCalendars(store CalendarStore, poll time.Duration, set func([]model.CalendarYear), log *slog.Logger) *Calendars {
	return &Calendars{store: store, poll: poll, set: set, log: log}
}

// Run follows the store until ctx ends.
func (c *Calendars) Run(ctx context.Context) error {
	tick := time.NewTicker(c.poll)
	defer tick.Stop()
	for {
		if err := c.Refresh(ctx); err != nil && ctx.Err() == nil {
			c.log.WarnContext(ctx, "calendar not read", "err", err.Error())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Refresh reads the stored years if they have changed. It must not be called beside Run.
func (c *Calendars) Refresh(ctx context.Context) error {
	version, err := c.store.CalendarVersion(ctx)
	if err != nil || (c.loaded && version == c.version) {
		return err
	}
	years, err := c.store.CalendarYears(ctx)
	if err != nil {
		return fmt.Errorf("stored years: %w", err)
	}
	c.set(years)
	c.version, c.loaded = version, true
	return nil
}
