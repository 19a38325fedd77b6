package wecomsim

import (
	"errors"
	"maps"
	"slices"
	"time"

	"deskmate/model"
)

// App is a self-built app as WeCom's console shows it.
type App struct {
	AgentID int64  // positive
	Secret  string // of the app; unique in the corp
	Name    string

	// VisibleMembers, VisibleDepartments and VisibleTags are the visible range (可见范围),
	// departments with all below them. All empty: the whole corp.
	VisibleMembers     []string
	VisibleDepartments []int64
	VisibleTags        []int64

	ContactEvents   bool // change_contact callbacks are ticked
	ReducedContacts bool // they come in the form that newly saved URLs get since 2022-08-15
	NoEnterEvents   bool // enter_agent callbacks are not ticked; agent/set isreportenter changes it

	// TrustedDomain is the host that a sign-in may lead to (可信域名); agent/set
	// redirect_domain changes it. "" lets every host pass.
	TrustedDomain string
}

// app is an App and all that happened to it.
type app struct {
	App
	description string
	homeURL     string
	location    int // report_location_flag
	disabled    bool
	token       *accessToken
	ticket      ticket
	callback    *callback
	lastTried   <-chan struct{} // closed after the first attempt at the last callback
	menu        *menu
	screens     map[string]*screen    // by folded userid
	messages    recent[string, *sent] // by msgid
	tasks       recent[string, bool]  // task_ids that were used
	codes       recent[string, *cardCode]
	pace        map[string][]time.Time   // sends of the last hour, by folded userid
	chatPace    map[string][]time.Time   // group messages of the last day, by folded userid
	checked     recent[[32]byte, repeat] // bodies sent with enable_duplicate_check
	bodies      recent[[32]byte, bool]   // bodies of accepted sends
}

// AddApp adds an app, or gives the one with this AgentID new settings. An app whose
// AgentID is not positive is refused, and one whose secret is empty or another app's.
func (s *Server) AddApp(settings App) error {
	if settings.AgentID <= 0 {
		return errors.New("an AgentID must be positive")
	}
	settings.setRange(settings.VisibleMembers, settings.VisibleDepartments, settings.VisibleTags)
	var err error
	s.locked(func() {
		a, ok := s.apps[settings.AgentID]
		if err = s.checkSecret(settings.AgentID, settings.Secret); err != nil {
			return
		}
		if !ok {
			a = &app{
				screens: map[string]*screen{}, pace: map[string][]time.Time{}, chatPace: map[string][]time.Time{},
			}
			s.apps[settings.AgentID] = a
		}
		before := s.visibleIDs(a)
		a.App = settings
		s.rangeChanged(a, before)
	})
	return err
}

// setRange sets the visible range.
func (a *App) setRange(members []string, departments, tags []int64) {
	a.VisibleMembers = foldAll(members)
	a.VisibleDepartments, a.VisibleTags = slices.Clone(departments), slices.Clone(tags)
	if len(members)+len(departments)+len(tags) == 0 {
		a.VisibleDepartments = []int64{rootDepartment}
	}
}

// checkSecret refuses a secret that could not tell whose token is asked for.
func (s *Server) checkSecret(agentID int64, secret string) error {
	if secret == "" {
		return errors.New("a secret must not be empty")
	}
	if other := s.appOfSecret(secret); other != nil && other.AgentID != agentID {
		return errors.New("the secret is that of another app")
	}
	return nil
}

// SetVisible changes an app's visible range, as in App, and takes all tags out of it.
// Members who come into it or leave it cause subscribe and unsubscribe callbacks.
func (s *Server) SetVisible(agentID int64, members []string, departments []int64) error {
	return s.withApp(agentID, func(a *app) error {
		before := s.visibleIDs(a)
		a.setRange(members, departments, nil)
		s.rangeChanged(a, before)
		return nil
	})
}

// sees reports whether the member is in the app's visible range. The state is locked.
func (s *Server) sees(a *app, m *Member) bool {
	if slices.Contains(a.VisibleMembers, model.Fold(m.UserID)) {
		return true
	}
	if slices.ContainsFunc(m.Departments, func(id int64) bool { return s.seesDepartment(a, id) }) {
		return true
	}
	return slices.ContainsFunc(a.VisibleTags, func(id int64) bool { return s.tagged(s.tags[id], m) })
}

// seesDepartment reports whether the department is in the app's visible range.
func (s *Server) seesDepartment(a *app, id int64) bool {
	for id != 0 {
		if slices.Contains(a.VisibleDepartments, id) {
			return true
		}
		id = s.departments[id].Parent
	}
	return false
}

// rangesKept runs a change of the directory and calls back who came into the apps' ranges
// by it, and who left. The state is locked.
func (s *Server) rangesKept(change func()) {
	apps := s.sortedApps()
	before := make([]map[string]bool, len(apps))
	for i, a := range apps {
		before[i] = s.visibleIDs(a)
	}
	change()
	for i, a := range apps {
		s.rangeChanged(a, before[i])
	}
}

// visibleIDs are the folded userids in the app's range. The state is locked.
func (s *Server) visibleIDs(a *app) map[string]bool {
	ids := map[string]bool{}
	for id, m := range s.members {
		if s.sees(a, m) && m.present() {
			ids[id] = true
		}
	}
	return ids
}

// rangeChanged calls back who came into the app's range and who left it. The state is locked.
func (s *Server) rangeChanged(a *app, before map[string]bool) {
	after := s.visibleIDs(a)
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if !before[id] {
			s.event(a, s.members[id].UserID, "subscribe")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if !after[id] {
			s.event(a, s.nameOf(id), "unsubscribe")
		}
	}
}

// nameOf is the userid as its owner writes it, or id where the member is gone.
func (s *Server) nameOf(id string) string {
	if m, ok := s.members[id]; ok {
		return m.UserID
	}
	return id
}

func foldAll(ids []string) []string {
	folded := make([]string, 0, len(ids))
	for _, id := range ids {
		folded = append(folded, model.Fold(id))
	}
	return folded
}
