package sqlstore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		in := d.inbound("wang", "msg-a")
		if dup, err := d.Accept(t.Context(), in, d.person("wang")); dup || err != nil {
			t.Fatalf("first delivery: %v, %v", dup, err)
		}
		lane := d.hold(t, d.person("wang"))
		want := model.Lane{
			Lane: d.person("wang"), Kind: model.LaneIn, AccountID: d.acc.ID, Ready: true,
			RunAtMS: d.nowMS() + lease.Milliseconds(), Fence: 1, Owner: "worker-1", NextSeq: 1,
		}
		if diff := cmp.Diff(want, lane); diff != "" {
			t.Errorf("lane (-want +got):\n%s", diff)
		}
		rows := d.pending(t, lane)
		row := model.Inbox{
			ID: rows[0].ID, AccountID: d.acc.ID, Lane: lane.Lane, Seq: 1, Dedupe: "msg-a", Event: in.Event,
			CreatedMS: in.CreatedMS, ArrivedMS: d.nowMS(), State: model.InboxPending,
		}
		if diff := cmp.Diff([]model.Inbox{row}, rows); diff != "" {
			t.Errorf("inbox (-want +got):\n%s", diff)
		}
	})
}

func TestAccept_a_repeat_changes_nothing(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		d.apply(t, step)
		if more, err := d.ReleaseLane(t.Context(), step.Lane); more || err != nil {
			t.Fatalf("ReleaseLane = %v, %v", more, err)
		}
		before := d.laneRow(t, step.Lane.Lane)
		d.clock.advance(time.Second)
		dup, err := d.Accept(t.Context(), d.inbound("wang", "msg-1"), d.person("wang"))
		if !dup || err != nil {
			t.Errorf("repeat: %v, %v", dup, err)
		}
		if diff := cmp.Diff(before, d.laneRow(t, step.Lane.Lane)); diff != "" {
			t.Errorf("lane (-before +after):\n%s", diff)
		}
		// The same key means another callback to another account.
		in := d.inbound("wang", "msg-1")
		in.AccountID = 7
		if dup, err := d.Accept(t.Context(), in, model.PersonLane(7, "wang")); dup || err != nil {
			t.Errorf("another account: %v, %v", dup, err)
		}
	})
}

func (d *desk) laneRow(t *testing.T, key string) model.Lane {
	t.Helper()
	var lane model.Lane
	if err := d.Raw().Where("lane = ?", key).Take(&lane).Error; err != nil {
		t.Fatal(err)
	}
	return lane
}

func TestAccept_refuses_what_has_no_key(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		if _, err := d.Accept(t.Context(), d.inbound("wang", ""), d.person("wang")); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("no dedupe key: %v", err)
		}
		if _, err := d.Accept(t.Context(), d.inbound("wang", "a"), strings.Repeat("x", 161)); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("a lane too long: %v", err)
		}
		if n := d.count(t, "lane"); n != 0 {
			t.Errorf("%d lanes were made", n)
		}
	})
}

func TestAccept_long_keys_stay_different(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		long := strings.Repeat("k", 300)
		for i, key := range []string{long + "0", long + "1", long + "1", "broken\xff", "broken\xfe"} {
			want := i == 2
			if dup, err := d.Accept(t.Context(), d.inbound("wang", key), d.person("wang")); dup != want || err != nil {
				t.Errorf("delivery %d: %v, %v", i, dup, err)
			}
		}
	})
}

// Numbers of a lane must follow the order of commits, or a reader could overtake a row
// that commits late: whenever a number is seen, all the lower ones are there.
func TestAccept_numbers_follow_commits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const writers, each, people = 8, 15, 2
		done := make(chan outcomes, 1)
		go func() {
			done <- together(writers, func(w int) error {
				for i := range each {
					who := fmt.Sprintf("p%d", i%people)
					for range 2 { // every callback is delivered twice
						if _, err := d.Accept(t.Context(), d.inbound(who, fmt.Sprintf("%d-%d", w, i)), d.person(who)); err != nil {
							return err
						}
					}
				}
				return nil
			})
		}()
		seen := 0
		for ended := false; !ended; {
			select {
			case o := <-done:
				o.mustAll(t)
				ended = true
			default:
			}
			seen = 0
			for p := range people {
				rows, err := d.PendingInbox(t.Context(), model.Lane{Lane: d.person(fmt.Sprintf("p%d", p))}, 1000)
				if err != nil {
					t.Fatal(err)
				}
				seen += len(rows)
				for i, r := range rows {
					if r.Seq != uint64(i+1) {
						t.Fatalf("row %d has number %d", i, r.Seq)
					}
				}
			}
		}
		if want := writers * each; seen != want {
			t.Errorf("%d events are stored, want %d", seen, want)
		}
	})
}

