package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"deskmate/model"
)

// receiver is a program outside that webhooks tell.
type receiver struct {
	server *httptest.Server

	mu   sync.Mutex
	got  []delivery // what the script has not seen yet
	fail bool
}

// delivery is what the receiver got once.
type delivery struct {
	header http.Header
	body   string
}

func newReceiver() *receiver {
	r := &receiver{}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body) // cut off, it doesn't match its signature
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, delivery{req.Header.Clone(), string(body)})
		w.WriteHeader(map[bool]int{false: http.StatusNoContent, true: http.StatusServiceUnavailable}[r.fail])
	}))
	return r
}

// next takes what came first of a type and was not shown yet.
func (r *receiver) next(kind string) (delivery, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, d := range r.got {
		var message struct{ Type string }
		if json.Unmarshal([]byte(d.body), &message) == nil && message.Type == kind {
			r.got = append(r.got[:i:i], r.got[i+1:]...)
			return d, true
		}
	}
	return delivery{}, false
}

// receiver [ok|fail|clear]: a program outside listens; its address is in the variable HOOK. It fails
// from now on, or doesn't; clear forgets what it got.
func cmdReceiver(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) <= 1, "receiver [ok|fail|clear]")
	w := worldOf(ts)
	if w.receiver == nil {
		w.receiver = newReceiver()
		ts.Setenv("HOOK", w.receiver.server.URL+"/hook")
	}
	r := w.receiver
	r.mu.Lock()
	defer r.mu.Unlock()
	switch strings.Join(args, "") {
	case "fail":
		r.fail = true
	case "ok":
		r.fail = false
	case "clear":
		r.got = nil
	}
}

// told TYPE [TEXT...]: the receiver got a message of the type, rightly signed, that holds every
// TEXT; -TEXT must not be in it.
func cmdTold(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 0, "told TYPE [TEXT...]")
	w := worldOf(ts)
	var d delivery
	err := within(patience, func(context.Context) (ok bool, _ error) {
		d, ok = w.receiver.next(args[0])
		return ok, nil
	})
	if err != nil {
		ts.Fatalf("the receiver was not told of %s: %v\n%s", args[0], err, w.logs())
	}
	for _, text := range args[1:] {
		text, absent := strings.CutPrefix(text, "-")
		if strings.Contains(d.body, text) == absent {
			ts.Fatalf("told %s: %s", args[0], d.body)
		}
	}
	hooks := hooksOf(ts)
	for _, secret := range []model.Secret{hooks[0].Secret, hooks[0].OldSecret} {
		if secret == "" {
			continue
		}
		verifier, err := standard.NewWebhook(secret.Reveal())
		ts.Check(err)
		// The script's clock is not that of the receiver.
		if err := verifier.VerifyIgnoringTimestamp([]byte(d.body), d.header); err != nil {
			ts.Fatalf("told %s with a signature that is %v: %v", args[0], err, d.header)
		}
	}
}

// untold: when all is quiet, the receiver got nothing that the script has not seen.
func cmdUntold(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "untold")
	cmdSettle(ts, false, nil)
	cmdDelivered(ts, false, nil)
	r := worldOf(ts).receiver
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) > 0 {
		ts.Fatalf("the receiver was also told %+v", r.got)
	}
}

// delivered: nothing waits to be sent to webhooks any more.
func cmdDelivered(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 0, "delivered")
	ts.Check(awaitLoad(ts, func(l model.WebhookLoad) bool { return l.Pending == 0 && l.Dead == 0 }))
}

// dead N: N deliveries to webhooks have been given up on.
func cmdDead(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "dead N")
	ts.Check(awaitLoad(ts, func(l model.WebhookLoad) bool { return strconv.Itoa(l.Dead) == args[0] }))
}

func hooksOf(ts *testscript.TestScript) []model.Webhook {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	store, acc, err := worldOf(ts).database(ctx)
	ts.Check(err)
	hooks, err := store.Webhooks(ctx, acc.ID)
	ts.Check(err)
	if len(hooks) == 0 {
		ts.Fatalf("the account has no webhook")
	}
	return hooks
}

func awaitLoad(ts *testscript.TestScript, enough func(model.WebhookLoad) bool) error {
	w, hook := worldOf(ts), hooksOf(ts)[0]
	var load model.WebhookLoad
	err := within(patience, func(ctx context.Context) (bool, error) {
		loads, err := w.store.WebhookLoads(ctx, []uint64{hook.ID})
		if err != nil {
			return false, err
		}
		load = loads[0]
		return enough(load), nil
	})
	if err != nil {
		return fmt.Errorf("%w: %+v\n%s", err, load, w.logs())
	}
	return nil
}
