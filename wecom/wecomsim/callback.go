package wecomsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
	"deskmate/wecom"
)

const (
	verifyTimeout     = time.Second
	callbackTimeout   = 5 * time.Second
	callbackRetries   = 3
	callbackDelay     = time.Second
	callbackOvertake  = 50 * time.Millisecond
	parallelCallbacks = 64
	maxReplyBody      = 1 << 20
)

// CallbackPolicy is how callbacks are repeated, where WeCom's own pages contradict one
// another or say nothing.
type CallbackPolicy struct {
	Timeout     time.Duration // of one attempt; 0 means 5 s
	Retries     int           // after the first attempt
	RetryDelay  time.Duration // between attempts, on a real timer
	RetryNon200 bool          // repeat what was answered with another status than 200 (path/90238); else only what got no answer (path/90930)
	// Overtake is how long a member's callback waits for the first attempt at the one before
	// it, of whichever member of the app: so all of an app go out in order, yet nobody waits
	// for somebody else's trouble. 0 keeps only each member's own order, for load.
	Overtake time.Duration
	// BareEcho leaves a "+" of the echostr as it is when a URL is verified, which most decoders
	// take for a space; WeCom's pages say that it is to be URL-decoded.
	BareEcho bool
	// ClickNeedsUpdate shows an error on a card whose click was not answered with an update
	// of it, as clients did with the older task cards.
	ClickNeedsUpdate bool
}

// DefaultCallbackPolicy is the reading that loses least: three repeats a second apart,
// of everything but a 200.
func DefaultCallbackPolicy() CallbackPolicy {
	return CallbackPolicy{
		Timeout: callbackTimeout, Retries: callbackRetries, RetryDelay: callbackDelay, RetryNon200: true,
		Overtake: callbackOvertake,
	}
}

// SetCallbackPolicy changes the policy for callbacks that are not under way yet.
func (s *Server) SetCallbackPolicy(p CallbackPolicy) {
	s.locked(func() { s.policy = p })
}

// callback is an app's callback configuration (接收消息).
type callback struct {
	url    string
	crypto *wecom.Crypto
	json   bool   // an AI bot's: JSON in place of XML
	bot    *aibot // over its long connection, not to a URL
}

var (
	callbackTokenForm = regexp.MustCompile(`^[0-9A-Za-z]{1,32}$`)
	callbackKeyForm   = regexp.MustCompile(`^[0-9A-Za-z]{43}$`)
)

// SetCallback saves an app's callback configuration as WeCom's console does: it asks the
// URL for an echo, with a "+" in the echostr, and keeps the configuration only if exactly
// the plaintext comes back within a second. Callbacks go there from then on.
func (s *Server) SetCallback(ctx context.Context, agentID int64, address, token, aesKey string) error {
	if fault := checkURL(address); fault != nil {
		return errors.New("the callback URL needs a scheme and a host")
	}
	if !callbackTokenForm.MatchString(token) || !callbackKeyForm.MatchString(aesKey) {
		return errors.New("the token is 1 to 32 letters and digits, the EncodingAESKey 43")
	}
	crypto, err := wecom.NewCrypto(model.Secret(token), model.Secret(aesKey), s.corpID)
	if err != nil {
		return fmt.Errorf("set the callback of app %d: %w", agentID, err)
	}
	cb := &callback{url: address, crypto: crypto}
	if err := s.withApp(agentID, func(*app) error { return nil }); err != nil {
		return err
	}
	if err := s.verify(ctx, cb); err != nil {
		return fmt.Errorf("verify the callback URL of app %d: %w", agentID, err)
	}
	return s.withApp(agentID, func(a *app) error {
		a.callback = cb
		return nil
	})
}

// CallbackURL is where an app's callbacks go; "" where no address was saved, or there is no such app.
func (s *Server) CallbackURL(agentID int64) (address string) {
	_ = s.withApp(agentID, func(a *app) error {
		if a.callback != nil {
			address = a.callback.url
		}
		return nil
	})
	return address
}

// verify is WeCom's GET with an echostr (doc path/90930).
func (s *Server) verify(ctx context.Context, cb *callback) error {
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	echo, encrypted, bare := "", "", false
	for !strings.Contains(encrypted, "+") {
		s.locked(func() { echo, bare = strconv.FormatInt(s.messageNumber(), 10), s.policy.BareEcho })
		var err error
		if encrypted, err = cb.crypto.Encrypt([]byte(echo)); err != nil {
			return fmt.Errorf("encrypt the echostr: %w", err)
		}
	}
	address := s.signed(cb, encrypted) + "&echostr="
	if bare {
		address += encrypted
	} else {
		address += url.QueryEscape(encrypted)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	status, body, err := s.roundTrip(req)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK:
		return fmt.Errorf("the URL answered with status %d", status)
	case string(body) != echo:
		return errors.New("the URL did not answer with the decrypted echostr and nothing else")
	}
	return nil
}

// signed is the callback's URL with a fresh nonce and the signature of an encrypted text.
func (s *Server) signed(cb *callback, encrypted string) string {
	timestamp, nonce := strconv.FormatInt(s.clock().Unix(), 10), ""
	s.locked(func() { nonce = strconv.FormatInt(s.messageNumber(), 10)[:10] })
	separator := "?"
	if strings.Contains(cb.url, "?") {
		separator = "&"
	}
	return cb.url + separator + "msg_signature=" + cb.crypto.Sign(timestamp, nonce, encrypted) +
		"&timestamp=" + timestamp + "&nonce=" + nonce
}

// attempt posts a callback once: with a nonce, a signature and a ciphertext of its own.
func (s *Server) attempt(ctx context.Context, cb *callback, d *delivery, timeout time.Duration) (int, []byte, error) {
	if cb.bot != nil {
		return s.pushFrame(ctx, cb.bot, d)
	}
	encrypted, err := cb.crypto.Encrypt([]byte(d.Body))
	if err != nil {
		return 0, nil, fmt.Errorf("encrypt: %w", err)
	}
	document, kind := `{"encrypt":"`+encrypted+`"}`, "application/json"
	if !cb.json {
		w := &xmlWriter{}
		w.text("ToUserName", s.corpID)
		w.text("AgentID", strconv.FormatInt(d.AgentID, 10))
		w.text("Encrypt", encrypted)
		document, kind = w.document(), "text/xml; charset=utf-8"
	}
	if timeout <= 0 {
		timeout = callbackTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body := bytes.NewReader([]byte(document))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.signed(cb, encrypted), body)
	if err != nil {
		return 0, nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", kind)
	return s.roundTrip(req)
}

// roundTrip sends a request and reads the answer. Its errors don't hold the address.
func (s *Server) roundTrip(req *http.Request) (int, []byte, error) {
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, noAnswer(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBody))
	if err != nil {
		return 0, nil, noAnswer(err)
	}
	return resp.StatusCode, body, nil
}

func noAnswer(err error) error {
	if inner := (*url.Error)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer in time: %w", err)
	}
	return fmt.Errorf("no answer: %w", err)
}

// callbackClient is a client that stays where it was sent.
func callbackClient(given *http.Client) *http.Client {
	client := http.Client{}
	if given != nil {
		client = *given
	}
	if client.Transport == nil {
		client.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: parallelCallbacks, IdleConnTimeout: time.Minute,
		}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}
