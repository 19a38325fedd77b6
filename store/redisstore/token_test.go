package redisstore_test

import (
	"testing"
	"time"
)

func TestToken(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			other := b.beside(t)
			mustHaveToken(t, b, "k", "")
			mustSetToken(t, b, "one", time.Hour)
			mustHaveToken(t, b, "k", "one")
			mustHaveToken(t, other, "k", "one")
			mustHaveToken(t, other, "another", "")

			mustDropToken(t, other, "zero")
			mustHaveToken(t, b, "k", "one") // dropped was another one
			mustSetToken(t, other, "two", time.Hour)
			mustDropToken(t, b, "one")
			mustHaveToken(t, b, "k", "two")
			mustDropToken(t, b, "two")
			mustHaveToken(t, b, "k", "")
			mustHaveToken(t, other, "k", "") // although it remembers it

			// WeCom gives the same token again while it is valid.
			mustSetToken(t, b, "two", time.Hour)
			mustHaveToken(t, b, "k", "two")

			b.empty(t)
			mustHaveToken(t, b, "k", "")
			mustSetToken(t, b, "three", time.Hour)
			mustHaveToken(t, other, "k", "three")
		})
	}
}

func TestTokenRunsOut(t *testing.T) {
	t.Parallel()
	for name, url := range servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, url(t))
			b.run(t) // the embedded server needs somebody to drive its clock
			mustSetToken(t, b, "brief", 50*time.Millisecond)
			eventually(t, "the end of the token", func() bool {
				_, ok, err := b.Token(t.Context(), "k")
				return err == nil && !ok
			})
			mustSetToken(t, b, "late", 0)
			mustHaveToken(t, b, "k", "")
		})
	}
}

func mustHaveToken(t testing.TB, b bench, key, want string) {
	t.Helper()
	got, ok, err := b.Token(t.Context(), key)
	if err != nil || got != want || ok != (want != "") {
		t.Errorf("Token(%q) = %q, %v, %v; want %q", key, got, ok, err, want)
	}
}

func mustSetToken(t testing.TB, b bench, token string, ttl time.Duration) {
	t.Helper()
	if err := b.SetToken(t.Context(), "k", token, ttl); err != nil {
		t.Errorf("SetToken: %v", err)
	}
}

func mustDropToken(t testing.TB, b bench, token string) {
	t.Helper()
	if err := b.DropToken(t.Context(), "k", token); err != nil {
		t.Errorf("DropToken: %v", err)
	}
}
