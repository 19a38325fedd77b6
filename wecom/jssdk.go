package wecom

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/silenceper/wechat/v2/credential"
	"github.com/silenceper/wechat/v2/util"

	"deskmate/model"
)

// JSConfig is what a page hands to WeCom's JS-SDK: to config, where it was signed for the
// corp, or to agentConfig, where for the app.
type JSConfig struct {
	CorpID    string
	AgentID   int64
	Timestamp int64 // seconds
	Nonce     string
	Signature string
}

// JSTicket says what a [JSConfig] is signed for.
type JSTicket string

// The tickets.
const (
	JSCorp  JSTicket = "corp"  // for config
	JSAgent JSTicket = "agent" // for agentConfig
)

// SignPage signs a page of ours for the JS-SDK (doc path/90506). Tickets are kept like
// access tokens, for WeCom gives few: 400 an hour for a corp, 100 for an app.
func (c *Client) SignPage(ctx context.Context, acc model.Account, ticket JSTicket, page string) (JSConfig, error) {
	text, err := c.jsTicket(ctx, acc, ticket)
	if err != nil {
		return JSConfig{}, fmt.Errorf("get JS ticket: %w", err)
	}
	page, _, _ = strings.Cut(page, "#")
	cfg := JSConfig{CorpID: acc.CorpID, AgentID: acc.AgentID, Timestamp: c.now().Unix(), Nonce: rand.Text()}
	cfg.Signature = util.Signature(fmt.Sprintf("jsapi_ticket=%s&noncestr=%s&timestamp=%d&url=%s",
		text, cfg.Nonce, cfg.Timestamp, page))
	return cfg, nil
}

func (c *Client) jsTicket(ctx context.Context, acc model.Account, ticket JSTicket) (string, error) {
	kind, key := credential.TicketTypeCorpJs, "wecom:jsticket:"+c.base.Host+":"+model.Fold(acc.CorpID)
	if ticket == JSAgent {
		kind, key = credential.TicketTypeAgentJs, key+":"+strconv.FormatInt(acc.AgentID, 10)
	}
	return c.tokens.get(ctx, key, func(ctx context.Context) (kept, error) {
		var caught kept
		err := c.withToken(ctx, acc, func(token string) error {
			return c.sdkExchange(ctx, "access_token", token, func(claim string) error {
				js := credential.NewWorkJsTicket(acc.CorpID, strconv.FormatInt(acc.AgentID, 10), credential.CacheKeyWorkPrefix, &caught)
				_, err := js.GetTicket(claim, kind)
				return err
			})
		})
		if err == nil && caught.value == "" {
			err = &transportError{endpoint: "ticket/get", err: errors.New("the answer has no ticket")}
		}
		return caught, err
	})
}
