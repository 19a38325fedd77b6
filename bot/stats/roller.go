package stats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"deskmate/model"
)

// Roller keeps roll-ups in step with sessions. Any number of replicas may run one: each pass
// rests on a version of the account's state, and is given up where another one was faster.
type Roller struct{ cfg RollerConfig }

// RollerConfig is what a roller works with. Every field is required.
type RollerConfig struct {
	Store    Store
	Accounts interface {
		Accounts(ctx context.Context) ([]model.Account, error)
	}
	Zone    *time.Location
	Every   time.Duration // between passes over an account, whoever makes them
	Slack   time.Duration // how late a change may be seen
	Backlog int           // slots of the past that a pass counts at most
	Now     func() time.Time
	Log     *slog.Logger
}

// NewRoller makes a roller.
func NewRoller(cfg RollerConfig) *Roller { return &Roller{cfg} }

// Run counts until ctx ends.
func (r *Roller) Run(ctx context.Context) error {
	const looks = 2 // in the time between passes
	tick := time.NewTicker(r.cfg.Every / looks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := r.passes(ctx); err != nil && ctx.Err() == nil {
				r.cfg.Log.ErrorContext(ctx, "figures are not counted", "err", err)
			}
		}
	}
}

func (r *Roller) passes(ctx context.Context) error {
	accounts, err := r.cfg.Accounts.Accounts(ctx)
	for _, acc := range accounts {
		if _, passErr := r.Pass(ctx, acc.ID); passErr != nil && !errors.Is(passErr, model.ErrStale) {
			err = errors.Join(err, passErr)
		}
	}
	return err
}

// Pass counts what changed since the last pass, and some of the past that is not counted yet;
// more says that there is more of it. It is [model.ErrStale] where another pass was faster.
func (r *Roller) Pass(ctx context.Context, accountID uint64) (more bool, err error) {
	st, err := r.begin(ctx, accountID)
	if err != nil {
		return false, err
	}
	now := r.cfg.Now().UnixMilli()
	if now-st.ThroughMS >= r.cfg.Every.Milliseconds() {
		if st, err = r.catchUp(ctx, st, now); err != nil {
			return false, err
		}
	}
	for n := 0; st.SinceMS > 0; n++ {
		if n == r.cfg.Backlog || ctx.Err() != nil {
			return true, ctx.Err()
		}
		if st, err = r.goBack(ctx, st); err != nil {
			return true, err
		}
	}
	for n := 0; st.RefoldMS > 0; n++ {
		if n == r.cfg.Backlog || ctx.Err() != nil {
			return true, ctx.Err()
		}
		if st, err = r.refold(ctx, st); err != nil {
			return true, err
		}
	}
	return false, nil
}

// begin is the account's state; a new one where there is none, or where days were cut otherwise.
func (r *Roller) begin(ctx context.Context, accountID uint64) (model.StatState, error) {
	st, err := r.cfg.Store.StatState(ctx, accountID)
	if err != nil || st.Version > 0 && st.Format == format && st.Zone == r.cfg.Zone.String() {
		return st, err
	}
	if st.Format > format {
		return st, model.ErrStale // a newer program counts
	}
	for more := st.Version > 0; more; {
		if more, err = r.cfg.Store.DropStats(ctx, st); err != nil {
			return st, err
		}
	}
	st.RefoldMS = st.KeptMS // the days and months of kept slots went, too
	return r.restart(ctx, st, accountID)
}

// restart has everything counted again, from now on back.
func (r *Roller) restart(ctx context.Context, st model.StatState, accountID uint64) (model.StatState, error) {
	c := clock{r.cfg.Zone}
	now := r.cfg.Now().UnixMilli()
	st.AccountID, st.Format, st.Zone, st.ThroughMS, st.SinceMS = accountID, format, r.cfg.Zone.String(), now, c.next(c.slot(now))
	return r.save(ctx, st, nil)
}

// refold adds the newest kept slot that is not in its day and month yet, or finds that there is
// none.
func (r *Roller) refold(ctx context.Context, st model.StatState) (model.StatState, error) {
	row, err := r.cfg.Store.StatKept(ctx, st.AccountID, st.RefoldMS)
	if err != nil {
		return st, err
	}
	st.RefoldMS = row.At
	if row.At == 0 {
		return r.save(ctx, st, nil)
	}
	kept, err := unpacked(row)
	if err != nil {
		return st, err
	}
	rollups, err := r.moved(ctx, st.AccountID, row.At, kept, NewCells())
	if err != nil {
		return st, err
	}
	return r.save(ctx, st, rollups)
}

func (r *Roller) save(ctx context.Context, st model.StatState, rollups []model.StatRollup) (model.StatState, error) {
	st.Version++
	return st, r.cfg.Store.SaveStats(ctx, st, rollups)
}

// catchUp counts the slots again in which sessions were opened that changed.
func (r *Roller) catchUp(ctx context.Context, st model.StatState, now int64) (model.StatState, error) {
	slots, err := changedSlots(ctx, r.cfg.Store, clock{r.cfg.Zone}, st, r.cfg.Slack)
	if err != nil {
		return st, err
	}
	stood := st.Version
	for _, at := range slots {
		if st, err = r.recount(ctx, st, at); err != nil {
			return st, err
		}
	}
	if quiet := now - st.ThroughMS; st.Version == stood && quiet < r.cfg.Slack.Milliseconds() {
		return st, nil // nothing was written, and needs not be
	}
	st.ThroughMS = now
	return r.save(ctx, st, nil)
}

