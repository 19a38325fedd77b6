package curate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// worker runs an importer until the test ends or stop is called.
func worker(t *testing.T, im *curate.Importer) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- im.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// state waits until nothing moves any more and checks how far an import has come.
func (d desk) state(t *testing.T, id uint64, want model.ImportState) model.Import {
	t.Helper()
	synctest.Wait()
	imp, err := d.Import(t.Context(), account, id)
	must(t, err)
	if imp.State != want {
		t.Fatalf("the import is %s (%s), want %s", imp.State, imp.Err, want)
	}
	return imp
}

func csv(rows ...string) string {
	return "分组,标准问题,相似问题,答案,状态\n" + strings.Join(rows, "\n") + "\n"
}

func (d desk) start(t *testing.T, im *curate.Importer, file string, replace bool) uint64 {
	t.Helper()
	imp, err := im.Start(t.Context(), account, "知识.csv", strings.NewReader(file), replace, "lin")
	must(t, err)
	return imp.ID
}

func TestImporter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		ids := s.fill(entry("怎么请假"), entry("工资几号发"), entry("食堂在哪"))
		d := newDesk(t, s)
		_, err := d.examiner.Add(t.Context(), account, "食堂在哪", ids["食堂在哪"], "lin")
		must(t, err)
		im := d.importer(t, "one")
		defer worker(t, im)()
		before, _, _ := s.Entries(t.Context(), account)

		id := d.start(t, im, csv("假期,怎么请假,请假流程,在 OA 里提交,", ",工资几号发,,答：工资几号发,", "it,怎么连VPN,,装客户端,", ",,,没有问题,"), true)
		imp := d.state(t, id, model.ImportReady)
		want := model.ImportCounts{New: 1, Changed: 1, Same: 1, Invalid: 1, Removed: 1}
		if diff := cmp.Diff(want, imp.Counts); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if list, _, _ := s.Entries(t.Context(), account); cmp.Diff(before, list) != "" {
			t.Error("a dry run changed the base")
		}

		page, err := im.Report(t.Context(), account, id, curate.ReportFilter{Kind: sheet.RowChanged})
		must(t, err)
		if len(page.Rows) != 1 || page.Rows[0].EntryID != ids["怎么请假"] || page.Next != 0 || page.Bad != 1 || page.Good != 3 {
			t.Errorf("%+v", page)
		}
		if g := page.Golden; g.Asked != 1 || g.Worse != 1 {
			t.Errorf("golden questions: %+v", g)
		}

		_, err = im.Apply(t.Context(), account, id, false, "wang")
		wantReason(t, err, "import_bad_rows")
		_, err = im.Undo(t.Context(), account, id, "wang")
		wantReason(t, err, "import_state")
		_, err = im.Apply(t.Context(), account, id, true, "wang")
		must(t, err)
		imp = d.state(t, id, model.ImportDone)
		if imp.Version != s.version() || imp.Counts != want || imp.Done != imp.Total || imp.Author != "wang" {
			t.Errorf("%+v", imp)
		}
		if a := d.asks(t, "请假流程"); a.Kind != model.AnswerHit || a.Candidates[0].EntryID != ids["怎么请假"] {
			t.Errorf("it doesn't answer: %+v", a)
		}
		if a := d.asks(t, "食堂在哪"); a.Kind == model.AnswerHit {
			t.Errorf("what the file lacks answers: %+v", a)
		}
		_, err = im.Apply(t.Context(), account, id, true, "wang")
		wantReason(t, err, "import_state")

		_, err = im.Undo(t.Context(), account, id, "wang")
		must(t, err)
		imp = d.state(t, id, model.ImportUndone)
		after, _, _ := s.Entries(t.Context(), account)
		if len(after) != len(before) || imp.Counts.Kept != 0 {
			t.Fatalf("%+v with %d entries", imp, len(after))
		}
		for i := range before {
			if !before[i].Same(&after[i]) || before[i].ID != after[i].ID {
				t.Errorf("undone: %+v, was %+v", after[i], before[i])
			}
		}
		if list, err := im.List(t.Context(), account, 0, 10); err != nil || len(list) != 1 || list[0].ID != id {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestImporter_says_why_a_file_cannot_be_read(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, newStore())
		im := d.importer(t, "one")
		defer worker(t, im)()
		for name, told := range map[string]string{"知识.doc": "只支持", "知识.xlsx": "", "空的.csv": ""} {
			imp, err := im.Start(t.Context(), account, `C:\tmp\`+name, strings.NewReader("这不是表格"), false, "lin")
			must(t, err)
			imp = d.state(t, imp.ID, model.ImportFailed)
			if imp.Err == "" || !strings.Contains(imp.Err, told) || imp.FileName != name {
				t.Errorf("%s: %+v", name, imp)
			}
			_, err = im.Report(t.Context(), account, imp.ID, curate.ReportFilter{})
			wantReason(t, err, "import_state")
		}
		id := d.start(t, im, csv(",,,只有答案,"), false)
		d.state(t, id, model.ImportReady)
		_, err := im.Apply(t.Context(), account, id, true, "lin")
		wantReason(t, err, "import_empty")
		_, err = im.Start(t.Context(), account, "大.csv", io.LimitReader(zeros{}, sheet.MaxFileBytes+1), false, "lin")
		wantReason(t, err, "kb_file_too_long")
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// once makes the first call of a method do something, such as fail.
func once(method string, do func() error) func(string) error {
	var left atomic.Int64
	left.Store(1)
	return func(called string) error {
		if called != method || left.Add(-1) != 0 {
			return nil
		}
		return do()
	}
}

// A worker that dies anywhere is taken over, and what it did is done once.
func TestImporter_is_taken_over(t *testing.T) {
	t.Parallel()
	fail := func() error { return errDown }
	for _, tt := range []struct {
		name          string
		before, after func(string) error
	}{
		{"before the file is read", once("BlobData", fail), nil},
		{"before it is compared", once("Entries", fail), nil},
		{"before the report is stored", once("PutBlob", fail), nil},
		{"before it is ready", once("MoveImport", fail), nil},
		{"after it is ready", nil, once("MoveImport", fail)},
		{"before the entries are written", once("ImportEntries", fail), nil},
		{"after the entries are written", nil, once("ImportEntries", fail)},
		{"before it is undone", once("UndoChange", fail), nil},
		{"after it is undone", nil, once("UndoChange", fail)},
		{"while it says how far it is", once("KeepImport", fail), nil},
		{"while it looks for work", once("ClaimImport", fail), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore()
				ids := s.fill(entry("怎么请假"), entry("工资几号发"))
				d := newDesk(t, s)
				one, two := d.importer(t, "one"), d.importer(t, "two")
				id := d.start(t, one, csv(",怎么请假,,在 OA 里,", ",怎么连VPN,,装客户端,"), false)
				s.hook(tt.before, tt.after)
				defer worker(t, one)()
				defer worker(t, two)()
				later := func(state model.ImportState) model.Import {
					t.Helper()
					for range 60 { // leases last 15 s
						if imp, err := s.Import(t.Context(), account, id); err == nil && !imp.State.Working() {
							break
						}
						<-time.After(time.Second)
					}
					return d.state(t, id, state)
				}
				later(model.ImportReady)
				_, err := one.Apply(t.Context(), account, id, false, "lin")
				if errors.Is(err, errDown) { // the hook hit the one who asks
					_, err = one.Apply(t.Context(), account, id, false, "lin")
					if e, ok := errors.AsType[*model.Error](err); ok && e.Reason == "import_state" {
						err = nil
					}
				}
				must(t, err)
				imp := later(model.ImportDone)
				if want := (model.ImportCounts{New: 1, Changed: 1}); imp.Counts != want || imp.Version != 2 || s.version() != 2 {
					t.Errorf("%+v at version %d", imp, s.version())
				}
				_, err = two.Undo(t.Context(), account, id, "lin")
				must(t, err)
				imp = later(model.ImportUndone)
				list, version, err := s.Entries(t.Context(), account)
				must(t, err)
				if len(list) != 2 || version != 3 || list[0].ID != ids["怎么请假"] || list[0].Answer != "答：怎么请假" || imp.Counts.Kept != 0 {
					t.Errorf("undone: %+v at version %d, %+v", list, version, imp.Counts)
				}
			})
		})
	}
}

// What somebody edits between the death of a worker and its successor stays.
func TestImporter_does_not_write_over_later_edits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		ids := s.fill(entry("怎么请假"))
		d := newDesk(t, s)
		im := d.importer(t, "one")
		defer worker(t, im)()
		id := d.start(t, im, csv(",怎么请假,,在 OA 里,", ",怎么连VPN,,装客户端,"), false)
		d.state(t, id, model.ImportReady)
		s.hook(nil, once("ImportEntries", func() error { return errDown }))
		_, err := im.Apply(t.Context(), account, id, false, "lin")
		must(t, err)
		d.state(t, id, model.ImportApplying)
		e, err := d.editor.Entry(t.Context(), account, ids["怎么请假"])
		must(t, err)
		e.Answer = "后来改的"
		_, err = d.editor.Save(t.Context(), acc(), e, 0, "wang")
		must(t, err)
		<-time.After(20 * time.Second)
		imp := d.state(t, id, model.ImportDone)
		if e, _ := d.editor.Entry(t.Context(), account, e.ID); e.Answer != "后来改的" || imp.Version != 2 || s.version() != 3 {
			t.Errorf("%+v, %+v, version %d", e, imp, s.version())
		}
		_, err = im.Undo(t.Context(), account, id, "lin")
		must(t, err)
		imp = d.state(t, id, model.ImportUndone)
		if e, _ := d.editor.Entry(t.Context(), account, e.ID); e.Answer != "后来改的" || imp.Counts.Kept != 1 {
			t.Errorf("undone: %+v, %+v", e, imp)
		}
	})
}

// Undoing an import all of whose entries were edited since keeps them all, whatever else the
// same person has undone.
func TestImporter_undo_counts_its_own(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := newDesk(t, s)
		im := d.importer(t, "one")
		defer worker(t, im)()
		id := d.start(t, im, csv(",怎么请假,,在 OA 里,", ",怎么连VPN,,装客户端,"), false)
		d.state(t, id, model.ImportReady)
		_, err := im.Apply(t.Context(), account, id, false, "lin")
		must(t, err)
		d.state(t, id, model.ImportDone)
		list, _, err := s.Entries(t.Context(), account)
		must(t, err)
		off := model.EntryOff
		_, err = d.editor.Change(t.Context(), acc(), curate.Selection{IDs: []uint64{list[0].ID, list[1].ID}}, model.EntryChange{State: &off}, "lin")
		must(t, err)
		_, _, err = d.editor.Undo(t.Context(), account, s.version(), "lin")
		must(t, err)
		_, err = im.Undo(t.Context(), account, id, "lin")
		must(t, err)
		if imp := d.state(t, id, model.ImportUndone); imp.Counts.Kept != 2 {
			t.Errorf("%d kept, want both: %+v", imp.Counts.Kept, imp)
		}
	})
}

// A worker that hangs longer than its lease must not say what another one has said.
func TestImporter_two_workers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := newDesk(t, s)
		one, two := d.importer(t, "one"), d.importer(t, "two")
		id := d.start(t, one, csv(",怎么请假,,在 OA 里,"), false)
		frozen := make(chan struct{})
		hang := once("PutBlob", func() error { <-frozen; return nil })
		s.hook(func(method string) error {
			if method == "KeepImport" {
				return errDown // the frozen one can't renew its lease
			}
			return hang(method)
		}, nil)
		defer worker(t, one)()
		synctest.Wait()
		<-time.After(16 * time.Second)
		s.hook(nil, nil)
		defer worker(t, two)()
		imp := d.state(t, id, model.ImportReady)
		report := imp.ReportBlob
		close(frozen)
		if imp = d.state(t, id, model.ImportReady); imp.ReportBlob != report {
			t.Errorf("the report was replaced: %+v", imp)
		}
		if len(s.blobs) != 2 {
			t.Errorf("%d blobs: the frozen worker left its report behind", len(s.blobs))
		}
	})
}

// A worker that is told to stop gives its import back at once.
func TestImporter_gives_back(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := newDesk(t, s)
		one, two := d.importer(t, "one"), d.importer(t, "two")
		id := d.start(t, one, csv(",怎么请假,,在 OA 里,"), false)
		ctx, cancel := context.WithCancel(t.Context())
		s.hook(once("PutBlob", func() error { <-ctx.Done(); return ctx.Err() }), nil)
		done := make(chan error, 1)
		go func() { done <- one.Run(ctx) }()
		synctest.Wait()
		cancel()
		must(t, <-done)
		defer worker(t, two)()
		d.state(t, id, model.ImportReady)
	})
}

func TestImporter_survives_a_panic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := newDesk(t, s)
		im := d.importer(t, "one")
		id := d.start(t, im, csv(",怎么请假,,在 OA 里,"), false)
		s.hook(once("Entries", func() error { panic("a bug") }), nil)
		defer worker(t, im)()
		if imp := d.state(t, id, model.ImportFailed); imp.Err == "" || strings.Contains(imp.Err, "bug") {
			t.Errorf("%+v", imp)
		}
	})
}

// Undoing an import gives the base that was, whatever the file and the base.
func TestImporter_undo_gives_back_what_was(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			s := newStore()
			var list []model.Entry
			for i := range 30 {
				if e := entry(fmt.Sprintf("第%d号问题", i), fmt.Sprintf("另一个%d号", i)); random.IntN(2) == 0 {
					list = append(list, e)
				}
			}
			s.fill(list...)
			d := newDesk(t, s)
			im := d.importer(t, "one")
			defer worker(t, im)()
			var rows []string
			for _, i := range random.Perm(40)[:random.IntN(30)+1] {
				rows = append(rows, fmt.Sprintf(",第%d号问题,别样%d号,答案%d,%s", i, i, random.IntN(3), []string{"", "停用"}[random.IntN(2)]))
			}
			before, _, _ := s.Entries(t.Context(), account)
			id := d.start(t, im, csv(rows...), random.IntN(2) == 0)
			dry := d.state(t, id, model.ImportReady).Counts
			_, err := im.Apply(t.Context(), account, id, true, "lin")
			must(t, err)
			done := d.state(t, id, model.ImportDone)
			if done.Counts != dry {
				t.Errorf("seed %d: dry run %+v, done %+v", seed, dry, done.Counts)
			}
			if done.Version == 0 {
				return
			}
			_, err = im.Undo(t.Context(), account, id, "lin")
			must(t, err)
			d.state(t, id, model.ImportUndone)
			after, _, _ := s.Entries(t.Context(), account)
			if len(after) != len(before) {
				t.Fatalf("seed %d: %d entries, were %d", seed, len(after), len(before))
			}
			for i := range before {
				if before[i].ID != after[i].ID || !before[i].Same(&after[i]) {
					t.Errorf("seed %d: %+v, was %+v", seed, after[i], before[i])
				}
			}
		})
	}
}

func TestReport_pages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, newStore())
		im := d.importer(t, "one")
		defer worker(t, im)()
		var rows []string
		for i := range 500 {
			rows = append(rows, fmt.Sprintf(",第%d号　问题,,答案,", i))
			if i%100 == 0 {
				rows = append(rows, ",,,没有问题,")
			}
		}
		id := d.start(t, im, csv(rows...), false)
		d.state(t, id, model.ImportReady)
		for name, tt := range map[string]struct {
			filter curate.ReportFilter
			want   int
		}{
			"all": {curate.ReportFilter{}, 505}, "new ones": {curate.ReportFilter{Kind: sheet.RowNew, Limit: 120}, 500},
			"bad ones": {curate.ReportFilter{Bad: true, Limit: 2}, 5}, "mended ones": {curate.ReportFilter{Mends: true, Limit: 9999}, 500},
			"none": {curate.ReportFilter{Kind: sheet.RowRemoved}, 0},
		} {
			seen := map[int]bool{}
			for {
				page, err := im.Report(t.Context(), account, id, tt.filter)
				must(t, err)
				for _, r := range page.Rows {
					seen[r.Row] = true
				}
				if tt.filter.After = page.Next; page.Next == 0 {
					break
				}
			}
			if len(seen) != tt.want {
				t.Errorf("%s: %d rows, want %d", name, len(seen), tt.want)
			}
		}
	})
}

// What Export writes, Start takes back without a change.
func TestExport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		d := newDesk(t, s)
		im := d.importer(t, "one")
		defer worker(t, im)()
		e := entry("怎么请假", "请假　流程", "想休假")
		e.Group, e.More, e.ValidUntilMS, e.Draft = "假期/流程", []string{"第二条\n两行", "　第三条"}, 1_900_000_000_000, true
		_, err := d.editor.Save(t.Context(), acc(), e, 0, "lin")
		must(t, err)
		for _, name := range []string{"kb.xlsx", "kb.csv", "kb.jsonl"} {
			var file bytes.Buffer
			must(t, im.Export(t.Context(), account, name, &file))
			imp, err := im.Start(t.Context(), account, name, &file, true, "lin")
			must(t, err)
			imp = d.state(t, imp.ID, model.ImportReady)
			if want := (model.ImportCounts{Same: 1}); imp.Counts != want {
				t.Errorf("%s: %+v", name, imp.Counts)
			}
		}
		if err := im.Export(t.Context(), account, "kb.doc", io.Discard); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("another kind of file: %v", err)
		}
		var template bytes.Buffer
		must(t, im.Template(&template))
		imp, err := im.Start(t.Context(), account, "模板.xlsx", &template, false, "lin")
		must(t, err)
		if imp = d.state(t, imp.ID, model.ImportReady); imp.Counts.Invalid > 0 {
			t.Errorf("the template: %+v", imp.Counts)
		}
	})
}

func TestImporter_many_rows(t *testing.T) {
	t.Parallel()
	const rows = 10_000
	s := newStore()
	d := newDesk(t, s)
	var file strings.Builder
	file.WriteString(csv())
	for i := range rows {
		fmt.Fprintf(&file, "组%d,第%d个问题怎么处理,这个%d号怎么办,答案%d,\n", i%50, i, i, i)
	}
	im := d.importer(t, "one")
	defer worker(t, im)()
	id := d.start(t, im, file.String(), false)
	wait := func(state model.ImportState) model.Import {
		t.Helper()
		for {
			imp, err := im.Import(t.Context(), account, id)
			must(t, err)
			if imp.State == state {
				return imp
			}
			if !imp.State.Working() {
				t.Fatalf("the import is %s (%s), want %s", imp.State, imp.Err, state)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	if imp := wait(model.ImportReady); imp.Counts.New != rows {
		t.Errorf("%+v", imp.Counts)
	}
	_, err := im.Apply(t.Context(), account, id, false, "lin")
	must(t, err)
	if imp := wait(model.ImportDone); imp.Counts.New != rows || imp.Done != rows {
		t.Errorf("%+v", imp)
	}
}
