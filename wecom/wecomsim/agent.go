package wecomsim

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	maxAppName        = 32  // characters
	minAppDescription = 4   // characters
	maxAppDescription = 120 // characters
)

var hostForm = regexp.MustCompile(`^[0-9A-Za-z.-]+(:[0-9]+)?$`)

// agentGet is agent/get (doc path/90227). Its allow lists are the visible range, not
// expanded.
func (s *Server) agentGet(c *call) (answer, *apiError) {
	if fault := c.ownAgentQuery(); fault != nil {
		return answer{}, fault
	}
	a := c.app
	users := []map[string]any{}
	for _, id := range a.VisibleMembers {
		users = append(users, map[string]any{"userid": s.nameOf(id)})
	}
	return with(map[string]any{
		"agentid": a.AgentID, "name": a.Name, "square_logo_url": "", "description": a.description,
		"allow_userinfos": map[string]any{"user": users}, "allow_partys": map[string]any{"partyid": listed(a.VisibleDepartments)},
		"allow_tags": map[string]any{"tagid": listed(a.VisibleTags)}, "close": 0, "redirect_domain": a.TrustedDomain,
		"report_location_flag": a.location, "isreportenter": flag(!a.NoEnterEvents), "home_url": a.homeURL,
	}), nil
}

// agentList is agent/list: an app's token sees the app.
func (s *Server) agentList(c *call) (answer, *apiError) {
	return with(map[string]any{"agentlist": []map[string]any{
		{"agentid": c.app.AgentID, "name": c.app.Name, "square_logo_url": ""},
	}}), nil
}

// agentSettings is the body of agent/set; what is nil stays.
type agentSettings struct {
	AgentID        json.RawMessage `json:"agentid"`
	ReportLocation *int            `json:"report_location_flag"`
	LogoMediaID    *string         `json:"logo_mediaid"`
	Name           *string         `json:"name"`
	Description    *string         `json:"description"`
	RedirectDomain *string         `json:"redirect_domain"`
	ReportEnter    *int            `json:"isreportenter"`
	HomeURL        *string         `json:"home_url"`
}

// agentSet is agent/set (doc path/90228): all of it or nothing.
func (s *Server) agentSet(c *call) (answer, *apiError) {
	var req agentSettings
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	if fault := c.ownAgent(req.AgentID); fault != nil {
		return answer{}, fault
	}
	if fault := req.check(); fault != nil {
		return answer{}, fault
	}
	if req.LogoMediaID != nil {
		if _, fault := s.findMedia("", *req.LogoMediaID, "image", c.now); fault != nil {
			return answer{}, fault
		}
	}
	a := c.app
	assign(&a.location, req.ReportLocation)
	assign(&a.Name, req.Name)
	assign(&a.description, req.Description)
	assign(&a.TrustedDomain, req.RedirectDomain)
	assign(&a.homeURL, req.HomeURL)
	if req.ReportEnter != nil {
		a.NoEnterEvents = *req.ReportEnter == 0
	}
	return with(nil), nil
}

func (req *agentSettings) check() *apiError {
	for _, f := range []*int{req.ReportLocation, req.ReportEnter} {
		if f != nil && *f != 0 && *f != 1 {
			return refuse(codeParameter, "invalid Request Parameter, a flag is 0 or 1")
		}
	}
	if n := req.Name; n != nil && (*n == "" || utf8.RuneCountInString(*n) > maxAppName) {
		return refuse(codeParameter, "invalid Request Parameter, name")
	}
	if d := req.Description; d != nil {
		if size := utf8.RuneCountInString(*d); size < minAppDescription || size > maxAppDescription {
			return refuse(codeParameter, "invalid Request Parameter, description")
		}
	}
	if d := req.RedirectDomain; d != nil && (!hostForm.MatchString(*d) || strings.HasPrefix(*d, ".")) {
		return refuse(codeDomain, "redirect_domain is not verified")
	}
	if u := req.HomeURL; u != nil && *u != "" {
		return checkURL(*u)
	}
	return nil
}

func assign[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// listed is ids as JSON wants them: an empty list, not null.
func listed(ids []int64) []int64 {
	if ids == nil {
		return []int64{}
	}
	return ids
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}
