package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// ownTables are the tables with rows of accounts.
func (d *desk) ownTables(t *testing.T) []string {
	t.Helper()
	var names []string
	query := "SELECT m.name FROM sqlite_master AS m WHERE m.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) AS c WHERE c.name = 'account_id')"
	if d.db.Dialect != "sqlite" {
		query = "SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'account_id'"
	}
	if err := d.Raw().WithContext(t.Context()).Raw(query).Scan(&names).Error; err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

// keptTables have rows of accounts that outlive them.
func keptTables() []string { return []string{"account_removal", "audit", "audit_chain"} }

// fills puts rows of an account into a table, with something in every column.
func (d *desk) fillsTable(t *testing.T, table string, accountID, session uint64, rows int) {
	t.Helper()
	db := d.Raw().WithContext(t.Context())
	types, err := db.Migrator().ColumnTypes(table)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		var columns []string
		var values []any
		for _, c := range types {
			columns = append(columns, "`"+c.Name()+"`")
			values = append(values, d.filling(c.Name(), c.DatabaseTypeName(), accountID, session, uint64(i+1)))
		}
		marks := strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",")
		ignore := map[bool]string{true: "OR IGNORE", false: "IGNORE"}[d.db.Dialect == "sqlite"] // of some, an account has one row
		statement := fmt.Sprintf("INSERT %s INTO `%s` (%s) VALUES (%s)", ignore, table, strings.Join(columns, ","), marks)
		if err := db.Exec(statement, values...).Error; err != nil {
			t.Fatalf("fill %s: %v", table, err)
		}
	}
}

func (d *desk) filling(column, kind string, accountID, session, n uint64) any {
	unlike := accountID<<16>>16 + n // for what is unique among all accounts
	switch {
	case column == "account_id":
		return accountID
	case column == "session_id":
		return session
	case column == "lane":
		return fmt.Sprintf("%s:%d:u%d", string("pco"[n%3]), accountID, n)
	case column == "blob_key":
		return fmt.Sprintf("file-%d-%d", accountID, n)
	case column == "hash":
		return fmt.Sprintf("h%d", unlike)
	case column == "id":
		return unlike
	case strings.Contains(strings.ToLower(kind), "int"):
		return n
	case strings.Contains(strings.ToLower(kind), "blob"):
		return []byte{1}
	}
	return fmt.Sprintf("x%d", n)
}

// A new table with rows of accounts must say how they are found: here the test fails, and
// purge.go is where.
func TestPurge_knows_every_table(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		want := slices.DeleteFunc(d.ownTables(t), func(name string) bool { return slices.Contains(keptTables(), name) })
		got := slices.Sorted(slices.Values(sqlstore.PurgedTables()))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-with account_id +purged):\n%s", diff)
		}
	})
}

