package bot

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"deskmate/model"
)

// tellOutside says what webhooks are told of the step: of its facts, and of a rating.
func (d *decision) tellOutside() {
	for _, f := range d.step.Facts {
		ev := model.WebhookEvent{Reason: f.Reason, DurationMS: f.Value}
		switch f.Kind {
		case model.FactOpened:
			ev.Kind = model.WebhookOpened
		case model.FactHandoff:
			ev.Kind = model.WebhookHandedOff
		case model.FactAssigned:
			ev.Kind = model.WebhookAssigned
		case model.FactClosed:
			ev.Kind = model.WebhookClosed
		case model.FactMissed:
			ev.Kind = model.WebhookMissed
			if d.step.Question != nil {
				ev.Question = d.masked(d.step.Question.Text)
			}
		default:
			continue
		}
		d.outside(ev, f.SessionID)
	}
	d.tellRating()
}

// tellRating tells of a rating, and again where it was changed or reasons were added.
func (d *decision) tellRating() {
	now, was := d.step.Survey, d.step.SurveyWas
	if now == nil || now.Rating == "" {
		return
	}
	if now.Rating == was.Rating && slices.Equal(now.Reasons, was.Reasons) {
		return
	}
	d.outside(model.WebhookEvent{Kind: model.WebhookRated, Rating: now.Rating, Reasons: now.Reasons}, now.SessionID)
}

func (d *decision) masked(text string) string {
	if d.Mask == nil {
		return text
	}
	return d.Mask(text)
}

// outside adds an event about a session: the one that the step changes, or the one that its event
// was about.
func (d *decision) outside(ev model.WebhookEvent, sessionID uint64) {
	ev.Account = model.WebhookAccount{Key: d.acc.Key, Name: d.acc.Name}
	switch {
	case d.s != nil && d.s.ID == sessionID:
		ev.Session = outsideSession(d.s)
	case d.in.Case.Target != nil && d.in.Case.Target.ID == sessionID:
		ev.Session = outsideSession(d.in.Case.Target)
	default:
		return // there is none that could be named
	}
	d.step.Webhooks = append(d.step.Webhooks, ev)
}

func outsideSession(s *model.Session) *model.WebhookSession {
	at := func(ms int64) string {
		if ms == 0 {
			return ""
		}
		return model.Time(ms).UTC().Format(time.RFC3339Nano)
	}
	return &model.WebhookSession{
		ID: strconv.FormatUint(s.ID, 10), State: s.State, Employee: s.Employee, Group: model.IsGroup(s.Employee),
		Seat: cmp.Or(s.Seat, s.RepliedBy), HandoffReason: s.HandoffReason, CloseReason: s.CloseReason, Messages: s.MessageCount,
		OpenedAt: at(s.OpenedMS), QueuedAt: at(s.QueuedMS), AssignedAt: at(s.AssignedMS), ClosedAt: at(s.ClosedMS),
	}
}
