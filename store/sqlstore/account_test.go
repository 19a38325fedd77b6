package sqlstore_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

func TestSaveAccount(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		want := account("it", 1000003)
		want.Policy.Scope = &model.Scope{Members: []string{"wang"}, Departments: []int64{3}}
		want.Profile = model.Profile{Alias: "IT", ServiceWindow: model.ServiceWindow{Title: "报修", URL: "https://example.com/"}}

		saved, changed, err := d.SaveAccount(ctx, want, model.SeatSetups("Zhao", "li", "zhao"), []string{"Boss"}, "cli")
		if err != nil || !changed || saved.ID == 0 || saved.Version != 1 {
			t.Fatalf("first save: %+v, %v, %v", saved, changed, err)
		}
		want.ID, want.Version, want.CreatedMS, want.UpdatedMS = saved.ID, 1, d.nowMS(), d.nowMS()
		for name, read := range map[string]func() (model.Account, error){
			"by key": func() (model.Account, error) { return d.AccountByKey(ctx, "it") },
			"by id":  func() (model.Account, error) { return d.Account(ctx, saved.ID) },
		} {
			got, err := read()
			if err != nil {
				t.Fatal(name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		owners, err := d.Owners(ctx, saved.ID)
		if diff := cmp.Diff([]string{"boss"}, owners); err != nil || diff != "" {
			t.Errorf("owners: %v %s", err, diff)
		}
	})
}

func TestSaveAccount_again_changes_only_what_differs(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		version := func() uint64 {
			t.Helper()
			v, err := d.AccountsVersion(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for _, tt := range []struct {
			name          string
			change        func(*model.Account)
			seats, owners []string
			changed       bool
		}{
			{"the same", nil, []string{"li", "zhao"}, nil, false},
			{"seats in another form", nil, []string{" ZHAO", "Li"}, nil, false},
			{"a name", func(a *model.Account) { a.Name = "人力" }, []string{"li", "zhao"}, nil, true},
			{"a secret", func(a *model.Account) { a.Secret = "other" }, []string{"li", "zhao"}, nil, true},
			{"a policy", func(a *model.Account) { a.Policy.Assignment.Capacity = 3 }, []string{"li", "zhao"}, nil, true},
			{"a seat", nil, []string{"li", "qian"}, nil, true},
			{"an owner", nil, []string{"li", "qian"}, []string{"boss"}, true},
			{"nothing any more", nil, []string{"li", "qian"}, []string{"boss"}, false},
		} {
			acc, err := d.AccountByKey(ctx, "hr")
			if err != nil {
				t.Fatal(err)
			}
			before, all := acc.Version, version()
			if tt.change != nil {
				tt.change(&acc)
			}
			saved, changed, err := d.SaveAccount(ctx, acc, model.SeatSetups(tt.seats...), tt.owners, "cli")
			if err != nil || changed != tt.changed {
				t.Errorf("%s: changed = %v, %v", tt.name, changed, err)
			}
			if grew := saved.Version > before && version() > all; grew != tt.changed {
				t.Errorf("%s: version %d → %d, of all %d → %d", tt.name, before, saved.Version, all, version())
			}
		}
		seats, err := d.Seats(ctx, d.acc.ID)
		want := []model.Seat{
			{AccountID: d.acc.ID, UserID: "li", State: model.SeatOnline, Name: "li", JoinedMS: seats[0].JoinedMS},
			{AccountID: d.acc.ID, UserID: "qian", State: model.SeatOnline, Name: "qian", JoinedMS: seats[1].JoinedMS},
		}
		if diff := cmp.Diff(want, seats); err != nil || diff != "" {
			t.Errorf("seats: %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestSaveAccount_refuses(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		twin := account("twin", d.acc.AgentID)
		twin.CorpID = "WWCORP" // the same corp, for corp ids compare without case
		_, _, err := d.SaveAccount(ctx, twin, nil, nil, "cli")
		if model.CodeOf(err) != model.CodeConflict || !strings.Contains(err.Error(), `serves account "hr" already`) {
			t.Errorf("an app of another account: %v", err)
		}
		if _, _, err := d.SaveAccount(ctx, account("", 1), nil, nil, "cli"); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("no key: %v", err)
		}
		if _, err := d.AccountByKey(ctx, "twin"); !isNotFound(err) {
			t.Errorf("the refused account: %v", err)
		}
		list, err := d.Accounts(ctx)
		if err != nil || len(list) != 1 || list[0].Key != "hr" {
			t.Errorf("accounts: %v, %v", list, err)
		}
	})
}

func TestSaveAccount_at_the_same_time(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ids := make([]uint64, 8)
		together(len(ids), func(i int) error {
			acc, _, err := d.SaveAccount(t.Context(), account("it", 1000003), model.SeatSetups("li"), nil, "cli")
			ids[i] = acc.ID
			return err
		}).mustAll(t)
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("several accounts were made: %v", ids)
			}
		}
	})
}

func TestSecrets_are_sealed(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
		d := newDesk(t, db)
		ctx := t.Context()
		var stored []string
		err := d.Raw().Raw("SELECT CONCAT(secret, token, encoding_aes_key) FROM account").Scan(&stored).Error
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"app-secret", "callback-token", "encoding-aes-key"} {
			if strings.Contains(strings.Join(stored, "\n"), secret) {
				t.Errorf("the table shows %q", secret)
			}
		}

		// Copied into another account's row they don't open, and no error shows them.
		other := d.saveAccount(t, account("it", 1000003))
		err = d.Raw().Exec("UPDATE account SET secret = ? WHERE id = ?", sealedSecret(t, d, d.acc.ID), other.ID).Error
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Account(ctx, other.ID); err == nil || strings.Contains(err.Error(), "app-secret") {
			t.Errorf("a secret of another row: %v", err)
		}

		// Nor with another key.
		s, err := sqlstore.Open(ctx, sqlstore.Config{URL: db.URL, SecretKey: make([]byte, 32)})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		if _, err := s.Account(ctx, d.acc.ID); err == nil || !strings.Contains(err.Error(), "another secret key") {
			t.Errorf("another key: %v", err)
		}
	})
}

func sealedSecret(t *testing.T, d *desk, id uint64) string {
	t.Helper()
	var sealed string
	if err := d.Raw().Raw("SELECT secret FROM account WHERE id = ?", id).Scan(&sealed).Error; err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestAccount_reads_older_policies_with_defaults(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		err := d.Raw().Exec(`UPDATE account SET policy = '{"bot":{"enabled":false}}'`).Error
		if err != nil {
			t.Fatal(err)
		}
		acc, err := d.Account(t.Context(), d.acc.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := model.DefaultPolicy()
		want.Bot.Enabled = false
		if diff := cmp.Diff(want, acc.Policy); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
