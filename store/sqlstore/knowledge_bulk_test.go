package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// fills imports n entries and gives them.
func (d *desk) fills(t *testing.T, n int) []model.Entry {
	t.Helper()
	list := make([]model.Entry, n)
	for i := range list {
		list[i] = entry(fmt.Sprintf("问题%03d", i), "答案", fmt.Sprint("问法", i))
	}
	d.imports(t, false, list...)
	list, _ = d.entries(t)
	return list
}

func ids(list []model.Entry) []uint64 {
	out := make([]uint64, len(list))
	for i, e := range list {
		out[i] = e.ID
	}
	return out
}

func TestChangeEntries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const size = 600 // several transactions
		all := d.fills(t, size)
		off, draft, group, until := model.EntryOff, true, "薪酬/社保", d.nowMS()+1000
		d.clock.advance(time.Minute)
		some := append(ids(all[:500]), all[0].ID, 12345) // one twice, one that isn't there
		n, err := d.ChangeEntries(t.Context(), d.acc.ID, some, model.EntryChange{State: &off, Draft: &draft, Group: &group, ValidUntilMS: &until}, "li")
		if err != nil || n != 500 {
			t.Fatalf("%d changed, %v", n, err)
		}
		list, version := d.entries(t)
		if version != 2 || len(list) != size {
			t.Fatalf("version %d with %d entries", version, len(list))
		}
		for i, e := range list {
			want := all[i]
			if i < 500 {
				want.State, want.Draft, want.Group, want.ValidUntilMS = off, true, group, until
				want.Author, want.Version, want.UpdatedMS = "li", 2, d.nowMS()
			}
			if diff := cmp.Diff(want, e); diff != "" {
				t.Fatalf("entry %d (-want +got):\n%s", i, diff)
			}
		}
		if n, err := d.ChangeEntries(t.Context(), d.acc.ID, some, model.EntryChange{State: &off}, "li"); n != 0 || err != nil {
			t.Errorf("the same again changed %d, %v", n, err)
		}
		if n, err := d.ChangeEntries(t.Context(), d.acc.ID, ids(all[100:]), model.EntryChange{Delete: true}, "zhao"); n != 500 || err != nil {
			t.Errorf("deleted %d, %v", n, err)
		}
		if list, version := d.entries(t); version != 3 || len(list) != 100 {
			t.Errorf("version %d with %d entries", version, len(list))
		}
		_, deleted, _, err := d.EntriesSince(t.Context(), d.acc.ID, 2)
		if diff := cmp.Diff(ids(all[100:]), deleted); err != nil || diff != "" {
			t.Errorf("deleted since 2: %v (-want +got):\n%s", err, diff)
		}
		want := []model.KnowledgeChange{
			{AccountID: d.acc.ID, Version: 3, Kind: model.ChangeDelete, Author: "zhao", Entries: 500, AtMS: d.nowMS()},
			{AccountID: d.acc.ID, Version: 2, Kind: model.ChangeBulk, Author: "li", Entries: 500, AtMS: d.nowMS()},
		}
		if diff := cmp.Diff(want, d.changes(t)[:2]); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
	})
}

func TestChangeEntries_refuses(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		all := d.fills(t, 3)
		bad, path, early := model.EntryState("maybe"), "a//b", int64(5)
		dated := all[2]
		dated.ValidFromMS = 10
		d.saves(t, dated, 0)
		for reasonWanted, change := range map[string]model.EntryChange{
			"entry_state":    {State: &bad},
			"group_path":     {Group: &path},
			"entry_validity": {ValidUntilMS: &early}, // before the last one's begin
		} {
			if n, err := d.ChangeEntries(t.Context(), d.acc.ID, ids(all), change, "li"); n != 0 || reason(err) != reasonWanted {
				t.Errorf("%s: %d, %v", reasonWanted, n, err)
			}
		}
		if list, version := d.entries(t); version != 2 || list[0].ValidUntilMS != 0 || len(list) != 3 {
			t.Errorf("version %d: %+v", version, list[0])
		}
		if n := d.count(t, "entry"); n != 4 {
			t.Errorf("%d rows are left", n)
		}
		if saved := d.saves(t, entry("新", "neu"), 0); saved.Version != 3 {
			t.Errorf("then saved as %+v", saved)
		}
	})
}

