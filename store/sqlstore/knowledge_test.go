package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

func entry(question, answer string, similar ...string) model.Entry {
	return model.Entry{Question: question, Folded: "f:" + question, Answer: answer, Similar: similar, State: model.EntryOn}
}

func (d *desk) imports(t *testing.T, replace bool, entries ...model.Entry) model.ImportCounts {
	t.Helper()
	n, _, err := d.ImportEntries(t.Context(), d.acc.ID, entries, sqlstore.ImportOptions{Replace: replace})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (d *desk) entries(t *testing.T) ([]model.Entry, uint64) {
	t.Helper()
	list, version, err := d.Entries(t.Context(), d.acc.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list, version
}

func TestImportEntries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		leave, pay := entry("怎么请假", "在 OA 提交", "请假流程", "我要休假"), entry("工资几号发", "每月 10 日")
		leave.Ref, leave.Group = "q1", "假期/流程"
		if n := d.imports(t, false, leave, pay); n != (model.ImportCounts{New: 2}) {
			t.Errorf("first import: %+v", n)
		}
		first, version := d.entries(t)
		if version != 1 || len(first) != 2 {
			t.Fatalf("version %d with %d entries", version, len(first))
		}
		for i := range first {
			want := []model.Entry{leave, pay}[i]
			want.ID, want.AccountID, want.Version = first[i].ID, d.acc.ID, 1
			want.CreatedMS, want.UpdatedMS = d.nowMS(), d.nowMS()
			if diff := cmp.Diff(want, first[i]); diff != "" {
				t.Errorf("entry %d (-want +got):\n%s", i, diff)
			}
			if got, err := d.Entry(ctx, d.acc.ID, want.ID); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("Entry(%d): %+v, %v", i, got, err)
			}
		}

		created := d.nowMS()
		d.clock.advance(time.Hour)
		changed := entry("怎么请假", "在企业微信提交", "请假流程")
		shop := entry("食堂在哪", "三楼")
		shop.State = model.EntryOff
		if n := d.imports(t, false, changed, pay, shop); n != (model.ImportCounts{New: 1, Changed: 1, Same: 1}) {
			t.Errorf("second import: %+v", n)
		}
		second, version := d.entries(t)
		if version != 2 || len(second) != 3 {
			t.Fatalf("version %d with %d entries", version, len(second))
		}
		want := changed
		want.ID, want.AccountID, want.Version, want.Ref, want.CreatedMS, want.UpdatedMS = first[0].ID, d.acc.ID, 2, "q1", created, d.nowMS()
		if diff := cmp.Diff(want, second[0]); diff != "" {
			t.Errorf("changed entry (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(first[1], second[1]); diff != "" {
			t.Errorf("untouched entry (-want +got):\n%s", diff)
		}

		if n := d.imports(t, true, pay); n != (model.ImportCounts{Same: 1, Removed: 2}) {
			t.Errorf("replacement: %+v", n)
		}
		if third, version := d.entries(t); version != 3 || len(third) != 1 || third[0].ID != first[1].ID {
			t.Errorf("version %d: %+v", version, third)
		}
		if _, err := d.Entry(ctx, d.acc.ID, first[0].ID); !isNotFound(err) {
			t.Errorf("a removed entry: %v", err)
		}
		if n := d.imports(t, true, pay); n != (model.ImportCounts{Same: 1}) {
			t.Errorf("the same again: %+v", n)
		}
		versions, err := d.KnowledgeVersions(ctx)
		if diff := cmp.Diff(map[uint64]uint64{d.acc.ID: 3}, versions); err != nil || diff != "" {
			t.Errorf("versions: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestImportEntries_refuses(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for name, list := range map[string][]model.Entry{
			"a question twice":   {entry("一", "1"), entry("一", "2")},
			"no answer":          {entry("一", "")},
			"an unfolded entry":  {{Question: "一", Answer: "1"}},
			"one bad among good": {entry("一", "1"), {}},
		} {
			if _, _, err := d.ImportEntries(t.Context(), d.acc.ID, list, sqlstore.ImportOptions{Replace: true}); model.CodeOf(err) != model.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list, version := d.entries(t); version != 0 || len(list) != 0 {
			t.Errorf("version %d: %+v", version, list)
		}
	})
}

func TestEntriesSince(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.imports(t, true, entry("一", "1"), entry("二", "2"), entry("三", "3", "san"))
		d.imports(t, true, entry("一", "1"), entry("二", "zwei"), entry("三", "3", "san"))            // 2: changed
		d.imports(t, true, entry("一", "1"), entry("三", "3", "san", "drei"), entry("四", "4"))       // 3: removed, changed, added
		d.imports(t, true, entry("一", "1"), entry("三", "3", "san", "drei"), entry("二", "2 again")) // 4: removed, back under another id
		ids := map[string]uint64{}
		var rows []struct {
			EntryID     uint64
			FromVersion uint64
			Question    string
		}
		if err := d.Raw().Raw("SELECT entry_id, from_version, question FROM entry").Scan(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids[fmt.Sprintf("%s@%d", r.Question, r.FromVersion)] = r.EntryID
		}
		for _, tt := range []struct {
			since   uint64
			changed []string
			deleted []uint64
		}{
			{0, []string{"一", "三", "二"}, nil},
			{1, []string{"三", "二"}, []uint64{ids["二@1"]}},
			{2, []string{"三", "二"}, []uint64{ids["二@1"]}},
			{3, []string{"二"}, []uint64{ids["四@3"]}},
			{4, nil, nil},
			{9, nil, nil},
		} {
			changed, deleted, version, err := d.EntriesSince(t.Context(), d.acc.ID, tt.since)
			if err != nil || version != 4 {
				t.Fatal(version, err)
			}
			var questions []string
			for _, e := range changed {
				questions = append(questions, e.Question)
			}
			if diff := cmp.Diff(tt.changed, questions, cmpopts.SortSlices(func(a, b string) bool { return a < b })); diff != "" {
				t.Errorf("changed since %d (-want +got):\n%s", tt.since, diff)
			}
			if diff := cmp.Diff(tt.deleted, deleted, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("deleted since %d (-want +got):\n%s", tt.since, diff)
			}
			if i := slices.IndexFunc(changed, func(e model.Entry) bool { return e.Question == "三" }); i >= 0 && len(changed[i].Similar) != 2 {
				t.Errorf("similar questions since %d: %v", tt.since, changed[i].Similar)
			}
		}
	})
}

