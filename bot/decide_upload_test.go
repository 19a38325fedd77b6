package bot_test

import (
	"testing"

	"deskmate/model"
)

// uploads is a file that zhang chose on the page of session 7.
func uploads(s *scene) {
	s.in.Event = model.Event{
		Kind: model.EventMessage, Session: 7, API: true, Content: &model.Content{Type: model.ContentFile, Blob: 9, Name: "rule.pdf"},
	}
}

// A file from a page goes to the session that the page is for, and to no other.
func TestDecideUpload(t *testing.T) {
	t.Parallel()
	another := func(s *scene) { s.in.Case.Session.ID = 8 }
	linsOwn := func(s *model.Session) { s.Employee, s.Seat = lin, chen }
	for _, tt := range []struct {
		name   string
		givens []given
		want   string
		seat   string // who gets the file; "" for nobody
	}{
		{"served", []given{in7(model.StateServing)}, "relayed to_seat", lin},
		{"waiting", []given{in7(model.StateQueued)}, "queued waiting", ""},
		{"ended", []given{closed7}, "refused closed", ""},
		{"with the bot again", []given{in7(model.StateBot)}, "refused closed", ""},
		{"another session since", []given{in7(model.StateServing), another}, "refused closed", ""},
		{"of a seat that serves somebody", []given{in7(model.StateServing, linsOwn), atDesk(8)}, "relayed to_seat", chen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, step := newScene(append(tt.givens, uploads)...).decide()
			if got := string(step.Outcome) + " " + step.Reason; got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			for _, f := range step.Forwards {
				t.Errorf("forwarded to %s: %+v", f.Person, f.Event)
			}
			got := ""
			for _, p := range step.Pushes {
				if p.Blob == 9 {
					got = p.Receiver
				}
			}
			if got != tt.seat {
				t.Errorf("the file goes to %q, want %q", got, tt.seat)
			}
		})
	}
}
