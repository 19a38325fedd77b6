package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Groups are the trees of groups.
type Groups interface {
	// Groups gives the root and how many entries have no group.
	Groups(ctx context.Context, accountID uint64) (root GroupNode, ungrouped int, err error)
	AddGroup(ctx context.Context, accountID uint64, path string) (model.Group, error)
	OrderGroups(ctx context.Context, accountID uint64, parent string, names []string) error
	MoveGroup(ctx context.Context, accountID uint64, from, to, author string) error
	DeleteGroup(ctx context.Context, accountID uint64, path, author string) error
}

// GroupNode is a group with those below it, in order.
type GroupNode struct {
	Name    string      `json:"name" doc:"The last part of path; empty at the root"`
	Path    string      `json:"path"`
	Entries int         `json:"entries" doc:"In it and in all groups below it"`
	Groups  []GroupNode `json:"groups"`
}

type treeView struct {
	GroupNode
	Ungrouped int `json:"ungrouped" doc:"Entries without a group"`
}

type groupView struct {
	Path     string `json:"path"`
	Position int    `json:"position" doc:"Among its siblings, from 0"`
}

func (a *API) registerGroups(s surface) {
	const tag = "groups"
	const path = account + "/groups"
	within(s, call(http.MethodGet, "getGroups", path, tag, "The tree of groups"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[treeView], error) {
			root, ungrouped, err := a.cfg.Groups.Groups(ctx, acc.ID)
			return reply(treeView{root, ungrouped}, err)
		})
	type createGroup struct {
		AccountPath
		Body struct {
			Path string `json:"path" minLength:"1" doc:"Parts joined by /; groups above it are made as well" example:"账号/密码"`
		}
	}
	within(s, call(http.MethodPost, "createGroup", path, tag, "Make a group"),
		func(ctx context.Context, acc model.Account, in *createGroup) (*body[groupView], error) {
			g, err := a.cfg.Groups.AddGroup(ctx, acc.ID, in.Body.Path)
			return reply(groupView{Path: g.Path, Position: g.Position}, err)
		})
	type namedGroup struct {
		AccountPath
		Path string `query:"path" required:"true"`
	}
	within(s, call(http.MethodDelete, "deleteGroup", path, tag, "Delete a group; its entries go to the one above it"),
		func(ctx context.Context, acc model.Account, in *namedGroup) (*nothing, error) {
			return replyNothing(a.cfg.Groups.DeleteGroup(ctx, acc.ID, in.Path, author(ctx)))
		})
	type moveGroup struct {
		AccountPath
		Body struct {
			From string `json:"from" minLength:"1"`
			To   string `json:"to" minLength:"1" doc:"A group that is there already takes all in"`
		}
	}
	within(s, call(http.MethodPost, "moveGroup", account+"/group-moves", tag, "Rename a group or put it elsewhere"),
		func(ctx context.Context, acc model.Account, in *moveGroup) (*nothing, error) {
			return replyNothing(a.cfg.Groups.MoveGroup(ctx, acc.ID, in.Body.From, in.Body.To, author(ctx)))
		})
	type orderGroups struct {
		AccountPath
		Body struct {
			Parent string   `json:"parent,omitempty" doc:"Missing: the root"`
			Names  []string `json:"names" doc:"Of the groups directly below it, in their new order"`
		}
	}
	within(s, call(http.MethodPost, "orderGroups", account+"/group-orders", tag, "Put groups into an order"),
		func(ctx context.Context, acc model.Account, in *orderGroups) (*nothing, error) {
			return replyNothing(a.cfg.Groups.OrderGroups(ctx, acc.ID, in.Body.Parent, in.Body.Names))
		})
}
