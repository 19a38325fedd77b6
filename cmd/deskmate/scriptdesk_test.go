package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"deskmate/model"
	"deskmate/wecom/wecomsim"
)

// token NAME OPTION...: makes a token for the API, as 'admin token create' does; it is in the
// variable TOKEN_NAME.
func cmdToken(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) > 1, "token NAME OPTION...")
	var out bytes.Buffer
	p := worldOf(ts).program(io.Discard)
	p.stdout = &out
	if code := p.run(context.Background(), append([]string{"admin", "token", "create"}, args...)); code != exitDone {
		ts.Fatalf("no token: exit %d", code)
	}
	ts.Setenv("TOKEN_"+args[0], strings.TrimSpace(out.String()))
}

// session WHO NAME: the id of WHO's open session is in the variable NAME from now on.
func cmdSession(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 2, "session WHO NAME")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	store, acc, err := worldOf(ts).database(ctx)
	ts.Check(err)
	s, err := store.OpenSession(ctx, acc.ID, model.Fold(args[0]))
	ts.Check(err)
	ts.Setenv(args[1], strconv.FormatUint(s.ID, 10))
}

// api NAME METHOD PATH STATUS [BODY [TEXT...]]: the token NAME calls the account's part of the
// API, which answers with the status and a body that holds every TEXT; -TEXT must not be in
// it. The answer's id, if any, is in the variable ID; ONCE, where it is set, is sent as the
// request's key.
func cmdAPI(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) >= 4, "api NAME METHOD PATH STATUS [BODY [TEXT...]]")
	body := ""
	if len(args) > 4 {
		body = args[4]
	}
	header := http.Header{"Authorization": {"Bearer " + ts.Getenv("TOKEN_"+args[0])}, "Content-Type": {"application/json"}}
	if once := ts.Getenv("ONCE"); once != "" {
		header.Set("Idempotency-Key", once)
	}
	w := worldOf(ts)
	status, got := send(ts, args[1], w.front.URL+"/api/v1/accounts/"+scriptKey+args[2], strings.NewReader(body), header)
	if strconv.Itoa(status) != args[3] {
		ts.Fatalf("%s %s: %d %s\n%s", args[1], args[2], status, got, w.logs())
	}
	for _, text := range args[min(5, len(args)):] {
		text, absent := strings.CutPrefix(text, "-")
		if strings.Contains(got, text) == absent {
			ts.Fatalf("%s %s: %s", args[1], args[2], got)
		}
	}
	var made struct{ ID string }
	if json.Unmarshal([]byte(got), &made) == nil && made.ID != "" {
		ts.Setenv("ID", made.ID)
	}
}

var (
	linkWord = regexp.MustCompile(`href="([^"]+)"`)
	onceWord = regexp.MustCompile(`name="once" value="([^"]+)"`)
)

// upload WHO FILE STATUS [TIMES]: WHO opens the link that was sent last and sends FILE with its
// form, as often as TIMES says.
func cmdUpload(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, len(args) == 3 || len(args) == 4, "upload WHO FILE STATUS [TIMES]")
	link := ""
	for _, b := range worldOf(ts).sim.Screen(scriptAgent, args[0]) {
		if m := linkWord.FindStringSubmatch(b.Text); m != nil && b.From == wecomsim.FromApp {
			link = html.UnescapeString(m[1])
		}
	}
	status, page := send(ts, http.MethodGet, link, http.NoBody, nil)
	once := onceWord.FindStringSubmatch(page)
	if once == nil {
		if strconv.Itoa(status) != args[2] {
			ts.Fatalf("%s: %d %s", link, status, page)
		}
		return
	}
	times := 1
	if len(args) == 4 {
		_, err := fmt.Sscan(args[3], &times)
		ts.Check(err)
	}
	for range times {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		ts.Check(w.WriteField("once", once[1]))
		part, err := w.CreateFormFile("file", args[1])
		ts.Check(err)
		_, err = io.WriteString(part, ts.ReadFile(args[1]))
		ts.Check(err)
		ts.Check(w.Close())
		status, page = send(ts, http.MethodPost, link, &form, http.Header{"Content-Type": {w.FormDataContentType()}})
		if strconv.Itoa(status) != args[2] {
			ts.Fatalf("%s: %d %s\n%s", link, status, page, worldOf(ts).logs())
		}
	}
}

// send sends a request and gives the status and the body.
func send(ts *testscript.TestScript, method, url string, body io.Reader, header http.Header) (int, string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	ts.Check(err)
	maps.Copy(req.Header, header)
	res, err := (&http.Client{Timeout: patience}).Do(req)
	ts.Check(err)
	defer func() { _ = res.Body.Close() }()
	all, err := io.ReadAll(res.Body)
	ts.Check(err)
	return res.StatusCode, string(all)
}
