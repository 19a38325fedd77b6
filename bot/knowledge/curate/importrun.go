package curate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"deskmate/model"
)

// Run works on imports, one at a time, until ctx ends; then it gives the one in hand back, for
// another replica. It returns nil.
func (im *Importer) Run(ctx context.Context) error {
	failing := false
	for ctx.Err() == nil {
		imp, err := im.imports.ClaimImport(ctx, im.owner, im.lease)
		switch {
		case err == nil:
			failing = false
			im.work(ctx, imp)
			continue
		case errors.Is(err, model.ErrNotFound):
			failing = false
		case !failing && ctx.Err() == nil:
			failing = true
			im.log.WarnContext(ctx, "imports not read", slog.Any("err", err))
		}
		im.wait(ctx)
	}
	return nil
}

// wait ends after a poll, a nudge, or with ctx.
func (im *Importer) wait(ctx context.Context) {
	timer := time.NewTimer(im.poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-im.wake:
	case <-timer.C:
	}
}

// job is an import at work.
type job struct {
	imp         model.Import
	done, total atomic.Int64
}

func (j *job) progress(done, total int) {
	j.done.Store(int64(done))
	j.total.Store(int64(total))
}

// work does what an import's state asks for and says what came of it.
func (im *Importer) work(ctx context.Context, imp model.Import) {
	j := &job{imp: imp}
	j.progress(imp.Done, imp.Total)
	held, lose := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { im.keep(held, j, lose) })
	started := im.now()
	err := im.attempt(held, j)
	lose(nil)
	keeper.Wait()
	log := im.log.With(slog.Uint64("account_id", imp.AccountID), slog.Uint64("import_id", imp.ID), slog.String("state", string(imp.State)))
	took := slog.Int64("took_ms", im.now().Sub(started).Milliseconds())
	switch {
	case err == nil:
		log.InfoContext(ctx, "import step done", took)
	case ctx.Err() != nil:
		im.giveBack(context.WithoutCancel(ctx), j)
	case errors.Is(err, model.ErrFenced), errors.Is(err, model.ErrStale), errors.Is(context.Cause(held), model.ErrFenced):
		log.WarnContext(ctx, "import taken over by another worker", slog.Any("err", err))
	case hopeless(err):
		log.InfoContext(ctx, "import refused", slog.Any("err", err))
		if err := im.fail(ctx, imp, err); err != nil {
			log.WarnContext(ctx, "import not marked as failed", slog.Any("err", err))
		}
	default: // the lease ends, and then it is tried again
		log.WarnContext(ctx, "import broke off", took, slog.Any("err", err))
	}
}

// errPanic is what becomes of a panic; trying again would not help.
var errPanic = &model.Error{Code: model.CodeInvalid, Reason: "import_broken", Message: "处理这个文件时出错，请联系管理员"}

// attempt does what the import's state asks for.
func (im *Importer) attempt(ctx context.Context, j *job) (err error) {
	defer func() {
		if what := recover(); what != nil {
			im.log.ErrorContext(ctx, "import panicked", slog.Uint64("import_id", j.imp.ID), slog.String("panic", fmt.Sprint(what)))
			err = errPanic
		}
	}()
	switch j.imp.State {
	case model.ImportChecking:
		return im.check(ctx, j)
	case model.ImportApplying:
		return im.apply(ctx, j)
	case model.ImportUndoing:
		return im.undo(ctx, j)
	case model.ImportReady, model.ImportDone, model.ImportUndone, model.ImportFailed:
	}
	return fmt.Errorf("import %d has nothing to be done in state %q", j.imp.ID, j.imp.State)
}

// hopeless reports whether trying again would end the same way. What nobody has classed may
// pass.
func hopeless(err error) bool {
	e, ok := errors.AsType[*model.Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case model.CodeInvalid, model.CodeNotFound, model.CodeForbidden, model.CodeUnauthenticated, model.CodeInternal:
		return true
	case model.CodeConflict, model.CodeRateLimited, model.CodeUnavailable:
	}
	return false
}

// maxImportErr is how much of a reason is kept, in characters.
const maxImportErr = 500

// fail writes down why an import went no further. What was brought in stays so where undoing
// failed.
func (im *Importer) fail(ctx context.Context, imp model.Import, cause error) error {
	from := imp.State
	imp.State = model.ImportFailed
	if from == model.ImportUndoing {
		imp.State = model.ImportDone
	}
	imp.Err = "没有成功，请重新上传这个文件再试"
	if e, ok := errors.AsType[*model.Error](cause); ok && e.Code == model.CodeInvalid {
		imp.Err = clip(e.Message, maxImportErr)
	}
	return im.finish(ctx, imp, from)
}

// keepEvery is how often progress is written down, at most.
const keepEvery = time.Second

// keep renews the lease and writes progress down until ctx ends. It ends the job when another
// worker has taken over, or may have: when the lease could not be renewed in its time.
func (im *Importer) keep(ctx context.Context, j *job, lose context.CancelCauseFunc) {
	ticker := time.NewTicker(min(keepEvery, im.lease/3))
	defer ticker.Stop()
	kept := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := im.imports.KeepImport(ctx, j.imp, int(j.done.Load()), int(j.total.Load()), im.lease)
		switch {
		case err == nil:
			kept = time.Now()
		case ctx.Err() != nil:
			return
		case errors.Is(err, model.ErrFenced) || time.Since(kept) >= im.lease:
			lose(fmt.Errorf("keep import %d: %w", j.imp.ID, errors.Join(model.ErrFenced, err)))
			return
		}
	}
}

// giveBack ends the lease of an import that this process has no time to finish.
func (im *Importer) giveBack(ctx context.Context, j *job) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	imp := j.imp
	imp.UntilMS = model.MS(im.now())
	if err := im.imports.MoveImport(ctx, imp, imp.State); err != nil {
		im.log.DebugContext(ctx, "import not given back", slog.Uint64("import_id", imp.ID), slog.Any("err", err))
	}
}
