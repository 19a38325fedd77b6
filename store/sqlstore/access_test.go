package sqlstore_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		want := []model.Token{
			{ID: 1, Name: "ci", Hash: "h1", Role: model.RoleOwner, Accounts: []string{"hr", "it"}, CreatedMS: 5, ExpiresMS: 9},
			{ID: 2, Name: "root", Hash: "h2", Role: model.RoleSuperAdmin, Accounts: []string{}, CreatedMS: 6},
		}
		for _, tok := range want {
			if err := d.SaveToken(ctx, tok); err != nil {
				t.Fatal(err)
			}
		}
		list, err := d.Tokens(ctx)
		if diff := cmp.Diff(want, list); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		got, err := d.TokenByHash(ctx, "h1")
		if diff := cmp.Diff(want[0], got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err := d.TokenByHash(ctx, "h3"); !isNotFound(err) {
			t.Errorf("unknown: %v", err)
		}
		if err := d.SaveToken(ctx, model.Token{Name: "ci", Hash: "h3"}); reason(err) != "token_name_taken" {
			t.Errorf("a name twice: %v", err)
		}
		if err := d.SaveToken(ctx, model.Token{Name: "other", Hash: "h2"}); !errors.Is(err, model.ErrDuplicate) {
			t.Errorf("a hash twice: %v", err)
		}

		minute := time.Minute.Milliseconds()
		for _, at := range []int64{2*minute + 5, 2*minute + 50, minute} {
			if err := d.TouchToken(ctx, 1, at); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.TouchToken(ctx, 12345, minute); err != nil {
			t.Errorf("an unknown one: %v", err)
		}
		if got, err := d.TokenByHash(ctx, "h1"); err != nil || got.LastUsedMS != 2*minute {
			t.Errorf("%+v, %v", got, err)
		}
		if err := d.RevokeToken(ctx, "ci"); err != nil {
			t.Error(err)
		}
		if _, err := d.TokenByHash(ctx, "h1"); !isNotFound(err) {
			t.Errorf("revoked: %v", err)
		}
		if err := d.RevokeToken(ctx, "ci"); !isNotFound(err) {
			t.Errorf("revoked twice: %v", err)
		}
	})
}

func TestSaveToken_by_many_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		taken := &model.Error{Code: model.CodeConflict, Reason: "token_name_taken"}
		n := together(5, func(i int) error {
			return d.SaveToken(t.Context(), model.Token{Name: "ci", Hash: fmt.Sprint(i)})
		}).succeeded(t, taken)
		if list, err := d.Tokens(t.Context()); n != 1 || len(list) != 1 || list[0].ID == 0 || list[0].CreatedMS != d.nowMS() {
			t.Errorf("%d saved, %+v, %v", n, list, err)
		}
	})
}

func TestLLMUsage(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		const calls = 20
		together(calls, func(i int) error {
			return d.AddLLMUsage(ctx, model.LLMUsage{AccountID: d.acc.ID, Day: day + i%2, Calls: 1, TokensIn: 100, TokensOut: 10, Verbatim: int64(i / 2 % 2)})
		}).mustAll(t)
		got, err := d.LLMUsage(ctx, d.acc.ID, day)
		want := model.LLMUsage{AccountID: d.acc.ID, Day: day, Calls: 10, TokensIn: 1000, TokensOut: 100, Verbatim: 5}
		if err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		got, err = d.LLMUsage(ctx, d.acc.ID, 20260101)
		if want := (model.LLMUsage{AccountID: d.acc.ID, Day: 20260101}); err != nil || got != want {
			t.Errorf("an idle day: %+v, %v", got, err)
		}
	})
}

func TestMediaUpload(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if _, _, err := d.MediaUpload(ctx, d.acc.ID, 5); !isNotFound(err) {
			t.Errorf("got %v", err)
		}
		for _, want := range []string{"first", long(500)} {
			if err := d.SaveMediaUpload(ctx, d.acc.ID, 5, want, int64(len(want))); err != nil {
				t.Fatal(err)
			}
			if id, until, err := d.MediaUpload(ctx, d.acc.ID, 5); id != want || until != int64(len(want)) || err != nil {
				t.Errorf("%q until %d, %v", id, until, err)
			}
		}
	})
}

func TestEmbeddings(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		want := map[string][]float32{}
		var sums []string
		for i := range 150 { // several statements
			sum := fmt.Sprintf("%064x", i)
			sums = append(sums, sum)
			want[sum] = []float32{float32(i), -1.5, math.MaxFloat32, math.SmallestNonzeroFloat32, 0}
		}
		if err := d.SaveEmbeddings(ctx, d.acc.ID, "bge", want); err != nil {
			t.Fatal(err)
		}
		want[sums[3]] = []float32{3}
		if err := d.SaveEmbeddings(ctx, d.acc.ID, "bge", map[string][]float32{sums[3]: {3}}); err != nil {
			t.Fatal(err)
		}
		got, err := d.Embeddings(ctx, d.acc.ID, "bge", append(sums, "unknown"))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		for _, other := range []struct {
			account uint64
			model   string
		}{{d.acc.ID, "BGE"}, {1, "bge"}} {
			if got, err := d.Embeddings(ctx, other.account, other.model, sums); err != nil || len(got) != 0 {
				t.Errorf("of %v: %v, %v", other, got, err)
			}
		}
		if err := d.SaveEmbeddings(ctx, d.acc.ID, "bge", nil); err != nil {
			t.Errorf("none: %v", err)
		}
	})
}

// Of changes at once one wins, all replicas see it, and secrets stay.
func TestChangeAccount_together(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		revision, err := d.AccountsVersion(ctx)
		if err != nil {
			t.Fatal(err)
		}
		entry := model.Audit{Actor: "member:boss", Action: "account.changed", Target: "bot"}
		n := together(4, func(i int) error {
			_, err := d.ChangeAccount(ctx, d.acc.ID, d.acc.Version, entry, func(acc *model.Account) error {
				acc.Policy.Bot.Suggest = 0.01 * float64(i+1)
				return nil
			})
			return err
		}).succeeded(t, model.ErrStale)
		if n != 1 {
			t.Errorf("%d of them at once succeeded", n)
		}
		if now, err := d.AccountsVersion(ctx); now != revision+1 || err != nil {
			t.Errorf("replicas see revision %d, before %d, %v", now, revision, err)
		}
		got, err := d.Account(ctx, d.acc.ID)
		if err != nil || got.Version != d.acc.Version+1 || got.Secret.Reveal() != "app-secret" {
			t.Errorf("stored %+v, %v", got, err)
		}
		if _, err := d.ChangeAccount(ctx, 1, 0, entry, func(*model.Account) error { return nil }); !isNotFound(err) {
			t.Errorf("no such account: %v", err)
		}
	})
}
