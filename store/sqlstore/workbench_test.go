package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// unreadWork is work whose lines were just written.
func (d *desk) unreadWork(t *testing.T) {
	t.Helper()
	d.work(t)
	if err := d.Raw().Model(&model.Message{}).Where("account_id = ?", d.acc.ID).Update("at_ms", d.nowMS()).Error; err != nil {
		t.Fatal(err)
	}
}

func TestWorkCounts(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.unreadWork(t)
		for _, tt := range []struct {
			name, seat, me string
			remind         time.Duration
			want           model.WorkCounts
		}{
			// All lines are newer than what li wrote last; 7 goes to all.
			{"a_seat", "li", "li", 0, model.WorkCounts{Mine: 3, Queue: 2, Bot: 1, Attention: 4, Unread: []model.UnreadLines{{Session: 1, Lines: 2}, {Session: 2, Lines: 2}, {Session: 7, Lines: 2}}}},
			{"an_owner_who_is_none", "", "boss", 0, model.WorkCounts{Mine: 1, Queue: 2, Bot: 1, Attention: 5, Unread: []model.UnreadLines{{Session: 7, Lines: 2}}}},
			{"nobody", "", "", 0, model.WorkCounts{Queue: 2, Bot: 1, Attention: 5}},
			// Reminded only after 20 minutes, li's 15 are not long.
			{"a_slow_account", "", "", 20 * time.Minute, model.WorkCounts{Queue: 2, Bot: 1, Attention: 4}},
		} {
			acc := d.acc
			acc.Policy.Timers.Remind = tt.remind
			got, err := d.WorkCounts(t.Context(), model.WorkFilter{Account: acc, Seat: tt.seat, NowMS: d.nowMS()}, tt.me)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", tt.name, err, diff)
			}
		}
	})
}

func TestSeeSession(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.unreadWork(t)
		unread := func() map[uint64]int {
			t.Helper()
			c, err := d.WorkCounts(t.Context(), model.WorkFilter{Account: d.acc, Seat: "li", NowMS: d.nowMS()}, "li")
			if err != nil {
				t.Fatal(err)
			}
			lines := map[uint64]int{}
			for _, u := range c.Unread {
				lines[u.Session] = u.Lines
			}
			return lines
		}
		session := model.Session{ID: 1, AccountID: d.acc.ID, MessageCount: 2}
		for _, step := range []struct{ seq, want int }{{0, 2}, {1, 1}, {1, 1}, {9, 0}, {1, 0}} {
			if err := d.SeeSession(t.Context(), session, "LI", step.seq); err != nil {
				t.Fatal(err)
			}
			if got := unread()[1]; got != step.want {
				t.Errorf("after seeing %d: %d unread, want %d", step.seq, got, step.want)
			}
		}
		if got := unread()[7]; got != 2 {
			t.Errorf("another session has %d unread", got)
		}
	})
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for i, push := range []model.Outbox{
			{MessageSeq: 1, State: model.OutDead, ErrCode: 81013, Lane: d.out("p2")},
			{MessageSeq: 2, State: model.OutSent, Lane: d.out("p2")},
			{MessageSeq: 3, State: model.OutUncertain, Lane: d.out("p2")},
			{MessageSeq: 4, State: model.OutDead, Lane: d.out("li")}, // a copy for a seat
			{MessageSeq: 0, State: model.OutDead, Lane: d.out("p2")}, // no line
		} {
			push.AccountID, push.SessionID, push.Dedupe, push.Seq = d.acc.ID, 2, string(rune('a'+i)), uint64(i+1)
			d.insert(t, &push)
		}
		got, err := d.Deliveries(t.Context(), model.Session{ID: 2, AccountID: d.acc.ID, Employee: "p2"})
		want := []model.Delivery{{Seq: 3, State: model.OutUncertain}, {Seq: 1, State: model.OutDead, ErrCode: 81013}}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
