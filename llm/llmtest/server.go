// Package llmtest is an endpoint that speaks OpenAI's protocol and says what a test wants: it
// can answer, echo, think aloud, stall, fail, stream, break off and lie. It belongs to tests and
// drills.
package llmtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Call is a request that the server got.
type Call struct {
	Path          string
	Authorization string   // the header as sent
	Model         string   // as asked for
	System        string   // of a completion
	User          string   // of a completion
	Stream        bool     // whether a stream was asked for
	MaxTokens     int      // max_tokens, or max_completion_tokens
	Temperature   float64  // 0: none sent
	Texts         []string // of embeddings
	Body          string   // as it came
	Newer         bool     // it used max_completion_tokens
}

// Answer is what Deskmate asks to have reworded or condensed: what stands between <answer> or
// <replies> and its end in the user's part of a prompt; without these tags it is all of it.
func (c Call) Answer() string {
	for _, tag := range [...]string{"answer>", "replies>"} {
		_, text, found := strings.Cut(c.User, "<"+tag)
		if found {
			text, _, _ = strings.Cut(text, "</"+tag)
			return strings.TrimSpace(text)
		}
	}
	return strings.TrimSpace(c.User)
}

// Server is a language model that isn't one. It echoes approved answers and embeds by letters
// until told otherwise.
type Server struct {
	URL string // with /v1, as a client's base URL

	http    *httptest.Server
	closing chan struct{}
	arrived chan struct{} // one token a call, dropped when nobody reads

	mu         sync.Mutex
	behave     Behaviour
	next       []Behaviour
	embeddings Behaviour
	calls      []Call
	inFlight   int
	peak       int
}

// New starts a server that ends with the test.
func New(tb testing.TB) *Server {
	tb.Helper()
	s := Start()
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server; whoever does so closes it.
func Start() *Server {
	s := &Server{behave: Echo(), embeddings: Embed(64), closing: make(chan struct{}), arrived: make(chan struct{}, 4096)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.serve)
	mux.HandleFunc("POST /v1/embeddings", s.serve)
	s.http = httptest.NewServer(mux)
	s.URL = s.http.URL + "/v1"
	return s
}

// Close ends the server and everything that stalls in it.
func (s *Server) Close() {
	close(s.closing)
	s.http.Close()
}

// Behave says how completions are answered from now on.
func (s *Server) Behave(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.behave = b
}

// Next says how the very next completions are answered, one each, before Behave holds again.
func (s *Server) Next(b ...Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = append(s.next, b...)
}

// BehaveEmbeddings says how embeddings are answered from now on.
func (s *Server) BehaveEmbeddings(b Behaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.embeddings = b
}

// Calls are the requests so far, in the order they came.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Peak is how many calls were in hand at once at most.
func (s *Server) Peak() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peak
}

// Arrived gets a token for every call as it arrives.
func (s *Server) Arrived() <-chan struct{} { return s.arrived }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	call := read(r)
	behave := s.take(call)
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
	}()
	behave(w, r, call, s.closing)
}

// take writes a call down and gives what answers it.
func (s *Server) take(call Call) Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	s.inFlight++
	s.peak = max(s.peak, s.inFlight)
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	if strings.HasSuffix(call.Path, "/embeddings") {
		return s.embeddings
	}
	if len(s.next) > 0 {
		b := s.next[0]
		s.next = s.next[1:]
		return b
	}
	return s.behave
}

// read takes a request apart; what it can't read stays zero.
func read(r *http.Request) Call {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	var in struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Stream              bool     `json:"stream"`
		MaxTokens           int      `json:"max_tokens"`
		MaxCompletionTokens int      `json:"max_completion_tokens"`
		Temperature         float64  `json:"temperature"`
		Input               []string `json:"input"`
	}
	_ = json.Unmarshal(body, &in)
	call := Call{
		Path: r.URL.Path, Authorization: r.Header.Get("Authorization"), Model: in.Model, Stream: in.Stream,
		MaxTokens: in.MaxTokens + in.MaxCompletionTokens, Newer: in.MaxCompletionTokens > 0,
		Temperature: in.Temperature, Texts: in.Input, Body: string(body),
	}
	for _, m := range in.Messages {
		if m.Role == "system" {
			call.System = m.Content
		} else {
			call.User = m.Content
		}
	}
	return call
}
