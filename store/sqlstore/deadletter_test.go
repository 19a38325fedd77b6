package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// died gives n pushes for wang up, the first as uncertain where that is asked for.
func (d *desk) died(t *testing.T, n int, state model.OutboxState) (lane model.Lane, keys []model.DeadKey) {
	t.Helper()
	lane, ids := d.pushes(t, n)
	for i, id := range ids {
		if err := d.MarkDead(t.Context(), lane, []uint64{id}, state, int64(81013+i), "no", nil); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, d.outbox(t, id).DeadKey())
	}
	return lane, keys
}

func retried() model.Audit {
	return model.Audit{Actor: "cli", Action: "deadletter.retried"}
}

func TestRetryDead(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		lane, keys := d.died(t, 3, model.OutDead)
		if more, err := d.ReleaseLane(ctx, lane); more || err != nil {
			t.Fatal(more, err)
		}
		d.clock.advance(time.Hour)
		entry := retried()
		entry.AccountID = d.acc.ID
		// The last one first: they keep their order all the same.
		done, err := d.RetryDead(ctx, d.acc.ID, []model.DeadKey{keys[2], keys[0]}, false, entry)
		if diff := cmp.Diff([]uint64{keys[0].ID, keys[2].ID}, done); err != nil || diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		rows := d.unsent(t, d.hold(t, lane.Lane))
		if len(rows) != 2 || rows[0].ID != keys[0].ID || rows[1].ID != keys[2].ID || rows[0].Attempts != 0 || rows[0].RetriedMS != d.nowMS() || rows[0].DeadMS != 0 {
			t.Errorf("waiting: %+v", rows)
		}
		// Whoever pressed at the same time, or saw an older page, sends nothing.
		again, err := d.RetryDead(ctx, d.acc.ID, []model.DeadKey{keys[0], keys[2]}, true, entry)
		if err != nil || len(again) != 0 {
			t.Errorf("pressed twice: %v, %v", again, err)
		}
		if err := d.MarkDead(ctx, d.hold(t, lane.Lane), []uint64{keys[0].ID}, model.OutDead, 1, "x", nil); err != nil {
			t.Fatal(err)
		}
		again, err = d.RetryDead(ctx, d.acc.ID, keys[:1], true, entry)
		if err != nil || len(again) != 0 {
			t.Errorf("by what was seen before it died again: %v, %v", again, err)
		}
		log, err := d.Audits(ctx, model.AuditFilter{AccountID: d.acc.ID, Action: "deadletter.retried"}, model.AuditKey{}, 10)
		if err != nil || len(log) != 1 {
			t.Errorf("audited: %+v, %v", log, err)
		}
		if _, err := d.RetryDead(ctx, d.acc.ID+1, keys[1:2], true, entry); err != nil || d.outbox(t, keys[1].ID).State != model.OutDead {
			t.Errorf("of another account: %v", err)
		}
		if _, err := d.RetryDead(ctx, d.acc.ID, make([]model.DeadKey, 201), true, entry); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("too many: %v", err)
		}
	})
}

// What may have arrived goes out again only where somebody says so.
func TestRetryDead_uncertain(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, keys := d.died(t, 1, model.OutUncertain)
		if done, err := d.RetryDead(ctx, d.acc.ID, keys, false, retried()); err != nil || len(done) != 0 {
			t.Errorf("without a word: %v, %v", done, err)
		}
		done, err := d.RetryDead(ctx, d.acc.ID, keys, true, retried())
		if r := d.outbox(t, keys[0].ID); err != nil || len(done) != 1 || r.State != model.OutPending || r.Uncertain != 1 {
			t.Errorf("with it: %v, %+v", err, r)
		}
	})
}

// Whatever many people press at once, each push goes out once.
func TestRetryDead_together(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		_, keys := d.died(t, 5, model.OutDead)
		const people = 4
		done := make(chan int, people)
		for range people {
			go func() {
				ids, err := d.RetryDead(t.Context(), d.acc.ID, keys, false, retried())
				if err != nil {
					t.Error(err)
				}
				done <- len(ids)
			}()
		}
		total := 0
		for range people {
			total += <-done
		}
		if total != len(keys) {
			t.Errorf("%d sent again of %d", total, len(keys))
		}
	})
}

