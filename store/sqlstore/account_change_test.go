package sqlstore_test

import (
	"errors"
	"testing"

	"deskmate/model"
)

func TestChangeAccount(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		before, err := d.AccountByKey(ctx, d.acc.Key)
		if err != nil {
			t.Fatal(err)
		}
		entry := model.Audit{Actor: "member:boss", Action: "account.changed", Target: "profile", From: "10.0.0.1"}
		rename := func(acc *model.Account) error {
			acc.Name, acc.Profile.Alias = "桌面支持", "IT"
			return nil
		}
		now, err := d.ChangeAccount(ctx, before.ID, before.Version, entry, rename)
		if err != nil || now.Name != "桌面支持" || now.Version != before.Version+1 || now.Secret != before.Secret {
			t.Fatalf("changed: %+v, %v", now, err)
		}
		if _, err := d.ChangeAccount(ctx, before.ID, before.Version, entry, rename); !errors.Is(err, model.ErrStale) {
			t.Errorf("by who saw the old version: %v", err)
		}
		again, err := d.ChangeAccount(ctx, before.ID, 0, entry, rename)
		if err != nil || again.Version != now.Version {
			t.Errorf("the same again: version %d, %v; want %d", again.Version, err, now.Version)
		}
		refuse := model.Invalid("name", "no")
		if _, err := d.ChangeAccount(ctx, before.ID, 0, entry, func(acc *model.Account) error {
			acc.Name = ""
			return refuse
		}); !errors.Is(err, refuse) {
			t.Errorf("a change that is refused: %v", err)
		}
		stored, err := d.AccountByKey(ctx, d.acc.Key)
		if err != nil || stored.Name != "桌面支持" || stored.Profile.Alias != "IT" {
			t.Errorf("stored: %+v, %v", stored, err)
		}
		log, err := d.Audits(ctx, model.AuditFilter{AccountID: before.ID}, model.AuditKey{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		var entries []model.Audit
		for _, a := range log {
			if a.Action == "account.changed" {
				entries = append(entries, a)
			}
		}
		if len(entries) != 1 || entries[0].Before != `{"name":"`+before.Name+`","profile":{"service_window":{}}}` ||
			entries[0].After != `{"name":"桌面支持","profile":{"alias":"IT","service_window":{}}}` || entries[0].From != "10.0.0.1" {
			t.Errorf("audited: %+v", entries)
		}
	})
}

// A picture is seen with the places that somebody has, and stays where a file is applied.
func TestChangeAccount_avatar(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		avatar := model.Avatar{Blob: 1<<62 + 1, Sum: "abc"}
		_, err := d.ChangeAccount(ctx, d.acc.ID, 0, model.Audit{Action: "account.changed", Target: "avatar"}, func(acc *model.Account) error {
			acc.Profile.Avatar = avatar
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		st, err := d.Standing(ctx, "", "", d.acc.Key)
		if err != nil || len(st.Places) != 1 || st.Places[0].Avatar != avatar {
			t.Errorf("places %+v, %v", st.Places, err)
		}
		again := d.acc
		again.Name, again.Profile.Avatar = "另一个名字", model.Avatar{}
		saved, changed, err := d.SaveAccount(ctx, again, nil, nil, "cli")
		if err != nil || !changed || saved.Profile.Avatar != avatar {
			t.Errorf("applied: %+v, %v, %v", saved.Profile, changed, err)
		}
	})
}
