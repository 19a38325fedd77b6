package sqlstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

func (d *desk) saves(t *testing.T, e model.Entry, expect uint64) model.Entry {
	t.Helper()
	e.AccountID = d.acc.ID
	saved, err := d.SaveEntry(t.Context(), e, expect, "li")
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// now reads an entry as it is.
func (d *desk) now(t *testing.T, id uint64) model.Entry {
	t.Helper()
	e, err := d.Entry(t.Context(), d.acc.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (d *desk) changes(t *testing.T) []model.KnowledgeChange {
	t.Helper()
	list, err := d.KnowledgeChanges(t.Context(), d.acc.ID, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// busy lets a change of the account's entries be staged until the lease ends.
func (d *desk) busy(t *testing.T) {
	t.Helper()
	if err := d.Raw().Exec("UPDATE knowledge SET import_no = import_no + 1, import_until_ms = ?", d.nowMS()+15_000).Error; err != nil {
		t.Fatal(err)
	}
}

func TestSaveEntry(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		want := entry("怎么请假", "在 OA 提交", "请假流程", "我要休假")
		want.AccountID, want.Ref, want.Group, want.More = d.acc.ID, "q1", "假期/流程", []string{"[图片:12]", "详见 <手册>"}
		want.Draft, want.ValidFromMS, want.ValidUntilMS = true, 1000, 2000
		first := d.saves(t, want, 0)
		want.ID, want.Version, want.Author, want.CreatedMS, want.UpdatedMS = first.ID, 1, "li", d.nowMS(), d.nowMS()
		if diff := cmp.Diff(want, first); diff != "" || first.ID == 0 {
			t.Errorf("saved (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, d.now(t, first.ID)); diff != "" {
			t.Errorf("read (-want +got):\n%s", diff)
		}

		if again := d.saves(t, first, 1); cmp.Diff(first, again) != "" {
			t.Errorf("the same again: %+v", again)
		}
		d.clock.advance(time.Minute)
		want.Answer, want.Ref, want.More, want.Draft = "在企业微信提交", "", nil, false
		second := d.saves(t, want, 1)
		want.Version, want.Ref, want.UpdatedMS = 2, "q1", d.nowMS()
		if diff := cmp.Diff(want, second); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, d.now(t, first.ID)); diff != "" {
			t.Errorf("read again (-want +got):\n%s", diff)
		}
		wantChanges := []model.KnowledgeChange{
			{AccountID: d.acc.ID, Version: 2, Kind: model.ChangeSave, Author: "li", Entries: 1, AtMS: d.nowMS()},
			{AccountID: d.acc.ID, Version: 1, Kind: model.ChangeSave, Author: "li", Entries: 1, AtMS: d.nowMS() - 60_000},
		}
		if diff := cmp.Diff(wantChanges, d.changes(t)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		if page, err := d.KnowledgeChanges(t.Context(), d.acc.ID, 2, 5); err != nil || len(page) != 1 || page[0].Version != 1 {
			t.Errorf("the page before version 2: %+v, %v", page, err)
		}
		changed, _, version, err := d.EntriesSince(t.Context(), d.acc.ID, 1)
		if diff := cmp.Diff([]model.Entry{want}, changed); err != nil || version != 2 || diff != "" {
			t.Errorf("since 1: version %d, %v (-want +got):\n%s", version, err, diff)
		}
	})
}

func TestSaveEntry_refuses(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		one := d.saves(t, entry("一", "1"), 0)
		two := d.saves(t, entry("二", "2"), 0)
		tooLong := long(201)
		for name, tt := range map[string]struct {
			change func(e *model.Entry)
			expect uint64
			reason string
		}{
			"another's question": {func(e *model.Entry) { e.Folded = one.Folded }, 0, "question_taken"},
			"a stale version":    {func(e *model.Entry) { e.Answer = "zwei" }, 1, "stale"},
			"no such entry":      {func(e *model.Entry) { e.ID = 1 }, 0, "not_found"},
			"another account":    {func(e *model.Entry) { e.AccountID = 1 }, 0, "not_found"},
			"no answer":          {func(e *model.Entry) { e.Answer = "" }, 0, "entry_incomplete"},
			"not folded":         {func(e *model.Entry) { e.Folded = "" }, 0, "entry_incomplete"},
			"too many messages":  {func(e *model.Entry) { e.More = make([]string, 5) }, 0, "entry_more"},
			"no such state":      {func(e *model.Entry) { e.State = "maybe" }, 0, "entry_state"},
			"never valid":        {func(e *model.Entry) { e.ValidFromMS, e.ValidUntilMS = 2, 1 }, 0, "entry_validity"},
			"a long question":    {func(e *model.Entry) { e.Question = tooLong }, 0, "too_long"},
			"a long variant":     {func(e *model.Entry) { e.Similar = []string{tooLong} }, 0, "too_long"},
			"a long message":     {func(e *model.Entry) { e.More = []string{long(5001)} }, 0, "too_long"},
		} {
			e := two
			tt.change(&e)
			if _, err := d.SaveEntry(t.Context(), e, tt.expect, "li"); reason(err) != tt.reason {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, version := d.entries(t); version != 2 {
			t.Errorf("version %d", version)
		}
	})
}

func TestSaveEntry_by_two_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		first := d.saves(t, entry("一", "1"), 0)
		const writers = 4
		n := together(writers, func(i int) error {
			e := first
			e.Answer = fmt.Sprint("answer ", i)
			_, err := d.SaveEntry(t.Context(), e, first.Version, "li")
			return err
		}).succeeded(t, model.ErrStale)
		if _, version := d.entries(t); n != 1 || version != 2 {
			t.Errorf("%d writers succeeded, version %d", n, version)
		}
		n = together(writers, func(int) error {
			e := entry("新", "neu")
			e.AccountID = d.acc.ID
			_, err := d.SaveEntry(t.Context(), e, 0, "li")
			return err
		}).succeeded(t, &model.Error{Code: model.CodeConflict, Reason: "question_taken"})
		if list, version := d.entries(t); n != 1 || version != 3 || len(list) != 2 {
			t.Errorf("%d made the new one, version %d, %d entries", n, version, len(list))
		}
	})
}

// Whatever writes entries waits a moment for a change that is being staged, and then says so.
func TestWriters_meet_an_import(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		e := d.saves(t, entry("一", "1"), 0)
		d.busy(t)
		off := model.EntryOff
		e.Answer = "eins"
		writers := map[string]func() error{
			"SaveEntry":    func() error { _, err := d.SaveEntry(ctx, e, 0, "li"); return err },
			"RestoreEntry": func() error { _, err := d.RestoreEntry(ctx, d.acc.ID, e.ID, 1, "li"); return err },
			"ChangeEntries": func() error {
				_, err := d.ChangeEntries(ctx, d.acc.ID, []uint64{e.ID}, model.EntryChange{State: &off}, "li")
				return err
			},
			"UndoChange":   func() error { _, _, _, err := d.UndoChange(ctx, d.acc.ID, 1, "li", nil); return err },
			"SaveSynonyms": func() error { return d.SaveSynonyms(ctx, d.acc.ID, nil, "li") },
			"MoveGroup":    func() error { return d.MoveGroup(ctx, d.acc.ID, "a", "b", "li") },
		}
		names := make([]string, 0, len(writers))
		for name := range writers {
			names = append(names, name)
		}
		errs := together(len(names), func(i int) error { return writers[names[i]]() })
		for i, err := range errs {
			if reason(err) != "import_running" {
				t.Errorf("%s: %v", names[i], err)
			}
		}
		if got := d.now(t, e.ID); got.Answer != "1" || got.Version != 1 {
			t.Errorf("the entry is %+v", got)
		}
	})
}

