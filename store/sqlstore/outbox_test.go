package sqlstore_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// pushes applies a step with n texts for wang and gives the lane with their ids.
func (d *desk) pushes(t *testing.T, n int) (lane model.Lane, ids []uint64) {
	t.Helper()
	step := d.step(t, "wang")
	for range n {
		step.Pushes = append(step.Pushes, model.Push{Receiver: "wang", Kind: model.PushText, Text: "回复", Session: 7})
	}
	d.apply(t, step)
	lane = d.hold(t, d.out("wang"))
	for _, r := range d.unsent(t, lane) {
		ids = append(ids, r.ID)
	}
	return lane, ids
}

func (d *desk) outbox(t *testing.T, id uint64) model.Outbox {
	t.Helper()
	var row model.Outbox
	if err := d.Raw().Where("id = ?", id).Take(&row).Error; err != nil {
		t.Fatal(err)
	}
	return row
}

// After the last push the lane is let go of with it, and not before.
func TestOutbox_last_lets_go(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, ids := d.pushes(t, 2)
		for i, want := range []bool{false, true} {
			if err := d.BeginPush(ctx, lane, ids[i:i+1]); err != nil {
				t.Fatal(err)
			}
			released, err := d.MarkSentLast(ctx, lane, ids[i:i+1], model.Receipt{MsgID: "m"})
			if err != nil || released != want {
				t.Errorf("push %d: released %t, %v", i, released, err)
			}
			if r := d.outbox(t, ids[i]); r.State != model.OutSent || r.MsgID != "m" {
				t.Errorf("push %d: %+v", i, r)
			}
		}
		if _, err := d.MarkSentLast(ctx, lane, ids[:1], model.Receipt{}); !errors.Is(err, model.ErrFenced) {
			t.Errorf("on a lane let go of: %v", err)
		}
		if b, err := d.Backlog(ctx); err != nil || b.Pushes != 0 {
			t.Errorf("backlog %+v, %v", b, err)
		}
	})
}

// From the moment a push is handed to WeCom its receiver may see it, until it is known not
// to have arrived.
func TestOutbox_may_be_seen(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, ids := d.pushes(t, 1)
		for _, tt := range []struct {
			uncertain bool
			seen      bool
		}{{false, false}, {true, true}, {false, true}} {
			if err := d.BeginPush(ctx, lane, ids); err != nil {
				t.Fatal(err)
			}
			if r := d.outbox(t, ids[0]); r.SentMS != d.nowMS() {
				t.Errorf("being sent: %+v", r)
			}
			if err := d.MarkRetry(ctx, lane, ids, 0, "no", d.clock.Now(), tt.uncertain); err != nil {
				t.Fatal(err)
			}
			if r := d.outbox(t, ids[0]); (r.SentMS != 0) != tt.seen {
				t.Errorf("after a failure, uncertain %t: %+v", tt.uncertain, r)
			}
			lane = d.hold(t, lane.Lane)
		}
	})
}

func TestOutbox_sent(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, ids := d.pushes(t, 3)
		if err := d.BeginPush(ctx, lane, ids[:2]); err != nil {
			t.Fatal(err)
		}
		if rows := d.unsent(t, lane); len(rows) != 3 || rows[0].State != model.OutSending || rows[0].Attempts != 1 || rows[2].State != model.OutPending {
			t.Errorf("begun: %+v", rows)
		}
		d.clock.advance(time.Second)
		if err := d.MarkSent(ctx, lane, ids[:2], model.Receipt{MsgID: "m1", ResponseCode: "rc"}); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids[:2] {
			if r := d.outbox(t, id); r.State != model.OutSent || r.SentMS != d.nowMS() || r.MsgID != "m1" || r.ResponseCode != "rc" {
				t.Errorf("sent: %+v", r)
			}
		}
		if rows := d.unsent(t, lane); len(rows) != 1 || rows[0].ID != ids[2] {
			t.Errorf("left: %+v", rows)
		}
		if err := d.MarkSent(ctx, lane, ids[:1], model.Receipt{}); !errors.Is(err, model.ErrStale) {
			t.Errorf("marked twice: %v", err)
		}
		if err := d.BeginPush(ctx, lane, ids); !errors.Is(err, model.ErrStale) {
			t.Errorf("begun although one is sent: %v", err)
		}
	})
}

