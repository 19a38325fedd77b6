package main

import (
	"context"

	"deskmate/bot/knowledge/curate"
	"deskmate/handler"
	"deskmate/model"
)

// apiEditor gives the API what it needs of the editor.
type apiEditor struct{ *curate.Editor }

// Save implements [handler.Entries].
func (e apiEditor) Save(ctx context.Context, acc model.Account, entry model.Entry, expect uint64, author string) (handler.SavedEntry, error) {
	saved, err := e.Editor.Save(ctx, acc, entry, expect, author)
	return viewSaved(saved), err
}

// Check implements [handler.Entries].
func (e apiEditor) Check(ctx context.Context, acc model.Account, entry model.Entry) (handler.CheckedEntry, error) {
	checked, err := e.Editor.Check(ctx, acc, entry)
	saved := viewSaved(curate.Saved{Entry: checked.Entry, Near: checked.Near})
	return handler.CheckedEntry{SavedEntry: saved, Golden: viewGolden(checked.Preview)}, err
}

// History implements [handler.History].
func (e apiEditor) History(ctx context.Context, accountID, entryID uint64) ([]handler.Revision, error) {
	list, err := e.Editor.History(ctx, accountID, entryID)
	return each(list, viewRevision), err
}

// Restore implements [handler.History].
func (e apiEditor) Restore(ctx context.Context, acc model.Account, entryID, version uint64, author string) (handler.SavedEntry, error) {
	saved, err := e.Editor.Restore(ctx, acc, entryID, version, author)
	return viewSaved(saved), err
}

// Change implements [handler.Bulk].
func (e apiEditor) Change(ctx context.Context, acc model.Account, sel handler.Selection, change model.EntryChange, author string) (int, error) {
	return e.Editor.Change(ctx, acc, curate.Selection(sel), change, author)
}

// PreviewChange implements [handler.Bulk].
func (e apiEditor) PreviewChange(ctx context.Context, acc model.Account, sel handler.Selection, change model.EntryChange) (int, handler.GoldenPreview, error) {
	p, err := e.Editor.PreviewChange(ctx, acc, curate.Selection(sel), change)
	return p.Entries, viewGolden(p.Preview), err
}

// Groups implements [handler.Groups].
func (e apiEditor) Groups(ctx context.Context, accountID uint64) (handler.GroupNode, int, error) {
	root, ungrouped, err := e.Editor.Groups(ctx, accountID)
	if err != nil {
		return handler.GroupNode{}, 0, err
	}
	return viewGroup(root), ungrouped, nil
}

// CheckSynonyms implements [handler.Synonyms].
func (e apiEditor) CheckSynonyms(ctx context.Context, acc model.Account, words []model.Synonym) (handler.GoldenPreview, error) {
	p, err := e.Editor.CheckSynonyms(ctx, acc, words)
	return viewGolden(p), err
}

// apiExaminer gives the API what it needs of the examiner.
type apiExaminer struct{ *curate.Examiner }

// Run implements [handler.GoldenQuestions].
func (x apiExaminer) Run(ctx context.Context, acc model.Account) (handler.Exam, error) {
	exam, err := x.Examiner.Run(ctx, acc)
	return handler.Exam{
		Items: each(exam.Questions, viewExamined), Right: exam.Right, Suggested: exam.Suggested, Missed: exam.Missed, Wrong: exam.Wrong,
	}, err
}

// apiImporter gives the API what it needs of the importer.
type apiImporter struct{ *curate.Importer }

// Report implements [handler.Imports].
func (im apiImporter) Report(ctx context.Context, accountID, id uint64, f handler.ReportFilter) (handler.ImportReport, error) {
	page, err := im.Importer.Report(ctx, accountID, id, reportFilter(f))
	return viewReport(page), err
}

// apiMisses gives the API what it needs of the misses.
type apiMisses struct{ *curate.Misses }

// Clusters implements [handler.Misses].
func (m apiMisses) Clusters(ctx context.Context, acc model.Account, sinceMS int64, limit int) ([]handler.MissCluster, error) {
	list, err := m.Misses.Clusters(ctx, acc, sinceMS, limit)
	return each(list, viewCluster), err
}

// Draft implements [handler.Misses].
func (m apiMisses) Draft(ctx context.Context, acc model.Account, ids []uint64) (handler.EntryDraft, error) {
	d, err := m.Misses.Draft(ctx, acc, ids)
	return handler.EntryDraft{
		Question: d.Question, Similar: d.Similar, Answer: d.Answer, Condensed: d.Condensed, Sources: each(d.Sources, viewSource),
	}, err
}

// Make implements [handler.Misses].
func (m apiMisses) Make(ctx context.Context, acc model.Account, ids []uint64, e model.Entry, author string) (handler.SavedEntry, int, error) {
	solved, err := m.Misses.Make(ctx, acc, ids, e, author)
	return viewSaved(solved.Saved), solved.Settled, err
}

// Extend implements [handler.Misses].
func (m apiMisses) Extend(ctx context.Context, acc model.Account, ids []uint64, entryID uint64, author string) (handler.SavedEntry, int, error) {
	solved, err := m.Misses.Extend(ctx, acc, ids, entryID, author)
	return viewSaved(solved.Saved), solved.Settled, err
}

// apiTuner gives the API what it needs of the tuner.
type apiTuner struct{ *curate.Tuner }

// Effect implements [handler.Thresholds].
func (t apiTuner) Effect(ctx context.Context, acc model.Account, answer, suggest float64) (handler.ThresholdEffect, error) {
	e, err := t.Tuner.Effect(ctx, acc, answer, suggest)
	return handler.ThresholdEffect{
		Questions: e.Questions, Before: handler.ThresholdCounts(e.Before), After: handler.ThresholdCounts(e.After),
		Moved: e.Moved, Shifts: each(e.Shifts, viewShift),
	}, err
}

// SuggestThresholds implements [handler.Thresholds].
func (t apiTuner) SuggestThresholds(ctx context.Context, acc model.Account) (handler.ThresholdAdvice, error) {
	advice, err := t.Tuner.SuggestThresholds(ctx, acc)
	return handler.ThresholdAdvice(advice), err
}
