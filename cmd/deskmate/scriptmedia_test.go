package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/model"
)

// kept WHO SEQ TEXT: line SEQ of WHO's last session holds, or comes to hold, a file with TEXT
// in it, as the API gives it; without a file TEXT is the reason.
func cmdKept(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3, "kept WHO SEQ TEXT")
	w := worldOf(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	session, err := w.lastSession(ctx, args[0])
	ts.Check(err)
	token, err := w.token(ctx)
	ts.Check(err)
	url := fmt.Sprintf("%s/api/v1/accounts/%s/sessions/%d/messages/%s/media", w.front.URL, scriptKey, session, args[1])
	got := ""
	err = within(patience, func(ctx context.Context) (bool, error) {
		got, err = read(ctx, url, token)
		return err == nil && strings.Contains(got, args[2]), err
	})
	if err != nil {
		ts.Fatalf("line %s holds %q, want %q: %v\n%s", args[1], got, args[2], err, w.logs())
	}
}

// lastSession is the session that the last event of somebody's lane belonged to.
func (w *world) lastSession(ctx context.Context, who string) (uint64, error) {
	store, acc, err := w.database(ctx)
	if err != nil {
		return 0, err
	}
	rows, err := store.InboxOf(ctx, acc.ID, 0, 1000)
	if err != nil {
		return 0, err
	}
	var session uint64
	for _, r := range rows {
		if r.Lane == model.PersonLane(acc.ID, who) && r.SessionID != 0 {
			session = r.SessionID
		}
	}
	if session == 0 {
		return 0, fmt.Errorf("%s had no session", who)
	}
	return session, nil
}

// token is a token that may do everything.
func (w *world) token(ctx context.Context) (string, error) {
	var out strings.Builder
	p := w.program(io.Discard)
	p.stdout = &out
	err := p.dispatch(ctx, []string{"admin", "token", "create", "t" + strings.ToLower(rand.Text()[:10]), "--super"})
	at := strings.Index(out.String(), "dmt_")
	if err != nil || at < 0 {
		return "", fmt.Errorf("no token in %q: %w", out.String(), err)
	}
	return strings.Fields(out.String()[at:])[0], nil
}

func read(ctx context.Context, url, token string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	return string(data), err
}

// files N: so many files are kept, after a while.
func cmdFiles(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 1, "files N")
	got := 0
	err := within(patience, func(context.Context) (bool, error) {
		list, err := filepath.Glob(filepath.Join(worldOf(ts).work, "data", "blobs", "[0-9]*", "*", "*"))
		got = len(list)
		return err == nil && fmt.Sprint(got) == args[0], err
	})
	if err != nil {
		ts.Fatalf("%d files are kept, want %s: %v", got, args[0], err)
	}
}
