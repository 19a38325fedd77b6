package sqlstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"deskmate/model"
)

// quick lists the shortcuts that a seat has.
func (d *desk) quick(t *testing.T, f model.QuickFilter) string {
	t.Helper()
	f.AccountID = d.acc.ID
	if f.Limit == 0 {
		f.Limit = 100
	}
	list, err := d.QuickReplies(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, q := range list {
		names = append(names, q.Shortcut)
	}
	return strings.Join(names, " ")
}

func (d *desk) saveQuick(t *testing.T, owner, shortcut, text string) model.QuickReply {
	t.Helper()
	q, err := d.SaveQuickReply(t.Context(), model.QuickReply{AccountID: d.acc.ID, Owner: owner, Shortcut: shortcut, Text: text})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestQuickReplies(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		own := d.saveQuick(t, "Li", "嗨", "您好")
		d.saveQuick(t, "zhao", "hi", "别人的")
		first, second := d.saveQuick(t, "", "VPN", "请重启 VPN"), d.saveQuick(t, "", "hi", "您好，{员工}")
		if own.Owner != "li" || first.Position != 0 || second.Position != 1 || first.Version != 1 || first.Folded != "vpn" {
			t.Errorf("saved: %+v %+v %+v", own, first, second)
		}
		for name, tt := range map[string]struct {
			f    model.QuickFilter
			want string
		}{
			"of_a_seat":        {model.QuickFilter{Seat: "LI"}, "VPN hi 嗨"},
			"of_another":       {model.QuickFilter{Seat: "zhao"}, "VPN hi hi"},
			"of_the_account":   {model.QuickFilter{}, "VPN hi"},
			"page":             {model.QuickFilter{Seat: "li", Limit: 2}, "VPN hi"},
			"next_page":        {model.QuickFilter{Seat: "li", After: model.QuickPlace{Position: 1, ID: second.ID}}, "嗨"},
			"by_text":          {model.QuickFilter{Seat: "li", Text: "您好"}, "hi 嗨"},
			"by_shortcut":      {model.QuickFilter{Seat: "li", Text: "ｖｐｎ"}, "VPN"},
			"by_nothing_there": {model.QuickFilter{Seat: "li", Text: "%"}, ""},
		} {
			if got := d.quick(t, tt.f); got != tt.want {
				t.Errorf("%s: %q, want %q", name, got, tt.want)
			}
		}

		if _, err := d.SaveQuickReply(ctx, model.QuickReply{AccountID: d.acc.ID, Shortcut: "ＨＩ", Text: "x"}); reason(err) != "shortcut_taken" {
			t.Errorf("a shortcut twice: %v", err)
		}
		if _, err := d.SaveQuickReply(ctx, model.QuickReply{AccountID: d.acc.ID, Shortcut: "a b", Text: "x"}); reason(err) != "quick_reply_shortcut" {
			t.Errorf("a bad one: %v", err)
		}
		changed := first
		changed.Shortcut, changed.Position = "网络", 9
		changed, err := d.SaveQuickReply(ctx, changed)
		if err != nil || changed.Version != 2 || changed.Position != 0 {
			t.Errorf("changed: %+v, %v", changed, err)
		}
		if got, err := d.QuickReply(ctx, d.acc.ID, first.ID); err != nil || got != changed {
			t.Errorf("read: %+v, %v", got, err)
		}
		if _, err := d.SaveQuickReply(ctx, first); !errors.Is(err, model.ErrStale) {
			t.Errorf("changed by somebody else: %v", err)
		}
		first.Owner = "li"
		if _, err := d.SaveQuickReply(ctx, first); !isNotFound(err) {
			t.Errorf("of another owner: %v", err)
		}
		if _, err := d.QuickReply(ctx, d.acc.ID+1, first.ID); !isNotFound(err) {
			t.Errorf("of another account: %v", err)
		}

		d.saveQuick(t, "", "c", "x")
		if err := d.OrderQuickReplies(ctx, d.acc.ID, "", []uint64{second.ID}); err != nil || d.quick(t, model.QuickFilter{}) != "hi 网络 c" {
			t.Errorf("ordered: %v, %s", err, d.quick(t, model.QuickFilter{}))
		}
		if err := d.OrderQuickReplies(ctx, d.acc.ID, "", []uint64{own.ID}); !isNotFound(err) {
			t.Errorf("one of another owner's ordered: %v", err)
		}

		if err := d.DeleteQuickReply(ctx, d.acc.ID, "", second.ID, 7); !errors.Is(err, model.ErrStale) {
			t.Errorf("deleted though changed: %v", err)
		}
		if err := d.DeleteQuickReply(ctx, d.acc.ID, "", own.ID, 0); !isNotFound(err) {
			t.Errorf("one of another owner's deleted: %v", err)
		}
		if err := d.DeleteQuickReply(ctx, d.acc.ID, "li", own.ID, 1); err != nil || d.quick(t, model.QuickFilter{Seat: "li"}) != "hi 网络 c" {
			t.Errorf("deleted: %v, %s", err, d.quick(t, model.QuickFilter{Seat: "li"}))
		}
	})
}

func TestQuickReplies_has_its_limit(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for i := range model.MaxQuickReplies {
			d.saveQuick(t, "", fmt.Sprint("n", i), "x")
			d.clock.advance(time.Millisecond) // ids of one moment are random, and may meet
		}
		_, err := d.SaveQuickReply(t.Context(), model.QuickReply{AccountID: d.acc.ID, Shortcut: "more", Text: "x"})
		if reason(err) != "quick_reply_limit" {
			t.Errorf("one too many: %v", err)
		}
		if got := strings.Fields(d.quick(t, model.QuickFilter{Text: "n", Limit: 1000})); len(got) != model.MaxQuickReplies || got[499] != "n499" {
			t.Errorf("%d are listed", len(got))
		}
	})
}
