package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// TestSeatSpells follows a seat through states, out of the app's range and out of the account.
func TestSeatSpells(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx, id := t.Context(), d.acc.ID
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			d.clock.advance(time.Minute)
		}
		first := d.nowMS()
		must(d.SetSeatState(ctx, id, "Li", model.SeatAway, "boss"))
		must(d.SetSeatState(ctx, id, "li", model.SeatOnline, "boss"))
		back := d.nowMS() - time.Minute.Milliseconds()
		must(d.SetSeatState(ctx, id, "li", model.SeatOnline, "boss")) // is already
		_, err := d.MarkSeat(ctx, id, "li", "Li", true)
		must(err)
		left := d.nowMS() - time.Minute.Milliseconds()
		_, err = d.MarkSeat(ctx, id, "li", "Li", false)
		must(err)
		again := d.nowMS() - time.Minute.Milliseconds()
		_, err = d.RemoveSeat(ctx, id, 0, "li", "boss")
		must(err)
		gone := d.nowMS() - time.Minute.Milliseconds()
		got, err := d.SeatSpells(ctx, id, first, d.nowMS(), "li")
		if err != nil {
			t.Fatal(err)
		}
		var lived []model.SeatSpell
		for _, s := range got {
			if s.FromMS >= first {
				lived = append(lived, s)
			}
		}
		want := []model.SeatSpell{
			{AccountID: id, UserID: "li", FromMS: back, ToMS: left, State: model.SeatOnline},
			{AccountID: id, UserID: "li", FromMS: again, ToMS: gone, State: model.SeatOnline},
		}
		if diff := cmp.Diff(want, lived); diff != "" {
			t.Errorf("spells (-want +got):\n%s", diff)
		}
	})
}

// TestNoteStates finds states that a replica of an older release wrote.
func TestNoteStates(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx, id := t.Context(), d.acc.ID
		if _, err := d.CheckLoads(ctx, id); err != nil {
			t.Fatal(err)
		}
		since, err := d.SpellsSince(ctx, id)
		if err != nil || since == 0 {
			t.Fatalf("known since %d, %v", since, err)
		}
		d.clock.advance(time.Hour)
		err = d.Raw().Model(&model.Seat{}).Where("account_id = ? AND user_id = ?", id, "li").Update("state", model.SeatOffline).Error
		if err != nil {
			t.Fatal(err)
		}
		found := d.nowMS()
		for range 2 { // the second finds nothing
			if _, err := d.CheckLoads(ctx, id); err != nil {
				t.Fatal(err)
			}
			d.clock.advance(time.Hour)
		}
		got, err := d.SeatSpells(ctx, id, since, d.nowMS(), "li")
		if err != nil || len(got) != 1 || got[0].ToMS != found {
			t.Errorf("spells = %+v, %v", got, err)
		}
	})
}