// changedSlots are the counted slots whose sessions changed since, in order, without those that
// are kept as they are.
func changedSlots(ctx context.Context, store Store, c clock, st model.StatState, slack time.Duration) ([]int64, error) {
	ids, err := store.StatChanged(ctx, st.AccountID, st.ThroughMS-slack.Milliseconds())
	slots := map[int64]bool{}
	for _, id := range ids {
		if at := c.slot(model.IDTime(id)); at >= max(st.SinceMS, st.KeptMS) {
			slots[at] = true
		}
	}
	return slices.Sorted(maps.Keys(slots)), err
}

// recount counts a slot, and changes its day and its month by as much as it changed.
func (r *Roller) recount(ctx context.Context, st model.StatState, at int64) (model.StatState, error) {
	c := clock{r.cfg.Zone}
	next, err := countSlot(ctx, r.cfg.Store, c, st.AccountID, at)
	if err != nil {
		return st, fmt.Errorf("count a slot of account %d: %w", st.AccountID, err)
	}
	rollups, err := r.replace(ctx, st.AccountID, at, next)
	if err != nil || len(rollups) == 0 {
		return st, err
	}
	return r.save(ctx, st, rollups)
}

// replace gives the roll-ups that hold once a slot has these cells; none where it has them.
func (r *Roller) replace(ctx context.Context, accountID uint64, at int64, next Cells) ([]model.StatRollup, error) {
	before, err := rolledUp(ctx, r.cfg.Store, accountID, model.StatSlot, at)
	if err != nil {
		return nil, err
	}
	if before.equal(next) {
		return nil, nil
	}
	rollups, err := r.moved(ctx, accountID, at, next, before)
	return append([]model.StatRollup{packed(accountID, model.StatSlot, at, next)}, rollups...), err
}

// moved gives the day and the month of a slot once it has these cells rather than those before.
func (r *Roller) moved(ctx context.Context, accountID uint64, at int64, next, before Cells) ([]model.StatRollup, error) {
	var rollups []model.StatRollup
	day := clock{r.cfg.Zone}.day(at)
	for _, whole := range []struct {
		span model.StatSpan
		at   int64
	}{{model.StatDaily, day}, {model.StatMonth, day / 100}} {
		cells, err := rolledUp(ctx, r.cfg.Store, accountID, whole.span, whole.at)
		if err != nil {
			return nil, err
		}
		cells.Add(next, 1)
		cells.Add(before, -1)
		rollups = append(rollups, packed(accountID, whole.span, whole.at, cells))
	}
	return rollups, nil
}

// goBack counts the newest slot that is not counted yet, or finds that there is none. Slots
// before the oldest session keep what was counted of them: sessions may be gone that were there.
func (r *Roller) goBack(ctx context.Context, st model.StatState) (model.StatState, error) {
	id, err := r.cfg.Store.StatBefore(ctx, st.AccountID, model.FirstID(st.SinceMS))
	if err != nil {
		return st, err
	}
	if id == 0 || id < model.FirstID(st.KeptMS) {
		st.SinceMS = 0 // what is left is kept, or there is nothing
		return r.save(ctx, st, nil)
	}
	c := clock{r.cfg.Zone}
	at := c.slot(model.IDTime(id))
	// What stands for slots in between is of sessions that are gone.
	stale, err := r.cfg.Store.StatRollups(ctx, st.AccountID, model.StatSlot, max(at+1, st.KeptMS), st.SinceMS-1, false)
	if err != nil {
		return st, err
	}
	if len(stale) > 0 {
		at = stale[len(stale)-1].At
	}
	st.SinceMS = at
	version := st.Version
	if st, err = r.recount(ctx, st, at); err != nil || st.Version > version {
		return st, err
	}
	return r.save(ctx, st, nil)
}

// Rebuild counts an account again, to the first session that there is. told is called with the
// day that it has come to, now and then.
func (r *Roller) Rebuild(ctx context.Context, accountID uint64, told func(day int)) error {
	begun := false
	for {
		more, err := r.rebuildSome(ctx, accountID, &begun, told)
		switch {
		case errors.Is(err, model.ErrStale):
			continue // another replica counted meanwhile
		case err != nil:
			return err
		case begun && !more:
			return nil
		}
	}
}

func (r *Roller) rebuildSome(ctx context.Context, accountID uint64, begun *bool, told func(day int)) (more bool, err error) {
	st, err := r.begin(ctx, accountID)
	if err != nil {
		return true, err
	}
	if !*begun {
		if _, err = r.restart(ctx, st, accountID); err != nil {
			return true, err
		}
		*begun = true
		return true, nil
	}
	more, err = r.Pass(ctx, accountID)
	if more && err == nil {
		told(int(clock{r.cfg.Zone}.day(st.SinceMS)))
	}
	return more, err
}
