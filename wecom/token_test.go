package wecom_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
	"deskmate/wecom"
)

const sentOK = `{"errcode":0,"errmsg":"ok","msgid":"msg-1"}`

func TestTokenIsFetchedOnce(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("message/send", sentOK)
	store := newMemory()
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store})
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if _, err := c.Push(t.Context(), account(), textPush(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	other := mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store}) // another replica
	if _, err := other.Push(t.Context(), account(), textPush("x")); err != nil {
		t.Error(err)
	}
	if n := len(a.asked("gettoken")); n != 1 {
		t.Errorf("gettoken was called %d times", n)
	}
	want := map[string]string{"corpid": corpID, "corpsecret": "app-secret"}
	if diff := cmp.Diff(want, a.last("gettoken").query); diff != "" {
		t.Error(diff)
	}
	if store.ttl != 5700*time.Second {
		t.Errorf("kept for %s", store.ttl)
	}
}

func TestTokenKey(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("message/send", sentOK)
	store := newMemory()
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store})
	if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
		t.Fatal(err)
	}
	key := store.keys()
	for _, part := range []string{strings.TrimPrefix(a.URL, "http://"), strings.ToLower(corpID), "1000002"} {
		if !strings.Contains(key, part) {
			t.Errorf("key %q lacks %q", key, part)
		}
	}
	if strings.Contains(key, "app-secret") {
		t.Errorf("key %q shows the secret", key)
	}
	reset := account()
	reset.Secret = "another-secret"
	if _, err := c.Push(t.Context(), reset, textPush("x")); codeOf(err) != 40001 {
		t.Errorf("another secret used the old token: %v", err)
	}
}

func TestTokenIsRefreshedOnce(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *wecom.Client) error{
		"own": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.Push(ctx, account(), textPush("x"))
			return err
		},
		"sdk": func(ctx context.Context, c *wecom.Client) error {
			_, err := c.Member(ctx, account(), "zhangsan")
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("message/send", sentOK)
			a.on("user/get", `{"errcode":0,"userid":"ZhangSan"}`)
			c := a.client()
			for range 2 {
				if err := call(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				a.spoil()
			}
			if n := len(a.asked("gettoken")); n != 2 {
				t.Errorf("gettoken was called %d times", n)
			}
		})
		t.Run(name+"_expired", func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("message/send", `{"errcode":42001,"errmsg":"access_token expired"}`)
			a.on("user/get", `{"errcode":42001,"errmsg":"access_token expired"}`)
			err := call(t.Context(), a.client())
			if codeOf(err) != 42001 {
				t.Errorf("got %v", err)
			}
			if n := len(a.asked("gettoken")); n != 2 {
				t.Errorf("gettoken was called %d times", n)
			}
		})
	}
}

func TestTokenOfAnotherReplicaIsNotDropped(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	store := newMemory()
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store})
	if _, err := c.Ping(t.Context(), account()); err == nil {
		t.Fatal("agent/get answers")
	}
	key := store.keys()
	a.handle("message/send", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("access_token") == "theirs" {
			reply(w, sentOK)
			return
		}
		_ = store.SetToken(r.Context(), key, "theirs", time.Hour) // meanwhile, by another replica
		a.mu.Lock()
		a.valid = ""
		a.mu.Unlock()
		reply(w, `{"errcode":40014,"errmsg":"invalid access_token"}`)
	})
	if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
		t.Fatal(err)
	}
	if n := len(a.asked("gettoken")); n != 1 {
		t.Errorf("gettoken was called %d times", n)
	}
}

func TestRefusedSecretIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	watch := newClock()
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Now: watch.now})
	acc := account()
	acc.Secret = "wrong"
	push := func() *model.PushError {
		t.Helper()
		_, err := c.Push(t.Context(), acc, textPush("x"))
		var failure *model.PushError
		if !errors.As(err, &failure) {
			t.Fatalf("got %v", err)
		}
		if strings.Contains(err.Error(), "wrong") {
			t.Errorf("the error shows the secret: %v", err)
		}
		return failure
	}
	for range 3 {
		if f := push(); f.Class != model.FailAlert || f.Code != 40001 || f.After != time.Minute {
			t.Errorf("got %+v", f)
		}
	}
	if n := len(a.asked("gettoken")); n != 1 {
		t.Errorf("gettoken was called %d times", n)
	}
	watch.advance(61 * time.Second)
	_ = push()
	if n := len(a.asked("gettoken")); n != 2 {
		t.Errorf("after a minute gettoken was called %d times", n)
	}
	a.on("message/send", sentOK)
	if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
		t.Errorf("the right secret waits, too: %v", err)
	}
}

func TestTokenStoreFails(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.on("message/send", sentOK)
	store := newMemory()
	store.broken = errors.New("redis is away")
	var log logBuffer
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Tokens: store, Log: log.logger()})
	for range 3 {
		if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.asked("gettoken")); n != 1 {
		t.Errorf("gettoken was called %d times", n)
	}
	if !strings.Contains(log.String(), "token store failed") || strings.Contains(log.String(), "token-1") {
		t.Errorf("log: %s", &log)
	}
	a.spoil()
	if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
		t.Errorf("a spoiled token is not dropped: %v", err)
	}
}

func TestTokenOfShortLife(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.expires = 600 // less than the SDK's margin
	a.on("message/send", sentOK)
	watch := newClock()
	c := mustClient(t, wecom.Config{BaseURL: a.URL, Now: watch.now})
	for _, wait := range []time.Duration{0, 4 * time.Minute, 2 * time.Minute} {
		watch.advance(wait)
		if _, err := c.Push(t.Context(), account(), textPush("x")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.asked("gettoken")); n != 2 {
		t.Errorf("gettoken was called %d times in 6 minutes", n)
	}
}

func TestTokenAnswersThatAreNone(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"empty": `{"errcode":0,"errmsg":"ok"}`, "no_json": "<html>", "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("gettoken", answer)
			_, err := a.client().Push(t.Context(), account(), textPush("x"))
			if model.ClassOf(err) != model.FailRetry { // nothing was sent
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestWaitingForATokenCanBeCancelled(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	arrived, leave := make(chan struct{}), make(chan struct{})
	a.handle("gettoken", func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-leave
		a.getToken(w, r)
	})
	a.on("message/send", sentOK)
	c := a.client()
	ctx, cancel := context.WithCancel(t.Context())
	impatient := make(chan error, 1)
	go func() {
		_, err := c.Push(ctx, account(), textPush("x"))
		impatient <- err
	}()
	await(t, arrived)
	patient := make(chan error, 1)
	go func() {
		_, err := c.Push(t.Context(), account(), textPush("x"))
		patient <- err
	}()
	cancel()
	if err := await(t, impatient); !errors.Is(err, context.Canceled) || model.ClassOf(err) != model.FailRetry {
		t.Errorf("got %v", err)
	}
	close(leave)
	if err := await(t, patient); err != nil {
		t.Errorf("the other caller fails, too: %v", err)
	}
	if n := len(a.asked("gettoken")); n != 1 {
		t.Errorf("gettoken was called %d times", n)
	}
}

func TestClientsDoNotMix(t *testing.T) {
	t.Parallel()
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			a := newAPI(t)
			name := fmt.Sprintf("name-%d", i)
			a.on("user/get", fmt.Sprintf(`{"errcode":0,"userid":"u","name":%q}`, name))
			c := a.client()
			for range 20 {
				m, err := c.Member(t.Context(), account(), "u")
				if err != nil || m.Name != name {
					t.Errorf("got %q, %v", m.Name, err)
				}
			}
		})
	}
	wait.Wait()
}
