package wecomsim

import (
	"slices"
	"strings"
)

// userIDByMobile is user/getuserid (doc path/95402).
func (s *Server) userIDByMobile(c *call) (answer, *apiError) {
	var req struct {
		Mobile string `json:"mobile"`
	}
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	const least, most = 5, 32 // bytes
	if len(req.Mobile) < least || len(req.Mobile) > most {
		return answer{}, refuse(codeParameter, "invalid Request Parameter, mobile")
	}
	return s.lookUp(c.app, func(m *Member) bool { return m.Mobile == req.Mobile })
}

// userIDByEmail is user/get_userid_by_email (doc path/95895).
func (s *Server) userIDByEmail(c *call) (answer, *apiError) {
	const corp, private = 1, 2
	var req struct {
		Email string `json:"email"`
		Type  *int   `json:"email_type"`
	}
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	kind := corp
	assign(&kind, req.Type)
	switch {
	case req.Email == "":
		return answer{}, refuse(codeParameterEmpty, "some parameters are empty, email")
	case kind != corp && kind != private:
		return answer{}, refuse(codeParameter, "invalid Request Parameter, email_type")
	}
	return s.lookUp(c.app, func(m *Member) bool {
		if kind == private {
			return strings.EqualFold(m.Email, req.Email)
		}
		return strings.EqualFold(m.BizMail, req.Email)
	})
}

// lookUp finds a member whom the app sees. The state is locked.
func (s *Server) lookUp(a *app, match func(*Member) bool) (answer, *apiError) {
	var found []string
	for _, m := range s.members {
		if match(m) && s.sees(a, m) {
			found = append(found, m.UserID)
		}
	}
	if len(found) == 0 {
		return answer{}, refuse(codeNoUser, "user no exist")
	}
	return with(map[string]any{"userid": slices.Min(found)}), nil
}
