package sqlstore_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestLogins(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		phone, err := d.AddLogin(ctx, model.Login{Hash: "a", CorpID: corp, UserID: "Wang", Agent: "wxwork"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.AddLogin(ctx, model.Login{Hash: "b", CorpID: corp, UserID: "li"}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.AddLogin(ctx, model.Login{Hash: "c"}); err != nil {
			t.Fatal(err)
		}
		got, err := d.LoginByHash(ctx, "a")
		if err != nil || got.UserID != "wang" || got.Ended(got.CreatedMS) || !got.Ended(got.CreatedMS+model.LoginIdle.Milliseconds()) {
			t.Errorf("login: %+v, %v", got, err)
		}
		if _, err := d.LoginByHash(ctx, "other"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("of no login: %v", err)
		}
		count := func(whose model.Login, everybody bool) int {
			list, err := d.Logins(ctx, whose, everybody, 0, 10)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if got := []int{count(phone, false), count(model.Login{}, false), count(phone, true)}; !cmp.Equal(got, []int{1, 1, 3}) {
			t.Errorf("own, nameless and all logins: %v", got)
		}
		if err := d.EndLogin(ctx, phone.ID); err != nil {
			t.Fatal(err)
		}
		kept, err := d.AddLogin(ctx, model.Login{Hash: "d", CorpID: corp, UserID: "li"})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := d.EndLogins(ctx, corp, "LI", kept.ID); err != nil || n != 1 {
			t.Errorf("ended %d logins but for one, %v", n, err)
		}
		if n, err := d.EndLogins(ctx, corp, "LI", 0); err != nil || n != 1 {
			t.Errorf("ended %d logins, %v", n, err)
		}
		if got := count(phone, true); got != 1 {
			t.Errorf("%d logins are left, want the nameless one", got)
		}
	})
}

// A link signs in once.
func TestLoginLink(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if err := d.AddLoginLink(ctx, "x"); err != nil {
			t.Fatal(err)
		}
		if err := d.UseLoginLink(ctx, "x"); err != nil {
			t.Errorf("first use: %v", err)
		}
		if err := d.UseLoginLink(ctx, "x"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("second use: %v", err)
		}
	})
}

func TestStanding(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.saveAccount(t, d.acc, "li", "zhao")
		role := func(corpID, userID, key string) model.Role {
			st, err := d.Standing(ctx, corpID, userID, key)
			if err != nil {
				t.Fatal(err)
			}
			_, role := st.In(d.acc.Key)
			return role
		}
		for _, tt := range []struct {
			corp, user, key string
			want            model.Role
		}{
			{corp, "Li", "", model.RoleSeat},
			{corp, "li", d.acc.Key, model.RoleSeat},
			{corp, "li", "other", ""},
			{corp, "wang", "", ""},
			{"another corp", "li", "", ""},
			{"", "", d.acc.Key, model.RoleSuperAdmin},
		} {
			if got := role(tt.corp, tt.user, tt.key); got != tt.want {
				t.Errorf("%s of %s in %q is %q, want %q", tt.user, tt.corp, tt.key, got, tt.want)
			}
		}
		if err := d.AddSuperAdmin(ctx, model.SuperAdmin{CorpID: corp, UserID: "Wang", CreatedBy: "cli"}); err != nil {
			t.Fatal(err)
		}
		if got := role(corp, "wang", ""); got != model.RoleSuperAdmin {
			t.Errorf("a super admin is %q", got)
		}
		if err := d.RemoveSuperAdmin(ctx, corp, "wang", "cli"); model.CodeOf(err) != model.CodeConflict {
			t.Errorf("removing the last super admin: %v", err)
		}
	})
}