func TestUndoChange_of_an_import(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.imports(t, true, entry("同", "gleich"), entry("改", "alt", "改法"), entry("编", "alt"), entry("删", "weg", "删法"), entry("再", "weg"))
		before, _ := d.entries(t)                                                                         // 1
		d.imports(t, true, entry("同", "gleich"), entry("改", "neu"), entry("编", "neu"), entry("新", "neu")) // 2
		after, _ := d.entries(t)
		byQuestion := map[string]model.Entry{}
		for _, e := range after {
			byQuestion[e.Question] = e
		}
		edited := byQuestion["编"]
		edited.Answer = "von Hand"
		d.saves(t, edited, 0)               // 3: edited since
		d.saves(t, entry("再", "andere"), 0) // 4: its question is another's by now

		d.clock.advance(time.Minute)
		var progress [2]int
		undone, kept, made, err := d.UndoChange(ctx, d.acc.ID, 2, "zhao", func(done, total int) { progress = [2]int{done, total} })
		if err != nil || undone != 3 || kept != 2 || made != 5 || progress != [2]int{5, 5} {
			t.Fatalf("undone %d, kept %d, made %d, progress %v, %v", undone, kept, made, progress, err)
		}
		got := map[string]string{}
		list, _ := d.entries(t)
		for _, e := range list {
			got[e.Question] = fmt.Sprintf("%s %d", e.Answer, len(e.Similar))
		}
		want := map[string]string{"同": "gleich 0", "改": "alt 1", "编": "von Hand 0", "删": "weg 1", "再": "andere 0"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
		for _, e := range list { // what came back has its ID again, and who brought it
			for _, b := range before {
				if e.Question == b.Question && e.Version == 5 && (e.ID != b.ID || e.CreatedMS != b.CreatedMS || e.Author != "zhao" || e.UpdatedMS != d.nowMS()) {
					t.Errorf("came back as %+v, was %+v", e, b)
				}
			}
		}
		last := d.changes(t)[0]
		if last.Kind != model.ChangeUndo || last.Entries != 3 || last.Author != "zhao" {
			t.Errorf("change: %+v", last)
		}

		// The undo is a change like others: it can be undone, too.
		undone, kept, _, err = d.UndoChange(ctx, d.acc.ID, 5, "zhao", nil)
		if err != nil || undone != 3 || kept != 0 {
			t.Errorf("undoing the undo: %d, %d, %v", undone, kept, err)
		}
		now, _ := d.entries(t)
		if len(now) != 4+1 {
			t.Errorf("afterwards %+v", now)
		}
		for version, wanted := range map[uint64]string{0: "not_found", 99: "not_found"} {
			if _, _, _, err := d.UndoChange(ctx, d.acc.ID, version, "zhao", nil); reason(err) != wanted {
				t.Errorf("version %d: %v", version, err)
			}
		}
	})
}

func TestUndoChange_of_everything_kept(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		e := d.saves(t, entry("一", "1"), 0)
		e.Answer = "eins"
		d.saves(t, e, 0)
		undone, kept, made, err := d.UndoChange(t.Context(), d.acc.ID, 1, "li", nil)
		if err != nil || undone != 0 || kept != 1 || made != 0 {
			t.Errorf("undone %d, kept %d, made %d, %v", undone, kept, made, err)
		}
		if _, version := d.entries(t); version != 2 {
			t.Errorf("version %d", version)
		}
	})
}

// What was taken back once and then done again is not taken back twice.
func TestUndoChange_of_what_was_done_again(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		e := d.saves(t, entry("一", "1"), 0) // 1
		remove := func() {
			t.Helper()
			if n, err := d.ChangeEntries(ctx, d.acc.ID, []uint64{e.ID}, model.EntryChange{Delete: true}, "li"); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		remove() // 2
		if undone, _, made, err := d.UndoChange(ctx, d.acc.ID, 2, "li", nil); undone != 1 || made != 3 || err != nil {
			t.Fatalf("undone %d, made %d, %v", undone, made, err)
		}
		remove() // 4
		undone, kept, made, err := d.UndoChange(ctx, d.acc.ID, 2, "li", nil)
		if undone != 0 || kept != 1 || made != 0 || err != nil {
			t.Errorf("again: undone %d, kept %d, made %d, %v", undone, kept, made, err)
		}
		if undone, _, _, err := d.UndoChange(ctx, d.acc.ID, 4, "li", nil); undone != 1 || err != nil {
			t.Errorf("the second removal: undone %d, %v", undone, err)
		}
	})
}

