package handler

import (
	"strings"

	"deskmate/model"
)

// personView is a person.
type personView struct {
	UserID     string `json:"userid"`
	Name       string `json:"name"`
	Department string `json:"department,omitempty" doc:"Of an employee, where it is known"`
}

// sessionView is a session to those who work on it.
type sessionView struct {
	ID             ID                  `json:"id"`
	State          model.SessionState  `json:"state" enum:"bot,queued,serving,closed"`
	Employee       personView          `json:"employee"`
	Seat           *personView         `json:"seat,omitempty" doc:"Who serves or served last"`
	SeatNo         int                 `json:"seat_no,omitempty" doc:"The seat's number for it, as in #2"`
	Shared         bool                `json:"shared" doc:"It goes to all seats; without seat nobody has claimed it"`
	KeepOpen       bool                `json:"keep_open" doc:"Idling doesn't end it"`
	HandoffReason  model.HandoffReason `json:"handoff_reason,omitempty"`
	CloseReason    model.CloseReason   `json:"close_reason,omitempty"`
	Messages       int                 `json:"messages" doc:"How many lines it has; the seq of the last one"`
	Last           *lastView           `json:"last,omitempty" doc:"The last line"`
	WaitingSince   Instant             `json:"waiting_since,omitempty" doc:"Since when it waits for a seat"`
	OwedSince      Instant             `json:"owed_since,omitempty" doc:"Since when the seat owes the employee an answer"`
	Undelivered    int                 `json:"undelivered,omitempty" doc:"Lines that could not be delivered"`
	OpenedAt       Instant             `json:"opened_at"`
	QueuedAt       Instant             `json:"queued_at,omitempty" doc:"When it was handed over"`
	AssignedAt     Instant             `json:"assigned_at,omitempty" doc:"When the present seat got it"`
	ClosedAt       Instant             `json:"closed_at,omitempty"`
	LastEmployeeAt Instant             `json:"last_employee_at,omitempty"`
	LastSeatAt     Instant             `json:"last_seat_at,omitempty"`
}

type lastView struct {
	From model.SenderKind `json:"from" enum:"employee,bot,seat,system,note"`
	Text string           `json:"text" doc:"How it begins"`
	At   Instant          `json:"at"`
}

func viewSession(w model.WorkSession) sessionView {
	s := w.Session
	v := sessionView{
		ID: NewID(s.ID), State: s.State, SeatNo: s.SeatNo, Shared: s.Shared, KeepOpen: s.KeepOpen,
		Employee:      personView{UserID: s.Employee, Name: w.Employee.ShortName(), Department: w.Employee.DepartmentName},
		HandoffReason: s.HandoffReason, CloseReason: s.CloseReason, Messages: s.MessageCount, Undelivered: w.Undelivered,
		WaitingSince: NewInstant(s.WaitingSinceMS()), OwedSince: NewInstant(s.OwedSinceMS()),
		OpenedAt: NewInstant(s.OpenedMS), QueuedAt: NewInstant(s.QueuedMS), AssignedAt: NewInstant(s.AssignedMS),
		ClosedAt: NewInstant(s.ClosedMS), LastEmployeeAt: NewInstant(s.LastEmployeeMS), LastSeatAt: NewInstant(s.LastSeatMS),
	}
	if s.Seat != "" {
		v.Seat = &personView{UserID: s.Seat, Name: w.SeatName}
	}
	if w.Last.Seq != 0 {
		v.Last = &lastView{From: w.Last.From, Text: excerpt(w.Last.Content), At: NewInstant(w.Last.AtMS)}
	}
	return v
}

// excerpt is how a line begins, on one line.
func excerpt(c model.Content) string {
	const chars = 60
	text := []rune(strings.Join(strings.Fields(c.Words()), " "))
	if len(text) > chars {
		return string(text[:chars-1]) + "…"
	}
	return string(text)
}

// messageView is a line of a transcript.
type messageView struct {
	Seq        int               `json:"seq"`
	From       model.SenderKind  `json:"from" enum:"employee,bot,seat,system,note" doc:"note: for the seats alone, the employee never sees it"`
	Sender     *personView       `json:"sender,omitempty" doc:"The employee or seat who wrote it"`
	Type       model.ContentType `json:"type" enum:"text,image,voice,video,location,link,file,card"`
	Text       string            `json:"text" doc:"What it says; of what is no text, its kind in brackets"`
	Name       string            `json:"name,omitempty" doc:"Of a file"`
	Size       int64             `json:"size,omitempty" doc:"Of a file, in bytes"`
	Media      ID                `json:"media,omitempty" doc:"The upload that it is, of what was sent from a page or through the API. GET …/messages/{seq}/media gives these, and what people sent in WeCom"`
	URL        string            `json:"url,omitempty" doc:"Of a link"`
	Latitude   float64           `json:"latitude,omitempty"`
	Longitude  float64           `json:"longitude,omitempty"`
	At         Instant           `json:"at"`
	RecalledAt Instant           `json:"recalled_at,omitempty" doc:"When its writer took it back; the employee no longer sees it"`
}

func viewMessage(m model.Message, names map[string]string) messageView {
	v := messageView{
		Seq: m.Seq, From: m.From, Type: m.Content.Type, Text: m.Content.Words(),
		Name: m.Content.Name, Size: m.Content.Size, Media: NewID(m.Content.Blob), URL: m.Content.URL,
		Latitude: m.Content.Latitude, Longitude: m.Content.Longitude, At: NewInstant(m.AtMS), RecalledAt: NewInstant(m.RecalledMS),
	}
	if m.Sender != "" {
		v.Sender = &personView{UserID: m.Sender, Name: names[m.Sender]}
	}
	return v
}
