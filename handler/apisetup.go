package handler

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"deskmate/model"
)

// AccountSetup is how accounts are made, connected, switched and taken away. Every change is
// audited as done by who.
type AccountSetup interface {
	CreateAccount(ctx context.Context, acc model.Account, who model.Audit) (model.Account, error)
	// SetConnection and SetAccountEnabled are [model.ErrStale] where the account no longer has the
	// version expected; 0 doesn't look.
	SetConnection(ctx context.Context, accountID, expect uint64, c model.Connection, who model.Audit) (version uint64, err error)
	SetAccountEnabled(ctx context.Context, accountID, expect uint64, on bool, who model.Audit) (version uint64, err error)
	CallbackRecord(ctx context.Context, accountID uint64) (model.CallbackRecord, error)
	NamedOwners(ctx context.Context, acc model.Account) ([]model.Owner, error)
	AddOwner(ctx context.Context, accountID uint64, userID string, who model.Audit) error
	// RemoveOwner is [model.ErrNotFound] for who is none.
	RemoveOwner(ctx context.Context, accountID uint64, userID string, who model.Audit) error
	RemovalPlan(ctx context.Context, acc model.Account) (model.RemovalPlan, error)
	BeginRemoval(ctx context.Context, accountID uint64, name string, who model.Audit) error
	Removals(ctx context.Context) ([]model.Removal, error)
}

const setupTag = "accounts"

// by is the caller, as the audit log names it.
func by(ctx context.Context) model.Audit {
	who := callerFrom(ctx)
	return model.Audit{Actor: who.Name, From: who.from}
}

// newAccount is what an account is made of. What somebody pastes may have blanks around it.
type newAccount struct {
	Key     string `json:"key" minLength:"1" maxLength:"60" doc:"1–40 of a–z, 0–9 and -; also the end of the callback address" example:"it"`
	Name    string `json:"name" minLength:"1" maxLength:"60" doc:"At most 40 characters"`
	CorpID  string `json:"corp_id" minLength:"1" maxLength:"80" doc:"企业ID"`
	AgentID int64  `json:"agent_id" minimum:"1" doc:"AgentId"`
	Secret  string `json:"secret" minLength:"1" maxLength:"200" doc:"Of the app; it only ever goes in"`
}

// generate asks the server for a token or key.
const generate = "generate"

// connection is which app an account is. Empty secrets stay as they are.
type connection struct {
	CorpID         string `json:"corp_id" minLength:"1" maxLength:"80"`
	AgentID        int64  `json:"agent_id" minimum:"1"`
	Secret         string `json:"secret,omitempty" maxLength:"200" doc:"Missing: as it is"`
	Token          string `json:"token,omitempty" maxLength:"60" doc:"generate, or what WeCom's console generated; missing: as it is"`
	EncodingAESKey string `json:"encoding_aes_key,omitempty" maxLength:"80" doc:"generate, or what WeCom's console generated; missing: as it is"`
}

// connectedView is an account that was connected, with what this very call generated. It is not
// shown again.
type connectedView struct {
	Key          string `json:"key"`
	Version      uint64 `json:"version"`
	CallbackPath string `json:"callback_path" example:"/callback/it"`
	GeneratedKeys
}

// GeneratedKeys are what this very call generated for a callback. It is exported because huma
// passes over embedded types that are not.
type GeneratedKeys struct {
	Token          string `json:"token,omitempty" doc:"Where it was generated now"`
	EncodingAESKey string `json:"encoding_aes_key,omitempty" doc:"Where it was generated now"`
}

// pasted is text without what comes along from Word and chats: blanks of all kinds around it.
func pasted(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	})
}

// read checks what was pasted; what was generated stands in the view.
func (c connection) read(v *connectedView) (model.Connection, error) {
	out := model.Connection{CorpID: pasted(c.CorpID), AgentID: c.AgentID, Secret: model.Secret(pasted(c.Secret))}
	if !model.IsCorpID(out.CorpID) {
		return out, model.Invalid("corp_id", "企业ID 由字母和数字组成，如 ww0123456789abcdef")
	}
	if out.Secret != "" && !model.IsSecret(out.Secret.Reveal()) {
		return out, errSecretForm
	}
	var err error
	out.Token, out.EncodingAESKey, err = v.read(c.Token, c.EncodingAESKey)
	return out, err
}

