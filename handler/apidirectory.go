package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// People is the directory of a corp.
type People interface {
	// FindMembers finds by the beginning of userid, name, given name, pinyin or initials, who is
	// called just so first; without a query it lists by userid.
	FindMembers(ctx context.Context, corpID, query string, limit int) ([]model.Member, error)
	// Departments are by id.
	Departments(ctx context.Context, corpID string) ([]model.Department, error)
}

type memberView struct {
	UserID     string `json:"userid" doc:"As WeCom writes it" example:"ZhangSan"`
	Name       string `json:"name" example:"张三"`
	Department string `json:"department" doc:"The name of the main department; empty where the app isn't shown it" example:"财务部"`
	Barred     bool   `json:"barred" doc:"May not ask this account"`
}

type departmentView struct {
	ID       int64  `json:"id" doc:"WeCom's; the root is 1"`
	ParentID int64  `json:"parent_id" doc:"0, or a department that isn't listed, above the top of what is seen"`
	Name     string `json:"name"`
}

func (a *API) registerDirectory(s surface) {
	const tag = "directory"
	type findMembers struct {
		AccountPath
		Query string `query:"q" maxLength:"64" doc:"The beginning of userid, name, given name, pinyin or initials; without it all, by userid" example:"zs"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	within(s, call(http.MethodGet, "findMembers", account+"/members", tag, "Members of the corp, as far as its apps may see them"),
		func(ctx context.Context, acc model.Account, in *findMembers) (*body[Listed[memberView]], error) {
			members, err := a.cfg.People.FindMembers(ctx, acc.CorpID, in.Query, in.Limit)
			return listed(members, err, func(m model.Member) memberView {
				return memberView{m.DisplayID, m.Name, m.DepartmentName, acc.Policy.Bars(m.UserID)}
			})
		})
	within(s, call(http.MethodGet, "listDepartments", account+"/departments", tag, "The corp's departments, as far as its apps may see them"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[departmentView]], error) {
			list, err := a.cfg.People.Departments(ctx, acc.CorpID)
			return listed(list, err, func(d model.Department) departmentView { return departmentView{d.ID, d.ParentID, d.Name} })
		})
}
