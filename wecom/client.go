package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"deskmate/model"
)

// Where WeCom is.
const (
	defaultBase  = "https://qyapi.weixin.qq.com"
	defaultOAuth = "https://open.weixin.qq.com"
	defaultLogin = "https://login.work.weixin.qq.com"
)

const (
	callTimeout  = 10 * time.Second
	mediaTimeout = time.Minute // 20 MB over a slow line
)

// NoAnswer is what Config.Observe is told instead of an errcode when WeCom did not answer.
// WeCom itself has no such code.
const NoAnswer int64 = -100

// Config is what a [Client] needs. Its zero value talks to WeCom itself and keeps tokens
// in this process.
type Config struct {
	BaseURL   string           // of the API; empty: https://qyapi.weixin.qq.com
	OAuthBase string           // of the sign-in inside WeCom; empty: https://open.weixin.qq.com
	LoginBase string           // of the sign-in in other browsers; empty: https://login.work.weixin.qq.com
	HTTP      *http.Client     // nil: one of its own; a call is given 10 s, a file 60 s, in any case
	Tokens    TokenStore       // nil: memory
	Log       *slog.Logger     // nil: silent
	Now       func() time.Time // nil: time.Now
	// Observe is told of every call: below /cgi-bin/, its errcode or [NoAnswer], its
	// duration. It must be safe for concurrent use; nil: nobody is told.
	Observe func(endpoint string, code int64, took time.Duration)
}

// Client calls WeCom for any number of accounts. It is safe for concurrent use. Every
// method that reaches WeCom fails with an [APIError] where WeCom refuses, and with an error
// that is [model.ErrUnavailable] where it does not answer.
type Client struct {
	base    *url.URL
	oauth   *url.URL
	login   *url.URL
	http    *http.Client
	tokens  *tokens
	log     *slog.Logger
	now     func() time.Time
	observe func(endpoint string, code int64, took time.Duration)
}

// NewClient checks the addresses and makes a client. It calls nobody.
func NewClient(cfg Config) (*Client, error) {
	base, err := baseURL(cfg.BaseURL, defaultBase)
	if err != nil {
		return nil, fmt.Errorf("wecom API address: %w", err)
	}
	oauth, err := baseURL(cfg.OAuthBase, defaultOAuth)
	if err != nil {
		return nil, fmt.Errorf("wecom OAuth address: %w", err)
	}
	login, err := baseURL(cfg.LoginBase, defaultLogin)
	if err != nil {
		return nil, fmt.Errorf("wecom login address: %w", err)
	}
	c := &Client{
		base: base, oauth: oauth, login: login,
		http: httpClient(cfg.HTTP), log: cfg.Log, now: cfg.Now, observe: cfg.Observe,
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.log = c.log.With(slog.String("component", "wecom"))
	if c.now == nil {
		c.now = time.Now
	}
	if c.observe == nil {
		c.observe = func(string, int64, time.Duration) {}
	}
	c.tokens = newTokens(cfg.Tokens, c.log, c.now)
	return c, nil
}

// baseURL reads an address to which paths are added.
func baseURL(text, fallback string) (*url.URL, error) {
	if text == "" {
		text = fallback
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("is not a URL") // the cause would quote it, and it may hold a password
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("must begin with http:// or https:// and a host")
	}
	if u.Path == "" {
		u.Path = "/" // JoinPath would leave the slash out, and servers refuse such a request
	}
	return u, nil
}

// httpClient is given with redirects off: WeCom's API has none, and following one would
// carry a message elsewhere.
func httpClient(given *http.Client) *http.Client {
	client := &http.Client{}
	if given != nil {
		*client = *given
	} else if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		const idle = 32 // the default of 2 would open a connection for most pushes
		transport = transport.Clone()
		transport.MaxIdleConnsPerHost = idle
		client.Transport = transport
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

// request is a call of our own.
type request struct {
	endpoint string // below /cgi-bin/
	query    url.Values
	body     any // nil: GET
}

// call makes a call with the account's access token and reads the answer into out, unless
// that is nil.
func (c *Client) call(ctx context.Context, acc model.Account, r request, out any) error {
	var payload []byte
	if r.body != nil {
		var err error
		if payload, err = encodeJSON(r.body); err != nil {
			return fmt.Errorf("encode %s: %w", r.endpoint, err)
		}
	}
	return c.withToken(ctx, acc, func(token string) error {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		req, err := c.newRequest(ctx, r, token, payload)
		if err != nil {
			return err
		}
		answer, err := c.exchange(req, r.endpoint)
		if err != nil || out == nil {
			return err
		}
		if err := json.Unmarshal(answer, out); err != nil {
			return &transportError{endpoint: r.endpoint, status: http.StatusOK, reached: true, err: err}
		}
		return nil
	})
}
