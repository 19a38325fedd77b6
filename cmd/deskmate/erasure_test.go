package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/privacy"
	"deskmate/bot/records"
	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

const (
	wei     = "zhangwei7788"
	weiName = "张伟伟"
)

// weary is a store that dies before one of its steps.
type weary struct {
	*sqlstore.Store
	left int
	dead bool
}

func (d *weary) step() error {
	if d.left--; d.left < 0 {
		d.dead = true
		return errDied
	}
	return nil
}

func (d *weary) EraseSessions(ctx context.Context, e model.Erasure, lease time.Duration) (bool, error) {
	if err := d.step(); err != nil {
		return false, err
	}
	return d.Store.EraseSessions(ctx, e, lease)
}

func (d *weary) EraseRest(ctx context.Context, e model.Erasure, lease time.Duration) error {
	return firstError(d.step(), func() error { return d.Store.EraseRest(ctx, e, lease) })
}

func (d *weary) RemoveFiles(ctx context.Context, id uint64, remove func(context.Context, string) error) (int, error) {
	if err := d.step(); err != nil {
		return 1, err
	}
	return d.Store.RemoveFiles(ctx, id, remove)
}

func (d *weary) AdvanceErasure(ctx context.Context, e *model.Erasure, stage model.ErasureStage) error {
	return firstError(d.step(), func() error { return d.Store.AdvanceErasure(ctx, e, stage) })
}

func (d *weary) VerifyErasure(ctx context.Context, e model.Erasure) ([]model.Scanned, []model.Found, []model.Found, error) {
	if err := d.step(); err != nil {
		return nil, nil, nil, err
	}
	return d.Store.VerifyErasure(ctx, e)
}

func (d *weary) FinishErasure(ctx context.Context, e model.Erasure, report string) (model.Erasure, error) {
	if err := d.step(); err != nil {
		return e, err
	}
	return d.Store.FinishErasure(ctx, e, report)
}

// DelayErasure doesn't happen to who is killed.
func (d *weary) DelayErasure(ctx context.Context, e model.Erasure, waits string, until time.Time) error {
	if d.dead {
		return nil
	}
	return d.Store.DelayErasure(ctx, e, waits, until)
}

