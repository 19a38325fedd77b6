package handler

import (
	"context"
	"errors"
	"net/http"
	"time"

	"deskmate/model"
)

// Seats are the seats of accounts. What people decide about them counts as a change of the
// account; every change is audited.
type Seats interface {
	Seats(ctx context.Context, accountID uint64) ([]model.Seat, error)
	// Seat is [model.ErrNotFound] for who is none.
	Seat(ctx context.Context, accountID uint64, userID string) (model.Seat, error)
	// PutSeat and RemoveSeat are [model.ErrStale] where the account no longer has the version
	// expected; 0 doesn't look.
	PutSeat(ctx context.Context, accountID, expect uint64, seat model.SeatSetup, actor string) (version uint64, err error)
	RemoveSeat(ctx context.Context, accountID, expect uint64, userID, actor string) (version uint64, err error)
	SetSeatState(ctx context.Context, accountID uint64, userID string, state model.SeatState, actor string) error
}

// spanBody is a part of a day.
type spanBody struct {
	From string `json:"from" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" example:"09:00"`
	To   string `json:"to" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" example:"18:00"`
}

// hoursBody is when a seat works.
type hoursBody struct {
	Week     [][]spanBody `json:"week" minItems:"7" maxItems:"7" doc:"The spans of each day, Sunday first; none: closed"`
	Holidays bool         `json:"holidays,omitempty" doc:"Public holidays are closed, make-up workdays open"`
}

// SeatBody is what people decide about a seat. It is exported because huma passes over embedded
// types that are not.
type SeatBody struct {
	Capacity    int                    `json:"capacity" minimum:"0" maximum:"1000" doc:"Employees at once; 0: the account's figure"`
	Priority    int                    `json:"priority" minimum:"0" maximum:"1000" doc:"Higher ones first, as long as one of them isn't busy"`
	Hours       *hoursBody             `json:"hours,omitempty" doc:"Within the account's; missing: as the account's"`
	Permissions []model.SeatPermission `json:"permissions" maxItems:"4" enum:"answer,records,knowledge,profile" doc:"None: answer"`
}

// seatView is a seat.
type seatView struct {
	UserID string `json:"userid"`
	Name   string `json:"name"`
	SeatBody
	State  model.SeatState `json:"state" enum:"online,away,offline"`
	Load   int             `json:"load" doc:"Employees it serves now"`
	Limit  int             `json:"limit" doc:"Employees at once, by its own or the account's figure; 0: no limit"`
	AtWork bool            `json:"at_work" doc:"It takes sessions now, unless it is full: it is there, online, may answer, and these are its hours and the account's"`
	Left   Instant         `json:"left,omitempty" doc:"Since when its member is gone from the company or the app's visible range"`
	Active Instant         `json:"active,omitempty" doc:"When it last did something in WeCom, by the minute"`
}

// seatsView are the seats of an account.
type seatsView struct {
	Items   []seatView `json:"items"`
	Version uint64     `json:"version" doc:"Of the account"`
}

func (a *API) viewSeat(acc model.Account, s model.Seat) seatView {
	now := a.cfg.Now().In(a.cfg.Location)
	setup := s.Setup()
	if len(setup.Permissions) == 0 {
		setup.Permissions = []model.SeatPermission{model.MayAnswer}
	}
	return seatView{
		UserID: s.UserID, Name: s.Name, State: s.State, Load: s.Load, Limit: s.Limit(acc.Policy.Assignment),
		AtWork: acc.Enabled && a.cfg.Hours.Open(acc.Policy.Hours, now) && s.Available(now, a.cfg.Hours),
		Left:   NewInstant(s.LeftMS), Active: NewInstant(s.ActiveMS),
		SeatBody: SeatBody{
			Capacity: s.Capacity, Priority: s.Priority, Hours: viewHours(s.Hours), Permissions: setup.Permissions,
		},
	}
}

// setup is what the body says about a seat. Exceptions by day, which only an account file can
// say, stay.
func (b *SeatBody) setup(userID string, before *model.Hours) (model.SeatSetup, error) {
	s := model.SeatSetup{UserID: model.Fold(userID), Capacity: b.Capacity, Priority: b.Priority, Permissions: b.Permissions}
	if b.Hours == nil {
		return s, nil
	}
	s.Hours = &model.Hours{Holidays: b.Hours.Holidays}
	if before != nil {
		s.Hours.Days = before.Days
	}
	for _, day := range b.Hours.Week {
		spans, last := []model.Span{}, 0
		for _, span := range day {
			m := model.Span{From: minutesOf(span.From), To: minutesOf(span.To)}
			if m.From < last || m.To <= m.From {
				return s, model.Invalid("hours", "时间段须先后有序、不重叠，如 09:00–12:00、13:30–18:00")
			}
			last = m.To
			spans = append(spans, m)
		}
		s.Hours.Week = append(s.Hours.Week, spans)
	}
	return s, nil
}

