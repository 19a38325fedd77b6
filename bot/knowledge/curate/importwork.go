package curate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// checkSteps is how many steps a dry run has: read, compare, ask, write.
const checkSteps = 4

// check is the dry run: it reads the file, compares it with the base and asks the golden
// questions, and changes nothing but the import itself.
func (im *Importer) check(ctx context.Context, j *job) error {
	file, existing, err := im.read(ctx, j)
	if err != nil {
		return err
	}
	report := sheet.Compare(file, existing, j.imp.Replace)
	j.progress(2, checkSteps)
	acc, err := im.accounts.Account(ctx, j.imp.AccountID)
	if err != nil {
		return fmt.Errorf("read the account: %w", err)
	}
	golden, err := im.exam.PreviewImport(ctx, acc, file.Entries, existing, j.imp.Replace)
	if err != nil {
		return fmt.Errorf("ask golden questions: %w", err)
	}
	missing, err := MissingMedia(ctx, im.blobs, j.imp.AccountID, file)
	if err != nil {
		return err
	}
	report.Warnings = append(report.Warnings, missing...)
	j.progress(3, checkSteps)
	head := ReportHead{
		Counts: report.Counts, Bad: report.Bad, Good: len(file.Entries), Native: report.Native, Warnings: report.Warnings, Golden: golden,
	}
	blob, err := im.storeReport(ctx, j.imp.AccountID, head, report.Rows)
	if err != nil {
		return err
	}
	ready := j.imp
	ready.State, ready.Counts, ready.ReportBlob, ready.Done, ready.Total = model.ImportReady, report.Counts, blob, checkSteps, checkSteps
	if err := im.finish(ctx, ready, model.ImportChecking); err != nil {
		return errors.Join(err, im.dropReport(context.WithoutCancel(ctx), ready))
	}
	return nil
}

// dropReport deletes a report that didn't become the import's, and only then: a move that
// seems to have failed may have succeeded.
func (im *Importer) dropReport(ctx context.Context, ready model.Import) error {
	now, err := im.imports.Import(ctx, ready.AccountID, ready.ID)
	if err != nil || now.ReportBlob == ready.ReportBlob {
		return err
	}
	return im.blobs.DeleteBlob(ctx, ready.AccountID, ready.ReportBlob)
}

// read reads an import's file and what the base has.
func (im *Importer) read(ctx context.Context, j *job) (file sheet.Import, existing []model.Entry, err error) {
	data, err := im.blobs.BlobData(ctx, j.imp.AccountID, j.imp.FileBlob)
	if errors.Is(err, model.ErrNotFound) {
		return file, nil, model.Invalid("import_file_gone", "上传的文件已经不在了，请重新上传")
	}
	if err != nil {
		return file, nil, fmt.Errorf("read the knowledge file: %w", err)
	}
	if file, err = im.layout.Read(j.imp.FileName, bytes.NewReader(data)); err != nil {
		return file, nil, err
	}
	if j.imp.State == model.ImportChecking {
		j.progress(1, checkSteps)
	}
	existing, _, err = im.entries.Entries(ctx, j.imp.AccountID)
	if err != nil {
		return file, nil, fmt.Errorf("read the knowledge base: %w", err)
	}
	return file, existing, nil
}

// apply brings the good rows in. One that was brought in by a worker which died before it
// could say so is not brought in again: people may have edited it since.
func (im *Importer) apply(ctx context.Context, j *job) error {
	done := j.imp
	done.State = model.ImportDone
	change, err := im.applied(ctx, j.imp)
	if err != nil {
		return err
	}
	if change.Version == 0 {
		counts, version, err := im.write(ctx, j)
		if err != nil {
			return err
		}
		done.Version = version
		done.Counts.New, done.Counts.Changed, done.Counts.Same, done.Counts.Removed = counts.New, counts.Changed, counts.Same, counts.Removed
		if version == 0 { // nothing to do, or a worker that counted as dead has just done it
			if change, err = im.applied(ctx, j.imp); err != nil {
				return err
			}
		}
	}
	if change.Version != 0 {
		done.Version, done.Counts = change.Version, j.imp.Counts // as the dry run foresaw them
	}
	done.Done = done.Total
	return im.settle(ctx, done, model.ImportApplying)
}

