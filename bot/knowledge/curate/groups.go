package curate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"deskmate/model"
)

// GroupNode is a group with those below it, in order.
type GroupNode struct {
	Name    string // the last part of Path
	Path    string
	Entries int // in it and in all groups below it
	Groups  []*GroupNode
}

// Groups gives the tree of groups: the root, whose Path is "" and whose Entries are those of
// the whole base, and below it the others, siblings in the order that people gave them.
// ungrouped is how many entries have no group.
func (e *Editor) Groups(ctx context.Context, accountID uint64) (root *GroupNode, ungrouped int, err error) {
	list, err := e.groups.Groups(ctx, accountID)
	if err != nil {
		return nil, 0, fmt.Errorf("read groups: %w", err)
	}
	root, ungrouped = tree(list)
	return root, ungrouped, nil
}

// tree puts groups below one another.
func tree(list []model.Group) (root *GroupNode, ungrouped int) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b model.Group) int {
		return cmp.Or(cmp.Compare(depth(a.Path), depth(b.Path)), cmp.Compare(a.Position, b.Position))
	})
	root = &GroupNode{}
	nodes := map[string]*GroupNode{"": root}
	for _, g := range list {
		plant(nodes, g.Path).Entries = g.Entries
	}
	ungrouped = root.Entries
	for _, g := range root.Groups {
		ungrouped -= g.Entries
	}
	return root, ungrouped
}

// depth is how many groups a path names.
func depth(path string) int {
	if path == "" {
		return 0
	}
	return strings.Count(path, "/") + 1
}

// plant gives the node of a path, made with all above it where it is new.
func plant(nodes map[string]*GroupNode, path string) *GroupNode {
	if n, ok := nodes[path]; ok {
		return n
	}
	above, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		above, name = path[:i], path[i+1:]
	}
	n := &GroupNode{Name: name, Path: path}
	nodes[path] = n
	parent := plant(nodes, above)
	parent.Groups = append(parent.Groups, n)
	return n
}

// AddGroup makes a group, below its siblings; groups above it that are missing are made as
// well. One that is there already is a conflict with the reason group_exists.
func (e *Editor) AddGroup(ctx context.Context, accountID uint64, path string) (model.Group, error) {
	path, err := validGroup(path)
	if err != nil {
		return model.Group{}, err
	}
	list, err := e.groups.Groups(ctx, accountID)
	if err != nil {
		return model.Group{}, fmt.Errorf("read groups: %w", err)
	}
	position := 0
	for _, g := range list {
		if g.Path == path {
			return model.Group{}, conflict("group_exists", "分组“"+path+"”已经存在")
		}
		if g.Path != "" && parentOf(g.Path) == parentOf(path) {
			position = max(position, g.Position+1)
		}
	}
	if err := e.groups.SaveGroup(ctx, accountID, path, position); err != nil {
		return model.Group{}, fmt.Errorf("add group: %w", err)
	}
	return model.Group{Path: path, Position: position}, nil
}

// MoveGroup renames a group or puts it below another one, with all that is in it and below
// it; a group that has that path already takes all in. A group that isn't there is of class
// invalid with the reason group_missing.
func (e *Editor) MoveGroup(ctx context.Context, accountID uint64, from, to, author string) error {
	from, err := validGroup(from)
	if err != nil {
		return err
	}
	if to, err = validGroup(to); err != nil {
		return err
	}
	switch {
	case from == to:
		return nil
	case strings.HasPrefix(to, from+"/"):
		return model.Invalid("group_into_itself", "不能把分组移到它自己下面")
	}
	if err := e.exists(ctx, accountID, from); err != nil {
		return err
	}
	if err := e.groups.MoveGroup(ctx, accountID, from, to, author); err != nil {
		return fmt.Errorf("move group: %w", err)
	}
	e.refresh(ctx, accountID)
	return nil
}

// DeleteGroup takes a group away with all groups below it; the entries go to the group above.
// A group that isn't there is of class invalid with the reason group_missing.
func (e *Editor) DeleteGroup(ctx context.Context, accountID uint64, path, author string) error {
	path, err := validGroup(path)
	if err != nil {
		return err
	}
	if err := e.exists(ctx, accountID, path); err != nil {
		return err
	}
	if err := e.groups.DeleteGroup(ctx, accountID, path, author); err != nil {
		return fmt.Errorf("delete group: %w", err)
	}
	e.refresh(ctx, accountID)
	return nil
}

// OrderGroups puts the groups directly below parent ("" for the root) in the order of their
// names; those that are not named follow in the order they have. A name that is not there is
// of class invalid.
func (e *Editor) OrderGroups(ctx context.Context, accountID uint64, parent string, names []string) error {
	root, _, err := e.Groups(ctx, accountID)
	if err != nil {
		return err
	}
	node := root.find(groupPath(parent))
	if node == nil {
		return errNoGroup(parent)
	}
	rank := make(map[string]int, len(names))
	for i, name := range names {
		if child := node.find(joinPath(node.Path, name)); child == nil || child.Name != name {
			return errNoGroup(joinPath(node.Path, name))
		}
		rank[name] = i - len(names)
	}
	wanted := slices.Clone(node.Groups)
	slices.SortStableFunc(wanted, func(a, b *GroupNode) int { return cmp.Compare(rank[a.Name], rank[b.Name]) })
	present := node.Groups
	for i, g := range wanted {
		if present[i] == g {
			continue
		}
		if err := e.groups.SaveGroup(ctx, accountID, g.Path, i); err != nil {
			return fmt.Errorf("order groups: %w", err)
		}
		from := slices.Index(present, g)
		present = slices.Insert(slices.Delete(present, from, from+1), i, g)
	}
	return nil
}

// exists refuses a group that isn't there.
func (e *Editor) exists(ctx context.Context, accountID uint64, path string) error {
	root, _, err := e.Groups(ctx, accountID)
	if err == nil && root.find(path) == nil {
		return errNoGroup(path)
	}
	return err
}

func errNoGroup(path string) error {
	return model.Invalid("group_missing", "没有分组“%s”", clip(path, maxGroup))
}

// find gives the node of a path at or below n, or nil.
func (n *GroupNode) find(path string) *GroupNode {
	if n.Path == path {
		return n
	}
	for _, g := range n.Groups {
		if path == g.Path || strings.HasPrefix(path, g.Path+"/") {
			return g.find(path)
		}
	}
	return nil
}

func validGroup(path string) (string, error) {
	path = groupPath(path)
	var p problems
	if path == "" {
		p.add("group_empty", "分组不能为空")
	}
	p.text("分组", path, maxGroup)
	return path, p.err()
}

func parentOf(path string) string {
	return path[:max(strings.LastIndexByte(path, '/'), 0)]
}

func joinPath(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "/" + name
}
