package privacy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"deskmate/model"
)

// Retainer deletes what is past its time. Any number of replicas may run one: who claims an
// account deletes in it, a little at a time, and what one replica leaves another goes on with.
type Retainer struct{ cfg RetainerConfig }

// RetainerConfig is what a retainer works with. Every field is required.
type RetainerConfig struct {
	Store    RetentionStore
	Accounts Accounts
	Index    TextIndex
	Files    Files
	Owner    string         // names this process
	Zone     *time.Location // in which days begin
	Poll     time.Duration  // between looks for accounts that are due
	Every    time.Duration  // between runs in an account
	Done     int            // days for which events and pushes that are done with are kept
	Now      func() time.Time
	Log      *slog.Logger
}

// Accounts lists the accounts.
type Accounts interface {
	Accounts(ctx context.Context) ([]model.Account, error)
}

// TextIndex is the index of transcripts.
type TextIndex interface {
	// Forget takes sessions out of it; done is false where somebody else works on the index.
	Forget(ctx context.Context, accountID, upTo uint64, gone func(ctx context.Context, ids []uint64) (map[uint64]bool, error)) (done bool, err error)
}

// Files are kept files.
type Files interface {
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, key string) error
}

// RetentionStore is where everything is. What deletes is [model.ErrFenced] where somebody else has
// claimed the account since.
type RetentionStore interface {
	Retention(ctx context.Context, accountID uint64) (model.RetentionRun, error)
	ClaimRetention(ctx context.Context, accountID uint64, owner string, lease time.Duration) (bool, error)
	EndRetention(ctx context.Context, accountID uint64, owner string, due time.Time) error
	// KeepStats is [model.ErrUnavailable] until what began before is counted.
	KeepStats(ctx context.Context, accountID uint64, beforeMS int64) error
	ExpireRecords(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error)
	ExpireUploads(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error)
	ExpireMedia(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error)
	PruneDone(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error)
	GoneSessions(ctx context.Context, accountID uint64, ids []uint64) (map[uint64]bool, error)
	ForgetIndexed(ctx context.Context, accountID uint64, owner string, upTo uint64) error
	RemoveFiles(ctx context.Context, accountID uint64, remove func(ctx context.Context, key string) error) (left int, err error)
}

// NewRetainer makes a retainer.
func NewRetainer(cfg RetainerConfig) *Retainer { return &Retainer{cfg} }

const (
	retainLease = 2 * time.Minute // of a killed replica, an account is free again after this
	retainSoon  = time.Minute     // after a run that could not do everything
)

// Run deletes until ctx ends.
func (r *Retainer) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Poll)
	defer tick.Stop()
	for {
		r.pass(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (r *Retainer) pass(ctx context.Context) {
	accounts, err := r.cfg.Accounts.Accounts(ctx)
	if err != nil && ctx.Err() == nil {
		r.cfg.Log.WarnContext(ctx, "accounts not read", "err", err.Error())
	}
	for _, acc := range accounts {
		_, err := r.Retain(ctx, acc)
		if err != nil && ctx.Err() == nil && !errors.Is(err, model.ErrFenced) {
			r.cfg.Log.WarnContext(ctx, "old records not deleted", "account_key", acc.Key, "err", err.Error())
		}
	}
}

// Retain deletes all that is past its time in an account that is due, and tells whether it was
// and nobody else did.
func (r *Retainer) Retain(ctx context.Context, acc model.Account) (bool, error) {
	if mine, err := r.claim(ctx, acc.ID); err != nil || !mine {
		return false, err
	}
	err := r.expire(ctx, acc)
	next := r.cfg.Every
	if err != nil {
		next = retainSoon
	}
	// Also when the program is about to stop: whoever comes next goes on.
	end := r.cfg.Store.EndRetention(context.WithoutCancel(ctx), acc.ID, r.cfg.Owner, r.cfg.Now().Add(next))
	return true, errors.Join(err, end)
}

func (r *Retainer) claim(ctx context.Context, accountID uint64) (bool, error) {
	return r.cfg.Store.ClaimRetention(ctx, accountID, r.cfg.Owner, retainLease)
}

// step is a way to delete some of what is past its time.
type step struct {
	name string
	days int // 0: nothing is
	some func(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error)
}

// expire deletes by every rule. One that fails doesn't hold up the others.
func (r *Retainer) expire(ctx context.Context, acc model.Account) error {
	keep := acc.Policy.Retention
	done := r.cfg.Done
	if keep.Records > 0 {
		done = min(done, keep.Records)
	}
	var failures []error
	for _, s := range []step{
		{"records", keep.Records, r.records}, {"media", keep.Media, r.cfg.Store.ExpireMedia}, {"what is done", done, r.cfg.Store.PruneDone},
	} {
		if err := r.all(ctx, acc.ID, s); err != nil {
			failures = append(failures, fmt.Errorf("delete %s: %w", s.name, err))
		}
	}
	return errors.Join(append(failures, r.forget(ctx, acc.ID), r.files(ctx, acc.ID))...)
}

// records freezes figures before the sessions behind them go, and deletes what was sent in these
// once they are gone.
func (r *Retainer) records(ctx context.Context, accountID uint64, owner string, beforeMS int64) (bool, error) {
	if err := r.cfg.Store.KeepStats(ctx, accountID, beforeMS); err != nil {
		return false, err
	}
	if more, err := r.cfg.Store.ExpireRecords(ctx, accountID, owner, beforeMS); err != nil || more {
		return more, err
	}
	return r.cfg.Store.ExpireUploads(ctx, accountID, owner, beforeMS)
}

// all deletes by one rule until nothing is left, and holds the claim meanwhile.
func (r *Retainer) all(ctx context.Context, accountID uint64, s step) error {
	if s.days == 0 {
		return nil
	}
	cut := model.CutAt(r.cfg.Now(), r.cfg.Zone, s.days)
	for more := true; more; {
		var err error
		if more, err = s.some(ctx, accountID, r.cfg.Owner, cut); err != nil {
			return err
		}
		if mine, err := r.claim(ctx, accountID); err != nil || !mine {
			return errors.Join(err, model.ErrFenced)
		}
	}
	return nil
}

// forget takes what is gone out of the text index.
func (r *Retainer) forget(ctx context.Context, accountID uint64) error {
	run, err := r.cfg.Store.Retention(ctx, accountID)
	if err != nil || run.UnindexID == 0 {
		return err
	}
	gone := func(ctx context.Context, ids []uint64) (map[uint64]bool, error) {
		return r.cfg.Store.GoneSessions(ctx, accountID, ids)
	}
	done, err := r.cfg.Index.Forget(ctx, accountID, run.UnindexID, gone)
	if err != nil || !done {
		return errors.Join(err, onlyIf(!done, errBusy))
	}
	return r.cfg.Store.ForgetIndexed(ctx, accountID, r.cfg.Owner, run.UnindexID)
}

// errBusy says that the index is somebody else's now: the next run goes on.
var errBusy = errors.New("the text index is being worked on")

func onlyIf(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// files removes the files that no line needs any more.
func (r *Retainer) files(ctx context.Context, accountID uint64) error {
	for {
		left, err := r.cfg.Store.RemoveFiles(ctx, accountID, r.cfg.Files.Delete)
		if err != nil || left == 0 {
			return err
		}
		if mine, err := r.claim(ctx, accountID); err != nil || !mine {
			return errors.Join(err, model.ErrFenced)
		}
	}
}
