package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"deskmate/model"
)

// seats reads who answers: each a userid, or keys with one.
func (r *accountReader) seats() {
	nodes, ok := r.top.list("seats")
	if !ok {
		return
	}
	check := userIDs()
	for i, node := range nodes {
		var seat model.SeatSetup
		if _, keys := node.(*ast.MappingNode); keys {
			seat = seatWithKeys(r.top, node, i+1, check)
		} else {
			seat.UserID = r.seatByID(node, i+1, check)
		}
		seat.UserID = model.Fold(seat.UserID)
		r.file.Seats = append(r.file.Seats, seat)
	}
	if n := len(r.file.Seats); n > maxSeats {
		r.top.problem("seats", "must be at most %d, and these are %d", maxSeats, n)
	}
}

func (r *accountReader) seatByID(node ast.Node, n int, check func(string) error) string {
	text, ok := scalar(node)
	err := errors.New("must be a text")
	if ok {
		err = check(text)
	}
	if err != nil {
		r.top.problems.add("line %d: seats[%d]: %w", lineOf(node), n, err)
	}
	return text
}

// seatWithKeys reads a seat about which the file says more than who it is.
func seatWithKeys(top *section, node ast.Node, n int, check func(string) error) (seat model.SeatSetup) {
	s := &section{prefix: fmt.Sprintf("seats[%d].", n), problems: top.problems}
	s.open(node)
	if !s.has("userid") {
		s.problems.add("line %d: %suserid is missing", lineOf(node), s.prefix)
	}
	s.text("userid", &seat.UserID, check)
	s.whole("capacity", &seat.Capacity, 0, 1000)
	s.whole("priority", &seat.Priority, 0, 1000)
	if s.has("hours") {
		var h model.Hours
		hours := s.section("hours")
		workHours(hours, &h)
		hours.done()
		enoughHours(s, hours, h)
		seat.Hours = &h
	}
	var words []string
	s.texts("permissions", &words, distinct(must("answer, records, knowledge or profile", func(word string) bool {
		return model.SeatPermission(word).Valid()
	})))
	for _, word := range words {
		seat.Permissions = append(seat.Permissions, model.SeatPermission(word))
	}
	if s.has("permissions") && len(words) == 0 {
		s.problem("permissions", "needs one at least; without permissions a seat may answer")
	}
	slices.Sort(seat.Permissions)
	s.done()
	return seat
}

// seatFields reads which fields of the profile seats may edit.
func (r *accountReader) seatFields(p *model.Policy) {
	var words []string
	r.top.texts("seat_fields", &words, distinct(func(word string) error {
		if slices.Contains(model.ProfileFields(), model.ProfileField(word)) {
			return nil
		}
		return fmt.Errorf("must be of %v", model.ProfileFields())
	}))
	for _, word := range words {
		p.SeatFields = append(p.SeatFields, model.ProfileField(word))
	}
}
