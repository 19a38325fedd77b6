package main

import (
	"strconv"

	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/sheet"
	"deskmate/handler"
)

// each is what f makes of each of a list.
func each[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i := range list {
		out[i] = f(list[i])
	}
	return out
}

func viewSaved(s curate.Saved) handler.SavedEntry {
	return handler.SavedEntry{Entry: s.Entry, Near: each(s.Near, viewNear)}
}

func viewNear(n curate.Near) handler.NearEntry {
	return handler.NearEntry{
		EntryID: handler.NewID(n.EntryID), Question: n.Question, Match: n.Match, Variant: n.Variant, Score: n.Score, Exact: n.Exact,
	}
}

func viewRevision(r curate.Revision) handler.Revision {
	return handler.Revision{EntryVersion: r.EntryVersion, Diff: each(r.Diff, viewDiff)}
}

func viewDiff(d curate.FieldDiff) handler.FieldDiff {
	return handler.FieldDiff{Field: string(d.Field), Runs: each(d.Runs, func(r curate.Run) handler.DiffRun {
		return handler.DiffRun{Op: string(r.Op), Text: r.Text}
	})}
}

func viewGroup(n *curate.GroupNode) handler.GroupNode {
	return handler.GroupNode{Name: n.Name, Path: n.Path, Entries: n.Entries, Groups: each(n.Groups, viewGroup)}
}

func viewGolden(p curate.Preview) handler.GoldenPreview {
	return handler.GoldenPreview{Asked: p.Asked, Worse: p.Worse, Better: p.Better, Moves: each(p.Moves, viewMove)}
}

func viewMove(m curate.Move) handler.GoldenMove {
	return handler.GoldenMove{
		GoldenID: handler.NewID(m.GoldenID), Question: m.Question, EntryID: handler.NewID(m.EntryID),
		Before: viewOutcome(m.Before), After: viewOutcome(m.After),
	}
}

func viewOutcome(o curate.Outcome) handler.GoldenOutcome {
	return handler.GoldenOutcome{
		Verdict: string(o.Verdict), Kind: o.Kind, EntryID: handler.NewID(o.EntryID), Question: o.Question, Score: o.Score,
	}
}

func viewExamined(e curate.Examined) handler.ExamItem {
	return handler.ExamItem{Golden: handler.ViewGolden(e.Golden), Expected: e.Expected, Outcome: viewOutcome(e.Outcome)}
}

func reportFilter(f handler.ReportFilter) curate.ReportFilter {
	return curate.ReportFilter{Kind: sheet.RowKind(f.Kind), Bad: f.Bad, Mends: f.Mends, After: f.After, Limit: f.Limit}
}

func viewReport(p curate.ReportPage) handler.ImportReport {
	r := handler.ImportReport{
		Counts: p.Counts, Bad: p.Bad, Good: p.Good, Native: p.Native, Warnings: p.Warnings, Golden: viewGolden(p.Golden),
		Items: each(p.Rows, viewRow),
	}
	if p.Next > 0 {
		r.Next = strconv.Itoa(p.Next)
	}
	return r
}

func viewRow(r sheet.ReportRow) handler.ImportRow {
	return handler.ImportRow{
		Row: r.Row, Kind: string(r.Kind), Bad: r.Bad, Column: r.Column, Char: r.Char, Message: r.Message, Also: r.Also,
		EntryID: handler.NewID(r.EntryID), OtherID: handler.NewID(r.OtherID), Question: r.Question, Changes: r.Changes, Repairs: r.Repairs,
	}
}

func viewCluster(c curate.Cluster) handler.MissCluster {
	v := handler.MissCluster{
		Question: c.Question, IDs: handler.NewIDs(c.IDs), Examples: each(c.Examples, func(text string) string { return text }),
		Count: c.Count, Disliked: c.Disliked, People: c.People, Sessions: c.Sessions,
		HumanSeconds: c.HumanMS / 1000, LastAt: handler.NewInstant(c.LastMS),
	}
	if n := c.Nearest; n.EntryID != 0 {
		v.Nearest = &handler.NearestEntry{EntryID: handler.NewID(n.EntryID), Question: n.Question, Score: n.Score}
	}
	return v
}

func viewSource(s curate.Source) handler.DraftSource {
	return handler.DraftSource{SessionID: handler.NewID(s.SessionID), Text: s.Text}
}

func viewShift(s curate.Shift) handler.QuestionShift {
	return handler.QuestionShift{
		Question: s.Question, Times: s.Times, Before: s.Before, After: s.After, EntryID: handler.NewID(s.EntryID),
		EntryQuestion: s.Entry, Score: s.Score, Right: s.Right,
	}
}
