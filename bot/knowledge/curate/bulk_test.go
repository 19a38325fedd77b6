package curate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

func TestChange(t *testing.T) {
	t.Parallel()
	s := newStore()
	var list []model.Entry
	for i := range 300 {
		e := entry(fmt.Sprintf("第%d个问题怎么办", i))
		if e.Group = "老"; i >= 250 {
			e.Group = "新/一"
		}
		list = append(list, e)
	}
	s.fill(list...)
	d := newDesk(t, s)
	off, group, group2 := model.EntryOff, " 归档 / 旧 ", "新"

	n, err := d.editor.Change(t.Context(), acc(), curate.Selection{Filter: &model.EntryFilter{Group: &group2}}, model.EntryChange{State: &off}, "lin")
	if err != nil || n != 50 {
		t.Fatal(n, err)
	}
	if a := d.asks(t, "第299个问题怎么办"); a.Exact {
		t.Errorf("an entry that is off answers: %+v", a)
	}
	if n, err := d.editor.Change(t.Context(), acc(), curate.Selection{Filter: &model.EntryFilter{Group: &group2}}, model.EntryChange{State: &off}, "lin"); err != nil || n != 0 {
		t.Errorf("the same again: %d, %v", n, err)
	}
	ids := make([]uint64, 60)
	for i := range ids {
		ids[i] = list[i].ID
	}
	ids = append(ids, 999999)
	if n, err := d.editor.Change(t.Context(), acc(), curate.Selection{IDs: ids}, model.EntryChange{Group: &group}, "lin"); err != nil || n != 60 {
		t.Errorf("moved %d, %v", n, err)
	}
	if e, err := d.editor.Entry(t.Context(), account, ids[0]); err != nil || e.Group != "归档/旧" {
		t.Errorf("%+v, %v", e, err)
	}
	version := s.version()
	if undone, kept, err := d.editor.Undo(t.Context(), account, version, "lin"); err != nil || undone != 60 || kept != 0 {
		t.Errorf("undone %d, kept %d, %v", undone, kept, err)
	}
	if e, err := d.editor.Entry(t.Context(), account, ids[0]); err != nil || e.Group != "老" {
		t.Errorf("%+v, %v", e, err)
	}
	if changes, err := d.editor.Changes(t.Context(), account, 0, 2); err != nil || len(changes) != 2 || changes[0].Kind != model.ChangeUndo {
		t.Errorf("%+v, %v", changes, err)
	}
}

func TestChange_refuses(t *testing.T) {
	t.Parallel()
	s := newStore()
	list := []model.Entry{entry("一个问题"), entry("另一个问题")}
	list[1].ValidFromMS = 5000
	ids := s.fill(list...)
	d := newDesk(t, s)
	all := curate.Selection{IDs: []uint64{ids["一个问题"], ids["另一个问题"]}}
	long, maybe, until := strings.Repeat("长", 192), model.EntryState("maybe"), int64(4000)
	version := s.version()
	for name, tt := range map[string]struct {
		sel    curate.Selection
		change model.EntryChange
		reason string
	}{
		"nothing selected":  {curate.Selection{}, model.EntryChange{Delete: true}, "nothing_selected"},
		"nothing to change": {all, model.EntryChange{}, "nothing_to_change"},
		"a long group":      {all, model.EntryChange{Group: &long}, "too_long"},
		"a state":           {all, model.EntryChange{State: &maybe}, "entry_state"},
		"a date for one":    {all, model.EntryChange{ValidUntilMS: &until}, "entry_validity"},
	} {
		_, err := d.editor.Change(t.Context(), acc(), tt.sel, tt.change, "lin")
		wantReason(t, err, tt.reason)
		_, err = d.editor.PreviewChange(t.Context(), acc(), tt.sel, tt.change)
		wantReason(t, err, tt.reason)
		if tt.reason == "entry_validity" && !strings.Contains(err.Error(), "“另一个问题”的失效时间") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.version() != version {
		t.Error("something was changed")
	}
	s.hook(func(method string) error {
		if method == "ChangeEntries" {
			return errDown
		}
		return nil
	}, nil)
	if _, err := d.editor.Change(t.Context(), acc(), all, model.EntryChange{Delete: true}, "lin"); !errors.Is(err, errDown) {
		t.Errorf("a store that is away: %v", err)
	}
}

func TestPreviewChange_before_publishing(t *testing.T) {
	t.Parallel()
	s := newStore()
	list := []model.Entry{entry("如何申请年假"), entry("如何申请病假"), entry("食堂在哪里")}
	list[0].Draft = true
	ids := s.fill(list...)
	d := newDesk(t, s)
	_, err := d.examiner.Add(t.Context(), account, "如何申请年假", ids["如何申请年假"], "lin")
	must(t, err)
	_, err = d.examiner.Add(t.Context(), account, "食堂在哪里", ids["食堂在哪里"], "lin")
	must(t, err)
	publish := false
	drafts := true
	sel := curate.Selection{Filter: &model.EntryFilter{Draft: &drafts}}
	p, err := d.editor.PreviewChange(t.Context(), acc(), sel, model.EntryChange{Draft: &publish})
	must(t, err)
	if p.Entries != 1 || p.Preview.Better != 1 || p.Preview.Worse != 0 || len(p.Preview.Moves) != 1 {
		t.Errorf("publishing: %+v", p)
	}
	if m := p.Preview.Moves[0]; m.Worse() || m.After.Verdict != curate.VerdictRight || m.After.EntryID != ids["如何申请年假"] {
		t.Errorf("%+v", m)
	}
	p, err = d.editor.PreviewChange(t.Context(), acc(), curate.Selection{IDs: []uint64{ids["食堂在哪里"]}}, model.EntryChange{Delete: true})
	must(t, err)
	if p.Entries != 1 || p.Preview.Worse != 1 || !p.Preview.Moves[0].Worse() {
		t.Errorf("deleting: %+v", p)
	}
	if a := d.asks(t, "食堂在哪里"); a.Kind != model.AnswerHit {
		t.Errorf("a preview changed something: %+v", a)
	}
}
