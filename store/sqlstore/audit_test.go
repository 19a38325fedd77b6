package sqlstore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
)

func TestAudits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		want := []model.Audit{
			{AccountID: d.acc.ID, AtMS: 7, Actor: "seat:lisi", Action: "session.read", Target: "12", From: "10.0.0.1"},
			{AccountID: d.acc.ID, Actor: "system", Action: "seat.removed", Target: "lisi", Before: `{"load":2}`},
			{Actor: "cli", Action: "calendar.import"},
		}
		for _, a := range want {
			if err := d.AddAudit(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
		list, err := d.Audits(ctx, model.AuditFilter{AccountID: d.acc.ID}, model.AuditKey{}, 10)
		if err != nil || len(list) != 4 { // two from the seats that the desk has
			t.Fatalf("%d entries, %v", len(list), err)
		}
		// By time, whatever the order in which they were written.
		want[0].ID, want[1].ID, want[1].AtMS = list[3].ID, list[0].ID, d.nowMS()
		if diff := cmp.Diff([]model.Audit{want[1], want[0]}, []model.Audit{list[0], list[3]}, cmpopts.IgnoreFields(model.Audit{}, "Seq", "Prev", "Hash")); diff != "" {
			t.Errorf("newest first (-want +got):\n%s", diff)
		}
		for name, tt := range map[string]struct {
			filter model.AuditFilter
			before model.AuditKey
			want   []model.Audit
		}{
			"the page behind": {model.AuditFilter{}, list[2].Key(), list[3:]},
			"by actor":        {model.AuditFilter{Actors: []string{"seat:lisi", "member:lisi"}}, model.AuditKey{}, list[3:]},
			"by action":       {model.AuditFilter{Action: "seat.removed"}, model.AuditKey{}, list[:1]},
			"by target":       {model.AuditFilter{Target: "12"}, model.AuditKey{}, list[3:]},
			"by time":         {model.AuditFilter{FromMS: 7, ToMS: 8}, model.AuditKey{}, list[3:]},
			"before that":     {model.AuditFilter{ToMS: 7}, model.AuditKey{}, nil},
		} {
			tt.filter.AccountID = d.acc.ID
			got, err := d.Audits(ctx, tt.filter, tt.before, 10)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
	})
}
