package handler

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"deskmate/model"
)

// Rights tells whether a role may call a route, such as "GET /api/v1/accounts/:account/entries";
// seat is the seat as which it would, nil for none.
type Rights func(route string, role model.Role, seat *model.Seat) bool

// callerView is who calls.
type callerView struct {
	Name       string          `json:"name" doc:"The member's, or as author of what is written: token:sync" example:"李明"`
	UserID     string          `json:"userid" doc:"The member; empty for whoever is nobody's"`
	CorpID     string          `json:"corp_id,omitempty" doc:"The member's, of logins"`
	Role       model.Role      `json:"role" enum:"super_admin,owner,seat,member" doc:"The mightiest it has anywhere"`
	SuperAdmin bool            `json:"super_admin"`
	May        []string        `json:"may" doc:"Ids of the operations that it may call, besides those of accounts"`
	Accounts   []myAccountView `json:"accounts"`
}

// myAccountView is an account to whoever may act on it.
type myAccountView struct {
	Key  string `json:"key"`
	Name string `json:"name"`

	Avatar string `json:"avatar,omitempty" doc:"Where its picture lies; missing for none"`

	Role model.Role `json:"role" enum:"super_admin,owner,seat"`
	Seat bool       `json:"seat" doc:"Whether the caller is one of its seats, whatever else it is"`
	May  []string   `json:"may" doc:"Ids of the operations on it that the caller may call"`
}

// accountView is an account to whoever may act on it.
type accountView struct {
	Key     string `json:"key"`
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
}

// operationRoute is an operation of the document and its route, as the router writes it.
type operationRoute struct {
	id, route string
	account   bool // it is on an account
}

// operationRoutes are those of a document, sorted by id.
func operationRoutes(doc *huma.OpenAPI) []operationRoute {
	var list []operationRoute
	for path, item := range doc.Paths {
		route := strings.NewReplacer("{", ":", "}", "").Replace(path)
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPut: item.Put, http.MethodPost: item.Post, http.MethodDelete: item.Delete, http.MethodPatch: item.Patch,
		} {
			if op != nil {
				list = append(list, operationRoute{op.OperationID, method + " " + route, strings.Contains(path, account)})
			}
		}
	}
	slices.SortFunc(list, func(a, b operationRoute) int { return strings.Compare(a.id, b.id) })
	return list
}

// may are the operations that a role may call.
func (a *API) may(all []operationRoute, onAccount bool, role model.Role, seat *model.Seat) []string {
	list := []string{}
	for _, op := range all {
		if op.account == onAccount && a.cfg.Rights != nil && a.cfg.Rights(op.route, role, seat) {
			list = append(list, op.id)
		}
	}
	return list
}

func (a *API) registerCallers(s surface) {
	routes := sync.OnceValue(func() []operationRoute { return operationRoutes(s.OpenAPI()) })
	operation(s.API, call(http.MethodGet, "getCaller", "/me", "caller", "Who calls, and what it may do"),
		func(ctx context.Context, _ *nothing) (*body[callerView], error) {
			who := callerFrom(ctx)
			places, err := a.places(ctx, who)
			if err != nil {
				return nil, err
			}
			v := callerView{
				Name: who.standing.Name, UserID: who.UserID, CorpID: who.login.CorpID, Role: who.Role, SuperAdmin: who.Role == model.RoleSuperAdmin,
				May: a.may(routes(), false, who.Role, nil), Accounts: []myAccountView{},
			}
			if v.Name == "" {
				v.Name = who.Name
			}
			for _, p := range places {
				role := p.Role()
				if v.SuperAdmin {
					role = model.RoleSuperAdmin
				}
				v.Accounts = append(v.Accounts, myAccountView{
					Key: p.Key, Name: p.Name, Avatar: avatarAt(p.Key, p.Avatar), Role: role, Seat: p.Seat != nil, May: a.may(routes(), true, role, p.Seat),
				})
			}
			return reply(v, nil)
		})
	operation(s.API, call(http.MethodGet, "listAccounts", "/accounts", "caller", "The accounts that the caller may act on"),
		func(ctx context.Context, _ *nothing) (*body[Listed[accountView]], error) {
			all, err := a.cfg.Accounts.Accounts(ctx)
			out := Listed[accountView]{Items: []accountView{}}
			for _, acc := range all {
				if actorFrom(ctx).May(acc.Key) {
					out.Items = append(out.Items, accountView{Key: acc.Key, Name: acc.Name, Enabled: acc.Enabled})
				}
			}
			return reply(out, err)
		})
}

// places are the accounts that the caller may act on, and what it is there. A token's role is
// what the token says.
func (a *API) places(ctx context.Context, who caller) ([]model.AccountPlace, error) {
	if who.login.ID != 0 {
		return who.standing.Places, nil
	}
	all, err := a.cfg.Accounts.Accounts(ctx)
	var list []model.AccountPlace
	for _, acc := range all {
		if who.May(acc.Key) {
			list = append(list, model.AccountPlace{Account: acc.ID, Key: acc.Key, Name: acc.Name, Avatar: acc.Profile.Avatar, Owner: who.Role == model.RoleOwner, Seat: who.seat})
		}
	}
	return list, err
}
