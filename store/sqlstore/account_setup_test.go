package sqlstore_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func boss() model.Audit { return model.Audit{Actor: "member:boss", From: "192.0.2.7"} }

// audited are the actions in an account's log, oldest first; it fails where one tells a secret.
func (d *desk) audited(t *testing.T, accountID uint64) []string {
	t.Helper()
	list, err := d.Audits(t.Context(), model.AuditFilter{AccountID: accountID}, model.AuditKey{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, a := range list {
		text, _ := json.Marshal(a)
		if strings.Contains(string(text), "-secret") {
			t.Errorf("the audit log tells a secret: %s", text)
		}
		if !strings.HasPrefix(a.Action, "seat.") && !strings.HasPrefix(a.Action, "audit.") {
			actions = append(actions, a.Action)
		}
	}
	slices.Reverse(actions)
	return actions
}

func TestCreateAccount(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		made, err := d.CreateAccount(ctx, account("it", 7), boss())
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.AccountByKey(ctx, "it")
		if err != nil || got.ID != made.ID || got.Secret.Reveal() != "app-secret" || got.Version != 1 {
			t.Errorf("stored %+v, %v", got, err)
		}
		if diff := cmp.Diff([]string{"account.created"}, d.audited(t, made.ID)); diff != "" {
			t.Error(diff)
		}
		for reasonWanted, acc := range map[string]model.Account{"account_exists": account("it", 8), "agent_taken": account("new", 7)} {
			if _, err := d.CreateAccount(ctx, acc, boss()); reason(err) != reasonWanted {
				t.Errorf("creating %s for app %d: %v, want %s", acc.Key, acc.AgentID, err, reasonWanted)
			}
		}
	})
}

func TestSetConnection(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		c := model.Connection{CorpID: corp, AgentID: 1000002, Secret: "new-secret"}
		version, err := d.SetConnection(ctx, d.acc.ID, d.acc.Version, c, boss())
		if err != nil || version != d.acc.Version+1 {
			t.Fatalf("version %d, %v", version, err)
		}
		got, _ := d.AccountByKey(ctx, "hr")
		if got.Secret.Reveal() != "new-secret" || got.Token.Reveal() != "callback-token" {
			t.Errorf("%q %q", got.Secret.Reveal(), got.Token.Reveal())
		}
		if again, err := d.SetConnection(ctx, d.acc.ID, 0, c, boss()); err != nil || again != version {
			t.Errorf("the same again: version %d, %v", again, err)
		}
		if _, err := d.SetConnection(ctx, d.acc.ID, d.acc.Version, c, boss()); !errors.Is(err, model.ErrStale) {
			t.Errorf("with an old version: %v", err)
		}
		if _, err := d.CreateAccount(ctx, account("it", 7), boss()); err != nil {
			t.Fatal(err)
		}
		taken := model.Connection{CorpID: corp, AgentID: 7}
		if _, err := d.SetConnection(ctx, d.acc.ID, 0, taken, boss()); reason(err) != "agent_taken" {
			t.Errorf("an app of another account: %v", err)
		}
		other := model.Connection{CorpID: "wwOther", AgentID: 1000002}
		if _, err := d.SetConnection(ctx, d.acc.ID, 0, other, boss()); err != nil {
			t.Errorf("another corp before anybody talked: %v", err)
		}
		d.opens(t, "wang", nil)
		back := model.Connection{CorpID: corp, AgentID: 1000002}
		if _, err := d.SetConnection(ctx, d.acc.ID, 0, back, boss()); reason(err) != "corp_fixed" {
			t.Errorf("another corp after that: %v", err)
		}
	})
}

