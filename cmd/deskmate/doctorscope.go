package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// scopeDepartments compares the departments of the account's scope with the app's visible
// range: whoever is in one outside of it can't ask, whatever the scope says.
func (d *doctor) scopeDepartments(ctx context.Context, store *sqlstore.Store, acc model.Account, info wecom.AgentInfo) {
	if acc.Policy.Scope == nil || len(acc.Policy.Scope.Departments) == 0 {
		return
	}
	name := "account " + acc.Key + " scope"
	list, err := store.Departments(ctx, acc.CorpID)
	if err != nil {
		d.bad(name, err.Error(), "")
		return
	}
	tree := make(map[int64]model.Department, len(list))
	for _, one := range list {
		tree[one.ID] = one
	}
	var wrong []string
	for _, id := range acc.Policy.Scope.Departments {
		at, known := tree[id]
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%d is no department that Deskmate has read", id))
		case len(info.Tags) == 0 && !below(tree, id, info.Departments):
			wrong = append(wrong, fmt.Sprintf("department %d (%s) is not in the app's visible range", id, at.Name))
		}
	}
	if len(wrong) > 0 {
		d.bad(name, strings.Join(wrong, "; "),
			"add it: 应用管理 → the app → 可见范围, or correct scope.departments (the directory is read when 'deskmate serve' starts)")
		return
	}
	d.good(name, fmt.Sprintf("%d departments", len(acc.Policy.Scope.Departments)))
}

// below reports whether a department is one of these or below one of them.
func below(tree map[int64]model.Department, id int64, these []int64) bool {
	for range len(tree) + 1 { // or a tree that runs in a circle would never end
		if slices.Contains(these, id) {
			return true
		}
		id = tree[id].ParentID
	}
	return false
}