func TestFailInbox(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		later := d.clock.Now().Add(5 * time.Second)
		n, err := d.FailInbox(t.Context(), step.Lane, step.InboxID, "model: timeout", later)
		if n != 1 || err != nil {
			t.Fatalf("first failure: %d, %v", n, err)
		}
		if _, err := d.FailInbox(t.Context(), step.Lane, step.InboxID, "late", later); !errors.Is(err, model.ErrFenced) {
			t.Errorf("after letting go: %v", err)
		}
		if _, err := d.Apply(t.Context(), step); !errors.Is(err, model.ErrFenced) {
			t.Errorf("apply after letting go: %v", err)
		}
		if lanes, err := d.ClaimLanes(t.Context(), model.LaneIn, "w", 9, lease); len(lanes) != 0 || err != nil {
			t.Errorf("claimed before its time: %v, %v", lanes, err)
		}
		d.clock.advance(5 * time.Second)
		lane := d.hold(t, step.Lane.Lane)
		long := strings.Repeat("错", 600) + "\xff"
		if n, err = d.FailInbox(t.Context(), lane, step.InboxID, long, later); n != 2 || err != nil {
			t.Errorf("second failure: %d, %v", n, err)
		}
		if row := d.pending(t, lane)[0]; row.Attempts != 2 || row.Err != strings.Repeat("错", 500) {
			t.Errorf("row: %d attempts, error of %d bytes", row.Attempts, len(row.Err))
		}
	})
}

func TestBuryInbox(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.step(t, "wang")
		next := d.hears(t, "wang")
		if err := d.BuryInbox(ctx, step.Lane, step.InboxID, "gave up"); err != nil {
			t.Fatal(err)
		}
		if rows := d.pending(t, step.Lane); len(rows) != 1 || rows[0].Dedupe != next {
			t.Errorf("pending afterwards: %v", rows)
		}
		dead, err := d.DeadInbox(ctx, d.acc.ID, 0, 10)
		if err != nil || len(dead) != 1 || dead[0].ID != step.InboxID || dead[0].Err != "gave up" || dead[0].DoneMS != d.nowMS() {
			t.Errorf("dead: %+v, %v", dead, err)
		}
		if dead, err = d.DeadInbox(ctx, d.acc.ID, step.InboxID, 10); err != nil || len(dead) != 0 {
			t.Errorf("dead after the last: %v, %v", dead, err)
		}
		if err := d.BuryInbox(ctx, step.Lane, step.InboxID, "again"); !isNotFound(err) {
			t.Errorf("burying it twice: %v", err)
		}
		stranger := step.Lane
		stranger.Fence--
		if err := d.BuryInbox(ctx, stranger, step.InboxID, ""); !errors.Is(err, model.ErrFenced) {
			t.Errorf("an older holder: %v", err)
		}
	})
}

func TestInboxOf(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		var keys []string
		for _, who := range []string{"wang", "sun", "wang"} {
			keys = append(keys, d.hears(t, who))
		}
		all, err := d.InboxOf(t.Context(), d.acc.ID, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range all {
			got = append(got, r.Dedupe)
		}
		if !slices.Equal(got, keys) {
			t.Errorf("got %v, want %v", got, keys)
		}
		page, err := d.InboxOf(t.Context(), d.acc.ID, all[0].ID, 1)
		if err != nil || len(page) != 1 || page[0].ID != all[1].ID {
			t.Errorf("second page: %v, %v", page, err)
		}
	})
}
