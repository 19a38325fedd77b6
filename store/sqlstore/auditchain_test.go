package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// addAudits adds n entries to a log.
func addAudits(ctx context.Context, s *sqlstore.Store, accountID uint64, who string, n int) error {
	for i := range n {
		if err := s.AddAudit(ctx, model.Audit{AccountID: accountID, Actor: who, Action: "session.read", Target: fmt.Sprint(i)}); err != nil {
			return err
		}
	}
	return nil
}

// verdict is what a check of a log finds.
func verdict(t *testing.T, s *sqlstore.Store, accountID uint64) model.AuditVerdict {
	t.Helper()
	v, err := s.VerifyAudits(t.Context(), accountID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Whatever is done to the log behind the store's back is found, and what and where is said.
func TestVerifyAudits(t *testing.T) {
	t.Parallel()
	const n = 2500 // more than are read at once
	type faults = []model.AuditFault
	// The account's own log begins with what making it wrote, so places are counted from the end.
	for name, tt := range map[string]struct {
		tamper []string // with the account's id and the place before the last n entries
		want   func(base, account uint64) faults
		of     bool // of the installation's log
	}{
		"nothing": {want: func(uint64, uint64) faults { return nil }},
		"an entry was changed": {
			tamper: []string{"UPDATE audit SET after = 'x' WHERE account_id = %[1]d AND seq = %[2]d + 7"},
			want:   func(b, _ uint64) faults { return faults{{Kind: model.AuditEdited, FromSeq: b + 7, ToSeq: b + 7}} },
		},
		"two that follow on each other were": {
			tamper: []string{"UPDATE audit SET actor = 'x' WHERE account_id = %[1]d AND seq BETWEEN %[2]d + 1000 AND %[2]d + 1001"},
			want:   func(b, _ uint64) faults { return faults{{Kind: model.AuditEdited, FromSeq: b + 1000, ToSeq: b + 1001}} },
		},
		"some were deleted in the middle": {
			tamper: []string{"DELETE FROM audit WHERE account_id = %[1]d AND seq BETWEEN %[2]d + 5 AND %[2]d + 1500"},
			want:   func(b, _ uint64) faults { return faults{{Kind: model.AuditMissing, FromSeq: b + 5, ToSeq: b + 1500}} },
		},
		"the last were deleted": {
			tamper: []string{"DELETE FROM audit WHERE account_id = %[1]d AND seq > %[2]d + 2000"},
			want:   func(b, _ uint64) faults { return faults{{Kind: model.AuditMissing, FromSeq: b + 2001, ToSeq: b + n}} },
		},
		"the last were deleted, and the chain shortened": {
			tamper: []string{
				"DELETE FROM audit WHERE account_id = %[1]d AND seq > %[2]d + 2000",
				"UPDATE audit_chain SET seq = %[2]d + 2000, hash = (SELECT hash FROM audit WHERE account_id = %[1]d AND seq = %[2]d + 2000) WHERE account_id = %[1]d",
			},
			want: func(uint64, uint64) faults { return faults{{Kind: model.AuditEnd}} },
		},
		"a gap was closed": {
			tamper: []string{
				"DELETE FROM audit WHERE account_id = %[1]d AND seq = %[2]d + 2500",
				"UPDATE audit SET seq = %[2]d + 2500 WHERE account_id = %[1]d AND seq = %[2]d + 2499",
			},
			want: func(b, _ uint64) faults {
				return faults{{Kind: model.AuditMissing, FromSeq: b + 2499, ToSeq: b + 2499}, {Kind: model.AuditEdited, FromSeq: b + 2500, ToSeq: b + 2500}, {Kind: model.AuditEnd}}
			},
		},
		"one was put in twice": {
			tamper: []string{
				"INSERT INTO audit (account_id, at_ms, actor, action, target, `before`, after, origin, seq, prev, hash) " +
					"SELECT account_id, at_ms, actor, action, target, `before`, after, origin, seq, prev, hash FROM audit WHERE account_id = %[1]d AND seq = %[2]d + 3",
			},
			want: func(b, _ uint64) faults { return faults{{Kind: model.AuditInserted, FromSeq: b + 3, ToSeq: b + 3}} },
		},
		"one was added behind the end": {
			tamper: []string{
				"INSERT INTO audit (account_id, at_ms, actor, action, target, `before`, after, origin, seq, prev, hash) " +
					"SELECT account_id, at_ms, actor, action, target, `before`, after, origin, %[2]d + 2501, prev, hash FROM audit WHERE account_id = %[1]d AND seq = %[2]d + 3",
			},
			want: func(b, _ uint64) faults {
				return faults{{Kind: model.AuditInserted, FromSeq: b + n + 1, ToSeq: b + n + 1}}
			},
		},
		"the whole log was taken away": {
			tamper: []string{"DELETE FROM audit WHERE account_id = %[1]d", "DELETE FROM audit_chain WHERE account_id = %[1]d"},
			want:   func(_, a uint64) faults { return faults{{Kind: model.AuditGone, AccountID: a}} },
			of:     true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDesk(t, func(t *testing.T, d *desk) {
				base := verdict(t, d.Store, d.acc.ID).Chain.Seq
				if base == 0 {
					t.Fatal("making an account wrote nothing")
				}
				if err := addAudits(t.Context(), d.Store, d.acc.ID, "seat:li", n); err != nil {
					t.Fatal(err)
				}
				for _, statement := range tt.tamper {
					if err := d.Raw().Exec(fmt.Sprintf(statement, d.acc.ID, base)).Error; err != nil {
						t.Fatal(err)
					}
				}
				of := d.acc.ID
				if tt.of {
					of = 0
				}
				if diff := cmp.Diff(tt.want(base, d.acc.ID), verdict(t, d.Store, of).Faults, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A log that was taken away and goes on is not mistaken for a new one.
func TestVerifyAudits_restarted(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		for _, table := range []string{"audit", "audit_chain"} {
			if err := d.Raw().Exec("DELETE FROM "+table+" WHERE account_id = ?", d.acc.ID).Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := addAudits(t.Context(), d.Store, d.acc.ID, "cli", 1); err != nil {
			t.Fatal(err)
		}
		if v := verdict(t, d.Store, d.acc.ID); !v.Intact() || v.Checked != 1 {
			t.Errorf("the new one: %+v", v)
		}
		want := []model.AuditFault{{Kind: model.AuditRestarted, AccountID: d.acc.ID}}
		if diff := cmp.Diff(want, verdict(t, d.Store, 0).Faults); diff != "" {
			t.Errorf("the installation's (-want +got):\n%s", diff)
		}
	})
}

// Whoever took the row of a chain's end away, or changed it, is told on by the log as it goes on.
func TestAddAudit_after_a_broken_end(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"taken away": "DELETE FROM audit_chain WHERE account_id = ?",
		"changed":    "UPDATE audit_chain SET mac = '' WHERE account_id = ?",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDesk(t, func(t *testing.T, d *desk) {
				if err := d.Raw().Exec(statement, d.acc.ID).Error; err != nil {
					t.Fatal(err)
				}
				if err := addAudits(t.Context(), d.Store, d.acc.ID, "cli", 1); err != nil {
					t.Fatal(err)
				}
				list, err := d.Audits(t.Context(), model.AuditFilter{AccountID: d.acc.ID, Action: "audit.broken"}, model.AuditKey{}, 10)
				if err != nil || len(list) != 1 {
					t.Fatalf("the log says %+v, %v", list, err)
				}
				// Nor does going on make it good again.
				want := []model.AuditFault{{Kind: model.AuditEnd, FromSeq: list[0].Seq, ToSeq: list[0].Seq}}
				if diff := cmp.Diff(want, verdict(t, d.Store, d.acc.ID).Faults); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// Entries of before there were chains, and of replicas of the release before, get their places.
func TestSealAudits(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		const n = 450
		before := verdict(t, d.Store, d.acc.ID).Chain.Seq
		for i := range n {
			err := d.Raw().Exec("INSERT INTO audit (account_id, at_ms, actor, action, target, `before`, after, origin) VALUES (?, ?, 'cli', 'old', '', '', '', '')", d.acc.ID, i).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		if v := verdict(t, d.Store, d.acc.ID); !v.Intact() || v.Unsealed != n {
			t.Fatalf("before: %+v", v)
		}
		rounds := 1
		for more := true; more; rounds++ {
			var err error
			if more, err = d.SealAudits(ctx, d.acc.ID); err != nil {
				t.Fatal(err)
			}
		}
		notes, err := d.Audits(ctx, model.AuditFilter{AccountID: d.acc.ID, Action: "audit.sealed"}, model.AuditKey{}, 10)
		if err != nil || len(notes) != 3 {
			t.Fatalf("notes: %+v, %v", notes, err)
		}
		v := verdict(t, d.Store, d.acc.ID)
		if want := before + n + uint64(len(notes)); !v.Intact() || v.Unsealed != 0 || v.Checked != want || v.Chain.Seq != want {
			t.Errorf("after: %+v, want %d entries", v, want)
		}
		if more, err := d.SealAudits(ctx, d.acc.ID); more || err != nil {
			t.Errorf("again: %v, %v", more, err)
		}
	})
}

// Two replicas write to the same logs at once: one chain each, without a gap.
func TestAddAudit_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const each = 60
		other := d.db.Open(t, d.clock.Now)
		var running sync.WaitGroup
		failed := make(chan error, 8)
		for i, s := range []*sqlstore.Store{d.Store, other, d.Store, other} {
			running.Go(func() { failed <- addAudits(t.Context(), s, d.acc.ID, fmt.Sprint("seat:", i), each) })
			running.Go(func() { failed <- addAudits(t.Context(), s, 0, fmt.Sprint("cli:", i), each) })
		}
		running.Wait()
		for range 8 {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		for _, of := range []uint64{d.acc.ID, 0} {
			if v := verdict(t, d.Store, of); !v.Intact() || v.Checked < 4*each {
				t.Errorf("log of %d: %+v", of, v)
			}
		}
	})
}

// Without the secret key nothing can be checked, which is not the same as nothing being wrong.
func TestVerifyAudits_with_another_key(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		other, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: d.db.URL, SecretKey: slices.Repeat([]byte{9}, 32), Now: d.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close() }()
		v, err := other.VerifyAudits(t.Context(), d.acc.ID)
		if err != nil || len(v.Faults) == 0 || v.Faults[0].Kind != model.AuditOtherKey {
			t.Errorf("%+v, %v", v, err)
		}
	})
}
