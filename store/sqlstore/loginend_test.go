package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// Who left the company, or may no longer use WeCom, is out.
func TestLogins_end_with_the_member(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for _, tt := range []struct {
			name string
			out  bool
			do   func() error
		}{
			{"a new name", false, func() error {
				return d.SaveMember(ctx, model.Member{CorpID: corp, UserID: "qian", Name: "钱", Status: 1})
			}},
			{"disabled", true, func() error { return d.SaveMember(ctx, model.Member{CorpID: corp, UserID: "qian", Status: 2}) }},
			{"left", true, func() error { return d.SaveMember(ctx, model.Member{CorpID: corp, UserID: "Qian", Status: 5}) }},
			{"deleted", true, func() error { return d.DeleteMember(ctx, corp, "QIAN") }},
			{"another deleted", false, func() error { return d.DeleteMember(ctx, corp, "sun") }},
			{"same userid elsewhere", false, func() error { return d.DeleteMember(ctx, "other", "qian") }},
			{"gone from the directory", true, func() error {
				if err := d.SaveMember(ctx, model.Member{CorpID: corp, UserID: "qian", Status: 1}); err != nil {
					return err
				}
				d.clock.advance(time.Second)
				return d.SaveDirectory(ctx, corp, model.Directory{Members: []model.Member{{UserID: "zhou", Name: "周", Status: 1}}}, true)
			}},
		} {
			l, err := d.AddLogin(ctx, model.Login{Hash: "of " + tt.name, CorpID: corp, UserID: "qian"})
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.do(); err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			if _, err := d.Login(ctx, l.ID); isNotFound(err) != tt.out {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	})
}

// What has expired is swept away as something new comes.
func TestLogins_are_swept(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		add := func(hash string) {
			t.Helper()
			if _, err := d.AddLogin(ctx, model.Login{Hash: hash, CorpID: corp, UserID: "li"}); err != nil {
				t.Fatal(err)
			}
			if err := d.AddLoginLink(ctx, hash); err != nil {
				t.Fatal(err)
			}
			if err := d.AddLoginStart(ctx, model.LoginStart{Hash: hash}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			add(fmt.Sprint(i))
		}
		d.clock.advance(model.LoginLife)
		add("new")
		for _, table := range []string{"login", "login_link", "login_start"} {
			var left int64
			if err := d.Raw().Table(table).Count(&left).Error; err != nil || left != 1 {
				t.Errorf("%d rows of %s, %v, want the new one alone", left, table, err)
			}
		}
	})
}

func TestLoginStarts(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		want := model.LoginStart{Hash: "s1", Browser: "b", AccountID: 7, Target: "/a/it?x=1"}
		if err := d.AddLoginStart(ctx, want); err != nil {
			t.Fatal(err)
		}
		want.ExpiresMS = d.clock.Now().Add(model.LoginStartLife).UnixMilli()
		if _, err := d.TakeLoginStart(ctx, "s2"); !isNotFound(err) {
			t.Errorf("unknown: %v", err)
		}
		// Of many who come with it, one gets it.
		const many = 5
		got := make([]model.LoginStart, many)
		failed := together(many, func(i int) (err error) {
			got[i], err = d.TakeLoginStart(ctx, "s1")
			return err
		})
		taken := 0
		for i, err := range failed {
			switch {
			case err == nil:
				taken++
				if diff := cmp.Diff(want, got[i]); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			case !isNotFound(err):
				t.Error(err)
			}
		}
		if taken != 1 {
			t.Errorf("taken %d times", taken)
		}
		if err := d.AddLoginStart(ctx, model.LoginStart{Hash: "s3"}); err != nil {
			t.Fatal(err)
		}
		d.clock.advance(model.LoginStartLife)
		if _, err := d.TakeLoginStart(ctx, "s3"); !isNotFound(err) {
			t.Errorf("expired: %v", err)
		}
	})
}

// Two super admins who remove each other: one stays.
func TestLastSuperAdmin(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		users := []string{"li", "zhao"}
		for _, u := range append(users, "LI") {
			if err := d.AddSuperAdmin(ctx, model.SuperAdmin{CorpID: corp, UserID: u, CreatedBy: "cli"}); err != nil {
				t.Fatal(err)
			}
		}
		refused := 0
		for _, err := range together(2, func(i int) error { return d.RemoveSuperAdmin(ctx, corp, users[i], "cli") }) {
			if reason(err) == "last_super_admin" {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		list, err := d.SuperAdmins(ctx)
		if err != nil || len(list) != 1 || refused != 1 {
			t.Errorf("%+v, %v, %d refused", list, err, refused)
		}
		notes, err := d.Audits(ctx, model.AuditFilter{}, model.AuditKey{}, 9)
		if err != nil || len(notes) != 4 {
			t.Errorf("%d entries of the audit log, %v, want one for each change, and one for the log of the account", len(notes), err)
		}
	})
}

// The same userid in another corp is somebody else.
func TestStanding_of_another_corp(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if err := d.AddSuperAdmin(ctx, model.SuperAdmin{CorpID: "other", UserID: "li", CreatedBy: "cli"}); err != nil {
			t.Fatal(err)
		}
		st, err := d.Standing(ctx, "other", "li", d.acc.Key)
		if err != nil || !st.Super || len(st.Places) != 1 || st.Places[0].Own || st.Places[0].Seat != nil {
			t.Errorf("%+v, %v", st, err)
		}
		st, err = d.Standing(ctx, corp, "li", d.acc.Key)
		if err != nil || st.Super || len(st.Places) != 1 || !st.Places[0].Own || st.Places[0].Seat == nil {
			t.Errorf("%+v, %v", st, err)
		}
	})
}
