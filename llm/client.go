package llm

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sashabaranov/go-openai"
	"github.com/sony/gobreaker/v2"

	"deskmate/model"
)

// Config is what a client works with. BaseURL is required, and one of Model and
// EmbeddingModel; the rest has a sane zero value.
type Config struct {
	// BaseURL is the endpoint, http or https, such as https://api.deepseek.com/v1 or
	// http://localhost:11434. Without a path it means /v1; a trailing slash and a trailing
	// /chat/completions don't matter.
	BaseURL        string
	APIKey         model.Secret  // "": sent without one, as local servers like it
	Model          string        // of completions, where the prompt names none
	EmbeddingModel string        // "": there are no embeddings
	Timeout        time.Duration // of one call at most, whatever the context allows; 0: 30 s
	HTTP           *http.Client  // nil: one of its own
	Failures       int           // in a row that open the breaker; 0: 5
	OpenFor        time.Duration // how long the breaker stays open before it lets one call try; 0: 30 s
	Log            *slog.Logger  // nil: nothing is logged
	// Observe is told of every call, refused ones too: "complete" or "embed", "ok" or the
	// error's reason, its duration. It may be nil.
	Observe func(operation, outcome string, took time.Duration)
}

// The sizes of answers, unpacked, beyond which they are not read on.
const (
	completionBytes = 1 << 20
	embeddingBytes  = 64 << 20
)

// Client asks one endpoint. It is safe for concurrent use.
type Client struct {
	cfg       Config
	chat      *endpoint
	embedding *endpoint
	modern    sync.Map     // model name → whether it wants the parameters of newer models
	batch     atomic.Int64 // texts that the endpoint embeds at once, as far as we know
}

// endpoint is one kind of call: completions and embeddings fail apart from each other.
type endpoint struct {
	operation string
	api       *openai.Client
	breaker   *gobreaker.CircuitBreaker[struct{}]
}

// New makes a client; it connects to nothing yet. A configuration without BaseURL is an
// error: an installation without a model has no client.
func New(cfg Config) (*Client, error) {
	base, err := baseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.Model == "" && cfg.EmbeddingModel == "" {
		return nil, model.Invalid("llm_model", "neither LLM_MODEL nor EMBEDDING_MODEL is set")
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	if cfg.Failures <= 0 {
		cfg.Failures = 5
	}
	if cfg.OpenFor <= 0 {
		cfg.OpenFor = 30 * time.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Log = cfg.Log.With("component", "llm")
	c := &Client{cfg: cfg}
	c.batch.Store(embedBatch)
	c.chat = c.endpoint("complete", base, completionBytes)
	c.embedding = c.endpoint("embed", base, embeddingBytes)
	return c, nil
}

// EmbeddingModel is the name of the model that embeds; "" where there is none.
func (c *Client) EmbeddingModel() string { return c.cfg.EmbeddingModel }

func (c *Client) endpoint(operation, base string, limit int64) *endpoint {
	api := openai.DefaultConfig(c.cfg.APIKey.Reveal())
	api.BaseURL = base
	api.HTTPClient = httpClient(c.cfg.HTTP, limit)
	return &endpoint{
		operation: operation,
		api:       openai.NewClientWithConfig(api),
		breaker: gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
			Timeout: c.cfg.OpenFor,
			ReadyToTrip: func(counts gobreaker.Counts) bool {
				return int64(counts.ConsecutiveFailures) >= int64(c.cfg.Failures)
			},
			IsExcluded: excluded,
			OnStateChange: func(_ string, from, to gobreaker.State) {
				c.cfg.Log.Warn("breaker moved", "operation", operation, "from", from.String(), "to", to.String())
			},
		}),
	}
}

// excluded reports whether an error says nothing about the endpoint: the caller left, or the
// endpoint minded this one prompt.
func excluded(err error) bool {
	return errors.Is(err, context.Canceled) || model.CodeOf(err) == model.CodeInvalid
}

// call makes one call within its time behind the breaker. What it returns is a model.Error.
func (c *Client) call(ctx context.Context, e *endpoint, run func(context.Context) error) error {
	start := time.Now()
	ctx, span := model.StartSpan(ctx, "llm")
	defer span.End()
	_, err := e.breaker.Execute(func() (struct{}, error) {
		timed, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
		defer cancel()
		return struct{}{}, classify(timed, run(timed))
	})
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		err = unavailable(ReasonBreaker, "the language model failed too often and is left alone for a while", nil)
	}
	outcome := "ok"
	if e, ok := errors.AsType[*model.Error](err); ok {
		outcome = e.Reason
	}
	span.Set("operation", e.operation)
	span.Set("outcome", outcome)
	span.Fail(err)
	took := time.Since(start)
	if err != nil && outcome != ReasonBreaker {
		c.cfg.Log.WarnContext(ctx, "language model failed", "operation", e.operation, "took_ms", took.Milliseconds(), "err", err)
	}
	if c.cfg.Observe != nil {
		c.cfg.Observe(e.operation, outcome, took)
	}
	return err
}

var chatSuffix = regexp.MustCompile(`/+(chat/completions/*)?$`)

// baseURL is what go-openai appends /chat/completions to.
func baseURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", model.Invalid("llm_base_url", "LLM_BASE_URL must be an http or https address")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", model.Invalid("llm_base_url", "LLM_BASE_URL must have no user, query or fragment; the key goes into LLM_API_KEY")
	}
	u.Path = chatSuffix.ReplaceAllString(u.Path, "")
	if u.Path == "" {
		u.Path = "/v1"
	}
	u.RawPath = ""
	return u.String(), nil
}

// httpClient is given, or one of our own, with answers bounded and redirects refused: one
// would carry the prompt to a place that nobody configured.
func httpClient(given *http.Client, limit int64) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	if client.Transport == nil {
		client.Transport = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout:   5 * time.Second,
			MaxIdleConnsPerHost:   32,
			IdleConnTimeout:       90 * time.Second,
			ForceAttemptHTTP2:     true,
			ExpectContinueTimeout: time.Second,
		}
	}
	client.Transport = &bounded{next: client.Transport, limit: limit}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}
