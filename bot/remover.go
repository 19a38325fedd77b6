package bot

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"deskmate/model"
)

// Remover deletes accounts: it waits until their people were told, takes them away, and then what
// was theirs, a little at a time. Every replica runs one; a removal is claimed by a lease, and what
// one replica leaves another goes on with.
type Remover struct{ cfg RemoverConfig }

// RemoverConfig is what a remover works with. Every field is required.
type RemoverConfig struct {
	Store RemovalStore
	Files interface {
		// Delete removes a file; one that is not there is no error.
		Delete(ctx context.Context, key string) error
	}
	Poll  time.Duration // between looks for removals
	Drain time.Duration // how long open sessions may take to end and pushes to go out
	Now   func() time.Time
	Log   *slog.Logger
}

// RemovalStore is where removals are.
type RemovalStore interface {
	// ClaimRemoval is [model.ErrNotFound] where none is due.
	ClaimRemoval(ctx context.Context, lease time.Duration) (model.Removal, error)
	// HoldRemoval is [model.ErrFenced] where somebody else has taken over.
	HoldRemoval(ctx context.Context, r *model.Removal, lease time.Duration) error
	Drained(ctx context.Context, r model.Removal) (bool, error)
	ForgetAccount(ctx context.Context, r *model.Removal) error
	Purge(ctx context.Context, r model.Removal, remove func(ctx context.Context, key string) error) (more bool, err error)
	EndRemoval(ctx context.Context, r model.Removal) error
}

// NewRemover makes a remover.
func NewRemover(cfg RemoverConfig) *Remover { return &Remover{cfg: cfg} }

const (
	removalLease = 30 * time.Second // of a killed replica, a removal is free again after this
	drainPause   = 2 * time.Second  // between looks whether an account is drained
)

// Run removes until ctx ends.
func (r *Remover) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Poll)
	defer tick.Stop()
	for {
		r.next(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// next does the next step of a removal that is due.
func (r *Remover) next(ctx context.Context) {
	removal, err := r.cfg.Store.ClaimRemoval(ctx, removalLease)
	if errors.Is(err, model.ErrNotFound) {
		return
	}
	if err == nil {
		err = r.step(ctx, removal)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, model.ErrFenced) {
		r.cfg.Log.WarnContext(ctx, "account not removed", "account_key", removal.AccountKey, "stage", string(removal.Stage), "err", err.Error())
	}
}

func (r *Remover) step(ctx context.Context, removal model.Removal) error {
	if removal.Stage == model.RemovalPurging {
		return r.purge(ctx, removal)
	}
	drained, err := r.cfg.Store.Drained(ctx, removal)
	if err != nil {
		return err
	}
	if late := r.cfg.Now().UnixMilli() >= removal.CreatedMS+r.cfg.Drain.Milliseconds(); !drained && !late {
		return r.cfg.Store.HoldRemoval(ctx, &removal, drainPause) // whoever is free then looks again
	}
	if !drained {
		r.cfg.Log.WarnContext(ctx, "account removed before everybody was told", "account_key", removal.AccountKey)
	}
	return r.cfg.Store.ForgetAccount(ctx, &removal)
}

// purge deletes what is left until nothing is.
func (r *Remover) purge(ctx context.Context, removal model.Removal) error {
	for more := true; more; {
		var err error
		if more, err = r.cfg.Store.Purge(ctx, removal, r.cfg.Files.Delete); err != nil {
			return err
		}
		if err := r.cfg.Store.HoldRemoval(ctx, &removal, removalLease); err != nil {
			return err
		}
	}
	if err := r.cfg.Store.EndRemoval(ctx, removal); err != nil {
		return err
	}
	r.cfg.Log.InfoContext(ctx, "account removed", "account_key", removal.AccountKey)
	return nil
}
