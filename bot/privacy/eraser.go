package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"time"

	"deskmate/model"
)

// Eraser erases what is stored of employees, as it was asked for. Any number of replicas may run
// one: who claims an erasure works on it, and what one replica leaves another goes on with.
type Eraser struct{ cfg EraserConfig }

// EraserConfig is what an eraser works with. Every field is required.
type EraserConfig struct {
	Store   ErasureStore
	Index   TextIndex
	Files   Files
	Owner   string // names this process
	Program string // and its version, for reports
	Poll    time.Duration
	Now     func() time.Time
	Log     *slog.Logger
}

// ErasureStore is where everything is. What erases is [model.ErrFenced] where somebody else has
// claimed the erasure since, and lengthens the lease else.
type ErasureStore interface {
	// ClaimErasure is [model.ErrNotFound] where nothing is to do.
	ClaimErasure(ctx context.Context, id uint64, owner string, lease time.Duration) (model.Erasure, error)
	Erasure(ctx context.Context, id uint64) (model.Erasure, error)
	KeepErasure(ctx context.Context, e model.Erasure, lease time.Duration) error
	AdvanceErasure(ctx context.Context, e *model.Erasure, stage model.ErasureStage) error
	DelayErasure(ctx context.Context, e model.Erasure, waits string, until time.Time) error
	FinishErasure(ctx context.Context, e model.Erasure, report string) (model.Erasure, error)
	EraseSessions(ctx context.Context, e model.Erasure, lease time.Duration) (more bool, err error)
	EraseRest(ctx context.Context, e model.Erasure, lease time.Duration) error
	EraseDirectory(ctx context.Context, e model.Erasure, lease time.Duration) error
	ErasedSessions(ctx context.Context, e model.Erasure, accountID uint64, ids []uint64) (map[uint64]bool, error)
	VerifyErasure(ctx context.Context, e model.Erasure) (scanned []model.Scanned, found, kept []model.Found, err error)
	RemoveFiles(ctx context.Context, accountID uint64, remove func(ctx context.Context, key string) error) (left int, err error)
	Accounts(ctx context.Context) ([]model.Account, error)
}

// NewEraser makes an eraser.
func NewEraser(cfg EraserConfig) *Eraser { return &Eraser{cfg} }

const (
	eraseLease = 5 * time.Minute  // of a killed replica, an erasure is free again after this
	eraseBeats = 4                // in a lease, of who works on it
	eraseAgain = 15 * time.Second // before it is looked again whether what it waits for is over
)