// A change that broke off shows in nothing that is saved after it.
func TestSaveEntry_after_an_import_that_broke_off(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		one := d.saves(t, entry("一", "1"), 0)
		two := d.saves(t, entry("二", "2"), 0)
		d.breakOff(t)
		d.clock.advance(15 * time.Second)
		one.Answer = "eins"
		if saved := d.saves(t, one, one.Version); saved.Version != 3 {
			t.Errorf("saved as %+v", saved)
		}
		if got := d.now(t, one.ID); got.Answer != "eins" {
			t.Errorf("one: %+v", got)
		}
		if diff := cmp.Diff(two, d.now(t, two.ID)); diff != "" {
			t.Errorf("two (-want +got):\n%s", diff)
		}
		if n := d.count(t, "entry"); n != 3 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// breakOff leaves what a killed import does: staged rows, ended rows, and a place that is
// not given back.
func (d *desk) breakOff(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		"UPDATE entry SET to_version = (SELECT version + 1 FROM knowledge) WHERE to_version = 9223372036854775807",
		"INSERT INTO entry (account_id, entry_id, from_version, to_version, ref, group_path, question, folded, answer, state, created_ms, updated_ms, more, author) " +
			"SELECT account_id, entry_id, (SELECT version + 1 FROM knowledge), 9223372036854775807, ref, group_path, question, folded, 'half', state, 1, 1, '', '' FROM entry",
		"INSERT INTO entry_similar SELECT account_id, entry_id, (SELECT version + 1 FROM knowledge), 0, 'half' FROM entry WHERE answer = 'half'",
	} {
		if err := d.Raw().Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	d.busy(t)
}

func TestRestoreEntry(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		first := d.saves(t, entry("一", "1", "壹"), 0) // 1
		e := first
		e.Question, e.Folded, e.Similar = "1 呢", "f:1 呢", nil
		d.saves(t, e, 0) // 2
		d.clock.advance(time.Minute)
		got, err := d.RestoreEntry(ctx, d.acc.ID, first.ID, 1, "zhao") // 3
		want := first
		want.Version, want.Author, want.UpdatedMS = 3, "zhao", d.nowMS()
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("restored: %v (-want +got):\n%s", err, diff)
		}
		if _, err := d.ChangeEntries(ctx, d.acc.ID, []uint64{first.ID}, model.EntryChange{Delete: true}, "li"); err != nil { // 4
			t.Fatal(err)
		}
		back, err := d.RestoreEntry(ctx, d.acc.ID, first.ID, 2, "zhao") // 5, from the dead
		if err != nil || back.Question != "1 呢" || back.ID != first.ID || back.Version != 5 {
			t.Errorf("restored after removal: %+v, %v", back, err)
		}
		if diff := cmp.Diff(back, d.now(t, first.ID)); diff != "" {
			t.Errorf("read (-restored +read):\n%s", diff)
		}
		d.saves(t, entry("一", "eins"), 0) // 6
		if _, err := d.RestoreEntry(ctx, d.acc.ID, first.ID, 1, "zhao"); reason(err) != "question_taken" {
			t.Errorf("to a question that is taken: %v", err)
		}
		for _, version := range []uint64{4, 0} {
			if _, err := d.RestoreEntry(ctx, d.acc.ID, first.ID, version, "zhao"); !isNotFound(err) {
				t.Errorf("as of version %d, which has it not: %v", version, err)
			}
		}

		list, err := d.EntryHistory(ctx, d.acc.ID, first.ID)
		if err != nil || len(list) != 4 {
			t.Fatalf("history: %+v, %v", list, err)
		}
		type line struct {
			Version, Until uint64
			Kind, Removed  model.ChangeKind
			Author         string
			Variants       int
		}
		var lines []line
		for _, v := range list {
			l := line{v.Entry.Version, v.Until, v.Change.Kind, "", v.Entry.Author, len(v.Entry.Similar)}
			if v.Removed != nil {
				l.Removed = v.Removed.Kind
			}
			lines = append(lines, l)
		}
		wantLines := []line{
			{5, 0, model.ChangeRestore, "", "zhao", 0},
			{3, 4, model.ChangeRestore, model.ChangeDelete, "zhao", 1},
			{2, 3, model.ChangeSave, "", "li", 0},
			{1, 2, model.ChangeSave, "", "li", 1},
		}
		if diff := cmp.Diff(wantLines, lines); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
		if list[1].Removed.Author != "li" {
			t.Errorf("removed by %q", list[1].Removed.Author)
		}
		if _, err := d.EntryHistory(ctx, d.acc.ID, 1); !isNotFound(err) {
			t.Errorf("history of nothing: %v", err)
		}
	})
}

