package wecomsim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
)

const (
	rootDepartment = 1
	maxDepth       = 15 // levels of departments, the root included
)

// Department is a node of the directory; the root is 1.
type Department struct {
	ID     int64
	Parent int64 // 0 for the root only
	Name   string
	Order  int64 // larger sorts first
}

// Member is a person of the corp (成员).
type Member struct {
	UserID      string // compared without case
	Name        string
	Departments []int64 // the first is the main one; empty: the root
	Alias       string
	Position    string
	Telephone   string
	Leader      []string // direct leaders' userids
	Status      int      // 1 active (also 0), 2 disabled, 4 not activated, 5 left
	Mobile      string   // given away only by auth/getuserdetail, like the next three
	Email       string   // a private one
	BizMail     string   // the corp's
	Gender      int      // 0 unknown, 1 male, 2 female
}

// present reports whether the member can use apps at all.
func (m *Member) present() bool { return m.Status != 2 && m.Status != 5 }

var userIDForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.@-]{0,63}$`)

// AddDepartment adds a department, or changes the one with this id. Apps that subscribed
// to contact events are told.
func (s *Server) AddDepartment(id, parent int64, name string) error {
	var err error
	s.locked(func() {
		old, known := s.departments[id]
		d := Department{ID: id, Parent: parent, Name: name, Order: old.Order}
		if err = s.checkDepartment(d); err != nil {
			return
		}
		s.rangesKept(func() {
			s.departments[id] = d
			s.departmentChanged(known, old, d)
		})
	})
	return err
}

// RemoveDepartment takes away a department that nobody is in and nothing is below. Apps
// that subscribed to contact events are told.
func (s *Server) RemoveDepartment(id int64) error {
	err := fmt.Errorf("there is no department %d", id)
	s.locked(func() {
		if _, ok := s.departments[id]; !ok {
			return
		}
		if err = s.checkEmpty(id); err != nil {
			return
		}
		for _, a := range s.sortedApps() {
			if s.seesDepartment(a, id) {
				s.contact(a, "delete_party", func(w *xmlWriter) { w.number("Id", id) })
			}
		}
		delete(s.departments, id)
		for _, t := range s.tags {
			t.departments = slices.DeleteFunc(t.departments, func(d int64) bool { return d == id })
		}
	})
	return err
}

// checkEmpty refuses a department that is in use.
func (s *Server) checkEmpty(id int64) error {
	if id == rootDepartment {
		return errors.New("the root can't be removed")
	}
	for _, d := range s.departments {
		if d.Parent == id {
			return fmt.Errorf("department %d has departments below it", id)
		}
	}
	for _, m := range s.members {
		if slices.Contains(m.Departments, id) {
			return fmt.Errorf("department %d has members", id)
		}
	}
	return nil
}

func (s *Server) checkDepartment(d Department) error {
	switch {
	case d.ID < rootDepartment, d.ID == rootDepartment && d.Parent != 0:
		return fmt.Errorf("department %d can't stand there", d.ID)
	case d.ID == rootDepartment:
		return nil
	case strings.ContainsAny(d.Name, `\:*?"<>｜`) || d.Name == "":
		return fmt.Errorf("department %d has no proper name", d.ID)
	}
	at := d.Parent
	for range maxDepth - 1 {
		if at == rootDepartment {
			return nil
		}
		next, ok := s.departments[at]
		if !ok || at == d.ID {
			break
		}
		at = next.Parent
	}
	return fmt.Errorf("department %d does not lead to the root", d.ID)
}