var errSecretForm = model.Invalid("secret", "Secret 中间有空格或中文，请重新复制")

// read checks a pasted token and key, and makes those that shall be generated.
func (g *GeneratedKeys) read(pastedToken, pastedKey string) (token, key model.Secret, err error) {
	token, key = model.Secret(pasted(pastedToken)), model.Secret(pasted(pastedKey))
	if token == generate {
		g.Token = rand.Text()
		token = model.Secret(g.Token)
	}
	if key == generate {
		const size = 43
		g.EncodingAESKey = (rand.Text() + rand.Text())[:size]
		key = model.Secret(g.EncodingAESKey)
	}
	switch {
	case token != "" && !model.IsCallbackToken(token.Reveal()):
		err = model.Invalid("token", "Token 由 1–32 个字母和数字组成")
	case key != "" && !model.IsAESKey(key.Reveal()):
		err = model.Invalid("encoding_aes_key", "EncodingAESKey 由 43 个字母和数字组成")
	}
	return token, key, err
}

// account is the account to be made.
func (n newAccount) account(v *connectedView) (model.Account, error) {
	acc := model.Account{Key: pasted(n.Key), Name: pasted(n.Name), AgentID: n.AgentID, Enabled: true, Policy: model.DefaultPolicy()}
	if !model.IsAccountKey(acc.Key) {
		return acc, model.Invalid("key", "标识由 1–40 个小写字母、数字或 - 组成")
	}
	const most = 40
	if acc.Name == "" || utf8.RuneCountInString(acc.Name) > most || strings.ContainsFunc(acc.Name, unicode.IsControl) {
		return acc, model.Invalid("name", "名称为 1–40 个字")
	}
	c, err := connection{CorpID: n.CorpID, AgentID: n.AgentID, Secret: n.Secret, Token: generate, EncodingAESKey: generate}.read(v)
	if err == nil && c.Secret == "" {
		err = model.Invalid("secret", "请填写应用的 Secret")
	}
	acc.CorpID, acc.Secret, acc.Token, acc.EncodingAESKey = c.CorpID, c.Secret, c.Token, c.EncodingAESKey
	return acc, err
}

func callbackPath(key string) string { return "/callback/" + key }

func (a *API) registerSetup(s surface) {
	operation(s.API, call(http.MethodPost, "createAccount", "/accounts", setupTag, "Make a service account; its callback token and key are generated and shown this once"),
		func(ctx context.Context, in *body[newAccount]) (*body[connectedView], error) {
			var v connectedView
			acc, err := in.Body.account(&v)
			if err != nil {
				return nil, err
			}
			acc, err = a.cfg.Setup.CreateAccount(ctx, acc, by(ctx))
			v.Key, v.Version, v.CallbackPath = acc.Key, acc.Version, callbackPath(acc.Key)
			return reply(v, err)
		})
	type put struct {
		AccountPath
		Precondition
		Body connection
	}
	within(s, call(http.MethodPut, "setConnection", account+"/connection", setupTag, "Say which app the account is; secrets only ever go in, but for those generated by this very call"),
		func(ctx context.Context, acc model.Account, in *put) (*tagged[connectedView], error) {
			v := connectedView{Key: acc.Key, CallbackPath: callbackPath(acc.Key)}
			c, err := in.Body.read(&v)
			if err != nil {
				return nil, err
			}
			expect, err := in.expect(0)
			if err != nil {
				return nil, err
			}
			v.Version, err = a.cfg.Setup.SetConnection(ctx, acc.ID, expect, c, by(ctx))
			return replyTagged(v, v.Version, err)
		})
	type enable struct {
		AccountPath
		Precondition
		Body struct {
			Enabled bool `json:"enabled"`
		}
	}
	within(s, call(http.MethodPut, "setAccountEnabled", account+"/enabled", setupTag, "Switch the account on or off; off, its open sessions end and new ones are politely refused"),
		func(ctx context.Context, acc model.Account, in *enable) (*nothing, error) {
			expect, err := in.expect(0)
			if err == nil {
				_, err = a.cfg.Setup.SetAccountEnabled(ctx, acc.ID, expect, in.Body.Enabled, by(ctx))
			}
			return replyNothing(err)
		})
	a.registerSetupState(s)
}
