package wecom

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/silenceper/wechat/v2/util"
	"github.com/silenceper/wechat/v2/work/config"
	workcontext "github.com/silenceper/wechat/v2/work/context"

	"deskmate/model"
)

// The SDK has one HTTP client per process and the API's host in every URL; most of its
// calls take no context, and its errors quote URLs with their secrets. So it is never given
// a secret: where it expects an access token or an app's secret it gets a claim, a word
// that means nothing, and the gateway, its HTTP client, exchanges that for the call it
// belongs to: which client, host and context, and what the claim stands for. Any number of
// clients can live in one process, and no call gets out that none of them asked for.

// gateway is the transport of the SDK's HTTP client.
type gateway struct {
	once  sync.Once
	last  atomic.Uint64
	calls sync.Map // claim → exchangeFunc
}

// exchangeFunc makes a request of the SDK with the client it is for.
type exchangeFunc func(*http.Request) (*http.Response, error)

//nolint:gochecknoglobals // the SDK's HTTP client is a global, and this is its other half
var sdkGateway gateway

var errNoClaim = errors.New("the SDK made a call that no client asked for")

// claim opens the gateway for one call and gives the word to hand to the SDK; release
// closes it again.
func (g *gateway) claim(exchange exchangeFunc) (word string, release func()) {
	g.once.Do(func() { util.DefaultHTTPClient = &http.Client{Transport: g} })
	word = "claim-" + strconv.FormatUint(g.last.Add(1), 10)
	g.calls.Store(word, exchange)
	return word, func() { g.calls.Delete(word) }
}

// RoundTrip makes a request of the SDK.
func (g *gateway) RoundTrip(req *http.Request) (*http.Response, error) {
	query := req.URL.Query()
	for _, name := range []string{"access_token", "corpsecret"} {
		held, _ := g.calls.Load(query.Get(name))
		if exchange, ok := held.(exchangeFunc); ok {
			return exchange(req)
		}
	}
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, errNoClaim
}

// sdkExchange lets the SDK make calls in which param stands for secret. What WeCom answered
// is the error, not what the SDK makes of it.
func (c *Client) sdkExchange(ctx context.Context, param, secret string, run func(claim string) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var failure error
	claim, release := sdkGateway.claim(func(req *http.Request) (*http.Response, error) {
		var answer []byte
		answer, failure = c.forward(ctx, req, param, secret)
		if failure != nil {
			return nil, failure
		}
		return &http.Response{
			Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{}, ContentLength: int64(len(answer)), Request: req,
			Body: io.NopCloser(bytes.NewReader(answer)),
		}, nil
	})
	defer release()
	err := run(claim)
	if failure != nil {
		return failure
	}
	if err != nil {
		return mask(err)
	}
	return nil
}

// forward makes the SDK's request as a request of c.
func (c *Client) forward(ctx context.Context, req *http.Request, param, secret string) ([]byte, error) {
	endpoint := endpointOf(req.URL.Path)
	query := req.URL.Query()
	query.Set(param, secret)
	out := req.Clone(ctx)
	out.URL = c.base.JoinPath("cgi-bin", endpoint)
	out.URL.RawQuery = query.Encode()
	out.Host = ""
	return c.exchange(out, endpoint)
}

// viaSDK runs a call of the SDK with the account's access token.
func (c *Client) viaSDK(
	ctx context.Context, acc model.Account, timeout time.Duration, run func(sdk *workcontext.Context) error,
) error {
	return c.withToken(ctx, acc, func(token string) error {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		return c.sdkExchange(ctx, "access_token", token, func(claim string) error {
			return run(&workcontext.Context{
				Config:            &config.Config{CorpID: acc.CorpID, AgentID: strconv.FormatInt(acc.AgentID, 10)},
				AccessTokenHandle: heldClaim(claim),
			})
		})
	})
}

// heldClaim is the SDK's source of access tokens: the claim of one call.
type heldClaim string

// GetAccessToken gives the claim.
func (h heldClaim) GetAccessToken() (string, error) { return string(h), nil }

// kept is a cache for the SDK that is always empty and shows what was put in: tokens are
// looked up and stored by [tokens].
type kept struct {
	value string
	ttl   time.Duration
}

// Get finds nothing.
func (k *kept) Get(string) any { return nil }

// IsExist finds nothing.
func (k *kept) IsExist(string) bool { return false }

// Delete has nothing to do.
func (k *kept) Delete(string) error { return nil }

// Set takes what the SDK fetched. The SDK has already taken 1500 s off its life, more than
// a short one has: of that, half is used.
func (k *kept) Set(_ string, value any, ttl time.Duration) error {
	const margin = 1500 * time.Second
	if ttl <= 0 {
		ttl = (ttl + margin) / 2
	}
	k.value, _ = value.(string)
	k.ttl = ttl
	return nil
}