// A reader sees an import entirely or not at all, and so does one that follows with
// EntriesSince.
func TestImportEntries_is_seen_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const size = 350
		list := func(answer string) []model.Entry {
			var out []model.Entry
			for i := range size {
				out = append(out, entry(fmt.Sprintf("问题%d", i), answer, fmt.Sprintf("similar %d", i)))
			}
			return out
		}
		d.imports(t, true, list("v1")...)
		done := make(chan error, 1)
		go func() {
			_, _, err := d.ImportEntries(t.Context(), d.acc.ID, list("v2"), sqlstore.ImportOptions{Replace: true})
			done <- err
		}()
		follower := map[uint64]model.Entry{}
		var followed uint64
		for ended := false; !ended; {
			select {
			case err := <-done:
				if err != nil {
					t.Fatal(err)
				}
				ended = true
			default:
			}
			all, version := d.entries(t)
			for _, e := range all {
				if len(all) != size || e.Answer != fmt.Sprintf("v%d", version) || len(e.Similar) != 1 {
					t.Fatalf("at version %d of %d entries: %+v", version, len(all), e)
				}
			}
			changed, deleted, version, err := d.EntriesSince(t.Context(), d.acc.ID, followed)
			if err != nil || len(deleted) > 0 {
				t.Fatal(deleted, err)
			}
			for _, e := range changed {
				follower[e.ID] = e
			}
			followed = version
			for _, e := range follower {
				if e.Answer != fmt.Sprintf("v%d", version) {
					t.Fatalf("follower at version %d: %+v", version, e)
				}
			}
		}
		if followed != 2 || len(follower) != size {
			t.Errorf("follower has %d entries of version %d", len(follower), followed)
		}
	})
}

