package curate_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/knowledge/curate"
	"deskmate/model"
)

// shape writes a tree in one line.
func shape(n *curate.GroupNode) string {
	var below []string
	for _, g := range n.Groups {
		below = append(below, shape(g))
	}
	text := n.Name
	if len(below) > 0 {
		text += "(" + strings.Join(below, " ") + ")"
	}
	return text
}

func TestGroups(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.groups = []model.Group{
		{Path: "", Entries: 9},
		{Path: "假期", Entries: 5},
		{Path: "假期/年假/境外", Entries: 1},
		{Path: "工资", Position: 1, Entries: 2},
		{Path: "假期/病假", Position: 1, Entries: 3},
		{Path: "假期/年假", Entries: 1},
	}
	d := newDesk(t, s)
	root, ungrouped, err := d.editor.Groups(t.Context(), account)
	must(t, err)
	if got := shape(root); got != "(假期(年假(境外) 病假) 工资)" || root.Entries != 9 || ungrouped != 2 {
		t.Errorf("%s with %d entries, %d of them in no group", got, root.Entries, ungrouped)
	}
	if g := root.Groups[0].Groups[1]; g.Path != "假期/病假" || g.Entries != 3 {
		t.Errorf("%+v", g)
	}

	g, err := d.editor.AddGroup(t.Context(), account, " 假期/ 事假 ")
	if diff := cmp.Diff(model.Group{Path: "假期/事假", Position: 2}, g); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	must(t, d.editor.OrderGroups(t.Context(), account, "假期", []string{"事假", "病假"}))
	must(t, d.editor.OrderGroups(t.Context(), account, "", []string{"工资"}))
	if root, _, err = d.editor.Groups(t.Context(), account); err != nil || shape(root) != "(工资 假期(事假 病假 年假(境外)))" {
		t.Errorf("ordered: %s, %v", shape(root), err)
	}
	must(t, d.editor.MoveGroup(t.Context(), account, "假期/年假", "年假", "lin"))
	must(t, d.editor.DeleteGroup(t.Context(), account, "工资", "lin"))
	if root, _, err = d.editor.Groups(t.Context(), account); err != nil || shape(root) != "(年假(境外) 假期(事假 病假))" && shape(root) != "(假期(事假 病假) 年假(境外))" {
		t.Errorf("moved: %s, %v", shape(root), err)
	}
}

func TestGroups_refuses(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.groups = []model.Group{{}, {Path: "假期"}, {Path: "假期/年假"}}
	d := newDesk(t, s)
	ctx := t.Context()
	for name, tt := range map[string]struct {
		do     func() error
		reason string
	}{
		"one that is there": {func() error { _, err := d.editor.AddGroup(ctx, account, "假期/"); return err }, "group_exists"},
		"no name":           {func() error { _, err := d.editor.AddGroup(ctx, account, " / "); return err }, "group_empty"},
		"a long path": {func() error {
			return d.editor.MoveGroup(ctx, account, "假期", strings.Repeat("长", 192), "lin")
		}, "too_long"},
		"into itself":         {func() error { return d.editor.MoveGroup(ctx, account, "假期", "假期/年假/旧", "lin") }, "group_into_itself"},
		"moving what isn't":   {func() error { return d.editor.MoveGroup(ctx, account, "工资", "薪资", "lin") }, "group_missing"},
		"deleting what isn't": {func() error { return d.editor.DeleteGroup(ctx, account, "假期/病假", "lin") }, "group_missing"},
		"ordering what isn't": {func() error { return d.editor.OrderGroups(ctx, account, "", []string{"假期/年假"}) }, "group_missing"},
		"ordering in nothing": {func() error { return d.editor.OrderGroups(ctx, account, "工资", nil) }, "group_missing"},
		"a control character": {func() error { _, err := d.editor.AddGroup(ctx, account, "假\x00期"); return err }, "bad_character"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantReason(t, tt.do(), tt.reason)
		})
	}
}
