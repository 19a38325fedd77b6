package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"deskmate/model"
	"deskmate/webhook"
)

func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func client(inside ...netip.Prefix) *webhook.Client {
	return webhook.New(webhook.Config{Inside: inside, Agent: "Deskmate/test", Now: time.Now})
}

func TestClient_Send(t *testing.T) {
	t.Parallel()
	c := client(loopback()...)
	w := model.Webhook{Secret: c.NewSecret(), OldSecret: c.NewSecret(), OldUntilMS: time.Now().Add(time.Hour).UnixMilli()}
	var header http.Header
	var body []byte
	answer := func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		body, _ = io.ReadAll(r.Body)
		answer(w)
	}))
	t.Cleanup(server.Close)
	w.URL = server.URL
	d := model.WebhookDelivery{ID: 42, Body: `{"type":"ping"}`}
	if got := c.Send(t.Context(), w, d); !got.Arrived() || got.Code != http.StatusNoContent {
		t.Fatalf("sent: %+v", got)
	}
	if header.Get("Webhook-Id") != "evt_42" || header.Get("User-Agent") != "Deskmate/test" || string(body) != d.Body {
		t.Errorf("%v %s", header, body)
	}
	for _, secret := range []model.Secret{w.Secret, w.OldSecret} {
		verifier, err := standard.NewWebhook(secret.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if err := verifier.Verify(body, header); err != nil {
			t.Errorf("signature: %v in %v", err, header)
		}
		if err := verifier.Verify([]byte("other"), header); err == nil {
			t.Error("the signature is good for another body")
		}
	}
	w.OldUntilMS = time.Now().Add(-time.Second).UnixMilli()
	c.Send(t.Context(), w, d)
	if n := len(strings.Fields(header.Get("Webhook-Signature"))); n != 1 {
		t.Errorf("%d signatures after the old secret's time", n)
	}
	for _, test := range []struct {
		status int
		header string
		want   model.Attempt
	}{
		{http.StatusInternalServerError, "", model.Attempt{Code: 500, Err: "HTTP 500"}},
		{http.StatusFound, "", model.Attempt{Code: 302, Err: "redirects are not followed"}},
		{http.StatusTooManyRequests, "7", model.Attempt{Code: 429, Err: "HTTP 429", After: 7000}},
		{http.StatusTooManyRequests, "soon", model.Attempt{Code: 429, Err: "HTTP 429"}},
	} {
		answer = func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", test.header)
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(test.status)
		}
		got := c.Send(t.Context(), w, d)
		got.Took = 0
		if got != test.want {
			t.Errorf("%d: %+v, want %+v", test.status, got, test.want)
		}
	}
}

// What is not on the public internet is not called, whatever its name is.
func TestClient_Send_inside(t *testing.T) {
	t.Parallel()
	called := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(server.Close)
	secure := httptest.NewTLSServer(server.Config.Handler)
	t.Cleanup(secure.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	other := netip.MustParsePrefix("10.0.0.0/8")
	for _, test := range []struct {
		url    string
		inside []netip.Prefix
		want   string
	}{
		{server.URL, nil, "without TLS"},
		{server.URL, []netip.Prefix{other}, "without TLS"},
		{"http://localhost:" + port, []netip.Prefix{other}, "without TLS"},
		{secure.URL, nil, "public internet"},
		{strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), []netip.Prefix{other}, "public internet"},
		{strings.Replace(secure.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), nil, "public internet"},
	} {
		c := client(test.inside...)
		got := c.Send(t.Context(), model.Webhook{URL: test.url, Secret: c.NewSecret()}, model.WebhookDelivery{ID: 1, Body: "{}"})
		if got.Arrived() || !strings.Contains(got.Err, test.want) {
			t.Errorf("%s: %+v, want %q", test.url, got, test.want)
		}
		if strings.Contains(got.Err, "localhost") {
			t.Errorf("%s: the error tells the address: %s", test.url, got.Err)
		}
	}
	if called {
		t.Error("a server inside was called")
	}
}

// Somebody who never answers is given up on.
func TestClient_Send_silent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // before that it doesn't notice that the client went away
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	c := client(loopback()...)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got := c.Send(ctx, model.Webhook{URL: server.URL, Secret: c.NewSecret()}, model.WebhookDelivery{ID: 1, Body: "{}"})
	if got.Arrived() || got.Err != "no answer within 10s" {
		t.Errorf("%+v", got)
	}
}

func TestClient_Check(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url    string
		inside []netip.Prefix
		reason string
	}{
		{"https://example.com/hooks?key=1", nil, ""},
		{"https://8.8.8.8:8443/", nil, ""},
		{"http://example.com/", nil, "webhook_plain"},
		{"http://desk.corp/", loopback(), ""},
		{"http://127.0.0.1:8080/", loopback(), ""},
		{"http://8.8.8.8/", loopback(), "webhook_inside"},
		{"https://127.0.0.1/", nil, "webhook_inside"},
		{"https://169.254.169.254/latest", loopback(), "webhook_inside"},
		{"https://100.64.0.1/", nil, "webhook_inside"},
		{"https://[::1]/", nil, "webhook_inside"},
		{"https://[fd00::1]/", nil, "webhook_inside"},
		{"", nil, "webhook_url"},
		{"ftp://example.com", nil, "webhook_url"},
		{"https://", nil, "webhook_url"},
		{"https://a:b@example.com", nil, "webhook_url"},
		{"https://example.com/#x", nil, "webhook_url"},
		{"https://example.com/" + strings.Repeat("x", 2000), nil, "webhook_url"},
	} {
		got := ""
		if err := client(test.inside...).Check(test.url); err != nil {
			var refusal *model.Error
			if !errors.As(err, &refusal) {
				t.Fatal(err)
			}
			got = refusal.Reason
		}
		if got != test.reason {
			t.Errorf("%s: %q, want %q", test.url, got, test.reason)
		}
	}
}