func TestOutbox_retry(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, ids := d.pushes(t, 1)
		if err := d.BeginPush(ctx, lane, ids); err != nil {
			t.Fatal(err)
		}
		later := d.clock.Now().Add(time.Second)
		if err := d.MarkRetry(ctx, lane, ids, 45009, strings.Repeat("长", 900), later, true); err != nil {
			t.Fatal(err)
		}
		r := d.outbox(t, ids[0])
		if r.State != model.OutPending || r.Uncertain != 1 || r.ErrCode != 45009 || r.Err != strings.Repeat("长", 500) {
			t.Errorf("row: %+v", r)
		}
		if lanes, err := d.ClaimLanes(ctx, model.LaneOut, "w", 9, lease); len(lanes) != 0 || err != nil {
			t.Errorf("claimed before its time: %v, %v", lanes, err)
		}
		d.clock.advance(time.Second)
		lane = d.hold(t, lane.Lane)
		if err := d.BeginPush(ctx, lane, ids); err != nil {
			t.Fatal(err)
		}
		if err := d.MarkRetry(ctx, lane, ids, 0, "refused", later, false); err != nil {
			t.Fatal(err)
		}
		if r := d.outbox(t, ids[0]); r.Attempts != 2 || r.Uncertain != 1 {
			t.Errorf("row after the second attempt: %+v", r)
		}
	})
}

// A push that was being sent when its sender died may have arrived: that is counted when
// somebody begins anew.
func TestOutbox_after_a_crash(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, ids := d.pushes(t, 2)
		if err := d.BeginPush(ctx, lane, ids[:1]); err != nil {
			t.Fatal(err)
		}
		d.clock.advance(lease)
		again := d.hold(t, lane.Lane)
		if rows := d.unsent(t, again); len(rows) != 2 || rows[0].State != model.OutSending {
			t.Fatalf("after the crash: %+v", rows)
		}
		if err := d.BeginPush(ctx, again, ids); err != nil {
			t.Fatal(err)
		}
		first, second := d.outbox(t, ids[0]), d.outbox(t, ids[1])
		if first.Attempts != 2 || first.Uncertain != 1 || second.Attempts != 1 || second.Uncertain != 0 {
			t.Errorf("rows: %+v, %+v", first, second)
		}
		if err := d.MarkSent(ctx, lane, ids, model.Receipt{}); !errors.Is(err, model.ErrFenced) {
			t.Errorf("the dead sender: %v", err)
		}
	})
}

func TestOutbox_dead(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, ids := d.pushes(t, 2)
		if err := d.BeginPush(ctx, lane, ids); err != nil {
			t.Fatal(err)
		}
		tell := []model.Forward{{Person: "li", Event: model.Event{Kind: model.EventPushFailed, Session: 7, Target: "wang"}}}
		if err := d.MarkDead(ctx, lane, ids[:1], model.OutDead, 81013, "no such user", tell); err != nil {
			t.Fatal(err)
		}
		dead, err := d.DeadLetters(ctx, model.DeadFilter{AccountID: d.acc.ID}, 0, 10)
		if err != nil || len(dead) != 1 || dead[0].ID != ids[0] || dead[0].ErrCode != 81013 || dead[0].Err != "no such user" || dead[0].SentMS != 0 {
			t.Errorf("dead: %+v, %v", dead, err)
		}
		rows := d.pending(t, d.hold(t, d.person("li")))
		if len(rows) != 1 || cmp.Diff(tell[0].Event, rows[0].Event) != "" {
			t.Errorf("told: %+v", rows)
		}
		if err := d.MarkDead(ctx, lane, ids[1:], model.OutUncertain, 0, "timeout", nil); err != nil {
			t.Fatal(err)
		}
		if r := d.outbox(t, ids[1]); r.State != model.OutUncertain || r.SentMS != d.nowMS() || r.Uncertain != 1 {
			t.Errorf("uncertain: %+v", r)
		}
		if err := d.MarkDead(ctx, lane, ids[:1], model.OutDead, 0, "", nil); !errors.Is(err, model.ErrStale) {
			t.Errorf("twice: %v", err)
		}
		if err := d.MarkDead(ctx, lane, ids, model.OutSent, 0, "", nil); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("as sent: %v", err)
		}
	})
}
