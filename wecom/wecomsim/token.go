package wecomsim

import (
	"crypto/subtle"
	"fmt"
	"maps"
	"net/url"
	"time"
)

const (
	tokenLife   = 2 * time.Hour // the SDK's cache fails on less than 1500 s
	tokenLength = 214
)

// accessToken is a token that was issued, kept after its end so that an old one is
// answered 42001 and a made-up one 40014.
type accessToken struct {
	value string
	app   *app
	ends  time.Time
}

// getToken gives the same result until the token ends, expires_in included (doc
// path/91039): who trusts that number keeps a token too long and must cope with 42001.
func (s *Server) getToken(c *call) (answer, *apiError) {
	corp, secret := c.query.Get("corpid"), c.query.Get("corpsecret")
	switch {
	case secret == "":
		return answer{}, refuse(codeNoSecret, "corpsecret missing")
	case corp == "":
		return answer{}, refuse(codeNoCorp, "corpid missing")
	case corp != s.corpID:
		return answer{}, refuse(codeBadCorp, "invalid corpid")
	}
	a := s.appOfSecret(secret)
	if a == nil || a.disabled {
		return answer{}, refuse(codeBadSecret, "invalid credential")
	}
	c.app = a
	if a.token == nil || !c.now.Before(a.token.ends) {
		a.token = &accessToken{value: s.opaque(tokenLength), app: a, ends: c.now.Add(tokenLife)}
		maps.DeleteFunc(s.tokens, func(_ string, t *accessToken) bool { return !c.now.Before(t.ends.Add(keepExpired)) })
		s.tokens[a.token.value] = a.token
	}
	return with(map[string]any{"access_token": a.token.value, "expires_in": int64(tokenLife / time.Second)}), nil
}

func (s *Server) appOfSecret(secret string) *app {
	for _, a := range s.tokenOwners() {
		if subtle.ConstantTimeCompare([]byte(a.Secret), []byte(secret)) == 1 {
			return a
		}
	}
	return nil
}

// appOfToken finds who calls. Only the query counts. The state is locked.
func (s *Server) appOfToken(query url.Values, now time.Time) (*app, *apiError) {
	value := query.Get("access_token")
	if value == "" {
		return nil, refuse(codeNoToken, "access_token missing")
	}
	t, ok := s.tokens[value]
	switch {
	case !ok:
		return nil, refuse(codeBadToken, "invalid access_token")
	case !now.Before(t.ends):
		return nil, refuse(codeTokenExpired, "access_token expired")
	case t.app.disabled:
		return nil, refuse(codeAppDisabled, "agent is disabled")
	}
	return t.app, nil
}

// ExpireTokens lets every access_token lapse now: calls with it get 42001.
func (s *Server) ExpireTokens() {
	s.locked(func() {
		now := s.clock()
		for _, t := range s.tokens {
			if now.Before(t.ends) {
				t.ends = now
			}
		}
	})
}

// InvalidateTokens makes WeCom forget every access_token before its time: calls with it
// get 40014.
func (s *Server) InvalidateTokens() {
	s.locked(func() {
		clear(s.tokens)
		for _, a := range s.tokenOwners() {
			a.token = nil
		}
	})
}

// RotateSecret gives the app a new secret. The old one is answered 40001 and the app's
// token 40014.
func (s *Server) RotateSecret(agentID int64, secret string) error {
	return s.withApp(agentID, func(a *app) error {
		if err := s.checkSecret(agentID, secret); err != nil {
			return err
		}
		a.Secret = secret
		if a.token != nil {
			delete(s.tokens, a.token.value)
			a.token = nil
		}
		return nil
	})
}

// SetAppEnabled stops or starts the app: stopped, its secret gets 40001 and its token 50003.
func (s *Server) SetAppEnabled(agentID int64, enabled bool) error {
	return s.withApp(agentID, func(a *app) error {
		a.disabled = !enabled
		return nil
	})
}

// withApp runs f on an app with the state locked.
func (s *Server) withApp(agentID int64, f func(*app) error) error {
	err := fmt.Errorf("there is no app %d", agentID)
	s.locked(func() {
		if a, ok := s.apps[agentID]; ok {
			err = f(a)
		}
	})
	return err
}
