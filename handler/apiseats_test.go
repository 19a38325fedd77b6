package handler_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// fakeSeats are one seat, li, and nobody's hours but hers.
type fakeSeats struct{ *fakeDesk }

func (f fakeSeats) seat() model.Seat {
	return model.Seat{
		UserID: "li", Name: "李明", State: model.SeatOnline, Capacity: 3, Load: 2, ActiveMS: simNow.UnixMilli(),
		Hours: &model.Hours{Week: [][]model.Span{nil, {{From: 540, To: 1440}}}, Days: map[int][]model.Span{20270101: nil}},
	}
}

func (f fakeSeats) Seats(context.Context, uint64) ([]model.Seat, error) {
	return []model.Seat{f.seat()}, f.refused
}

func (f fakeSeats) Seat(_ context.Context, _ uint64, userID string) (model.Seat, error) {
	if model.Fold(userID) != "li" {
		return model.Seat{}, model.ErrNotFound
	}
	return f.seat(), nil
}

func (f fakeSeats) PutSeat(_ context.Context, id, expect uint64, seat model.SeatSetup, actor string) (uint64, error) {
	if seat.Hours != nil && len(seat.Hours.Days) != 1 && seat.UserID == "li" {
		return 0, model.Invalid("exceptions", "lost")
	}
	return 4, f.done("put %d v%d %s %d %d %v by %s", id, expect, seat.UserID, seat.Capacity, seat.Priority, seat.Permissions, actor)
}

func (f fakeSeats) RemoveSeat(_ context.Context, id, expect uint64, userID, actor string) (uint64, error) {
	if userID != "li" {
		return 0, model.ErrNotFound
	}
	return 4, f.done("remove %d v%d %s by %s", id, expect, userID, actor)
}

func (f fakeSeats) SetSeatState(_ context.Context, id uint64, userID string, state model.SeatState, actor string) error {
	if userID != "li" {
		return model.ErrNotFound
	}
	return f.done("state %d %s %s by %s", id, userID, state, actor)
}

func (f fakeSeats) CalendarYear(_ context.Context, year int) (model.CalendarYear, error) {
	if year != 2027 {
		return model.CalendarYear{Year: year}, model.ErrNotFound
	}
	return model.CalendarYear{Year: year, Version: 2, Days: []model.CalendarDay{{Day: 20270101, Name: "元旦"}}}, nil
}

func (f fakeSeats) SaveCalendarYear(_ context.Context, y model.CalendarYear, actor string) (uint64, error) {
	return y.Version + 1, f.done("year %+v by %s", y, actor)
}

// Open implements [model.WorkHours]: nobody with hours works.
func (f fakeSeats) Open(h *model.Hours, _ time.Time) bool { return h == nil }

const seatJSON = `{"userid":"li","name":"李明","capacity":3,"priority":0,"permissions":["answer"],"state":"online","load":2,"limit":3,"at_work":false,` +
	`"hours":{"week":[[],[{"from":"09:00","to":"24:00"}],[],[],[],[],[]]},"active":"2026-11-23T02:24:00Z"}`

