package sqlstore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestInboxByKey(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		pending, err := d.InboxByKey(t.Context(), d.acc.ID, "msg-1")
		if err != nil || pending.State != model.InboxPending || pending.Lane != d.person("wang") {
			t.Errorf("before = %+v, %v", pending, err)
		}
		step.Outcome, step.Reason, step.Detail = model.OutcomeRefused, "claimed", model.Detail{Seat: "li"}
		d.apply(t, step)
		done, err := d.InboxByKey(t.Context(), d.acc.ID, "msg-1")
		if err != nil || done.State != model.InboxDone || done.Reason != "claimed" || done.Detail.Seat != "li" {
			t.Errorf("after = %+v, %v", done, err)
		}
		for _, absent := range []struct {
			account uint64
			key     string
		}{{d.acc.ID, "msg-2"}, {d.acc.ID + 1, "msg-1"}} {
			if _, err := d.InboxByKey(t.Context(), absent.account, absent.key); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("%v = %v", absent, err)
			}
		}
		long := strings.Repeat("k", 300)
		if _, err := d.Accept(t.Context(), d.inbound("wang", long), d.person("wang")); err != nil {
			t.Fatal(err)
		}
		if _, err := d.InboxByKey(t.Context(), d.acc.ID, long); err != nil {
			t.Errorf("a long key: %v", err)
		}
	})
}

func TestWaitingSessions(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		first, second := d.waits(t, "wang", nil), d.waits(t, "sun", nil)
		d.opens(t, "ma", nil)
		d.opens(t, "chen", func(s *model.Session) { s.State, s.Seat = model.StateServing, "zhao" })
		for limit, want := range map[int][]model.Session{1: {first}, 9: {first, second}} {
			got, err := d.WaitingSessions(t.Context(), d.acc.ID, limit)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("first %d (-want +got):\n%s, %v", limit, diff, err)
			}
		}
	})
}
