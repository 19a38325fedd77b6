package wecomsim

import (
	"maps"
	"slices"
	"strconv"
)

// assistantRight is what the contact assistant's token (通讯录同步) may do with an endpoint,
// called from an IP that was not used before 2022-08-15 (doc path/96079).
type assistantRight int

const (
	assistantMayNot assistantRight = iota // 48002
	assistantNewIP                        // 48009: a new IP may not read more than ids
	assistantMay
)

const maxListID = 10_000 // entries of one page of user/list_id

func newAssistant(secret string) *app {
	return &app{App: App{Secret: secret, VisibleDepartments: []int64{rootDepartment}}}
}

// tokenOwners is everybody who has a secret. The state is locked.
func (s *Server) tokenOwners() []*app {
	owners := slices.Collect(maps.Values(s.apps))
	if s.assistant != nil {
		owners = append(owners, s.assistant)
	}
	return owners
}

// assistantFault refuses what the contact assistant's token may not do.
func (s *Server) assistantFault(a *app, right assistantRight) *apiError {
	switch {
	case a != s.assistant || right == assistantMay:
		return nil
	case right == assistantNewIP:
		return refuse(codeNewIP, "api forbidden, the contact assistant may not read this from a new ip")
	default:
		return refuse(codeForbidden, "api forbidden")
	}
}

// userListID is user/list_id (doc path/96067), which only the contact assistant may call. A
// member is listed once for each department.
func (s *Server) userListID(c *call) (answer, *apiError) {
	if c.app != s.assistant {
		return answer{}, refuse(codeForbidden, "api forbidden")
	}
	var req struct {
		Cursor string `json:"cursor"`
		Limit  *int   `json:"limit"`
	}
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	size := maxListID
	assign(&size, req.Limit)
	if size < 1 || size > maxListID {
		return answer{}, refuse(codeParameter, "invalid Request Parameter, limit")
	}
	all := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.members)) {
		for _, department := range s.members[id].Departments {
			all = append(all, map[string]any{"userid": s.members[id].UserID, "department": department})
		}
	}
	from := 0
	if req.Cursor != "" {
		var err error
		if from, err = strconv.Atoi(req.Cursor); err != nil || from < 0 || from > len(all) {
			return answer{}, refuse(codeParameter, "invalid Request Parameter, cursor")
		}
	}
	to, next := min(from+size, len(all)), ""
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return with(map[string]any{"dept_user": all[from:to], "next_cursor": next}), nil
}