func TestAPISeats(t *testing.T) {
	t.Parallel()
	week := `"hours":{"week":[[],[{"from":"09:00","to":"12:00"},{"from":"13:00","to":"18:00"}],[],[],[],[],[]]}`
	for _, tt := range []struct {
		name, method, target, body, ifMatch string
		status                              int
		reason                              string
		did                                 []string
	}{
		{name: "list", method: http.MethodGet, target: "seats", status: http.StatusOK},
		{
			name: "put", method: http.MethodPut, target: "seats/Zhao", ifMatch: `"3"`,
			body:   `{"capacity":2,"priority":7,"permissions":["answer","records"],` + week + `}`,
			status: http.StatusNotFound, did: []string{"put 7 v3 zhao 2 7 [answer records] by token:sync"}, // the fake has no zhao
		},
		{
			name: "put_known", method: http.MethodPut, target: "seats/LI", body: `{"capacity":0,"priority":0,"permissions":[]}`,
			status: http.StatusOK, did: []string{"put 7 v0 li 0 0 [] by token:sync"},
		},
		{name: "put_nobody", method: http.MethodPut, target: "seats/%E6%9D%8E", body: `{"capacity":0,"priority":0,"permissions":[]}`, status: http.StatusBadRequest, reason: "userid"},
		{
			name: "overlapping_hours", method: http.MethodPut, target: "seats/li", status: http.StatusBadRequest, reason: "hours",
			body: `{"capacity":0,"priority":0,"permissions":[],"hours":{"week":[[],[{"from":"09:00","to":"12:00"},{"from":"11:00","to":"18:00"}],[],[],[],[],[]]}}`,
		},
		{
			name: "bad_permission", method: http.MethodPut, target: "seats/li", body: `{"capacity":0,"priority":0,"permissions":["all"]}`,
			status: http.StatusUnprocessableEntity,
		},
		{name: "delete", method: http.MethodDelete, target: "seats/li", status: http.StatusNoContent, did: []string{"remove 7 v0 li by token:sync"}},
		{name: "delete_nobody", method: http.MethodDelete, target: "seats/x", status: http.StatusNotFound, reason: "seat_unknown"},
		{
			name: "state", method: http.MethodPut, target: "seats/li/state", body: `{"state":"away"}`, status: http.StatusOK,
			did: []string{"state 7 li away by token:sync"},
		},
		{name: "state_of_nobody", method: http.MethodPut, target: "seats/x/state", body: `{"state":"away"}`, status: http.StatusNotFound, reason: "seat_unknown"},
		{name: "no_state", method: http.MethodPut, target: "seats/li/state", body: `{"state":"gone"}`, status: http.StatusUnprocessableEntity},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &fakeDesk{}
			w := callAPI(t, f, tt.method, tt.target, tt.body, "If-Match", tt.ifMatch)
			if w.Code != tt.status {
				t.Fatalf("status = %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if tt.reason != "" && failureOf(t, w).Error.Reason != tt.reason {
				t.Errorf("%s, want reason %s", w.Body, tt.reason)
			}
			if diff := cmp.Diff(tt.did, f.did); diff != "" {
				t.Errorf("did (-want +got):\n%s", diff)
			}
		})
	}
	w := callAPI(t, &fakeDesk{}, http.MethodGet, "seats", "")
	if diff := cmp.Diff(decoded(t, `{"version":3,"items":[`+seatJSON+`]}`), decoded(t, w.Body.String())); diff != "" {
		t.Errorf("seats (-want +got):\n%s", diff)
	}
	if w.Header().Get("ETag") != `"3"` {
		t.Errorf("ETag %s", w.Header().Get("ETag"))
	}
}

func TestAPICalendar(t *testing.T) {
	t.Parallel()
	f := &fakeDesk{}
	w := callAPI(t, f, http.MethodGet, "/calendar/2027", "")
	want := `{"year":2027,"version":2,"days":[{"day":"2027-01-01","work":false,"name":"元旦"}]}`
	if diff := cmp.Diff(decoded(t, want), decoded(t, w.Body.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w = callAPI(t, f, http.MethodGet, "/calendar/2031", ""); w.Code != http.StatusNotFound || failureOf(t, w).Error.Reason != "year_unknown" {
		t.Errorf("a year that nobody knows: %s", w.Body)
	}
	day := `{"days":[{"day":"2027-02-07","work":true,"name":"春节"}]}`
	w = callAPI(t, f, http.MethodPut, "/calendar/2027", day, "If-Match", `"1"`)
	if w.Code != http.StatusOK || w.Header().Get("ETag") != `"2"` {
		t.Errorf("%d %s: %s", w.Code, w.Header().Get("ETag"), w.Body)
	}
	if diff := cmp.Diff([]string{"year {Year:2027 Days:[{Day:20270207 Work:true Name:春节}] Version:1} by token:sync"}, f.did); diff != "" {
		t.Errorf("did (-want +got):\n%s", diff)
	}
	if w = callAPI(t, f, http.MethodPut, "/calendar/2027", `{"days":[{"day":"2027-02-30","work":true,"name":"x"}]}`); w.Code < 400 {
		t.Errorf("a day of no month: %d %s", w.Code, w.Body)
	}
}