func (im *Importer) write(ctx context.Context, j *job) (model.ImportCounts, uint64, error) {
	file, _, err := im.read(ctx, j)
	if err != nil {
		return model.ImportCounts{}, 0, err
	}
	if file.BadRows > 0 && !j.imp.SkipBad {
		return model.ImportCounts{}, 0, badRows(file.BadRows)
	}
	counts, version, err := im.entries.ImportEntries(ctx, j.imp.AccountID, file.Entries, ImportOptions{
		Replace: j.imp.Replace, Author: j.imp.Author, ImportID: j.imp.ID, Progress: j.progress,
	})
	if err != nil {
		return counts, version, fmt.Errorf("write entries: %w", err)
	}
	return counts, version, nil
}

// changesRead is how many versions are read at a time.
const changesRead = 100

// applied finds the version that an import has made; zero where it has made none.
func (im *Importer) applied(ctx context.Context, imp model.Import) (model.KnowledgeChange, error) {
	return im.change(ctx, imp.AccountID, func(c model.KnowledgeChange) (found, over bool) {
		return c.Kind == model.ChangeImport && c.ImportID == imp.ID, c.AtMS < imp.CreatedMS
	})
}

// change finds the newest version that is meant, looking back until over.
func (im *Importer) change(
	ctx context.Context, accountID uint64, meant func(model.KnowledgeChange) (found, over bool),
) (model.KnowledgeChange, error) {
	for before := uint64(0); ; {
		list, err := im.entries.KnowledgeChanges(ctx, accountID, before, changesRead)
		if err != nil {
			return model.KnowledgeChange{}, fmt.Errorf("read changes: %w", err)
		}
		for _, c := range list {
			if found, over := meant(c); found {
				return c, nil
			} else if over {
				return model.KnowledgeChange{}, nil
			}
			before = c.Version
		}
		if len(list) < changesRead {
			return model.KnowledgeChange{}, nil
		}
	}
}

// undo takes the import's version back. Taking it back again does nothing, so a worker that
// died can be repeated; only the count of what it took back must be looked up then.
func (im *Importer) undo(ctx context.Context, j *job) error {
	undone, kept, made, err := im.entries.UndoChange(ctx, j.imp.AccountID, j.imp.Version, j.imp.Author, j.progress)
	if err != nil {
		return fmt.Errorf("take the import back: %w", err)
	}
	if made == 0 && kept > 0 {
		before, err := im.change(ctx, j.imp.AccountID, func(c model.KnowledgeChange) (found, over bool) {
			return c.Kind == model.ChangeUndo && c.ImportID == j.imp.ID, c.Version <= j.imp.Version
		})
		if err != nil {
			return err
		}
		undone, kept = before.Entries, max(kept-before.Entries, 0)
	}
	back := j.imp
	back.State, back.Counts.Kept, back.Done, back.Total = model.ImportUndone, kept, undone+kept, undone+kept
	return im.settle(ctx, back, model.ImportUndoing)
}

// settle ends work that has changed the base.
func (im *Importer) settle(ctx context.Context, imp model.Import, from model.ImportState) error {
	if err := im.base.Refresh(ctx, imp.AccountID); err != nil { // it finds the change by itself a moment later
		im.log.WarnContext(ctx, "knowledge not refreshed after an import", slog.Uint64("account_id", imp.AccountID), slog.Any("err", err))
	}
	return im.finish(ctx, imp, from)
}

// finish writes what became of an import that is still this worker's.
func (im *Importer) finish(ctx context.Context, imp model.Import, from model.ImportState) error {
	imp.UpdatedMS = model.MS(im.now())
	if err := im.imports.MoveImport(ctx, imp, from); err != nil {
		return fmt.Errorf("move import to %s: %w", imp.State, err)
	}
	return nil
}
