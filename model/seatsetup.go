package model

import (
	"slices"
	"time"
)

// SeatSetup is what people decide about a seat, as an account file or the API says it.
// The rest of a [Seat] is what happens to it.
type SeatSetup struct {
	UserID      string           `json:"userid"`                // folded
	Capacity    int              `json:"capacity,omitempty"`    // sessions at once; 0: the account's figure
	Priority    int              `json:"priority,omitempty"`    // see [Seat.Priority]
	Hours       *Hours           `json:"hours,omitempty"`       // within the account's; nil: as the account's
	Permissions []SeatPermission `json:"permissions,omitempty"` // nil: answer only
}

// SeatSetups are seats about which nothing is decided but who they are.
func SeatSetups(userIDs ...string) []SeatSetup {
	list := make([]SeatSetup, len(userIDs))
	for i, id := range userIDs {
		list[i] = SeatSetup{UserID: Fold(id)}
	}
	return list
}

// Setup is what people decided about the seat.
func (s Seat) Setup() SeatSetup {
	return SeatSetup{
		UserID: s.UserID, Capacity: s.Capacity, Priority: s.Priority, Hours: s.Hours,
		Permissions: slices.Clone(s.Permissions),
	}
}

// WorkHours tells whether somebody with these hours works at a time, in the zone of at.
type WorkHours interface {
	Open(h *Hours, at time.Time) bool
}

// Serves reports whether the seat may have sessions at all: it is there, and may answer.
// What it has stays with it as long as this is so.
func (s Seat) Serves() bool { return s.LeftMS == 0 && s.May(MayAnswer) }

// Available reports whether the seat takes sessions at a time, unless it is full: it may
// have some, is online, and works. Nil hours are always. This is the one place that says so.
func (s Seat) Available(at time.Time, hours WorkHours) bool {
	return s.Serves() && s.State == SeatOnline && (hours == nil || hours.Open(s.Hours, at))
}

// Candidate is the seat as assignment sees it.
func (s Seat) Candidate(p Assignment) Candidate {
	return Candidate{
		UserID: s.UserID, Limit: s.Limit(p), Load: s.Load, LastAssignedMS: s.LastAssignedMS, Priority: s.Priority,
	}
}

// ProfileField names a field of an account's profile that seats may be allowed to edit.
type ProfileField string

// The fields of a profile.
const (
	FieldAvatar        ProfileField = "avatar"
	FieldName          ProfileField = "name"
	FieldAlias         ProfileField = "alias"
	FieldGender        ProfileField = "gender"
	FieldLandline      ProfileField = "landline"
	FieldDescription   ProfileField = "description"
	FieldDepartment    ProfileField = "department"
	FieldServiceWindow ProfileField = "service_window"
)

// ProfileFields are all of them, in the order of a profile.
func ProfileFields() []ProfileField {
	return []ProfileField{
		FieldAvatar, FieldName, FieldAlias, FieldGender, FieldLandline, FieldDescription, FieldDepartment, FieldServiceWindow,
	}
}
