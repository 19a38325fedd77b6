package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// groupRow is the place of a group among its siblings. Groups without a row are those that
// entries name.
type groupRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Path      string `gorm:"primaryKey"`
	Position  int
}

// TableName implements gorm's Tabler.
func (groupRow) TableName() string { return "entry_group" }

// Groups lists an account's groups as a tree is read, each before those below it, siblings in
// their order; groups that nobody has ordered come last, by name. The first is the root.
func (s *Store) Groups(ctx context.Context, accountID uint64) ([]model.Group, error) {
	list, err := s.groups(ctx, accountID)
	return list, s.wrap(err, "list groups of account %d", accountID)
}

func (s *Store) groups(ctx context.Context, accountID uint64) ([]model.Group, error) {
	version, err := s.KnowledgeVersion(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var counts []struct {
		GroupPath string
		N         int
	}
	err = at(s.reader(ctx).Model(&entryRow{}), accountID, version).Select("group_path, COUNT(*) AS n").Group("group_path").Scan(&counts).Error
	if err != nil {
		return nil, err
	}
	var rows []groupRow
	if err := s.reader(ctx).Where("account_id = ?", accountID).Find(&rows).Error; err != nil {
		return nil, err
	}
	tree := groupTree{nodes: map[string]*groupNode{}}
	tree.node("")
	for _, r := range rows {
		n := tree.node(r.Path)
		n.ordered, n.Position = true, r.Position
	}
	for _, c := range counts {
		for n := tree.node(c.GroupPath); n != nil; n = n.parent {
			n.Entries += c.N
		}
	}
	return tree.list(), nil
}

// groupTree is an account's groups by path.
type groupTree struct {
	nodes map[string]*groupNode
}

type groupNode struct {
	model.Group

	ordered bool
	parent  *groupNode
	below   []*groupNode
}

// node is the group of a path, made with all above it where it isn't there.
func (t groupTree) node(path string) *groupNode {
	n := t.nodes[path]
	if n != nil {
		return n
	}
	n = &groupNode{Group: model.Group{Path: path}}
	t.nodes[path] = n
	if path != "" {
		n.parent = t.node(parentGroup(path))
		n.parent.below = append(n.parent.below, n)
	}
	return n
}

// list numbers siblings from 0 and writes the tree down.
func (t groupTree) list() []model.Group {
	list := make([]model.Group, 0, len(t.nodes))
	var walk func(n *groupNode)
	walk = func(n *groupNode) {
		list = append(list, n.Group)
		slices.SortFunc(n.below, func(a, b *groupNode) int {
			if a.ordered != b.ordered {
				if a.ordered {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Path, b.Path))
		})
		for i, child := range n.below {
			child.Position = i
			walk(child)
		}
	}
	walk(t.nodes[""])
	return list
}

// parentGroup is the path of the group that another is in; "" is the root.
func parentGroup(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '/'))]
}

// SaveGroup gives a group its place among its siblings, from 0, and makes it where there is
// none. A position behind the last is the last.
func (s *Store) SaveGroup(ctx context.Context, accountID uint64, path string, position int) error {
	if err := checkGroup(path); err != nil {
		return err
	}
	all, err := s.Groups(ctx, accountID)
	if err != nil {
		return err
	}
	var siblings []string
	for _, g := range all {
		if g.Path != "" && g.Path != path && parentGroup(g.Path) == parentGroup(path) {
			siblings = append(siblings, g.Path)
		}
	}
	siblings = slices.Insert(siblings, min(max(position, 0), len(siblings)), path)
	rows := make([]groupRow, len(siblings))
	for i, p := range siblings {
		rows[i] = groupRow{AccountID: accountID, Path: p, Position: i}
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := saveGroups(tx, rows); err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{by(model.Audit{}, accountID, "group.saved", clip(path, 191), nil, map[string]any{"position": position})}, s.nowMS())
	})
	return s.wrap(err, "save group of account %d", accountID)
}

