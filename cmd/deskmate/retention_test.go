package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/privacy"
	"deskmate/bot/records"
	"deskmate/model"
	"deskmate/store/storetest"
)

// dying is a store that dies after a number of steps.
type dying struct {
	privacy.RetentionStore
	left int
}

var errDied = errors.New("died")

func (d *dying) ExpireRecords(ctx context.Context, accountID uint64, owner string, beforeMS int64) (bool, error) {
	if d.left--; d.left < 0 {
		return false, errDied
	}
	return d.RetentionStore.ExpireRecords(ctx, accountID, owner, beforeMS)
}

// EndRetention doesn't happen to who is killed.
func (d *dying) EndRetention(ctx context.Context, accountID uint64, owner string, due time.Time) error {
	if d.left < 0 {
		return nil
	}
	return d.RetentionStore.EndRetention(ctx, accountID, owner, due)
}

func (w *privacyWorld) retainer(store privacy.RetentionStore, zone *time.Location) (*privacy.Retainer, *records.Indexer) {
	now := func() time.Time { return w.now }
	log := slog.New(slog.DiscardHandler)
	indexer := newIndexer(w.store, now, log)
	return privacy.NewRetainer(privacy.RetainerConfig{
		Store: store, Accounts: w.store, Index: indexer, Files: w.files, Owner: ownerName(), Zone: zone,
		Poll: time.Minute, Every: time.Hour, Done: 90, Now: now, Log: log,
	}), indexer
}

// keeps sets the account's retention.
func (w *privacyWorld) keeps(t *testing.T, r model.Retention) {
	t.Helper()
	acc, err := w.store.ChangeAccount(t.Context(), w.acc.ID, 0, model.Audit{Actor: "test", Action: "account.changed"}, func(a *model.Account) error {
		a.Policy.Retention = r
		return r.Check()
	})
	if err != nil {
		t.Fatal(err)
	}
	w.acc = acc
}

