package wecomsim

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// watchers are the apps that are told of changes of the member, in order of their ids.
// The state is locked.
func (s *Server) watchers(m *Member) []*app {
	var list []*app
	for _, a := range s.sortedApps() {
		if a.ContactEvents && s.sees(a, m) {
			list = append(list, a)
		}
	}
	return list
}

// sortedApps are the apps in order of their ids. The state is locked.
func (s *Server) sortedApps() []*app {
	return slices.SortedFunc(maps.Values(s.apps), func(x, y *app) int { return cmp.Compare(x.AgentID, y.AgentID) })
}

// seeing are the agentids of the apps that have the member in their visible range; nil is
// in none. The state is locked.
func (s *Server) seeing(m *Member) map[int64]bool {
	seen := map[int64]bool{}
	for id, a := range s.apps {
		if m != nil && m.present() && s.sees(a, m) {
			seen[id] = true
		}
	}
	return seen
}

// memberMoved calls back the apps whose visible range a member entered or left; before is
// who had them in it, m is nil if they are gone.
func (s *Server) memberMoved(before map[int64]bool, userID string, m *Member) {
	after := s.seeing(m)
	for _, a := range s.sortedApps() {
		switch {
		case after[a.AgentID] && !before[a.AgentID]:
			s.event(a, userID, "subscribe")
		case before[a.AgentID] && !after[a.AgentID]:
			s.event(a, userID, "unsubscribe")
		}
	}
}

// contact calls an app back with a change_contact event. The state is locked.
func (s *Server) contact(a *app, change string, fill func(*xmlWriter)) {
	if !a.ContactEvents {
		return
	}
	w := s.envelope("sys", "event")
	w.text("Event", "change_contact")
	w.text("ChangeType", change)
	fill(w)
	s.enqueue(a, Delivery{UserID: "sys", Kind: "change_contact"}, w)
}

// memberChanged tells of a new member or of one that differs from old. The reduced form
// passes over all but departments (doc path/90970).
func (s *Server) memberChanged(old, m *Member) {
	change := "update_user"
	if old == nil {
		change = "create_user"
	}
	for _, a := range s.watchers(m) {
		if a.ReducedContacts {
			if old != nil && slices.Equal(old.Departments, m.Departments) {
				continue
			}
			s.contact(a, change, func(w *xmlWriter) {
				w.text("UserID", m.UserID)
				w.text("Department", joined(m.Departments))
			})
			continue
		}
		s.contact(a, change, func(w *xmlWriter) { writeMember(w, m) })
	}
}

func (s *Server) memberRenamed(oldID string, m *Member) {
	for _, a := range s.watchers(m) {
		s.contact(a, "update_user", func(w *xmlWriter) {
			w.text("UserID", oldID)
			w.text("NewUserID", m.UserID)
			if a.ReducedContacts {
				w.text("Department", joined(m.Departments))
			}
		})
	}
}

func writeMember(w *xmlWriter, m *Member) {
	w.text("UserID", m.UserID)
	w.text("Name", m.Name)
	w.text("Department", joined(m.Departments))
	w.number("MainDepartment", m.Departments[0])
	w.text("IsLeaderInDept", strings.TrimSuffix(strings.Repeat("0,", len(m.Departments)), ","))
	w.text("DirectLeader", strings.Join(m.Leader, ","))
	w.text("Position", m.Position)
	w.number("Gender", int64(m.Gender))
	w.number("Status", int64(m.status()))
	w.text("Alias", m.Alias)
	w.text("Telephone", m.Telephone)
}

// departmentChanged tells the apps that may see the department.
func (s *Server) departmentChanged(known bool, old, d Department) {
	change := "create_party"
	if known {
		change = "update_party"
	}
	for _, a := range s.sortedApps() {
		if !s.seesDepartment(a, d.ID) || a.ReducedContacts && known && old.Parent == d.Parent {
			continue
		}
		s.contact(a, change, func(w *xmlWriter) {
			w.number("Id", d.ID)
			if !a.ReducedContacts {
				w.text("Name", d.Name)
			}
			w.text("ParentId", strconv.FormatInt(d.Parent, 10))
			if !a.ReducedContacts && !known {
				w.number("Order", d.Order)
			}
		})
	}
}
