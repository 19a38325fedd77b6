package sqlstore_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// hook makes a webhook of the desk's account.
func (d *desk) hook(t *testing.T, kinds ...model.WebhookKind) model.Webhook {
	t.Helper()
	w, err := d.AddWebhook(t.Context(), model.Webhook{
		AccountID: d.acc.ID, Name: "工单", URL: "https://example.com/hook", Kinds: kinds, Enabled: true, Secret: "whsec_c2VjcmV0",
	}, boss())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// happens applies a step that tells outside of kinds in wang's session.
func (d *desk) happens(t *testing.T, kinds ...model.WebhookKind) model.Applied {
	t.Helper()
	step := d.step(t, "wang")
	step.Outcome = model.OutcomeHandled
	for _, kind := range kinds {
		step.Webhooks = append(step.Webhooks, model.WebhookEvent{
			Kind: kind, Account: model.WebhookAccount{Key: "hr"}, Session: &model.WebhookSession{ID: "77", Employee: "wang", State: model.StateBot},
		})
	}
	return d.apply(t, step)
}

func (d *desk) due(t *testing.T, w model.Webhook) []model.WebhookDelivery {
	t.Helper()
	list, err := d.DueDeliveries(t.Context(), w.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWebhooks_are_kept(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		w := d.hook(t, model.WebhookOpened)
		got, err := d.Webhook(ctx, d.acc.ID, w.ID)
		if diff := cmp.Diff(w, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		var sealed string
		if err := d.Raw().WithContext(ctx).Table("webhook").Select("secret").Scan(&sealed).Error; err != nil || strings.Contains(sealed, "whsec") || sealed == "" {
			t.Errorf("at rest: %q, %v", sealed, err)
		}
		if _, err := d.Webhook(ctx, d.acc.ID+1, w.ID); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("of another account: %v", err)
		}
		rename := func(w *model.Webhook) { w.Name, w.OldSecret, w.Secret, w.OldUntilMS = "新", w.Secret, "whsec_bmV3", 9 }
		if _, err := d.ChangeWebhook(ctx, d.acc.ID, w.ID, w.Version+1, boss(), rename); !errors.Is(err, model.ErrStale) {
			t.Errorf("another version: %v", err)
		}
		changed, err := d.ChangeWebhook(ctx, d.acc.ID, w.ID, w.Version, boss(), rename)
		if err != nil || changed.Name != "新" || changed.Version != w.Version+1 {
			t.Errorf("changed: %+v, %v", changed, err)
		}
		list, err := d.Webhooks(ctx, d.acc.ID)
		if err != nil || len(list) != 1 || list[0].OldSecret != "whsec_c2VjcmV0" || list[0].Secret != "whsec_bmV3" {
			t.Errorf("list: %+v, %v", list, err)
		}
		for range model.MaxWebhooks - 1 {
			d.hook(t)
		}
		if _, err := d.AddWebhook(ctx, model.Webhook{AccountID: d.acc.ID}, boss()); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("one too many: %v", err)
		}
		d.happens(t, model.WebhookClosed) // wanted by nobody
		d.happens(t, model.WebhookOpened)
		if err := d.DeleteWebhook(ctx, d.acc.ID, w.ID, boss()); err != nil {
			t.Fatal(err)
		}
		if n := d.count(t, "webhook_delivery"); n != 0 {
			t.Errorf("%d deliveries of a webhook that is gone", n)
		}
		if err := d.DeleteWebhook(ctx, d.acc.ID, w.ID, boss()); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		actions := strings.Join(d.audited(t, d.acc.ID), " ")
		if !strings.Contains(actions, "webhook.created webhook.changed") || !strings.HasSuffix(actions, "webhook.deleted") {
			t.Errorf("audited: %s", actions)
		}
	})
}

