package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestReplicas(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		start := d.nowMS()
		first := model.Replica{Name: "a-1", Host: "a", PID: 1, Version: "v1", StartedMS: start, Bases: []uint64{7}}
		second := model.Replica{Name: "b-2", Host: "b", Version: "v2", StartedMS: start + 1}
		for _, r := range []model.Replica{first, second} {
			if err := d.SeeReplica(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		d.clock.advance(23 * time.Hour)
		second.Goroutines = 9
		if err := d.SeeReplica(ctx, second); err != nil {
			t.Fatal(err)
		}
		first.SeenMS, second.SeenMS = start, d.nowMS()
		list, err := d.Replicas(ctx)
		if diff := cmp.Diff([]model.Replica{first, second}, list); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		d.clock.advance(2 * time.Hour)
		if err := d.SeeReplica(ctx, second); err != nil {
			t.Fatal(err)
		}
		if list, err := d.Replicas(ctx); err != nil || len(list) != 1 || list[0].Name != "b-2" {
			t.Errorf("a day later: %+v, %v", list, err)
		}
		if err := d.LeaveReplica(ctx, "b-2"); err != nil {
			t.Fatal(err)
		}
		if list, err := d.Replicas(ctx); err != nil || len(list) != 0 {
			t.Errorf("after the end: %+v, %v", list, err)
		}
	})
}

func TestAccountLoad(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		before := d.nowMS()
		d.pushes(t, 2)
		d.clock.advance(time.Minute)
		if _, err := d.Accept(ctx, model.Inbound{AccountID: d.acc.ID, DedupeKey: "new"}, d.person("zhang")); err != nil {
			t.Fatal(err)
		}
		if ok, err := d.ClaimGroups(ctx, d.acc.ID, "me", time.Minute); !ok || err != nil {
			t.Fatal(ok, err)
		}
		load, err := d.AccountLoad(ctx, d.acc.ID)
		want := model.AccountLoad{
			Events: 1, EventSinceMS: d.nowMS(), Pushes: 2, PushSinceMS: before, BotHolder: "me", BotUntilMS: d.nowMS() + time.Minute.Milliseconds(),
		}
		if diff := cmp.Diff(want, load); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if err := d.Raw().Create(&model.Timer{Lane: "p:1:x", Kind: "idle", AccountID: d.acc.ID, DueMS: 1}).Error; err != nil {
			t.Fatal(err)
		}
		if n, err := d.DueTimers(ctx); err != nil || n != 1 {
			t.Errorf("due: %d, %v", n, err)
		}
		schema, err := d.Schema(ctx)
		if err != nil || schema.At != schema.Known || schema.At < 24 || schema.Server == "" {
			t.Errorf("schema: %+v, %v", schema, err)
		}
	})
}
