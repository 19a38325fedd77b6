package wecom

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"deskmate/model"
)

// AgentInfo is an app as WeCom's console has it. The visible range (可见范围) is the three
// lists together, not expanded; only the console can change it.
type AgentInfo struct {
	AgentID        int64
	Name           string
	Description    string
	Closed         bool     // disabled (停用)
	Users          []string // userids as WeCom writes them
	Departments    []int64
	Tags           []int64
	RedirectDomain string // 可信域名
	HomeURL        string
	ReportEnter    bool // enter_agent is sent
}

// AgentGet reads the account's app (doc path/90227).
func (c *Client) AgentGet(ctx context.Context, acc model.Account) (AgentInfo, error) {
	var answer struct {
		AgentID     int64  `json:"agentid"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Users       struct {
			List []struct {
				UserID string `json:"userid"`
			} `json:"user"`
		} `json:"allow_userinfos"`
		Departments struct {
			List []int64 `json:"partyid"`
		} `json:"allow_partys"`
		Tags struct {
			List []int64 `json:"tagid"`
		} `json:"allow_tags"`
		Close          int    `json:"close"`
		RedirectDomain string `json:"redirect_domain"`
		HomeURL        string `json:"home_url"`
		ReportEnter    int    `json:"isreportenter"`
	}
	if err := c.call(ctx, acc, request{endpoint: "agent/get", query: agentQuery(acc)}, &answer); err != nil {
		return AgentInfo{}, err
	}
	info := AgentInfo{
		AgentID: answer.AgentID, Name: answer.Name, Description: answer.Description,
		Closed: answer.Close != 0, Departments: answer.Departments.List, Tags: answer.Tags.List,
		RedirectDomain: answer.RedirectDomain, HomeURL: answer.HomeURL, ReportEnter: answer.ReportEnter != 0,
	}
	for _, user := range answer.Users.List {
		info.Users = append(info.Users, user.UserID)
	}
	return info, nil
}

// Ping asks WeCom for what every other call rests on: that the secret gives a token, that
// this host may call, and that the app is there. The endpoint of the [APIError] tells
// which of them is wrong.
func (c *Client) Ping(ctx context.Context, acc model.Account) (AgentInfo, error) {
	info, err := c.AgentGet(ctx, acc)
	if err != nil {
		return AgentInfo{}, fmt.Errorf("ping app %d: %w", acc.AgentID, err)
	}
	return info, nil
}

// AgentSettings are what of an app a call can change. Empty texts and nil stay as they are.
type AgentSettings struct {
	Name        string `json:"name,omitempty"`        // ≤ 32 characters
	Description string `json:"description,omitempty"` // 4–120 characters
	LogoMediaID string `json:"logo_mediaid,omitempty"`
	HomeURL     string `json:"home_url,omitempty"`
	ReportEnter *bool  `json:"-"` // whether enter_agent is sent
}

// AgentSet changes the account's app (doc path/90228).
func (c *Client) AgentSet(ctx context.Context, acc model.Account, settings AgentSettings) error {
	body := struct {
		AgentID int64 `json:"agentid"`
		AgentSettings
		ReportEnter *int `json:"isreportenter,omitempty"`
	}{AgentID: acc.AgentID, AgentSettings: settings}
	if settings.ReportEnter != nil {
		report := 0
		if *settings.ReportEnter {
			report = 1
		}
		body.ReportEnter = &report
	}
	return c.call(ctx, acc, request{endpoint: "agent/set", body: body}, nil)
}

// CallbackIPs are the addresses that WeCom's callbacks come from, for firewalls (doc
// path/92521). They change; ask daily.
func (c *Client) CallbackIPs(ctx context.Context, acc model.Account) ([]netip.Prefix, error) {
	var answer struct {
		IPs []string `json:"ip_list"`
	}
	if err := c.call(ctx, acc, request{endpoint: "getcallbackip"}, &answer); err != nil {
		return nil, err
	}
	var prefixes []netip.Prefix
	for _, text := range answer.IPs {
		prefix, err := parseIPs(text)
		if err != nil {
			c.log.WarnContext(ctx, "callback address not understood", slog.String("address", text))
			continue
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// parseIPs reads an address, a prefix, or one whose last parts are "*".
func parseIPs(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	const bitsPerPart = 8
	stars := strings.Count(text, "*")
	addr, err := netip.ParseAddr(strings.ReplaceAll(text, "*", "0"))
	if err != nil {
		return netip.Prefix{}, err
	}
	if stars > 0 && (!addr.Is4() || !strings.HasSuffix(text, strings.Repeat(".*", stars))) {
		return netip.Prefix{}, fmt.Errorf("address %q has its stars elsewhere than at the end", text)
	}
	return netip.PrefixFrom(addr, addr.BitLen()-stars*bitsPerPart), nil
}

func agentQuery(acc model.Account) url.Values {
	return url.Values{"agentid": {strconv.FormatInt(acc.AgentID, 10)}}
}
