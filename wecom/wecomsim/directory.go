package wecomsim

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"deskmate/model"
)

// status is the member's state in WeCom's numbers.
func (m *Member) status() int {
	if m.Status == 0 {
		return 1
	}
	return m.Status
}

// details are the fields of user/get that a new self-built app is given: no avatar,
// mobile, email, qr_code or address, and gender always "0" (doc path/90196).
func (s *Server) details(a *app, m *Member) map[string]any {
	seen := s.seenDepartments(a, m)
	zeros := make([]int, len(seen))
	leaders := slices.Clone(m.Leader)
	if leaders == nil {
		leaders = []string{}
	}
	fields := map[string]any{
		"userid": m.UserID, "name": m.Name, "department": seen, "order": zeros, "is_leader_in_dept": zeros,
		"position": m.Position, "direct_leader": leaders, "alias": m.Alias, "telephone": m.Telephone,
		"status": m.status(), "gender": "0", "extattr": map[string]any{"attrs": []any{}},
	}
	if main := m.Departments[0]; slices.Contains(seen, main) {
		fields["main_department"] = main
	}
	return fields
}

// seenDepartments are those of the member that the app may see.
func (s *Server) seenDepartments(a *app, m *Member) []int64 {
	seen := []int64{}
	for _, id := range m.Departments {
		if s.seesDepartment(a, id) {
			seen = append(seen, id)
		}
	}
	return seen
}

// userGet is user/get.
func (s *Server) userGet(c *call) (answer, *apiError) {
	m, ok := s.members[model.Fold(c.query.Get("userid"))]
	switch {
	case c.query.Get("userid") == "":
		return answer{}, refuse(codeBadUser, "invalid userid")
	case !ok:
		return answer{}, refuse(codeUserUnknown, "userid not found")
	case !s.sees(c.app, m):
		return answer{}, refuse(codeNoRight, "no privilege to access/modify contact/party/agent")
	}
	return with(s.details(c.app, m)), nil
}

// userList is user/list: the direct members of one department.
func (s *Server) userList(c *call) (answer, *apiError) {
	return s.listMembers(c, func(m *Member) map[string]any { return s.details(c.app, m) })
}

// userSimpleList is user/simplelist.
func (s *Server) userSimpleList(c *call) (answer, *apiError) {
	return s.listMembers(c, func(m *Member) map[string]any {
		return map[string]any{"userid": m.UserID, "name": m.Name, "department": s.seenDepartments(c.app, m)}
	})
}

func (s *Server) listMembers(c *call, view func(*Member) map[string]any) (answer, *apiError) {
	d, fault := s.departmentOf(c, "department_id")
	if fault != nil {
		return answer{}, fault
	}
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.members)) {
		if m := s.members[id]; slices.Contains(m.Departments, d.ID) && m.Status != 5 {
			list = append(list, view(m))
		}
	}
	return with(map[string]any{"userlist": list}), nil
}

// departmentList is department/list.
func (s *Server) departmentList(c *call) (answer, *apiError) {
	return s.listDepartments(c, "department", departmentFields)
}

// departmentSimpleList is department/simplelist.
func (s *Server) departmentSimpleList(c *call) (answer, *apiError) {
	return s.listDepartments(c, "department_id", func(d Department) map[string]any {
		return map[string]any{"id": d.ID, "parentid": d.Parent, "order": d.Order}
	})
}

// departmentGet is department/get.
func (s *Server) departmentGet(c *call) (answer, *apiError) {
	d, fault := s.departmentOf(c, "id")
	if fault != nil {
		return answer{}, fault
	}
	return with(map[string]any{"department": departmentFields(d)}), nil
}

func departmentFields(d Department) map[string]any {
	return map[string]any{
		"id": d.ID, "name": d.Name, "name_en": "", "department_leader": []string{},
		"parentid": d.Parent, "order": d.Order,
	}
}

// listDepartments lists what the app sees, below one department where the query names it.
func (s *Server) listDepartments(c *call, field string, view func(Department) map[string]any) (answer, *apiError) {
	top := int64(0)
	if c.query.Has("id") && c.query.Get("id") != "" {
		d, fault := s.departmentOf(c, "id")
		if fault != nil {
			return answer{}, fault
		}
		top = d.ID
	}
	departments := slices.SortedFunc(maps.Values(s.departments), func(x, y Department) int {
		return cmp.Or(cmp.Compare(y.Order, x.Order), cmp.Compare(x.ID, y.ID))
	})
	list := []map[string]any{}
	for _, d := range departments {
		if s.seesDepartment(c.app, d.ID) && s.below(d.ID, top) {
			list = append(list, view(d))
		}
	}
	return with(map[string]any{field: list}), nil
}

// below reports whether a department is top or lies under it; 0 is above all.
func (s *Server) below(id, top int64) bool {
	for id != 0 && id != top {
		id = s.departments[id].Parent
	}
	return top == 0 || id == top
}

// departmentOf is the department that the query names, if the app may see it.
func (s *Server) departmentOf(c *call, param string) (Department, *apiError) {
	id, err := strconv.ParseInt(c.query.Get(param), 10, 64)
	if err != nil {
		return Department{}, refuse(codeDeptBad, "invalid party id")
	}
	d, ok := s.departments[id]
	switch {
	case !ok:
		return Department{}, refuse(codeDeptUnknown, "department not found")
	case !s.seesDepartment(c.app, id):
		return Department{}, refuse(codeNoRight, "no privilege to access/modify contact/party/agent")
	}
	return d, nil
}