// An import is written down like any other change, under its author and number.
func TestImportEntries_is_written_down(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		list := make([]model.Entry, 600)
		for i := range list {
			list[i] = entry(fmt.Sprint("问题", i), "答案")
		}
		var seen [][2]int
		opts := sqlstore.ImportOptions{Author: "token:ci", ImportID: 77, Progress: func(done, total int) { seen = append(seen, [2]int{done, total}) }}
		counts, version, err := d.ImportEntries(t.Context(), d.acc.ID, list, opts)
		if err != nil || version != 1 || counts.New != len(list) {
			t.Fatalf("%+v, version %d, %v", counts, version, err)
		}
		if n := len(seen); n < 2 || seen[n-1] != [2]int{600, 600} || seen[0][0] >= 600 {
			t.Errorf("progress: %v", seen)
		}
		want := []model.KnowledgeChange{{
			AccountID: d.acc.ID, Version: 1, Kind: model.ChangeImport, Author: "token:ci", Entries: 600, ImportID: 77, AtMS: d.nowMS(),
		}}
		if diff := cmp.Diff(want, d.changes(t)); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		all, _ := d.entries(t)
		if all[0].Author != "token:ci" {
			t.Errorf("author %q", all[0].Author)
		}
		if _, version, err := d.ImportEntries(t.Context(), d.acc.ID, list, opts); version != 0 || err != nil {
			t.Errorf("the same again made version %d, %v", version, err)
		}
		if !errors.Is(func() error { _, err := d.RestoreEntry(t.Context(), d.acc.ID, 5, 1, ""); return err }(), model.ErrNotFound) {
			t.Error("restored an entry that never was")
		}
	})
}

// An import that froze for longer than its lease is shut out by whoever comes next, and what
// was saved meanwhile stays.
func TestImportEntries_that_froze(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		e := d.saves(t, entry("问题1", "1"), 0)
		list := make([]model.Entry, 600)
		for i := range list {
			list[i] = entry(fmt.Sprint("问题", i), "导入")
		}
		frozen := false
		_, _, err := d.ImportEntries(t.Context(), d.acc.ID, list, sqlstore.ImportOptions{Progress: func(int, int) {
			if !frozen {
				frozen = true
				d.clock.advance(15 * time.Second)
				e.Answer = "von Hand"
				e = d.saves(t, e, e.Version)
			}
		}})
		if !frozen || !errors.Is(err, model.ErrStale) {
			t.Errorf("frozen %t, %v", frozen, err)
		}
		all, version := d.entries(t)
		if diff := cmp.Diff([]model.Entry{e}, all); version != 2 || diff != "" {
			t.Errorf("version %d (-want +got):\n%s", version, diff)
		}
		if n := d.count(t, "entry"); n != 2 {
			t.Errorf("%d rows are left", n)
		}
	})
}
