package wecomsim

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
)

// Tag is a set of members and departments (标签).
type Tag struct {
	ID          int64 // positive
	Name        string
	Members     []string
	Departments []int64 // with all below them
}

// tag is a Tag with its members' folded userids.
type tag struct {
	id          int64
	name        string
	users       []string
	departments []int64
}

// SetTag adds a tag, or changes the one with this id. Apps that subscribed to contact
// events are told what they may see of the change; visible ranges follow it.
func (s *Server) SetTag(t Tag) error {
	if t.ID <= 0 || t.Name == "" {
		return errors.New("a tag needs a positive id and a name")
	}
	made := &tag{id: t.ID, name: t.Name, departments: slices.Clone(t.Departments)}
	var err error
	s.locked(func() {
		for _, id := range foldAll(t.Members) {
			if _, ok := s.members[id]; !ok {
				err = errors.New("a member of the tag does not exist")
				return
			}
			if !slices.Contains(made.users, id) {
				made.users = append(made.users, id)
			}
		}
		for _, id := range made.departments {
			if _, ok := s.departments[id]; !ok {
				err = fmt.Errorf("there is no department %d", id)
				return
			}
		}
		old := s.tags[t.ID]
		s.rangesKept(func() {
			s.tags[t.ID] = made
			s.tagChanged(old, made)
		})
	})
	return err
}

// tagChanged tells apps of an update_tag. The state is locked.
func (s *Server) tagChanged(old, now *tag) {
	if old == nil {
		old = &tag{}
	}
	for _, a := range s.sortedApps() {
		users := func(from, without *tag) string {
			var ids []string
			for _, id := range from.users {
				if m, ok := s.members[id]; ok && !slices.Contains(without.users, id) && s.sees(a, m) {
					ids = append(ids, m.UserID)
				}
			}
			return strings.Join(ids, ",")
		}
		parties := func(from, without *tag) string {
			var ids []int64
			for _, id := range from.departments {
				if !slices.Contains(without.departments, id) && s.seesDepartment(a, id) {
					ids = append(ids, id)
				}
			}
			return joined(ids)
		}
		items := []struct{ name, list string }{
			{"AddUserItems", users(now, old)},
			{"DelUserItems", users(old, now)},
			{"AddPartyItems", parties(now, old)},
			{"DelPartyItems", parties(old, now)},
		}
		if !slices.ContainsFunc(items, func(item struct{ name, list string }) bool { return item.list != "" }) {
			continue
		}
		s.contact(a, "update_tag", func(w *xmlWriter) {
			w.number("TagId", now.id)
			for _, item := range items {
				w.text(item.name, item.list)
			}
		})
	}
}

// tagged reports whether the member has the tag; nil is no tag. The state is locked.
func (s *Server) tagged(t *tag, m *Member) bool {
	if t == nil {
		return false
	}
	if slices.Contains(t.users, model.Fold(m.UserID)) {
		return true
	}
	return slices.ContainsFunc(t.departments, func(top int64) bool {
		return slices.ContainsFunc(m.Departments, func(id int64) bool { return s.below(id, top) })
	})
}

// addTag adds the members with a tag whom the app sees. It reports whether there is such a
// tag. The state is locked.
func (s *Server) addTag(a *app, t *tag, found map[string]bool) bool {
	if t == nil {
		return false
	}
	for id, m := range s.members {
		if m.present() && s.tagged(t, m) && s.sees(a, m) {
			found[id] = true
		}
	}
	return true
}

// tagList is tag/list (doc path/90216).
func (s *Server) tagList(*call) (answer, *apiError) {
	tags := slices.SortedFunc(maps.Values(s.tags), func(x, y *tag) int { return cmp.Compare(x.id, y.id) })
	list := []map[string]any{}
	for _, t := range tags {
		list = append(list, map[string]any{"tagid": t.id, "tagname": t.name})
	}
	return with(map[string]any{"taglist": list}), nil
}

// tagGet is tag/get (doc path/90213): of the tag's members and departments, those that the
// app sees.
func (s *Server) tagGet(c *call) (answer, *apiError) {
	id, err := strconv.ParseInt(c.query.Get("tagid"), 10, 64)
	t := s.tags[id]
	if err != nil || t == nil {
		return answer{}, refuse(codeTagUnknown, "invalid tagid")
	}
	users, parties := []map[string]any{}, []int64{}
	for _, user := range t.users {
		if m, ok := s.members[user]; ok && s.sees(c.app, m) {
			users = append(users, map[string]any{"userid": m.UserID, "name": m.Name})
		}
	}
	for _, party := range t.departments {
		if s.seesDepartment(c.app, party) {
			parties = append(parties, party)
		}
	}
	return with(map[string]any{"tagname": t.name, "userlist": users, "partylist": parties}), nil
}