// AddMember adds a member, or changes the one with this userid. Apps that subscribed to
// contact events are told; those whose visible range the member enters get subscribe.
func (s *Server) AddMember(m Member) error {
	if !userIDForm.MatchString(m.UserID) {
		return errors.New("that is no userid")
	}
	if len(m.Departments) == 0 {
		m.Departments = []int64{rootDepartment}
	}
	m.Departments = slices.Clone(m.Departments)
	m.Leader = slices.Clone(m.Leader)
	var err error
	s.locked(func() {
		for _, id := range m.Departments {
			if _, ok := s.departments[id]; !ok {
				err = fmt.Errorf("there is no department %d", id)
				return
			}
		}
		id := model.Fold(m.UserID)
		old := s.members[id]
		seen := s.seeing(old)
		s.members[id] = &m
		s.memberChanged(old, &m)
		s.memberMoved(seen, m.UserID, &m)
	})
	return err
}

// RenameMember gives a member another userid. Their screens move with them.
func (s *Server) RenameMember(userID, newUserID string) error {
	if !userIDForm.MatchString(newUserID) {
		return errors.New("that is no userid")
	}
	old, id := model.Fold(userID), model.Fold(newUserID)
	return s.withMember(userID, func(m *Member) error {
		if _, taken := s.members[id]; taken && id != old {
			return errors.New("the userid is taken")
		}
		renamed := *m
		renamed.UserID = newUserID
		delete(s.members, old)
		s.members[id] = &renamed
		s.renameEverywhere(old, id)
		s.memberRenamed(m.UserID, &renamed)
		s.announce()
		return nil
	})
}

// renameEverywhere follows a member to another folded userid. The state is locked.
func (s *Server) renameEverywhere(old, id string) {
	replace := func(ids []string) {
		if i := slices.Index(ids, old); i >= 0 {
			ids[i] = id
		}
	}
	for _, a := range s.apps {
		a.rename(old, id)
	}
	for _, t := range s.tags {
		replace(t.users)
	}
	for _, c := range s.chats {
		replace(c.users)
		moveKey(c.screens, old, id)
		if c.owner == old {
			c.owner = id
		}
	}
	for _, l := range s.logins {
		if l.userID == old {
			l.userID = id
		}
	}
	for _, t := range s.userTickets {
		if t.userID == old {
			t.userID = id
		}
	}
	moveKey(s.records.dropped, old, id)
}

func moveKey[V any](m map[string]V, old, id string) {
	if value, ok := m[old]; ok {
		delete(m, old)
		m[id] = value
	}
}

// rename follows a member to another folded userid.
func (a *app) rename(old, id string) {
	moveKey(a.screens, old, id)
	moveKey(a.pace, old, id)
	moveKey(a.chatPace, old, id)
	replace := func(ids []string) {
		if i := slices.Index(ids, old); i >= 0 {
			ids[i] = id
		}
	}
	replace(a.VisibleMembers)
	for _, message := range a.messages.entries {
		replace(message.users)
	}
}

// RemoveMember takes a member out of the corp. What their phone showed stays readable.
func (s *Server) RemoveMember(userID string) error {
	return s.withMember(userID, func(m *Member) error {
		id := model.Fold(userID)
		watchers, seen := s.watchers(m), s.seeing(m)
		delete(s.members, id)
		for _, t := range s.tags {
			t.users = slices.DeleteFunc(t.users, func(user string) bool { return user == id })
		}
		for _, c := range s.chats {
			c.remove(id)
		}
		for _, a := range s.apps {
			a.VisibleMembers = slices.DeleteFunc(a.VisibleMembers, func(user string) bool { return user == id })
		}
		for _, a := range watchers {
			s.contact(a, "delete_user", func(w *xmlWriter) { w.text("UserID", m.UserID) })
		}
		s.memberMoved(seen, m.UserID, nil)
		return nil
	})
}

// withMember runs f on a member with the state locked.
func (s *Server) withMember(userID string, f func(*Member) error) error {
	err := errors.New("there is no such member")
	s.locked(func() {
		if m, ok := s.members[model.Fold(userID)]; ok {
			err = f(m)
		}
	})
	return err
}

// joined writes ids the way contact events list them.
func joined(ids []int64) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(words, ",")
}
