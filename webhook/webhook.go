// Package webhook sends events to addresses outside, signed as Standard Webhooks says
// (standardwebhooks.com). It calls no address inside the house unless it was told to.
package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"deskmate/model"
)

const (
	timeout      = 10 * time.Second // of one attempt, all of it
	dialTimeout  = 5 * time.Second
	idleTimeout  = 90 * time.Second
	answerLimit  = 64 << 10 // of an answer, which is read for the connection's sake and thrown away
	secretPrefix = "whsec_"
	secretBytes  = 32
	urlSize      = 2000
)

// Config is what a client works with.
type Config struct {
	// Inside are the networks that are not the public internet and may be called all the same, also
	// without TLS; none: no such address is called.
	Inside []netip.Prefix
	Agent  string           // what the program calls itself
	Now    func() time.Time // of the timestamps that are signed
}

// Client sends deliveries.
type Client struct {
	cfg  Config
	http *http.Client
}

// New makes a client.
func New(cfg Config) *Client {
	return &Client{cfg: cfg, http: &http.Client{
		Transport: transport{secure: dialing(cfg.Inside, true), plain: dialing(cfg.Inside, false)},
		// Where a redirect leads nobody has said; and a POST would become a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       timeout,
	}}
}

// transport takes another way without TLS than with it: only to addresses inside.
type transport struct{ secure, plain *http.Transport }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "https" {
		return t.secure.RoundTrip(r)
	}
	return t.plain.RoundTrip(r)
}

// dialing is a way that leads to some networks only, whatever a name resolves to: the address is
// looked at when it is dialled.
func dialing(inside []netip.Prefix, public bool) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, Control: guard(inside, public)}
	return &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout,
		IdleConnTimeout: idleTimeout, MaxIdleConnsPerHost: 8, ResponseHeaderTimeout: timeout,
	}
}

// errInside says that an address may not be called.
var errInside = errors.New("the address is not on the public internet, and DESKMATE_WEBHOOK_NETWORKS doesn't name it")

// errPlain says that an address may not be called without TLS.
var errPlain = errors.New("without TLS only addresses in DESKMATE_WEBHOOK_NETWORKS are called")

// NewSecret makes a secret to sign with.
func (*Client) NewSecret() model.Secret {
	raw := make([]byte, secretBytes)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	return model.Secret(secretPrefix + base64.StdEncoding.EncodeToString(raw))
}

// Check is what is wrong with an address, or nil.
func (c *Client) Check(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return model.Invalid("webhook_url", "请填写地址")
	case len(raw) > urlSize:
		return model.Invalid("webhook_url", "地址最多 %d 个字节", urlSize)
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return model.Invalid("webhook_url", "地址应以 https:// 开头，例如 https://example.com/hooks")
	case u.User != nil || u.Fragment != "":
		return model.Invalid("webhook_url", "地址不能带用户名、密码或 # 片段；接收方用签名确认来源")
	case u.Scheme == "http" && len(c.cfg.Inside) == 0:
		return model.Invalid("webhook_plain", "地址须以 https:// 开头；内网的 http 地址须先由运维在 DESKMATE_WEBHOOK_NETWORKS 中允许")
	}
	addr, _ := netip.ParseAddr(u.Hostname())
	if !addr.IsValid() {
		return nil // a name; what it means is known when it is called
	}
	network := map[bool]string{true: "tcp4", false: "tcp6"}[addr.Unmap().Is4()] // as a dialer says it
	if guard(c.cfg.Inside, u.Scheme == "https")(network, netip.AddrPortFrom(addr.Unmap(), 1).String(), nil) != nil {
		return model.Invalid("webhook_inside", "%s 不是公网地址；内网地址须先由运维在 DESKMATE_WEBHOOK_NETWORKS 中允许", addr)
	}
	return nil
}

// Send sends a delivery once.
func (c *Client) Send(ctx context.Context, w model.Webhook, d model.WebhookDelivery) model.Attempt {
	start := time.Now()
	got := c.send(ctx, w, d)
	got.Took = time.Since(start).Milliseconds()
	return got
}

func (c *Client) send(ctx context.Context, w model.Webhook, d model.WebhookDelivery) model.Attempt {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, strings.NewReader(d.Body))
	if err != nil {
		return model.Attempt{Err: "bad address"}
	}
	id, now := "evt_"+strconv.FormatUint(d.ID, 10), c.cfg.Now()
	signature, err := sign(w, id, now, d.Body)
	if err != nil {
		return model.Attempt{Err: "not signed: " + err.Error()}
	}
	req.Header = http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {c.cfg.Agent},
		"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)}, "Webhook-Signature": {signature},
	}
	res, err := c.http.Do(req)
	if err != nil {
		return model.Attempt{Err: reason(err)}
	}
	defer func() { _ = res.Body.Close() }()
	// What it says besides is not kept: it is nobody's business here, and could be the answer of
	// something that was never meant to be called.
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, answerLimit))
	got := model.Attempt{Code: res.StatusCode}
	switch {
	case res.StatusCode >= 200 && res.StatusCode <= 299:
		return got
	case res.StatusCode >= 300 && res.StatusCode <= 399:
		got.Err = "redirects are not followed"
	default:
		got.Err = "HTTP " + strconv.Itoa(res.StatusCode)
	}
	got.After = retryAfter(res.Header.Get("Retry-After"), now)
	return got
}

// sign signs with the secret and, while it still holds, with the one before.
func sign(w model.Webhook, id string, now time.Time, body string) (string, error) {
	secrets := []model.Secret{w.Secret}
	if w.OldSecret != "" && now.UnixMilli() < w.OldUntilMS {
		secrets = append(secrets, w.OldSecret)
	}
	var list []string
	for _, secret := range secrets {
		signer, err := standard.NewWebhook(secret.Reveal())
		if err != nil {
			return "", errors.New("the secret is damaged")
		}
		signature, err := signer.Sign(id, now, []byte(body))
		if err != nil {
			return "", err
		}
		list = append(list, signature)
	}
	return strings.Join(list, " "), nil
}

// retryAfter reads how long a receiver wants to be left alone, in ms: seconds, or a date.
func retryAfter(text string, now time.Time) int64 {
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, n) * time.Second.Milliseconds()
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now).Milliseconds())
	}
	return 0
}

// reason says in a few words why there was no answer, without the address: its path may hold a
// secret of the receiver's.
func reason(err error) string {
	var dns *net.DNSError
	var timed interface{ Timeout() bool }
	switch {
	case errors.Is(err, errInside), errors.Is(err, errPlain):
		return rootOf(err)
	case errors.As(err, &dns):
		return "the name is not known"
	case errors.As(err, &timed) && timed.Timeout():
		return "no answer within " + timeout.String()
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return rootOf(op)
	}
	return err.Error()
}

// rootOf is the text of what an error began with.
func rootOf(err error) string {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err.Error()
}

// guard refuses to dial addresses that may not be called.
func guard(inside []netip.Prefix, public bool) func(network, address string, c syscall.RawConn) error {
	outside := ssrf.New(ssrf.WithAnyPort()).Safe
	return func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return errInside
		}
		addr := at.Addr().Unmap()
		if slices.ContainsFunc(inside, func(p netip.Prefix) bool { return p.Contains(addr) }) {
			return nil
		}
		if !public {
			return errPlain
		}
		if err := outside(network, address, c); err != nil {
			return errInside
		}
		return nil
	}
}
