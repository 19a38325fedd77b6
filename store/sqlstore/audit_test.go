package sqlstore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
		list, err := d.Audits(ctx, d.acc.ID, 0, 10)
		if err != nil || len(list) != 4 { // two from the seats that the desk has
			t.Fatalf("%d entries, %v", len(list), err)
		}
		want[0].ID, want[1].ID, want[1].AtMS = list[1].ID, list[0].ID, d.nowMS()
		if diff := cmp.Diff([]model.Audit{want[1], want[0]}, list[:2]); diff != "" {
			t.Errorf("newest first (-want +got):\n%s", diff)
		}
		page, err := d.Audits(ctx, d.acc.ID, list[0].ID, 1)
		if diff := cmp.Diff(want[:1], page); err != nil || diff != "" {
			t.Errorf("the page behind: %v (-want +got):\n%s", err, diff)
		}
	})
}