func TestRetention(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) { //nolint:thelper // the test itself
		zone := time.FixedZone("CST", 8*3600)
		w := newPrivacyWorld(t, db)
		var old []uint64
		for n := range 120 {
			old = append(old, w.serve(t, worldSession{employee: fmt.Sprint("yuangong", n%7), seat: "li", text: "旧问题打印机坏了", days: n % 20, lines: 6, file: map[bool]string{true: "扫描件"}[n%10 == 0]}))
		}
		w.upload(t, old[3], 700_000)
		stuck := w.serve(t, worldSession{employee: "laowang", seat: "li", text: "一直没结束", days: 1, lines: 2, open: true})
		var fresh []uint64
		for n := range 9 {
			fresh = append(fresh, w.serve(t, worldSession{employee: "zhao", seat: "li", text: "新问题年假", days: 60 + n, lines: 4, file: "扫描件"}))
		}
		kept := w.upload(t, fresh[2], 300)
		w.now = w.now.AddDate(0, 0, 80)
		w.keeps(t, model.Retention{Records: 45})
		retainer, indexer := w.retainer(w.store, zone)
		if _, err := indexer.Index(t.Context(), w.acc.ID); err != nil {
			t.Fatal(err)
		}

		if _, err := retainer.Retain(t.Context(), w.acc); model.CodeOf(err) != model.CodeUnavailable {
			t.Fatalf("deleted before anything was counted: %v", err)
		}
		roller := w.counts(t, zone)
		before := w.figures(t, zone)
		if n := w.number(t, "SELECT COUNT(*) FROM session WHERE account_id = ?", w.acc.ID); n != 130 {
			t.Fatalf("%d sessions are left before anything was counted", n)
		}
		w.now = w.now.Add(time.Hour)
		cut := model.CutAt(w.now, zone, 45)
		plan, err := w.store.PlanRecords(t.Context(), w.acc.ID, cut)
		if err != nil {
			t.Fatal(err)
		}
		want := model.RetentionPlan{
			RetentionCounts: model.RetentionCounts{Sessions: 120, Messages: 720, Files: 13, Bytes: 12*9 + 700_000},
			CutMS:           cut, OldestMS: model.IDTime(slices.Min(old)), NewestMS: model.IDTime(slices.Max(old)),
		}
		if diff := cmp.Diff(want, plan); diff != "" {
			t.Errorf("dry run (-want +got):\n%s", diff)
		}

		// Killed after the first of three steps, another replica goes on once the lease is over.
		victim, _ := w.retainer(&dying{w.store, 1}, zone)
		if _, err := victim.Retain(t.Context(), w.acc); !errors.Is(err, errDied) {
			t.Fatalf("the victim: %v", err)
		}
		if n := w.number(t, "SELECT COUNT(*) FROM session WHERE account_id = ?", w.acc.ID); n != 80 {
			t.Errorf("%d sessions are left after the first step, want 80", n)
		}
		if mine, err := retainer.Retain(t.Context(), w.acc); err != nil || mine {
			t.Errorf("took over while the lease runs: %v %v", mine, err)
		}
		w.now = w.now.Add(3 * time.Minute)
		if mine, err := retainer.Retain(t.Context(), w.acc); err != nil || !mine {
			t.Fatalf("went on: %v %v", mine, err)
		}
		w.gone(t, old, stuck, fresh)
		if w.number(t, "SELECT COUNT(*) FROM `blob` WHERE id = ?", kept) != 1 || w.number(t, "SELECT COUNT(*) FROM blob_chunk") != 1 {
			t.Error("the wrong uploads are left")
		}
		if diff := cmp.Diff(before, w.figures(t, zone)); diff != "" {
			t.Errorf("figures (-before +after):\n%s", diff)
		}
		if err := roller.Rebuild(t.Context(), w.acc.ID, func(int) {}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, w.figures(t, zone)); diff != "" {
			t.Errorf("figures counted again (-before +after):\n%s", diff)
		}
		w.counted(t, before)
		run, err := w.store.Retention(t.Context(), w.acc.ID)
		run.Deleted.Done = 0
		if err != nil || run.Deleted != plan.RetentionCounts {
			t.Errorf("deleted %+v, planned %+v: %v", run.Deleted, plan.RetentionCounts, err)
		}
		logged, err := w.store.Audits(t.Context(), model.AuditFilter{AccountID: w.acc.ID, Action: "retention.deleted"}, model.AuditKey{}, 5)
		if err != nil || len(logged) != 1 {
			t.Errorf("the audit log has %v, %v", logged, err)
		}
	})
}

// gone looks that old sessions left nothing behind, and that the others are whole.
func (w *privacyWorld) gone(t *testing.T, old []uint64, stuck uint64, fresh []uint64) {
	t.Helper()
	if diff := cmp.Diff([]string(nil), w.finds(t, "旧问题")); diff != "" {
		t.Errorf("left of old sessions:\n%s", diff)
	}
	ids := append(slices.Clone(fresh), stuck)
	for table, column := range map[string]string{
		"session": "id", "message": "session_id", "survey": "session_id", "seat_session": "session_id", "session_seen": "session_id", "question": "session_id",
		"inbox": "session_id", "outbox": "session_id",
	} {
		for _, id := range old {
			if n := w.number(t, "SELECT COUNT(*) FROM "+table+" WHERE "+column+" = ?", id); n != 0 {
				t.Fatalf("%d rows of %s are left of an old session", n, table)
			}
		}
		for _, id := range ids {
			if n := w.number(t, "SELECT COUNT(*) FROM "+table+" WHERE "+column+" = ?", id); n == 0 {
				t.Errorf("%s lost a row of a session that is kept", table)
			}
		}
	}
	// The same file was sent in old sessions and in new ones.
	media, err := w.store.MessageMedia(t.Context(), w.acc.ID, fresh[0])
	if err != nil {
		t.Fatal(err)
	}
	file, err := w.files.Open(t.Context(), media[1].Key)
	if err != nil {
		t.Fatalf("a file that is still needed: %v", err)
	}
	_ = file.Close()
	searcher, _ := newRecords(w.store, time.UTC, func() time.Time { return w.now })
	for text, want := range map[string]int{"旧问题": 0, "年假": 9} {
		found, err := searcher.Search(t.Context(), records.Search{Filter: model.RecordFilter{AccountID: w.acc.ID}, Text: text, Limit: 50})
		if err != nil || len(found.Found) != want {
			t.Errorf("%d sessions found with %s, want %d: %v", len(found.Found), text, want, err)
		}
	}
	segments, err := w.store.TextSegments(t.Context(), w.acc.ID, 0, 0)
	docs := 0
	for _, s := range segments {
		docs += s.Docs
	}
	if err != nil || docs != len(ids) {
		t.Errorf("the text index has %d sessions, want %d: %v", docs, len(ids), err)
	}
	parts := w.number(t, "SELECT COUNT(DISTINCT segment_id) FROM text_part")
	if int(parts) != len(segments) {
		t.Errorf("parts of %d segments are stored, and %d are in use", parts, len(segments))
	}
}