// What webhooks are told is written with the step, or not at all.
func TestApply_tells_webhooks(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if done := d.happens(t, model.WebhookOpened); len(done.Lanes) != 0 {
			t.Errorf("nobody to tell: %v", done.Lanes)
		}
		w := d.hook(t, model.WebhookOpened, model.WebhookClosed)
		other := d.hook(t, model.WebhookClosed)
		off := d.hook(t, model.WebhookClosed)
		if _, err := d.ChangeWebhook(ctx, d.acc.ID, off.ID, 0, boss(), func(w *model.Webhook) { w.Enabled = false }); err != nil {
			t.Fatal(err)
		}
		done := d.happens(t, model.WebhookOpened, model.WebhookRated, model.WebhookClosed)
		if fmt.Sprint(done.Lanes) != "[hook]" {
			t.Errorf("lanes: %v", done.Lanes)
		}
		for hook, want := range map[*model.Webhook]string{&w: "[session.opened session.closed]", &other: "[session.closed]", &off: "[]"} {
			got := []model.WebhookKind{}
			for _, row := range d.due(t, *hook) {
				got = append(got, row.Kind)
				if row.Employee != "wang" || row.SessionID != 77 || !strings.Contains(row.Body, `"timestamp":"2026-03-02T01:00:00Z"`) || !strings.Contains(row.Body, `"type":"`+string(row.Kind)) {
					t.Errorf("%+v", row)
				}
			}
			if fmt.Sprint(got) != want {
				t.Errorf("%s: %v, want %s", hook.Name, got, want)
			}
		}
		step := d.step(t, "wang")
		step.Webhooks = []model.WebhookEvent{{Kind: model.WebhookOpened}}
		step.Lane.Fence--
		if _, err := d.Apply(ctx, step); !errors.Is(err, model.ErrFenced) {
			t.Errorf("a step that is too late: %v", err)
		}
		if n := len(d.due(t, w)); n != 2 {
			t.Errorf("%d deliveries after a step that was refused", n)
		}
	})
}

func TestClaimWebhook(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		w := d.hook(t, model.WebhookOpened)
		if _, err := d.ClaimWebhook(ctx, lease); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("nothing to send: %v", err)
		}
		d.happens(t, model.WebhookOpened)
		mine, err := d.ClaimWebhook(ctx, lease)
		if err != nil || mine.ID != w.ID || mine.Secret != w.Secret {
			t.Fatalf("%+v, %v", mine, err)
		}
		if _, err := d.ClaimWebhook(ctx, lease); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("claimed twice: %v", err)
		}
		d.clock.advance(lease)
		next, err := d.ClaimWebhook(ctx, lease)
		if err != nil {
			t.Fatalf("after the lease: %v", err)
		}
		if err := d.KeepWebhook(ctx, &mine); !errors.Is(err, model.ErrFenced) {
			t.Errorf("the first holder: %v", err)
		}
		next.UntilMS, next.DueMS, next.Failures, next.FailingMS = 0, d.nowMS()+5000, 2, d.nowMS()
		if err := d.KeepWebhook(ctx, &next); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ClaimWebhook(ctx, lease); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("while it rests: %v", err)
		}
		ping, err := d.PingWebhook(ctx, d.acc, w.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.ClaimWebhook(ctx, lease); err != nil {
			t.Errorf("pinged: %v", err)
		}
		if due := d.due(t, w); len(due) != 2 || due[0].ID != ping.ID {
			t.Errorf("a ping goes first: %+v", due)
		}
	})
}

