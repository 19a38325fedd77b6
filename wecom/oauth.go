package wecom

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	workcontext "github.com/silenceper/wechat/v2/work/context"
	"github.com/silenceper/wechat/v2/work/oauth"

	"deskmate/model"
)

// UserInfo is who came back from a sign-in. Anybody with WeCom or WeChat can, so an empty
// UserID must be refused, and a userid says nothing yet about what its owner may do.
type UserInfo struct {
	UserID string // of a member of the corp, inside the app's visible range or not; else ""
	OpenID string // of somebody else
}

// OAuthURL is the page that signs a member in inside WeCom, without asking, and returns
// to redirect with code and state (doc path/91022). The host of redirect must be the
// app's trusted domain (可信域名); state must be a random value used once, of letters and
// digits, at most 128.
func (c *Client) OAuthURL(acc model.Account, redirect, state string) string {
	u := c.oauth.JoinPath("connect/oauth2/authorize")
	// Written by hand: WeCom expects this order.
	u.RawQuery = fmt.Sprintf("appid=%s&redirect_uri=%s&response_type=code&scope=snsapi_base&state=%s&agentid=%d",
		url.QueryEscape(acc.CorpID), url.QueryEscape(redirect), url.QueryEscape(state), acc.AgentID)
	return u.String() + "#wechat_redirect"
}

// LoginURL is the page that signs a member in with a QR code in any other browser (doc
// path/98152). The host of redirect must be the app's 授权回调域; state as for [Client.OAuthURL].
func (c *Client) LoginURL(acc model.Account, redirect, state string) string {
	u := c.login.JoinPath("wwlogin/sso/login")
	u.RawQuery = url.Values{
		"login_type":   {"CorpApp"},
		"appid":        {acc.CorpID},
		"agentid":      {strconv.FormatInt(acc.AgentID, 10)},
		"redirect_uri": {redirect},
		"state":        {state},
	}.Encode()
	return u.String()
}

// UserFromCode exchanges the code that either page returned. A code that was used, is older
// than five minutes or is none gives "oauth_code", unauthenticated.
func (c *Client) UserFromCode(ctx context.Context, acc model.Account, code string) (UserInfo, error) {
	refused := &model.Error{
		Code: model.CodeUnauthenticated, Reason: "oauth_code",
		Message: "the sign-in was used already or is too old",
	}
	if code == "" {
		return UserInfo{}, refused
	}
	var info UserInfo
	err := c.viaSDK(ctx, acc, callTimeout, func(sdk *workcontext.Context) error {
		// The SDK puts the code into the URL as it is.
		got, err := oauth.NewOauth(sdk).GetUserInfo(url.QueryEscape(code))
		if err != nil {
			return err
		}
		info = UserInfo{UserID: got.UserID, OpenID: got.OpenID}
		return nil
	})
	if refusedWith(err, 40029, 42022) {
		refused.Err = err
		return UserInfo{}, refused
	}
	if err != nil {
		return UserInfo{}, fmt.Errorf("exchange sign-in code: %w", err)
	}
	return info, nil
}