func firstError(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

func (w *privacyWorld) eraser(store privacy.ErasureStore) (*privacy.Eraser, *records.Indexer) {
	now := func() time.Time { return w.now }
	log := slog.New(slog.DiscardHandler)
	indexer := newIndexer(w.store, now, log)
	return privacy.NewEraser(privacy.EraserConfig{
		Store: store, Index: indexer, Files: w.files, Owner: ownerName(), Program: "deskmate test", Poll: time.Minute, Now: now, Log: log,
	}), indexer
}

// leaveTraces puts in all that is left of an employee who has used everything.
func (w *privacyWorld) leaveTraces(t *testing.T) (sessions []uint64) {
	t.Helper()
	acc := w.acc.ID
	members := []model.Member{{CorpID: "wwcorp", UserID: wei, DisplayID: "ZhangWei7788", Name: weiName, Status: 1}, {CorpID: "wwcorp", UserID: "zhao", Name: "赵六", Status: 1}}
	if err := w.store.SaveDirectory(t.Context(), "wwcorp", model.Directory{Members: members}, false); err != nil {
		t.Fatal(err)
	}
	for n := range 70 {
		file := ""
		if n%30 == 0 {
			file = "共用的文件" // zhao sends the same
		} else if n%20 == 0 {
			file = "隐私的文件"
		}
		sessions = append(sessions, w.serve(t, worldSession{employee: wei, seat: "li", text: "我的工资秘密", days: n % 9, lines: 4, file: file}))
	}
	w.upload(t, sessions[5], 4000)
	sessions = append(sessions, w.serve(t, worldSession{employee: "#" + wei, seat: "li", text: "智能机器人里的秘密", days: 3, lines: 2}))
	w.exec(t, "UPDATE message SET sender = ? WHERE sender = ?", wei, "#"+wei)
	group := w.serve(t, worldSession{employee: "#chat9", seat: "li", text: "群里大家的问题", days: 4, lines: 4})
	w.exec(t, "UPDATE message SET sender = 'zhao' WHERE session_id = ? AND sender_kind = 'employee'", group)
	w.exec(t, "UPDATE message SET sender = ?, content = ? WHERE session_id = ? AND seq = 3", wei, jsonOf(model.Content{Type: model.ContentText, Text: "群里我的秘密"}), group)
	w.put(t, "question", map[string]any{"id": model.NewID(w.now), "account_id": acc, "session_id": group, "employee": "#chat9", "text": "群里我的秘密", "folded": "群里我的秘密", "outcome": "missed", "at_ms": 1})
	w.put(t, "question", map[string]any{"id": model.NewID(w.now), "account_id": acc, "employee": wei, "text": "会话外的秘密", "folded": "会话外的秘密", "outcome": "missed", "miss": "ignored", "at_ms": 1})
	w.put(t, "ignored_question", map[string]any{"account_id": acc, "folded": "会话外的秘密"})
	for _, peer := range []string{wei, "#" + wei} {
		w.put(t, "conversation", map[string]any{"account_id": acc, "peer": peer, "last_seat": "li"})
		w.put(t, "lane", map[string]any{"lane": model.PersonLane(acc, peer), "kind": "in", "account_id": acc})
		w.put(t, "lane", map[string]any{"lane": model.OutLane(acc, peer), "kind": "out", "account_id": acc})
		w.put(t, "timer", map[string]any{"lane": model.PersonLane(acc, peer), "kind": "held", "account_id": acc})
		w.put(t, "inbox", map[string]any{"account_id": acc, "lane": model.PersonLane(acc, peer), "dedupe": "refused" + peer, "event": `{"kind":"message","content":{"type":"text","text":"没有会话的秘密"}}`, "detail": "{}", "state": "done"})
	}
	w.put(t, "group_chat", map[string]any{"account_id": acc, "peer": "#" + wei, "chat_id": "ZhangWei7788", "single": 1, "last_from": wei})
	w.put(t, "group_chat", map[string]any{"account_id": acc, "peer": "#chat9", "chat_id": "chat9", "last_from": wei})
	w.put(t, "inbox", map[string]any{"account_id": acc, "lane": model.CorpLane(acc), "dedupe": "contact", "event": `{"kind":"contact","contact":{"change":"update_user","user_id":"ZhangWei7788"}}`, "detail": "{}", "state": "done"})
	w.put(t, "outbox", map[string]any{"account_id": acc, "lane": model.OutLane(acc, "li"), "dedupe": "list", "push": jsonOf(model.Push{Receiver: "li", Text: "#3 " + weiName + "(财务部)"}), "state": "sent"})
	w.put(t, "held", map[string]any{"account_id": acc, "user_id": "li", "event": `{"kind":"seat_message","target":"` + wei + `"}`})
	w.put(t, "seat_spell", map[string]any{"account_id": acc, "user_id": wei, "from_ms": 1, "to_ms": 2, "state": "online"}) // was a seat once
	w.put(t, "login", map[string]any{"id": 9, "hash": "h", "corp_id": "wwcorp", "user_id": wei, "agent": "WeCom"})
	w.put(t, "member_department", map[string]any{"corp_id": "wwcorp", "user_id": wei, "department_id": 1})
	if err := w.store.AddAudit(t.Context(), model.Audit{AccountID: acc, Actor: "seat:li", Action: "session.read", Target: wei}); err != nil {
		t.Fatal(err)
	}
	return sessions
}

func TestErasure(t *testing.T) {
	t.Parallel()
	storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) { //nolint:thelper // the test itself
		zone := time.FixedZone("CST", 8*3600)
		w := newPrivacyWorld(t, db)
		w.leaveTraces(t)
		other := w.serve(t, worldSession{employee: "zhao", seat: "li", text: "别人的问题", days: 2, lines: 4, file: "共用的文件"})
		open := w.serve(t, worldSession{employee: wei, seat: "li", text: "我的工资秘密", days: 9, lines: 1, open: true})
		w.now = w.now.AddDate(0, 0, 12)
		eraser, indexer := w.eraser(w.store)
		if _, err := indexer.Index(t.Context(), w.acc.ID); err != nil {
			t.Fatal(err)
		}
		ask := model.Erasure{CorpID: "wwcorp", Accounts: []uint64{w.acc.ID}, Whole: true, Employee: "ZhangWei7788", Reason: "本人书面申请"}
		w.refusals(t, ask, open)
		roller := w.counts(t, zone)
		before := w.figures(t, zone)
		records := w.number(t, "SELECT COUNT(*) FROM seat_session WHERE seat = 'li'")

		plan, err := w.store.PlanErasure(t.Context(), ask)
		want := model.ErasurePlan{
			Employee: wei, Name: weiName, Accounts: ask.Accounts, Sessions: 72, Messages: 70*4 + 2 + 1 + 1, Files: 5 + 1, Bytes: 5*15 + 4000, Questions: 72, Surveys: 72, Work: 144,
		}
		if diff := cmp.Diff(want, plan); err != nil || diff != "" {
			t.Errorf("plan: %v (-want +got):\n%s", err, diff)
		}
		asked, err := w.store.CreateErasure(t.Context(), ask, model.Audit{Actor: "yangjing", From: "10.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.CreateErasure(t.Context(), ask, model.Audit{}); model.CodeOf(err) != model.CodeConflict {
			t.Errorf("asked twice: %v", err)
		}
		// Killed before every step in turn, somebody else goes on once the lease is over.
		done := model.Erasure{}
		deaths := 0
		for ; done.Stage != model.ErasureDone; deaths++ {
			if deaths > 40 {
				t.Fatal("it never ends")
			}
			victim, _ := w.eraser(&weary{Store: w.store, left: 1 + deaths%2})
			done, err = victim.Erase(t.Context(), asked.ID)
			if err != nil && !errors.Is(err, errDied) {
				t.Fatal(err)
			}
			if _, err := eraser.Erase(t.Context(), 0); done.Stage != model.ErasureDone && !errors.Is(err, model.ErrNotFound) {
				t.Fatalf("taken over while the lease runs: %v", err)
			}
			w.now = w.now.Add(6 * time.Minute)
		}
		if deaths < 5 {
			t.Errorf("died only %d times", deaths)
		}
		w.erased(t, done, plan)
		if n := w.number(t, "SELECT COUNT(*) FROM seat_session WHERE seat = 'li'"); n != records {
			t.Errorf("the seat has %d records, and had %d", n, records)
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
		if media, err := w.store.MessageMedia(t.Context(), w.acc.ID, other); err != nil || len(media) != 1 {
			t.Errorf("the other's file: %v, %v", media, err)
		} else if file, err := w.files.Open(t.Context(), media[1].Key); err != nil {
			t.Errorf("the other's file: %v", err)
		} else {
			_ = file.Close()
		}
		w.searches(t, indexer)
	})
}

// refusals are what stands in the way.
func (w *privacyWorld) refusals(t *testing.T, ask model.Erasure, open uint64) {
	t.Helper()
	refused := func(e model.Erasure, reason string) {
		t.Helper()
		_, err := w.store.CreateErasure(t.Context(), e, model.Audit{Actor: "yangjing"})
		if problem, ok := errors.AsType[*model.Error](err); !ok || problem.Reason != reason {
			t.Errorf("got %v, want the reason %s", err, reason)
		}
	}
	refused(ask, "open_session")
	w.exec(t, "UPDATE session SET state = 'closed', closed_ms = ?, employee = ? WHERE id = ?", model.IDTime(open)+1000, wei, open)
	for reason, text := range map[string]string{"reason": " ", "reason_names": weiName + "申请"} {
		e := ask
		e.Reason = text
		refused(e, reason)
	}
	w.put(t, "account_owner", map[string]any{"account_id": w.acc.ID, "user_id": wei})
	refused(ask, "has_role")
	w.exec(t, "DELETE FROM account_owner")
}

// erased looks that nothing is left of the employee but what must be, and holds the report against it.
func (w *privacyWorld) erased(t *testing.T, e model.Erasure, plan model.ErasurePlan) {
	t.Helper()
	for _, text := range []string{weiName, "秘密", "隐私的文件", "工资条", "太慢了"} {
		want := []string(nil)
		if text == "太慢了" {
			want = []string{"survey.comment"} // zhao's, and the group's
		}
		if diff := cmp.Diff(want, w.finds(t, text)); diff != "" {
			t.Errorf("%s still stands somewhere:\n%s", text, diff)
		}
	}
	if diff := cmp.Diff([]string{"audit.target", "seat_spell.user_id"}, w.finds(t, wei)); diff != "" {
		t.Errorf("the userid still stands somewhere:\n%s", diff)
	}
	sum := sha256.Sum256([]byte(e.Report))
	if e.Sum != hex.EncodeToString(sum[:]) || e.Employee != "" || e.Name != "" || e.Subject != model.ErasureSubject(e.ID, "ZHANGWEI7788") {
		t.Errorf("the erasure %+v", e)
	}
	var report model.ErasureReport
	if err := json.Unmarshal([]byte(e.Report), &report); err != nil {
		t.Fatal(err)
	}
	rows := map[string]int64{}
	for _, r := range report.Erased {
		rows[r.Table+" "+r.Done] = r.Rows
	}
	want := map[string]int64{
		"message blanked": plan.Messages, "session renamed": plan.Sessions, "seat_session renamed": 72, "survey blanked": 72, "question blanked": 74,
		"message_media deleted": 5, "blob deleted": 1, "inbox deleted": 72 + 1 + 2 + 1, "outbox deleted": 72 + 1 + 1, "conversation deleted": 2, "lane deleted": 4, "timer deleted": 2,
		"group_chat deleted": 1, "group_chat renamed": 1, "held deleted": 1, "ignored_question deleted": 1,
		"member deleted": 1, "member_department deleted": 1, "member_word deleted": rows["member_word deleted"], "login deleted": 1,
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows of the report (-want +got):\n%s", diff)
	}
	if len(report.Scanned) < 20 || report.Found != 0 || !report.Directory || report.Accounts[0] != "it" {
		t.Errorf("the report %s", e.Report)
	}
	if i := slices.IndexFunc(report.Kept, func(f model.Found) bool { return f.Table == "audit" }); i < 0 || report.Kept[i].Why == "" {
		t.Errorf("the report says of what stays: %+v", report.Kept)
	}
	if strings.Contains(e.Report, wei) {
		t.Error("the report names the employee")
	}
	logged, err := w.store.Audits(t.Context(), model.AuditFilter{}, model.AuditKey{}, 5)
	if err != nil || len(logged) < 2 || logged[0].Action != "erasure.done" || logged[1].Target != fmt.Sprint(e.ID) {
		t.Errorf("the audit log has %v, %v", logged, err)
	}
}

// searches looks what is found in transcripts, also once what was erased in groups is indexed again.
func (w *privacyWorld) searches(t *testing.T, indexer *records.Indexer) {
	t.Helper()
	searcher, _ := newRecords(w.store, time.UTC, func() time.Time { return w.now })
	for range 2 {
		for text, want := range map[string]int{"秘密": 0, "别人的问题": 1, "群里大家": 1, "已清除": 73} {
			found, err := searcher.Search(t.Context(), records.Search{Filter: model.RecordFilter{AccountID: w.acc.ID}, Text: text, Limit: 100})
			if err != nil || len(found.Found) != want && text != "已清除" {
				t.Errorf("%d sessions found with %s, want %d: %v", len(found.Found), text, want, err)
			}
		}
		if _, err := indexer.Index(t.Context(), w.acc.ID); err != nil {
			t.Fatal(err)
		}
	}
}