// minutesOf reads 09:00, whose form was checked; 24:00 is the end of a day.
func minutesOf(text string) int {
	if text == "24:00" {
		return 24 * 60
	}
	t, _ := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute()
}

func viewHours(h *model.Hours) *hoursBody {
	if h == nil || len(h.Week) == 0 {
		return nil
	}
	b := &hoursBody{Holidays: h.Holidays}
	for day := range 7 {
		spans := []spanBody{}
		if day < len(h.Week) {
			for _, s := range h.Week[day] {
				spans = append(spans, spanBody{From: minuteText(s.From), To: minuteText(s.To)})
			}
		}
		b.Week = append(b.Week, spans)
	}
	return b
}

func minuteText(minutes int) string {
	if minutes == 24*60 {
		return "24:00"
	}
	return time.Date(0, 1, 1, minutes/60, minutes%60, 0, 0, time.UTC).Format("15:04")
}

var errSeatUnknown = &model.Error{Code: model.CodeNotFound, Reason: "seat_unknown", Message: "没有这个坐席"}

// SeatPath names a seat of an account.
type SeatPath struct {
	AccountPath
	UserID string `path:"userid" maxLength:"64" doc:"The seat's userid"`
}

const seatTag = "seats"

func (a *API) registerSeats(s surface) {
	const one = account + "/seats/{userid}"
	within(s, call(http.MethodGet, "listSeats", account+"/seats", seatTag, "The account's seats, by userid"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*tagged[seatsView], error) {
			seats, err := a.cfg.Seats.Seats(ctx, acc.ID)
			view := seatsView{Version: acc.Version, Items: views(seats, func(s model.Seat) seatView { return a.viewSeat(acc, s) })}
			return replyTagged(view, acc.Version, err)
		})
	type putSeat struct {
		SeatPath
		Precondition
		Body SeatBody
	}
	within(s, call(http.MethodPut, "setSeat", one, seatTag, "Add a seat, or say all that is decided about it; applying the account file later makes that the truth again"),
		func(ctx context.Context, acc model.Account, in *putSeat) (*tagged[seatView], error) {
			if !model.IsUserID(in.UserID) {
				return nil, model.Invalid("userid", "userid 由 1–64 个字母、数字或 _-@. 组成")
			}
			expect, err := in.expect(0)
			if err != nil {
				return nil, err
			}
			before, err := a.cfg.Seats.Seat(ctx, acc.ID, in.UserID)
			if err != nil && !errors.Is(err, model.ErrNotFound) {
				return nil, err
			}
			setup, err := in.Body.setup(in.UserID, before.Hours)
			if err != nil {
				return nil, err
			}
			version, err := a.cfg.Seats.PutSeat(ctx, acc.ID, expect, setup, author(ctx))
			if err != nil {
				return nil, err
			}
			seat, err := a.cfg.Seats.Seat(ctx, acc.ID, in.UserID)
			return replyTagged(a.viewSeat(acc, seat), version, noSeat(err))
		})
	type deleteSeat struct {
		SeatPath
		Precondition
	}
	within(s, call(http.MethodDelete, "deleteSeat", one, seatTag, "Remove a seat; whom it serves goes back to the queue, first in line"),
		func(ctx context.Context, acc model.Account, in *deleteSeat) (*nothing, error) {
			expect, err := in.expect(0)
			if err == nil {
				_, err = a.cfg.Seats.RemoveSeat(ctx, acc.ID, expect, in.UserID, author(ctx))
			}
			return replyNothing(noSeat(err))
		})
	type setState struct {
		SeatPath
		Body struct {
			State model.SeatState `json:"state" enum:"online,away,offline"`
		}
	}
	within(s, call(http.MethodPut, "setSeatState", one+"/state", seatTag, "Say in the seat's place whether it is online; what it serves stays with it"),
		func(ctx context.Context, acc model.Account, in *setState) (*body[seatView], error) {
			if err := a.cfg.Seats.SetSeatState(ctx, acc.ID, in.UserID, in.Body.State, author(ctx)); err != nil {
				return nil, noSeat(err)
			}
			seat, err := a.cfg.Seats.Seat(ctx, acc.ID, in.UserID)
			return reply(a.viewSeat(acc, seat), noSeat(err))
		})
}

// noSeat says which thing was not found.
func noSeat(err error) error {
	if errors.Is(err, model.ErrNotFound) {
		return errSeatUnknown
	}
	return err
}