// What an import that broke off has left is invisible and does not disturb the next.
func TestImportEntries_after_one_that_broke_off(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.imports(t, true, entry("一", "1"), entry("二", "2"))
		before, _ := d.entries(t)

		// As a kill leaves it: staged rows, ended rows, and a place that is not given back.
		for _, statement := range []string{
			"UPDATE entry SET to_version = 2",
			"INSERT INTO entry SELECT account_id, entry_id, 2, 9223372036854775807, ref, group_path, question, folded, 'half', state, 1, 1, '', 0, 0, 0, '' FROM entry",
			"INSERT INTO entry_similar SELECT account_id, entry_id, 2, 0, 'half' FROM entry WHERE from_version = 1",
		} {
			if err := d.Raw().Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Raw().Exec("UPDATE knowledge SET import_no = 2, import_until_ms = ?", d.nowMS()+15_000).Error; err != nil {
			t.Fatal(err)
		}
		if after, _ := d.entries(t); cmp.Diff(before, after) != "" {
			t.Errorf("readers see (-before +after):\n%s", cmp.Diff(before, after))
		}

		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if _, _, err := d.ImportEntries(ctx, d.acc.ID, []model.Entry{entry("三", "3")}, sqlstore.ImportOptions{}); err == nil {
			t.Error("an import began beside one that may be alive")
		}
		d.clock.advance(15 * time.Second)
		if n := d.imports(t, false, entry("一", "1"), entry("二", "zwei")); n != (model.ImportCounts{Same: 1, Changed: 1}) {
			t.Errorf("next import: %+v", n)
		}
		list, version := d.entries(t)
		if version != 2 || len(list) != 2 || list[0].Answer != "1" || list[1].Answer != "zwei" {
			t.Errorf("version %d: %+v", version, list)
		}
	})
}

func TestImportEntries_in_turn(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const importers = 4
		together(importers, func(i int) error {
			_, _, err := d.ImportEntries(t.Context(), d.acc.ID, []model.Entry{entry("共同", fmt.Sprint(i)), entry(fmt.Sprint(i), "x")}, sqlstore.ImportOptions{})
			return err
		}).mustAll(t)
		if list, version := d.entries(t); version != importers || len(list) != importers+1 {
			t.Errorf("version %d with %d entries", version, len(list))
		}
	})
}

func TestImportEntries_gives_its_place_back_when_it_fails(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.imports(t, true, entry("一", "1"))
		ctx, cancel := context.WithCancel(t.Context())
		if err := d.Raw().Exec("DROP TABLE entry_similar").Error; err != nil { // makes the next one fail half-way
			t.Fatal(err)
		}
		if _, _, err := d.ImportEntries(ctx, d.acc.ID, []model.Entry{entry("二", "2", "zwei")}, sqlstore.ImportOptions{}); err == nil {
			t.Error("no error")
		}
		cancel()
		var until int64
		if err := d.Raw().Raw("SELECT import_until_ms FROM knowledge").Scan(&until).Error; err != nil || until > d.nowMS() {
			t.Errorf("still taken until %d, %v", until, err)
		}
		if v, err := d.KnowledgeVersion(t.Context(), d.acc.ID); v != 1 || err != nil {
			t.Errorf("version %d, %v", v, err)
		}
	})
}

// A server may store the last transaction and die before it says so. What is visible by then
// is no leftover to be cleared away.
func TestImportEntries_that_succeeds_unheard(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		kept := d.saves(t, entry("一", "1"), 0)
		shown := func(int, int) {
			for _, statement := range []string{
				"UPDATE knowledge SET version = 2, import_until_ms = 0",
				"INSERT INTO knowledge_change (account_id, version, kind, author, entries, import_id, at_ms) SELECT account_id, 2, 'import', '', 2, 0, 1 FROM knowledge",
			} {
				if err := d.Raw().Exec(statement).Error; err != nil {
					t.Error(err)
				}
			}
		}
		_, _, err := d.ImportEntries(t.Context(), d.acc.ID, []model.Entry{entry("一", "eins"), entry("二", "zwei")}, sqlstore.ImportOptions{Progress: shown})
		if !errors.Is(err, model.ErrStale) {
			t.Errorf("the import says %v", err)
		}
		list, version := d.entries(t)
		if got := d.now(t, kept.ID); version != 2 || len(list) != 2 || got.Answer != "eins" {
			t.Errorf("version %d with %d entries: %+v", version, len(list), got)
		}
	})
}
