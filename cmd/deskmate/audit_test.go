package main

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// auditedWorld is a world without a server, whose log has an account's beginnings.
func auditedWorld(t *testing.T) (*world, *sqlstore.Store, model.Account) {
	t.Helper()
	w, err := newWorld(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	path, err := w.accountFile("seats: [li]\n")
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, "account", "apply", "-f", path)
	store, acc, err := w.database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return w, store, acc
}

// The doctor names what was done to an audit log, and where.
func TestDoctor_checks_the_audit_log(t *testing.T) {
	t.Parallel()
	w, store, acc := auditedWorld(t)
	examine := func() string {
		var out bytes.Buffer
		(&doctor{p: w.program(io.Discard), out: &out}).audits(t.Context(), store)
		return out.String()
	}
	if got := examine(); !strings.HasPrefix(got, "ok    audit log: ") {
		t.Errorf("untouched: %s", got)
	}
	names := map[uint64]string{acc.ID: "of account it"}
	for name, tt := range map[string]struct {
		verdict model.AuditVerdict
		want    string
	}{
		"places": {
			model.AuditVerdict{More: 3, Faults: []model.AuditFault{{Kind: model.AuditEdited, FromSeq: 2, ToSeq: 2}, {Kind: model.AuditMissing, FromSeq: 4, ToSeq: 9}}},
			"entry 2 changed; entries 4–9 missing; 3 more places",
		},
		"as a whole": {
			model.AuditVerdict{Faults: []model.AuditFault{{Kind: model.AuditEnd}, {Kind: model.AuditGone, AccountID: acc.ID}}},
			"its end is not as it was written; the log of account it was taken away",
		},
	} {
		if got := sayFaults(tt.verdict, names); got != tt.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The command prints what was done to which audit log, and fails.
func TestAuditVerify_names_what_was_changed(t *testing.T) {
	t.Parallel()
	w, store, acc := auditedWorld(t)
	var out bytes.Buffer
	p := w.program(io.Discard)
	p.stdout = &out
	if err := p.verifyAudits(t.Context(), store); err != nil || !strings.Contains(out.String(), "all as they were written") {
		t.Fatalf("untouched: %s, %v", out.String(), err)
	}
	db, err := sql.Open("sqlite", filepath.Join(w.work, "data", "deskmate.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err = db.ExecContext(t.Context(), "UPDATE audit SET actor = 'nobody' WHERE account_id = ? AND seq = 1", acc.ID); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := p.verifyAudits(t.Context(), store); err == nil || out.String() != "audit log of account it: entry 1 changed\n" {
		t.Errorf("changed: %q, %v", out.String(), err)
	}
}

// What a replica of the release before writes is sealed soon.
func TestAuditSealer(t *testing.T) {
	t.Parallel()
	w, store, acc := auditedWorld(t)
	if err := unseal(t.Context(), w, acc.ID); err != nil {
		t.Fatal(err)
	}
	if v, err := store.VerifyAudits(t.Context(), acc.ID); err != nil || v.Unsealed != 1 {
		t.Fatalf("before: %+v, %v", v, err)
	}
	if err := (&auditSealer{store: store, log: slog.New(slog.DiscardHandler)}).seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v, err := store.VerifyAudits(t.Context(), acc.ID); err != nil || v.Unsealed != 0 || !v.Intact() {
		t.Errorf("after: %+v, %v", v, err)
	}
}

// What is done on the command line is in the log, too.
func TestTokens_are_audited(t *testing.T) {
	t.Parallel()
	w, store, _ := auditedWorld(t)
	secret := w.run(t, "admin", "token", "create", "sync", "--account", "it")
	w.run(t, "admin", "token", "revoke", "sync")
	for action, after := range map[string]string{"token.created": `{"accounts":["it"],"role":"owner","userid":""}`, "token.revoked": ""} {
		list, err := store.Audits(t.Context(), model.AuditFilter{Action: action}, model.AuditKey{}, 10)
		if err != nil || len(list) != 1 || list[0].Actor != "cli" || list[0].Target != "sync" || list[0].After != after || strings.Contains(list[0].After, secret) {
			t.Errorf("%s: %+v, %v", action, list, err)
		}
	}
}

// unseal writes an entry as a replica of the release before does.
func unseal(ctx context.Context, w *world, accountID uint64) error {
	db, err := sql.Open("sqlite", filepath.Join(w.work, "data", "deskmate.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "INSERT INTO audit (account_id, at_ms, actor, action, target, `before`, after, origin) VALUES (?, ?, 'cli', 'old', '', '', '', '')", accountID, time.Now().UnixMilli())
	return err
}

// Numbers of persons are hidden in what is logged, whoever logs them.
func TestLogger_hides_numbers(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := program{stderr: &out}.logger(slog.LevelInfo)
	log.InfoContext(t.Context(), "call 13812345678", "text", "我的身份证 11010519491231002X", "err", model.Invalid("x", "card %s", "4111111111111111"), "n", 42,
		slog.Group("in", "phone", "13812345678"))
	for _, secret := range []string{"13812345678", "11010519491231002X", "4111111111111111"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%s stands in %s", secret, out.String())
		}
	}
	if !strings.Contains(out.String(), `"n":42`) {
		t.Errorf("the rest: %s", out.String())
	}
}