// groupAudit writes down what was done to a group, which has another path after it. What it does
// to entries is a change of its own.
func (s *Store) groupAudit(tx *gorm.DB, accountID uint64, action, path, after string) error {
	entry := by(model.Audit{}, accountID, action, clip(path, 191), map[string]any{"group": path}, map[string]any{"group": after})
	return saveAudits(tx, []model.Audit{entry}, s.nowMS())
}

// saveGroups writes the places of groups.
func saveGroups(tx *gorm.DB, rows []groupRow) error {
	return chunks(rows, batchRows, func(some []groupRow) error {
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "account_id"}, {Name: "path"}},
			DoUpdates: clause.AssignmentColumns([]string{"position"}),
		}).Create(&some).Error
	})
}

// MoveGroup gives a group another path, with all its entries and the groups below it; a group
// that has that path already takes them in. A change of entries that is already at work is a
// conflict with the reason import_running.
func (s *Store) MoveGroup(ctx context.Context, accountID uint64, from, to, author string) error {
	if err := cmp.Or(checkGroup(from), checkGroup(to)); err != nil {
		return err
	}
	if to == from {
		return nil
	}
	if strings.HasPrefix(to, from+"/") {
		return model.Invalid("group_into_itself", "a group can't be moved into itself")
	}
	err := s.regroup(ctx, accountID, "group.moved", from, author, func(path string) string { return to + path[len(from):] })
	return s.wrap(err, "move group of account %d", accountID)
}

// DeleteGroup removes a group and those below it; their entries go to the group that it was
// in. The conflicts are those of [Store.MoveGroup].
func (s *Store) DeleteGroup(ctx context.Context, accountID uint64, path, author string) error {
	if err := checkGroup(path); err != nil {
		return err
	}
	err := s.regroup(ctx, accountID, "group.deleted", path, author, func(string) string { return parentGroup(path) })
	return s.wrap(err, "delete group of account %d", accountID)
}

// regroup gives a group and those below it the paths that rename says; the root's means that
// the group goes.
func (s *Store) regroup(ctx context.Context, accountID uint64, action, path, author string, rename func(path string) string) error {
	renameRows := func(tx *gorm.DB) error {
		if err := regroupRows(tx, accountID, path, rename); err != nil {
			return err
		}
		return s.groupAudit(tx, accountID, action, path, rename(path))
	}
	change := model.KnowledgeChange{AccountID: accountID, Kind: model.ChangeBulk, Author: author}
	made, err := s.stage(ctx, change, stagePatience, func(st *staging) error {
		var ids []uint64
		err := inGroup(at(s.reader(ctx).Model(&entryRow{}), accountID, st.seen), path).Order("entry_id").Pluck("entry_id", &ids).Error
		if err != nil {
			return err
		}
		st.also = renameRows
		return st.changeEach(ctx, ids, func(e *model.Entry) (keep bool, err error) {
			e.Group = rename(e.Group)
			if utf8.RuneCountInString(e.Group) > groupSize {
				err = model.Invalid("group_path", "a group's path has at most %d characters", groupSize)
			}
			return true, err
		})
	})
	if err != nil || made != 0 {
		return err
	}
	return s.write(ctx, renameRows) // no entry moved
}

// regroupRows renames the rows of a group and of those below it. What has no path of its own
// afterwards goes.
func regroupRows(tx *gorm.DB, accountID uint64, path string, rename func(path string) string) error {
	of := func() *gorm.DB {
		return tx.Where("account_id = ?", accountID).Where("path = ? OR (path >= ? AND path < ?)", path, path+"/", path+"0")
	}
	var rows []groupRow
	if err := of().Order("path").Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	if err := of().Delete(&groupRow{}).Error; err != nil {
		return err
	}
	moved := make([]groupRow, 0, len(rows))
	for _, r := range rows {
		if to := rename(r.Path); to != parentGroup(path) {
			moved = append(moved, groupRow{AccountID: accountID, Path: to, Position: r.Position})
		}
	}
	return create(tx.Clauses(clause.OnConflict{DoNothing: true}), moved)
}