// The undo of an import says whose it is.
func TestUndoChange_names_the_import(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		_, version, err := d.ImportEntries(t.Context(), d.acc.ID, []model.Entry{entry("一", "1")}, sqlstore.ImportOptions{ImportID: 77})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, err := d.UndoChange(t.Context(), d.acc.ID, version, "li", nil); err != nil {
			t.Fatal(err)
		}
		want := model.KnowledgeChange{AccountID: d.acc.ID, Version: 2, Kind: model.ChangeUndo, Author: "li", Entries: 1, ImportID: 77, AtMS: d.nowMS()}
		if diff := cmp.Diff(want, d.changes(t)[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Edits race an undo: each is before it, and then kept, or after it.
func TestUndoChange_races_edits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const size, editors = 400, 3
		all := d.fills(t, size)
		var undone, kept int
		edited := make([]bool, size)
		together(editors+1, func(i int) error {
			if i == editors {
				var err error
				undone, kept, _, err = d.UndoChange(t.Context(), d.acc.ID, 1, "li", nil)
				return err
			}
			for n := i; n < 30; n += editors {
				e := all[n*13]
				e.Answer = "von Hand"
				_, err := d.SaveEntry(t.Context(), e, e.Version, "zhao")
				switch reason(err) {
				case "":
					edited[n*13] = true
				case "not_found", "stale", "import_running":
				default:
					return err
				}
			}
			return nil
		}).mustAll(t)
		want := 0
		for _, yes := range edited {
			if yes {
				want++
			}
		}
		list, _ := d.entries(t)
		if kept != want || undone != size-want || len(list) != want {
			t.Errorf("%d edits, %d kept, %d undone, %d left", want, kept, undone, len(list))
		}
		for _, e := range list {
			if e.Answer != "von Hand" {
				t.Errorf("left: %+v", e)
			}
		}
	})
}

// Bulk changes, imports and saves of many at once leave a base in which every version is
// whole: no question twice, nothing half.
func TestKnowledge_by_many_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		all := d.fills(t, 300)
		other := d.db.Open(t, d.clock.Now)
		stores := []*sqlstore.Store{d.Store, other}
		together(6, func(i int) error {
			ctx, s := t.Context(), stores[i%2]
			var err error
			switch i {
			case 0, 1:
				group := fmt.Sprint("组", i)
				_, err = s.ChangeEntries(ctx, d.acc.ID, ids(all), model.EntryChange{Group: &group}, "li")
			case 2, 3:
				_, _, err = s.ImportEntries(ctx, d.acc.ID, []model.Entry{entry("问题000", fmt.Sprint("导入", i)), entry("共同", "x")}, sqlstore.ImportOptions{})
			default:
				for n := range 10 {
					e := entry(fmt.Sprint("新", i%2, n), "neu")
					e.AccountID = d.acc.ID
					if _, err = s.SaveEntry(ctx, e, 0, "zhao"); err != nil {
						break
					}
				}
			}
			return err
		}).mustAll(t)
		list, version := d.entries(t)
		questions := map[string]bool{}
		for _, e := range list {
			questions[e.Folded] = true
		}
		if len(list) != 300+1+20 || len(questions) != len(list) || version != 1+4+20 || len(d.changes(t)) != int(version) {
			t.Errorf("version %d, %d entries with %d questions, %d changes", version, len(list), len(questions), len(d.changes(t)))
		}
		if g := d.now(t, all[5].ID).Group; g != "组0" && g != "组1" {
			t.Errorf("group %q", g)
		}
		var open int64
		d.Raw().Raw("SELECT COUNT(*) FROM knowledge WHERE import_until_ms <> 0").Scan(&open)
		if open != 0 {
			t.Error("a change was not given back")
		}
	})
}
