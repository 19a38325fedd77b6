package sqlstore_test

import (
	"errors"
	"slices"
	"testing"

	"deskmate/model"
)

// audited counts the entries of an account's audit log with an action, by an actor.
func audited(t *testing.T, d *desk, action, actor string) int {
	t.Helper()
	list, err := d.Audits(t.Context(), model.AuditFilter{AccountID: d.acc.ID, Actors: []string{actor}, Action: action}, model.AuditKey{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestApply_order(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		order := func(kind model.OrderKind, userID string) {
			t.Helper()
			step := d.step(t, "wang")
			step.Order = &model.Order{Kind: kind, UserID: userID}
			d.apply(t, step)
			if _, err := d.Apply(t.Context(), step); !errors.Is(err, model.ErrDuplicate) {
				t.Errorf("%s applied again: %v", kind, err)
			}
		}
		is := func() (bot bool, seat bool, version uint64) {
			t.Helper()
			acc, err := d.Account(t.Context(), d.acc.ID)
			if err != nil {
				t.Fatal(err)
			}
			seats, err := d.Seats(t.Context(), d.acc.ID)
			if err != nil {
				t.Fatal(err)
			}
			return acc.Policy.Bot.Enabled, slices.ContainsFunc(seats, func(s model.Seat) bool { return s.UserID == "qian" }), acc.Version
		}
		_, _, first := is()
		order(model.OrderBotOn, "")
		order(model.OrderBotOff, "")
		order(model.OrderSeatAdd, "qian")
		order(model.OrderSeatAdd, "qian")
		bot, seat, version := is()
		if bot || !seat {
			t.Errorf("bot %v, seat %v after it was switched off and the seat added", bot, seat)
		}
		order(model.OrderSeatRemove, "qian")
		order(model.OrderSeatRemove, "qian")
		order(model.OrderBotOn, "")
		if bot, seat, last := is(); !bot || seat || last != version+2 || version < first+2 {
			t.Errorf("bot %v, seat %v, versions %d, %d, %d", bot, seat, first, version, last)
		}
		for action, least := range map[string]int{"account.changed": 2, "seat.added": 1, "seat.removed": 1} {
			if n := audited(t, d, action, "member:wang"); n < least {
				t.Errorf("%d entries of %s", n, action)
			}
		}
		if n := audited(t, d, "seat.added", "member:wang"); n != 1 {
			t.Errorf("the seat was added %d times", n)
		}
	})
}

// A card counts once: its event is written under its task id.
func TestApply_order_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		forward := model.Forward{Person: "wang", Key: model.OrderKey("order-1-0"), Event: model.Event{
			Kind: model.EventOrder, Order: &model.Order{Kind: model.OrderBotOff},
		}}
		click := model.Event{Kind: model.EventCardClick, Click: &model.Click{Key: model.OrderVerb + ":1", TaskID: "order-1-0"}}
		step := d.step(t, "wang")
		before, err := d.LoadCase(t.Context(), step.Lane, click)
		if err != nil || before.Ordered {
			t.Fatalf("before: %v, %v", before.Ordered, err)
		}
		step.Forwards = []model.Forward{forward}
		d.apply(t, step)
		after, err := d.LoadCase(t.Context(), step.Lane, click)
		if err != nil || !after.Ordered {
			t.Errorf("after: %v, %v", after.Ordered, err)
		}
		again := d.step(t, "wang")
		again.Forwards = []model.Forward{forward}
		if _, err := d.Apply(t.Context(), again); !errors.Is(err, model.ErrStale) {
			t.Errorf("a second time: %v", err)
		}
	})
}

func TestLoadCase_of_who_runs_the_account(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		step := d.step(t, "wang")
		written := model.Event{Kind: model.EventMessage, Content: new(text(" ＃管理"))}
		runs := func(ev model.Event) bool {
			t.Helper()
			c, err := d.LoadCase(ctx, step.Lane, ev)
			if err != nil {
				t.Fatal(err)
			}
			return c.Runs
		}
		if runs(written) {
			t.Error("anybody runs the account")
		}
		for _, corp := range []string{"another", d.acc.CorpID} {
			if err := d.AddSuperAdmin(ctx, model.SuperAdmin{CorpID: corp, UserID: "wang", CreatedBy: "cli"}); err != nil {
				t.Fatal(err)
			}
			if own := corp == d.acc.CorpID; runs(written) != own || runs(model.Event{Kind: model.EventOrder}) != own {
				t.Errorf("a super admin of %s runs the account: %v", corp, !own)
			}
		}
		group := written
		group.Group = &model.Mention{}
		if runs(group) {
			t.Error("orders are taken in a group")
		}
	})
}

// A lesson is read again from the message that held it: from nobody else's.
func TestLoadCase_of_a_lesson(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		step := d.step(t, "wang")
		other := d.step(t, "qian")
		rows, err := d.PendingInbox(t.Context(), step.Lane, 1)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		ev := model.Event{Kind: model.EventOrder, Order: &model.Order{Kind: model.OrderEntry, Inbox: rows[0].ID}}
		for _, lane := range []model.Lane{step.Lane, other.Lane} {
			want := ""
			if lane.Lane == step.Lane.Lane {
				want = rows[0].Event.Content.Text
			}
			if c, err := d.LoadCase(t.Context(), lane, ev); err != nil || c.OrderText != want {
				t.Errorf("%s: %q, %v, want %q", lane.Lane, c.OrderText, err, want)
			}
		}
	})
}
