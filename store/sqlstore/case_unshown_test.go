package sqlstore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// What seats were only told of is kept with the session, and loaded with what they have read.
func TestLoadCase_of_what_seats_were_only_told_of(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		s := d.opens(t, "wang", func(s *model.Session) { s.State, s.Seat = model.StateServing, "li" })
		if got := d.load(t, "wang", 0); got.Unshown != nil || got.Seen != nil || len(got.Session.Unshown) != 0 {
			t.Errorf("of a session without any: %v, %v", got.Unshown, got.Seen)
		}
		step := d.step(t, "wang")
		for i, from := range []model.SenderKind{model.FromEmployee, model.FromEmployee, model.FromSystem, model.FromSeat, model.FromNote, model.FromEmployee} {
			step.Messages = append(step.Messages, model.Message{Seq: i + 1, From: from, Sender: "wang", Content: text("嗨"), AtMS: 1})
		}
		unshown := []model.Unshown{{Seat: "li", From: 2, SinceMS: 5, ToldMS: 5}, {Seat: "zhao", ToldMS: 4}}
		s.MessageCount, s.Unshown = 6, unshown
		step.Session = &s
		d.apply(t, step)
		s = d.session(t, s.ID)
		if diff := cmp.Diff(unshown, s.Unshown); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		unread := func(seen int) {
			t.Helper()
			c := d.load(t, "wang", 0)
			var seqs []int
			for _, m := range c.Unshown {
				seqs = append(seqs, m.Seq)
			}
			want := map[int][]int{0: {2, 4, 6}, 2: {4, 6}, 5: {6}, 6: nil}[seen]
			if diff := cmp.Diff(want, seqs); diff != "" || c.Seen["li"] != seen {
				t.Errorf("read up to %d of %d (-want +got):\n%s", c.Seen["li"], seen, diff)
			}
		}
		unread(0)
		for _, seq := range []int{2, 5, 6} {
			if err := d.SeeSession(t.Context(), s, "LI", seq); err != nil {
				t.Fatal(err)
			}
			unread(seq)
		}
		step = d.step(t, "wang")
		s.Unshown = nil
		step.Session = &s
		d.apply(t, step)
		if got := d.session(t, s.ID).Unshown; len(got) != 0 {
			t.Errorf("after the end: %v", got)
		}
	})
}