func TestRemoval(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		other, err := d.CreateAccount(ctx, account("it", 7), boss())
		if err != nil {
			t.Fatal(err)
		}
		for i, acc := range []model.Account{d.acc, other} {
			session := uint64(900 + i)
			for _, table := range d.ownTables(t) {
				if table != "session" && !slices.Contains(keptTables(), table) {
					d.fillsTable(t, table, acc.ID, session, 2)
				}
			}
			row := model.Session{ID: session, AccountID: acc.ID, Employee: "x", State: model.StateQueued}
			if err := d.Raw().Create(&row).Error; err != nil {
				t.Fatal(err)
			}
		}
		for name, accounts := range map[string][]string{"one": {"hr"}, "both": {"hr", "it"}, "other": {"it"}} {
			if err := d.SaveToken(ctx, model.Token{Name: name, Hash: name, Role: model.RoleOwner, Accounts: accounts}); err != nil {
				t.Fatal(err)
			}
		}
		plan, err := d.RemovalPlan(ctx, d.acc)
		if diff := cmp.Diff(model.RemovalPlan{Sessions: 1, Open: 1, Seats: 4, Tokens: []string{"both", "one"}}, plan); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		if err := d.BeginRemoval(ctx, d.acc.ID, "另一个", boss()); reason(err) != "name_differs" {
			t.Errorf("with another name: %v", err)
		}
		for range 2 {
			if err := d.BeginRemoval(ctx, d.acc.ID, " 人事服务 ", boss()); err != nil {
				t.Fatal(err)
			}
		}
		if acc, err := d.AccountByKey(ctx, "hr"); err != nil || acc.Enabled {
			t.Errorf("while it is removed: enabled %t, %v", acc.Enabled, err)
		}
		if _, err := d.SetAccountEnabled(ctx, d.acc.ID, 0, true, boss()); reason(err) != "account_removing" {
			t.Errorf("switching it on: %v", err)
		}
		if _, _, err := d.SaveAccount(ctx, account("hr", 1000002), nil, nil, "cli"); reason(err) != "account_removing" {
			t.Errorf("applying its file: %v", err)
		}

		removal, err := d.ClaimRemoval(ctx, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.ClaimRemoval(ctx, time.Minute); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("claimed by two: %v", err)
		}
		if drained, err := d.Drained(ctx, removal); drained || err != nil {
			t.Errorf("drained with a session in the queue: %t, %v", drained, err)
		}
		if err := d.ForgetAccount(ctx, &removal); err != nil {
			t.Fatal(err)
		}
		if _, err := d.AccountByKey(ctx, "hr"); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("the account after that: %v", err)
		}
		if err := d.HoldRemoval(ctx, &removal, 2*time.Minute); !errors.Is(err, model.ErrFenced) {
			t.Errorf("the former holder goes on: %v", err)
		}
		tokens, _ := d.Tokens(ctx)
		left := map[string][]string{}
		for _, token := range tokens {
			left[token.Name] = token.Accounts
		}
		if diff := cmp.Diff(map[string][]string{"both": {"it"}, "other": {"it"}}, left); diff != "" {
			t.Errorf("tokens: %s", diff)
		}
		d.purges(t, other)
	})
}

// purges purges the desk's account, which is gone, and looks at what is left.
func (d *desk) purges(t *testing.T, other model.Account) {
	t.Helper()
	ctx := t.Context()
	if _, err := d.ClaimRemoval(ctx, time.Minute); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("purged at once: %v", err)
	}
	d.clock.advance(time.Minute)
	removal, err := d.ClaimRemoval(ctx, time.Minute)
	if err != nil || removal.Stage != model.RemovalPurging {
		t.Fatalf("%+v, %v", removal, err)
	}
	var files []string
	for more := true; more; {
		more, err = d.Purge(ctx, removal, func(_ context.Context, key string) error {
			files = append(files, key)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(files)
	if diff := cmp.Diff([]string{fmt.Sprintf("file-%d-1", d.acc.ID), fmt.Sprintf("file-%d-2", d.acc.ID)}, files); diff != "" {
		t.Errorf("files: %s", diff)
	}
	if err := d.EndRemoval(ctx, removal); err != nil {
		t.Fatal(err)
	}
	for _, table := range d.ownTables(t) {
		counts := map[uint64]int64{d.acc.ID: 0, other.ID: 0}
		for id := range counts {
			var n int64
			if err := d.Raw().Table("`"+table+"`").Where("account_id = ?", id).Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			counts[id] = n
		}
		if gone := counts[d.acc.ID] == 0; gone == (table == "audit" || table == "audit_chain") {
			t.Errorf("%s has %d rows of the account", table, counts[d.acc.ID])
		}
		if counts[other.ID] == 0 && table != "account_removal" {
			t.Errorf("%s has no rows of the other account any more", table)
		}
	}
	if diff := cmp.Diff([]string{"account.removing", "account.removed"}, d.audited(t, 0)); diff != "" {
		t.Error(diff)
	}
	again, err := d.CreateAccount(ctx, account("hr", 1000002), boss())
	if err != nil || again.ID == d.acc.ID {
		t.Errorf("another account with the key: %v", err)
	}
}
