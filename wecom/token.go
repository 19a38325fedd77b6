package wecom

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/silenceper/wechat/v2/credential"
	"golang.org/x/sync/singleflight"

	"deskmate/model"
)

// TokenStore keeps access tokens and JS tickets for all replicas, so that they don't each
// ask WeCom, which blocks who asks often. Keys contain no secret; the values are secrets.
type TokenStore interface {
	// Token gives what is kept under a key, and false where there is nothing or it expired.
	Token(ctx context.Context, key string) (string, bool, error)
	// SetToken keeps a token for ttl.
	SetToken(ctx context.Context, key, token string, ttl time.Duration) error
	// DropToken forgets a token, if it is still this one.
	DropToken(ctx context.Context, key, token string) error
}

// tokens finds tokens: in the store, in this process where the store fails, at WeCom last.
type tokens struct {
	store    TokenStore
	fallback *memoryTokens
	log      *slog.Logger
	now      func() time.Time
	flights  singleflight.Group

	mu      sync.Mutex
	refused map[string]refusal // by token key
}

// refusal is an answer that asking again would not change for a while.
type refusal struct {
	err   error
	until time.Time
}

func newTokens(store TokenStore, log *slog.Logger, now func() time.Time) *tokens {
	memory := &memoryTokens{now: now, kept: map[string]memoryToken{}}
	if store == nil {
		store = memory
	}
	return &tokens{store: store, fallback: memory, log: log, now: now, refused: map[string]refusal{}}
}

// withToken runs do with the account's access token and, where WeCom finds that token
// invalid or expired, once more with a fresh one. WeCom may end a token before its time.
func (c *Client) withToken(ctx context.Context, acc model.Account, do func(token string) error) error {
	key := c.tokenKey(acc)
	for attempt := 1; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		token, err := c.accessToken(ctx, acc, key)
		if err != nil {
			return err
		}
		err = do(token)
		var api *APIError
		if !errors.As(err, &api) {
			return err
		}
		c.tokens.remember(key, api)
		if api.Class() != ClassRefresh || attempt > 1 {
			return err
		}
		c.tokens.drop(ctx, key, token)
		c.log.InfoContext(ctx, "access token refused", slog.String("account_key", acc.Key), slog.Int64("errcode", api.Code))
	}
}

// accessToken gives the account's access token, fetched through the SDK where none is kept.
func (c *Client) accessToken(ctx context.Context, acc model.Account, key string) (string, error) {
	if err := c.tokens.refusal(key); err != nil {
		return "", err
	}
	return c.tokens.get(ctx, key, func(ctx context.Context) (kept, error) {
		var caught kept
		err := c.sdkExchange(ctx, "corpsecret", acc.Secret.Reveal(), func(claim string) error {
			handle := credential.NewWorkAccessToken(url.QueryEscape(acc.CorpID), claim,
				strconv.FormatInt(acc.AgentID, 10), credential.CacheKeyWorkPrefix, &caught)
			_, err := handle.GetAccessTokenContext(ctx)
			return err
		})
		if api, ok := errors.AsType[*APIError](err); ok {
			c.tokens.remember(key, api)
		}
		if err == nil && caught.value == "" {
			err = &transportError{endpoint: endpointToken, err: errors.New("the answer has no access token")}
		}
		return caught, err
	})
}

// tokenKey names the account's token. The host is in it, so that a simulator and WeCom
// can share a store; so is a hash of the secret, for a new secret has another token.
func (c *Client) tokenKey(acc model.Account) string {
	const hexDigits = 16
	sum := sha256.Sum256([]byte(acc.Secret.Reveal()))
	return fmt.Sprintf("wecom:token:%s:%s:%d:%s", c.base.Host, model.Fold(acc.CorpID), acc.AgentID,
		hex.EncodeToString(sum[:])[:hexDigits])
}

// get gives what is kept under key, or fetches it. Callers that want the same key at the
// same time share one fetch, which none of them can cancel for the others.
func (t *tokens) get(ctx context.Context, key string, fetch func(context.Context) (kept, error)) (string, error) {
	if token, ok := t.lookup(ctx, key); ok {
		return token, nil
	}
	done := t.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		if token, ok := t.lookup(ctx, key); ok { // another flight has just landed
			return token, nil
		}
		fresh, err := fetch(ctx)
		if err != nil {
			return "", err
		}
		t.keep(ctx, key, fresh)
		return fresh.value, nil
	})
	select {
	case <-ctx.Done():
		return "", fmt.Errorf("wait for an access token: %w", ctx.Err())
	case res := <-done:
		token, _ := res.Val.(string)
		return token, res.Err
	}
}

func (t *tokens) lookup(ctx context.Context, key string) (string, bool) {
	token, ok, err := t.store.Token(ctx, key)
	if err != nil {
		t.log.WarnContext(ctx, "token store failed", slog.Any("err", err))
		token, ok, _ = t.fallback.Token(ctx, key)
	}
	return token, ok && token != ""
}

// keep stores a token. One that can't be stored is still good for this process.
func (t *tokens) keep(ctx context.Context, key string, fresh kept) {
	if err := t.store.SetToken(ctx, key, fresh.value, fresh.ttl); err != nil {
		t.log.WarnContext(ctx, "token store failed", slog.Any("err", err))
	}
	_ = t.fallback.SetToken(ctx, key, fresh.value, fresh.ttl)
}

func (t *tokens) drop(ctx context.Context, key, token string) {
	if err := t.store.DropToken(ctx, key, token); err != nil {
		t.log.WarnContext(ctx, "token store failed", slog.Any("err", err))
	}
	_ = t.fallback.DropToken(ctx, key, token)
}

// remember makes calls with the same secret fail at once for a while after WeCom has
// refused the secret itself: many wrong ones get the IP blocked for an hour (doc
// path/91039). So it does where WeCom finds that tokens are fetched too often.
func (t *tokens) remember(key string, api *APIError) {
	credentials := api.Code == 40001 || api.Code == 40013 || api.Code == 40091
	if !credentials && (api.Endpoint != endpointToken || api.After() == 0) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused[key] = refusal{err: api, until: t.now().Add(api.After())}
}

// refusal is the error that holds for the key now; nil for none.
func (t *tokens) refusal(key string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.refused[key]
	if !ok {
		return nil
	}
	if !t.now().Before(held.until) {
		delete(t.refused, key)
		return nil
	}
	return held.err
}