// A line that its writer took back stays back.
func TestRetryDead_recalled(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, keys := d.died(t, 1, model.OutDead)
		if err := d.Raw().Model(&model.Outbox{}).Where("id = ?", keys[0].ID).Updates(map[string]any{"session_id": 7, "message_seq": 3}).Error; err != nil {
			t.Fatal(err)
		}
		if err := d.Raw().Create(&model.Message{SessionID: 7, AccountID: d.acc.ID, Seq: 3, From: model.FromSeat, RecalledMS: 9}).Error; err != nil {
			t.Fatal(err)
		}
		if done, err := d.RetryDead(ctx, d.acc.ID, keys, true, retried()); err != nil || len(done) != 0 {
			t.Errorf("sent: %v, %v", done, err)
		}
	})
}

func TestDiscardDead(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, keys := d.died(t, 2, model.OutDead)
		if n, err := d.DiscardDead(ctx, d.acc.ID, keys, model.Audit{Action: "deadletter.discarded"}); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		if n, err := d.DiscardDead(ctx, d.acc.ID, keys, model.Audit{}); err != nil || n != 0 {
			t.Errorf("twice: %d, %v", n, err)
		}
		if done, err := d.RetryDead(ctx, d.acc.ID, keys, true, model.Audit{}); err != nil || len(done) != 0 {
			t.Errorf("sent again after that: %v, %v", done, err)
		}
		if _, err := d.DeadLetter(ctx, d.acc.ID, keys[0].ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("still listed: %v", err)
		}
	})
}

func TestDeadLetters(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, dead := d.died(t, 2, model.OutDead)
		_, maybe := d.died(t, 1, model.OutUncertain)
		code, other := int64(81014), int64(5)
		for name, tt := range map[string]struct {
			filter model.DeadFilter
			before uint64
			limit  int
			want   []uint64
		}{
			"newest first":   {model.DeadFilter{}, 0, 9, []uint64{maybe[0].ID, dead[1].ID, dead[0].ID}},
			"a page":         {model.DeadFilter{}, 0, 2, []uint64{maybe[0].ID, dead[1].ID}},
			"the page after": {model.DeadFilter{}, dead[1].ID, 2, []uint64{dead[0].ID}},
			"oldest first":   {model.DeadFilter{Oldest: true}, dead[0].ID, 9, []uint64{dead[1].ID, maybe[0].ID}},
			"uncertain":      {model.DeadFilter{State: model.OutUncertain}, 0, 9, []uint64{maybe[0].ID}},
			"code":           {model.DeadFilter{ErrCode: &code}, 0, 9, []uint64{dead[1].ID}},
			"no such code":   {model.DeadFilter{ErrCode: &other}, 0, 9, nil},
			"receiver":       {model.DeadFilter{Receiver: "Wang", State: model.OutDead}, 0, 9, []uint64{dead[1].ID, dead[0].ID}},
			"nobody":         {model.DeadFilter{Receiver: "zhang"}, 0, 9, nil},
			"lines":          {model.DeadFilter{Lines: true}, 0, 9, nil},
			"since":          {model.DeadFilter{FromMS: d.nowMS() + 1}, 0, 9, nil},
			"until":          {model.DeadFilter{ToMS: d.nowMS() + 1, State: model.OutUncertain}, 0, 9, []uint64{maybe[0].ID}},
		} {
			tt.filter.AccountID = d.acc.ID
			rows, err := d.DeadLetters(ctx, tt.filter, tt.before, tt.limit)
			var got []uint64
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		counts, err := d.DeadCounts(ctx, d.acc.ID)
		want := []model.DeadCount{
			{State: model.OutDead, ErrCode: 81013, N: 1}, {State: model.OutUncertain, ErrCode: 81013, N: 1}, {State: model.OutDead, ErrCode: 81014, N: 1},
		}
		if diff := cmp.Diff(want, counts); err != nil || diff != "" {
			t.Errorf("counts: %v (-want +got):\n%s", err, diff)
		}
		load, err := d.AccountLoad(ctx, d.acc.ID)
		if err != nil || load.Dead != 2 || load.Uncertain != 1 || load.Pushes != 0 || load.PushSinceMS != 0 {
			t.Errorf("load: %+v, %v", load, err)
		}
	})
}
