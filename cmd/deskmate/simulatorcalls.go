package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"deskmate/handler"
)

// keepWire is how many bytes of a body are kept for looking at.
const keepWire = 64 << 10

// recordCalls notes every call of the API that sim answers.
func (s *simulator) recordCalls(next http.Handler) http.Handler {
	apps := &tokenApps{known: map[string]int64{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, "/cgi-bin/")
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		request, response := &clipped{}, &recorder{ResponseWriter: w}
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, request), r.Body}
		start := time.Now()
		next.ServeHTTP(response, r)
		took := time.Since(start)
		s.noteCall(name, r, request, response, took, apps)
	})
}

func (s *simulator) noteCall(name string, r *http.Request, request *clipped, response *recorder, took time.Duration, apps *tokenApps) {
	query := r.URL.Query()
	var asked struct {
		AgentID int64  `json:"agentid"`
		ToUser  string `json:"touser"`
	}
	var said struct {
		ErrCode int    `json:"errcode"`
		Token   string `json:"access_token"`
	}
	_ = json.Unmarshal(request.Bytes(), &asked) // what is no JSON names nobody
	_ = json.Unmarshal(response.body.Bytes(), &said)
	trace := &handler.SimTrace{
		At: s.clock.now(), Kind: "call", Name: name, Status: response.status, ErrCode: said.ErrCode, TookMS: took.Milliseconds(),
		AgentID: asked.AgentID,
	}
	for _, id := range append(strings.Split(asked.ToUser, "|"), query.Get("userid")) {
		if id != "" {
			trace.UserIDs = append(trace.UserIDs, id)
		}
	}
	if said.Token != "" {
		apps.learn(said.Token, query.Get("corpsecret"), s.agentOf)
	}
	if trace.AgentID == 0 {
		trace.AgentID = apps.find(query.Get("access_token"), query.Get("corpsecret"), s.agentOf)
	}
	s.log.add(handler.SimEvent{Trace: trace}, wire{
		request:  r.Method + " " + r.URL.Path + masked(query) + "\n\n" + pretty(request, r.Header.Get("Content-Type")),
		response: response.head() + "\n\n" + pretty(&response.body, response.Header().Get("Content-Type")),
	})
	if strings.HasPrefix(name, "menu/") || name == "agent/set" {
		s.log.add(handler.SimEvent{Touched: &handler.SimTouched{AgentID: trace.AgentID}}, wire{})
	}
}

// agentOf is the app of the demo that a secret belongs to; 0 for none.
func (s *simulator) agentOf(secret string) int64 {
	for _, a := range s.corp.Apps {
		if demoSecret(a.AgentID) == secret {
			return a.AgentID
		}
	}
	return 0
}

// tokenApps knows whose the tokens are.
type tokenApps struct {
	mu    sync.Mutex
	known map[string]int64
}

func (t *tokenApps) learn(token, secret string, agentOf func(string) int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known[token] = agentOf(secret)
}

func (t *tokenApps) find(token, secret string, agentOf func(string) int64) int64 {
	if secret != "" {
		return agentOf(secret)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[token]
}

// clipped keeps the beginning of what is written to it.
type clipped struct {
	bytes.Buffer

	more bool
}

// Write never fails.
func (c *clipped) Write(p []byte) (int, error) {
	kept := p[:min(len(p), max(keepWire-c.Len(), 0))]
	c.more = c.more || len(kept) < len(p)
	_, _ = c.Buffer.Write(kept)
	return len(p), nil
}

// recorder sees an answer go by.
type recorder struct {
	http.ResponseWriter

	status int
	body   clipped
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write notes the body.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	_, _ = r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *recorder) head() string {
	if r.status == 0 {
		return "no answer: the connection was broken off"
	}
	return "HTTP " + strconv.Itoa(r.status)
}

// masked is a query without its secrets.
func masked(query url.Values) string {
	for _, key := range []string{"access_token", "corpsecret"} {
		if query.Has(key) {
			query.Set(key, "***")
		}
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + strings.ReplaceAll(query.Encode(), "%2A%2A%2A", "***")
}

// pretty is a body for people to read, without its secrets.
func pretty(c *clipped, contentType string) string {
	if c.Len() == 0 {
		return ""
	}
	if strings.HasPrefix(contentType, "multipart/") || strings.HasPrefix(contentType, "image/") {
		return fmt.Sprintf("(%s)", contentType)
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(c.Bytes()))
	decoder.UseNumber()
	if c.more || decoder.Decode(&fields) != nil {
		return c.String()
	}
	for _, key := range []string{"access_token", "ticket"} {
		if _, ok := fields[key]; ok {
			fields[key] = "***"
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if encoder.Encode(fields) != nil {
		return c.String()
	}
	return strings.TrimSpace(out.String())
}