// Run erases until ctx ends.
func (r *Eraser) Run(ctx context.Context) error {
	tick := time.NewTicker(r.cfg.Poll)
	defer tick.Stop()
	for {
		for ctx.Err() == nil {
			if _, err := r.Erase(ctx, 0); err != nil {
				if ctx.Err() == nil && !errors.Is(err, model.ErrNotFound) && !errors.Is(err, model.ErrFenced) {
					r.cfg.Log.WarnContext(ctx, "employee not erased", "err", err.Error())
				}
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Erase claims an erasure, the one with the id or, with 0, whichever is due, and does what can be
// done of it. It is [model.ErrNotFound] where there is none. What the erasure then waits for, if
// anything, is in its Waits.
func (r *Eraser) Erase(ctx context.Context, id uint64) (model.Erasure, error) {
	e, err := r.cfg.Store.ClaimErasure(ctx, id, r.cfg.Owner, eraseLease)
	if err != nil {
		return e, err
	}
	ctx, letGo := r.hold(ctx, e)
	defer letGo()
	for e.Stage != model.ErasureDone {
		waits, err := r.step(ctx, &e)
		if err == nil && waits == "" {
			continue
		}
		if ctx.Err() != nil { // the program stops: whoever comes next goes on
			waits, err = "", errors.Join(err, ctx.Err())
		}
		delay := r.cfg.Store.DelayErasure(context.WithoutCancel(ctx), e, waits, r.cfg.Now().Add(eraseAgain))
		e.Waits = waits
		return e, errors.Join(err, delay)
	}
	r.cfg.Log.InfoContext(ctx, "employee erased", "erasure_id", e.ID, "report_sha256", e.Sum)
	return e, nil
}

// hold lengthens the lease until it is let go of, for looking through everything takes long. The
// context ends where somebody else has it.
func (r *Eraser) hold(ctx context.Context, e model.Erasure) (held context.Context, letGo func()) {
	held, stop := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(eraseLease / eraseBeats)
		defer tick.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-tick.C:
			}
			if err := r.cfg.Store.KeepErasure(held, e, eraseLease); errors.Is(err, model.ErrFenced) {
				stop()
			}
		}
	}()
	return held, func() {
		stop()
		<-over
	}
}

// step does a stage, or says what it waits for.
func (r *Eraser) step(ctx context.Context, e *model.Erasure) (waits string, err error) {
	next := model.ErasureStage("")
	switch e.Stage {
	case model.ErasureSessions:
		next = model.ErasureRest
		for more := true; more && err == nil; {
			more, err = r.cfg.Store.EraseSessions(ctx, *e, eraseLease)
		}
	case model.ErasureRest:
		next, err = model.ErasureIndex, r.cfg.Store.EraseRest(ctx, *e, eraseLease)
	case model.ErasureIndex:
		next = model.ErasureFiles
		waits, err = r.index(ctx, *e)
	case model.ErasureFiles:
		next = model.ErasureDirectory
		waits, err = r.files(ctx, *e)
	case model.ErasureDirectory:
		next = model.ErasureVerify
		if e.Whole {
			err = r.cfg.Store.EraseDirectory(ctx, *e, eraseLease)
		}
	case model.ErasureVerify:
		return r.verify(ctx, e)
	case model.ErasureDone:
		return "", nil
	}
	if model.CodeOf(err) == model.CodeConflict {
		// Something has come since: it begins again when that is over.
		problem, _ := errors.AsType[*model.Error](err)
		return problem.Reason, r.cfg.Store.AdvanceErasure(ctx, e, model.ErasureSessions)
	}
	if err != nil || waits != "" {
		return waits, err
	}
	return "", r.cfg.Store.AdvanceErasure(ctx, e, next)
}

// index has the text index forget what was erased.
func (r *Eraser) index(ctx context.Context, e model.Erasure) (waits string, err error) {
	for _, id := range e.Accounts {
		done, err := r.cfg.Index.Forget(ctx, id, math.MaxInt64, func(ctx context.Context, ids []uint64) (map[uint64]bool, error) {
			return r.cfg.Store.ErasedSessions(ctx, e, id, ids)
		})
		if err != nil || !done {
			return model.WaitsIndex, err
		}
	}
	return "", nil
}

// files removes the files that were noted.
func (r *Eraser) files(ctx context.Context, e model.Erasure) (waits string, err error) {
	for _, id := range e.Accounts {
		for left := 1; left > 0; {
			if left, err = r.cfg.Store.RemoveFiles(ctx, id, r.cfg.Files.Delete); err != nil {
				return model.WaitsFiles, err
			}
		}
	}
	return "", nil
}

// verify looks through everything and writes the report, or begins again.
func (r *Eraser) verify(ctx context.Context, e *model.Erasure) (waits string, err error) {
	scanned, found, kept, err := r.cfg.Store.VerifyErasure(ctx, *e)
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		for _, f := range found {
			r.cfg.Log.WarnContext(ctx, "erased employee still found", "erasure_id", e.ID, "table", f.Table, "column", f.Column, "rows", f.Rows)
		}
		return model.WaitsFound, r.cfg.Store.AdvanceErasure(ctx, e, model.ErasureSessions)
	}
	report, err := r.report(ctx, e, scanned, kept)
	if err != nil {
		return "", fmt.Errorf("write the report: %w", err)
	}
	*e, err = r.cfg.Store.FinishErasure(ctx, *e, report)
	return "", err
}

const afterwards = "The program checked every text column of every table after erasing. Copies outside of the database and file store, such as backups " +
	"and server logs, and what WeCom keeps, are not part of it; counters of sends in Redis end within an hour. The employee's userid gives subject_sha256: the SHA-256 of \"id:userid\" in lower case."

func (r *Eraser) report(ctx context.Context, e *model.Erasure, scanned []model.Scanned, kept []model.Found) (string, error) {
	accounts, err := r.cfg.Store.Accounts(ctx)
	if err != nil {
		return "", err
	}
	keys := []string{}
	for _, id := range e.Accounts {
		key := strconv.FormatUint(id, 10)
		for _, a := range accounts {
			if a.ID == id {
				key = a.Key
			}
		}
		keys = append(keys, key)
	}
	now, err := r.cfg.Store.Erasure(ctx, e.ID) // with what was counted
	if err != nil {
		return "", err
	}
	stamp := func(ms int64) string { return model.Time(ms).UTC().Format(time.RFC3339) }
	if kept == nil {
		kept = []model.Found{}
	}
	text, err := json.MarshalIndent(model.ErasureReport{
		ID: strconv.FormatUint(e.ID, 10), Subject: e.Subject, Pseudonym: e.Pseudonym, CorpID: e.CorpID, Accounts: keys, Directory: e.Whole,
		Reason: e.Reason, By: e.CreatedBy, Requested: stamp(e.CreatedMS), Finished: stamp(r.cfg.Now().UnixMilli()), Program: r.cfg.Program,
		Erased: now.Counts, Scanned: scanned, Kept: kept, Afterwards: afterwards,
	}, "", "  ")
	return string(text) + "\n", err
}