// counted looks that figures outlive a change of what days are.
func (w *privacyWorld) counted(t *testing.T, before []model.StatReport) {
	t.Helper()
	w.counts(t, time.UTC)
	after := w.figures(t, time.UTC)[0].Totals
	for _, figures := range []model.StatFigures{before[0].Totals, after} { // what is kept stays in the hours of its time
		maps.DeleteFunc(figures, func(key string, _ float64) bool { return strings.HasPrefix(key, "heat:") })
	}
	if diff := cmp.Diff(before[0].Totals, after); diff != "" {
		t.Errorf("figures in another time zone (-before +after):\n%s", diff)
	}
}

func TestRetentionOfMedia(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) { //nolint:thelper // the test itself
		w := newPrivacyWorld(t, db)
		old := w.serve(t, worldSession{employee: "zhao", seat: "li", text: "合同", lines: 2, file: "合同的内容"})
		page := w.serve(t, worldSession{employee: "zhao", seat: "li", text: "截图", lines: 2})
		upload := w.upload(t, page, 900)
		answer := w.upload(t, w.serve(t, worldSession{employee: "qian", seat: "li", text: "图", lines: 1}), 50)
		w.put(t, "entry", map[string]any{"account_id": w.acc.ID, "entry_id": 1, "from_version": 1, "to_version": 2, "answer": fmt.Sprintf("[图片:%d]", answer), "more": "[]"})
		fresh := w.serve(t, worldSession{employee: "zhao", seat: "li", text: "合同", days: 25, lines: 2, file: "新合同"})
		media, err := w.store.MessageMedia(t.Context(), w.acc.ID, old)
		if err != nil {
			t.Fatal(err)
		}
		w.now = w.now.AddDate(0, 0, 30)
		w.keeps(t, model.Retention{Media: 10})
		plan, err := w.store.PlanMedia(t.Context(), w.acc.ID, model.CutAt(w.now, time.UTC, 10))
		if err != nil || plan.Files != 2 || plan.Bytes != 15+900 {
			t.Errorf("dry run %+v, %v", plan, err)
		}
		retainer, _ := w.retainer(w.store, time.UTC)
		if _, err := retainer.Retain(t.Context(), w.acc); err != nil {
			t.Fatal(err)
		}
		if _, err := w.files.Open(t.Context(), media[1].Key); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("the old file: %v", err)
		}
		now, err := w.store.MessageMedia(t.Context(), w.acc.ID, old)
		if err != nil || now[1].State != model.MediaExpired || now[1].Key != "" || now[1].Name != "" {
			t.Errorf("what is known of it: %+v, %v", now[1], err)
		}
		for id, want := range map[uint64]int64{upload: 0, answer: 1} {
			if n := w.number(t, "SELECT COUNT(*) FROM `blob` WHERE id = ?", id); n != want {
				t.Errorf("%d rows of upload %d, want %d", n, id, want)
			}
		}
		if kept, err := w.store.MessageMedia(t.Context(), w.acc.ID, fresh); err != nil || kept[1].State != model.MediaStored {
			t.Errorf("the new file: %+v, %v", kept[1], err)
		}
		if n := w.number(t, "SELECT COUNT(*) FROM message"); n != 7 {
			t.Errorf("%d lines are left, want all 7", n)
		}
		run, err := w.store.Retention(t.Context(), w.acc.ID)
		if err != nil || run.Deleted.Files != 2 || run.Deleted.Bytes != 915 {
			t.Errorf("deleted %+v, %v", run.Deleted, err)
		}
	})
}