func TestWebhookDeliveries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		w := d.hook(t, model.WebhookOpened)
		for range 3 {
			d.happens(t, model.WebhookOpened)
			d.clock.advance(time.Second)
		}
		due := d.due(t, w)
		ok, failed := due[0], due[1]
		ok.State, ok.Code, ok.DoneMS, ok.Attempts = model.DeliveryDone, 204, d.nowMS(), 1
		failed.Code, failed.Err, failed.DueMS, failed.Attempts = 500, strings.Repeat("错", 300), d.nowMS()+1000, 1
		for _, row := range []model.WebhookDelivery{ok, failed} {
			if err := d.NoteDelivery(ctx, row); err != nil {
				t.Fatal(err)
			}
		}
		if left := d.due(t, w); len(left) != 1 || left[0].ID != due[2].ID {
			t.Errorf("due: %+v", left)
		}
		list, err := d.WebhookDeliveries(ctx, model.DeliveryFilter{AccountID: d.acc.ID, WebhookID: w.ID, State: model.DeliveryPending, Limit: 10})
		if err != nil || len(list) != 2 || list[0].ID != due[2].ID || list[1].Code != 500 {
			t.Errorf("pending: %+v, %v", list, err)
		}
		list, err = d.WebhookDeliveries(ctx, model.DeliveryFilter{AccountID: d.acc.ID, WebhookID: w.ID, Kind: model.WebhookOpened, Before: due[1].ID, Limit: 10})
		if err != nil || len(list) != 1 || list[0].ID != ok.ID {
			t.Errorf("older: %+v, %v", list, err)
		}
		d.clock.advance(time.Hour)
		if n, err := d.ExpireDeliveries(ctx, w.ID, d.nowMS()); err != nil || n != 2 {
			t.Errorf("expired %d, %v", n, err)
		}
		if loads, err := d.WebhookLoads(ctx, []uint64{w.ID}); err != nil || loads[0] != (model.WebhookLoad{WebhookID: w.ID, Dead: 2}) {
			t.Errorf("%+v, %v", loads, err)
		}
		if err := d.ReplayDelivery(ctx, d.acc.ID, w.ID, ok.ID, boss()); err != nil {
			t.Errorf("replayed: %v", err)
		}
		if n, err := d.ReplayDeliveries(ctx, d.acc.ID, w.ID, model.DeliveryDead, due[2].CreatedMS, boss()); err != nil || n != 1 {
			t.Errorf("replayed %d, %v", n, err)
		}
		if left := d.due(t, w); len(left) != 2 || left[0].Attempts != 0 || left[0].SinceMS != d.nowMS() {
			t.Errorf("to be sent again: %+v", left)
		}
		// What was found out before the replay doesn't count any more.
		if err := d.NoteDelivery(ctx, ok); err != nil {
			t.Fatal(err)
		}
		if left := d.due(t, w); len(left) != 2 {
			t.Errorf("a late answer ended a replay: %+v", left)
		}
		if err := d.ReplayDelivery(ctx, d.acc.ID+1, w.ID, ok.ID, boss()); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("of another account: %v", err)
		}
	})
}

// What is done with goes after two weeks, whatever else is kept for longer.
func TestPruneDone_deliveries(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		w := d.hook(t, model.WebhookOpened)
		d.happens(t, model.WebhookOpened)
		d.happens(t, model.WebhookOpened)
		ok := d.due(t, w)[0]
		ok.State, ok.DoneMS = model.DeliveryDone, d.nowMS()
		if err := d.NoteDelivery(ctx, ok); err != nil {
			t.Fatal(err)
		}
		prune := func() int64 {
			t.Helper()
			run, err := d.ClaimRetention(ctx, d.acc.ID, "me", lease)
			if err != nil || !run {
				t.Fatalf("claim: %v, %v", run, err)
			}
			if _, err := d.PruneDone(ctx, d.acc.ID, "me", 1); err != nil {
				t.Fatal(err)
			}
			return d.count(t, "webhook_delivery")
		}
		d.clock.advance(13 * 24 * time.Hour)
		if n := prune(); n != 2 {
			t.Errorf("%d deliveries after 13 days", n)
		}
		d.clock.advance(48 * time.Hour)
		if n := prune(); n != 1 {
			t.Errorf("%d deliveries after 15 days: what was never sent stays", n)
		}
	})
}

// Whoever calls a webhook at the moment that people change it stops, and the change holds at once. The
// log says that the address changed, and keeps what may be a secret in it to itself.
func TestChangeWebhook_while_called(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		w := d.hook(t, model.WebhookOpened)
		d.happens(t, model.WebhookOpened)
		held, err := d.ClaimWebhook(ctx, lease)
		if err != nil {
			t.Fatal(err)
		}
		moved := func(w *model.Webhook) { w.URL = "https://example.com/hook?key=hidden" }
		if _, err := d.ChangeWebhook(ctx, d.acc.ID, w.ID, 0, boss(), moved); err != nil {
			t.Fatal(err)
		}
		if err := d.KeepWebhook(ctx, &held); !errors.Is(err, model.ErrFenced) {
			t.Errorf("who called it before the change: %v", err)
		}
		if again, err := d.ClaimWebhook(ctx, lease); err != nil || again.URL != "https://example.com/hook?key=hidden" {
			t.Errorf("after the change: %+v, %v", again, err)
		}
		log, err := d.Audits(ctx, model.AuditFilter{AccountID: d.acc.ID, Action: "webhook.changed"}, model.AuditKey{}, 1)
		if err != nil || len(log) != 1 {
			t.Fatalf("%+v, %v", log, err)
		}
		if text := log[0].Before + log[0].After; strings.Contains(text, "hidden") || strings.Contains(text, "/hook") || !strings.Contains(text, "example.com") || log[0].Before == log[0].After {
			t.Errorf("in the log: %s", text)
		}
	})
}