func TestCallbackRecord(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		note := func(news model.CallbackNews, reason string) {
			t.Helper()
			d.clock.advance(time.Second)
			if err := d.NoteCallback(ctx, d.acc.ID, news, reason); err != nil {
				t.Fatal(err)
			}
		}
		record := func() model.CallbackRecord {
			t.Helper()
			r, err := d.CallbackRecord(ctx, d.acc.ID)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		note(model.CallbackRefused, "bad_signature")
		note(model.CallbackVerified, "")
		note(model.CallbackReceived, "")
		got := record()
		if got.Refusal != "bad_signature" || got.RefusedMS == 0 || got.VerifiedMS <= got.RefusedMS || got.ReceivedMS <= got.VerifiedMS {
			t.Errorf("%+v", got)
		}
		// A new secret of the app leaves it, a new token of the callback doesn't.
		for _, c := range []model.Connection{{Secret: "x-secret"}, {Token: "other"}} {
			c.CorpID, c.AgentID = corp, 1000002
			if _, err := d.SetConnection(ctx, d.acc.ID, 0, c, boss()); err != nil {
				t.Fatal(err)
			}
			if kept := record().VerifiedMS != 0; kept != (c.Token == "") {
				t.Errorf("after %+v the record is kept: %t", c, kept)
			}
		}
		note(model.CallbackVerified, "")
		d.saveAccount(t, account("hr", 1000002), "li") // as an account file would, with the old token
		if record().VerifiedMS != 0 {
			t.Error("an account file with another token leaves the record")
		}
	})
}

func TestOwners_change(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.directory(t)
		before, _ := d.AccountsVersion(ctx)
		for range 2 {
			if err := d.AddOwner(ctx, d.acc.ID, "LI", boss()); err != nil {
				t.Fatal(err)
			}
		}
		owners, err := d.NamedOwners(ctx, d.acc)
		if diff := cmp.Diff([]model.Owner{{UserID: "li", Name: "李"}}, owners); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if after, _ := d.AccountsVersion(ctx); after != before+1 {
			t.Errorf("adding twice made the version %d of %d", after, before)
		}
		if err := d.RemoveOwner(ctx, d.acc.ID, "Li", boss()); err != nil {
			t.Fatal(err)
		}
		if err := d.RemoveOwner(ctx, d.acc.ID, "li", boss()); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("removing nobody: %v", err)
		}
		if diff := cmp.Diff([]string{"owner.added", "owner.removed"}, d.audited(t, d.acc.ID)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDomainFiles(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, content := range []string{"old", "new"} {
			if err := d.PutDomainFile(ctx, model.DomainFile{Name: "WW_verify_a.txt", Content: content}, boss()); err != nil {
				t.Fatal(err)
			}
		}
		got, err := d.DomainFile(ctx, "WW_verify_a.txt")
		if err != nil || got.Content != "new" || got.CreatedBy != "member:boss" {
			t.Errorf("%+v, %v", got, err)
		}
		if list, err := d.DomainFiles(ctx); err != nil || len(list) != 1 {
			t.Errorf("%v, %v", list, err)
		}
		if err := d.DeleteDomainFile(ctx, "WW_verify_a.txt", boss()); err != nil {
			t.Fatal(err)
		}
		if _, err := d.DomainFile(ctx, "WW_verify_a.txt"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("after deleting: %v", err)
		}
		want := []string{"domain_file.saved", "domain_file.saved", "domain_file.deleted"}
		if diff := cmp.Diff(want, d.audited(t, 0)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAccountFigures(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		empty, err := d.AccountFigures(ctx, d.acc.ID, d.nowMS())
		if diff := cmp.Diff(model.AccountFigures{Seats: 2, Online: 2}, empty); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		old := d.opens(t, "wang", nil)
		d.clock.advance(time.Hour)
		day := d.nowMS()
		first := d.waits(t, "qian", nil)
		d.clock.advance(time.Minute)
		d.waits(t, "sun", nil)
		d.served(t, "zhou")
		if err := d.SetSeatState(ctx, d.acc.ID, "zhao", model.SeatAway, "x"); err != nil {
			t.Fatal(err)
		}
		got, err := d.AccountFigures(ctx, d.acc.ID, day)
		want := model.AccountFigures{Bot: 1, Queued: 2, Serving: 1, OldestMS: first.QueuedMS, Seats: 2, Online: 1, Sessions: 3, Tried: true}
		if diff := cmp.Diff(want, got); diff != "" || err != nil || old.ID == 0 {
			t.Errorf("%v %s", err, diff)
		}
	})
}
