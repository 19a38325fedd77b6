package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// adviceFor says what to press where WeCom refuses.
func adviceFor(err error) string {
	api, ok := errors.AsType[*wecom.APIError](err)
	if !ok {
		return "check DESKMATE_WECOM_API and that this host may reach it"
	}
	switch api.Code {
	case 40001, 40091:
		return "the secret is wrong or was reset: copy it again from 应用管理 → the app → Secret"
	case 40013:
		return "corp_id is wrong: 我的企业 → 企业ID"
	case 60020:
		return "this host's address is not trusted: add the one named above under 应用管理 → the app → 企业可信IP (takes a minute)"
	case 40056, 301002:
		return "agent_id is not the app of this secret: compare 应用管理 → the app → AgentId"
	case 50003:
		return "the app is disabled: 应用管理 → the app → 启用"
	}
	return "look the code up: docs/wecom-errors.md"
}

// fromIP finds our own address in what WeCom says of one that it doesn't trust.
var fromIP = regexp.MustCompile(`from ip: ?([0-9A-Fa-f.:]*[0-9A-Fa-f])`)

// notTrusted is WeCom's errcode for an address that is not in 企业可信IP (doc path/90313).
const notTrusted = 60020

// checkWeCom says of one question to WeCom what it tells about the secret, our address and the app.
func checkWeCom(info wecom.AgentInfo, err error) []model.Check {
	token, ip, app := passed("token", ""), passed("trusted_ip", ""), passed("app", info.Name)
	app.Facts = map[string]string{"name": info.Name}
	later := func(c *model.Check, reason string) {
		*c = model.Check{ID: c.ID, State: model.CheckUnknown, Reason: reason}
	}
	api, answered := errors.AsType[*wecom.APIError](err)
	refuse := func(c *model.Check, reason, screen string) {
		*c = failed(c.ID, reason, err.Error(), adviceFor(err))
		c.Screen = screen
		if answered {
			c.Facts = map[string]string{"code": strconv.FormatInt(api.Code, 10)}
		}
	}
	switch {
	case err == nil && info.Closed:
		app = failed("app", "closed", "the app is disabled", "enable it: 应用管理 → the app → 启用")
		app.Screen, app.Facts = model.ScreenApp, map[string]string{"name": info.Name}
	case err == nil:
	case !answered:
		refuse(&token, "no_answer", "")
		later(&ip, "token_first")
		later(&app, "token_first")
	case api.Code == notTrusted:
		if api.Endpoint == "gettoken" {
			later(&token, "ip_first")
		}
		refuse(&ip, "ip_not_trusted", model.ScreenTrustedIP)
		if m := fromIP.FindStringSubmatch(api.Message); m != nil {
			ip.Facts["ip"] = m[1]
		}
		later(&app, "ip_first")
	case api.Endpoint == "gettoken":
		screen := model.ScreenSecret
		if api.Code == 40013 {
			screen = model.ScreenCorp
		}
		reason := string(wecom.AdviceFor(api.Code))
		if api.Code == 40013 {
			reason = "corp"
		}
		refuse(&token, reason, screen)
		later(&ip, "token_first")
		later(&app, "token_first")
	default:
		refuse(&app, string(wecom.AdviceFor(api.Code)), model.ScreenApp)
	}
	return []model.Check{token, ip, app}
}

// checkRange compares the account's scope and seats with the app's visible range, outside of
// which nobody can be written to.
func checkRange(ctx context.Context, store *sqlstore.Store, acc model.Account, info wecom.AgentInfo) model.Check {
	inRange := make([]string, 0, len(info.Users))
	for _, u := range info.Users {
		inRange = append(inRange, model.Fold(u))
	}
	seats, err := store.Seats(ctx, acc.ID)
	if err != nil {
		return failed("visible_range", "unread", err.Error(), "")
	}
	app := acc
	app.Policy.Scope = &model.Scope{Members: inRange, Departments: info.Departments}
	var outside []string
	people := make([]string, 0, len(seats))
	for _, s := range seats {
		people = append(people, s.UserID)
	}
	if acc.Policy.Scope != nil {
		people = append(people, acc.Policy.Scope.Members...)
	}
	slices.Sort(people)
	for _, person := range slices.Compact(people) {
		ok, err := store.InScope(ctx, app, person)
		if err != nil {
			return failed("visible_range", "unread", err.Error(), "")
		}
		if !ok && len(info.Tags) == 0 {
			outside = append(outside, person)
		}
	}
	facts := map[string]string{
		"members": strconv.Itoa(len(info.Users)), "departments": strconv.Itoa(len(info.Departments)), "tags": strconv.Itoa(len(info.Tags)),
	}
	if len(outside) > 0 {
		check := failed("visible_range", "outside", "outside it: "+strings.Join(outside, ", "),
			"add them: 应用管理 → the app → 可见范围 (members that Deskmate has not read from the directory yet count as outside)")
		facts["outside"] = strings.Join(outside, ", ")
		check.Facts, check.Screen = facts, model.ScreenVisibleRange
		return check
	}
	check := passed("visible_range", fmt.Sprintf("%d members, %d departments, %d tags", len(info.Users), len(info.Departments), len(info.Tags)))
	check.Facts = facts
	return check
}

// checkScope compares the departments of the account's scope with the app's visible range:
// whoever is in one outside of it can't ask, whatever the scope says. Without departments there
// is nothing to check.
func checkScope(ctx context.Context, store *sqlstore.Store, acc model.Account, info wecom.AgentInfo) (check model.Check, scoped bool) {
	if acc.Policy.Scope == nil || len(acc.Policy.Scope.Departments) == 0 {
		return check, false
	}
	list, err := store.Departments(ctx, acc.CorpID)
	if err != nil {
		return failed("scope", "unread", err.Error(), ""), true
	}
	tree := make(map[int64]model.Department, len(list))
	for _, one := range list {
		tree[one.ID] = one
	}
	var wrong, names []string
	for _, id := range acc.Policy.Scope.Departments {
		at, known := tree[id]
		switch {
		case !known:
			wrong = append(wrong, fmt.Sprintf("%d is no department that Deskmate has read", id))
			names = append(names, strconv.FormatInt(id, 10))
		case len(info.Tags) == 0 && !below(tree, id, info.Departments):
			wrong = append(wrong, fmt.Sprintf("department %d (%s) is not in the app's visible range", id, at.Name))
			names = append(names, at.Name)
		}
	}
	if len(wrong) > 0 {
		check = failed("scope", "outside", strings.Join(wrong, "; "),
			"add it: 应用管理 → the app → 可见范围, or correct scope.departments (the directory is read when 'deskmate serve' starts)")
		check.Facts, check.Screen = map[string]string{"departments": strings.Join(names, "、")}, model.ScreenVisibleRange
		return check, true
	}
	return passed("scope", fmt.Sprintf("%d departments", len(acc.Policy.Scope.Departments))), true
}

// below reports whether a department is one of these or below one of them.
func below(tree map[int64]model.Department, id int64, these []int64) bool {
	for range len(tree) + 1 { // or a tree that runs in a circle would never end
		if slices.Contains(these, id) {
			return true
		}
		id = tree[id].ParentID
	}
	return false
}

func checkSeats(ctx context.Context, store *sqlstore.Store, acc model.Account) model.Check {
	seats, err := store.Seats(ctx, acc.ID)
	switch {
	case err != nil:
		return failed("seats", "unread", err.Error(), "")
	case len(seats) == 0:
		return failed("seats", "none", "there are none: 转人工 will only queue", "add seats to the account file and apply it again")
	}
	check := passed("seats", strconv.Itoa(len(seats)))
	check.Facts = map[string]string{"seats": strconv.Itoa(len(seats))}
	return check
}

// checkCallback says whether WeCom reaches us with the account's token and key.
func checkCallback(ctx context.Context, store *sqlstore.Store, acc model.Account) model.Check {
	r, err := store.CallbackRecord(ctx, acc.ID)
	last := max(r.VerifiedMS, r.ReceivedMS)
	check := model.Check{ID: "callback", Facts: map[string]string{"path": "/callback/" + acc.Key}, Screen: model.ScreenCallback}
	switch {
	case err != nil:
		return failed("callback", "unread", err.Error(), "")
	case r.RefusedMS > last:
		check.State, check.Reason, check.Detail = model.CheckFailed, "refused_"+r.Refusal, "the last callback was refused: "+r.Refusal
		check.Advice = "compare URL, Token and EncodingAESKey: 应用管理 → the app → 接收消息 → 设置API接收"
	case last == 0:
		check.State, check.Reason, check.Detail = model.CheckUnknown, "waiting", "WeCom has not called yet"
		check.Advice = "save the address: 应用管理 → the app → 接收消息 → 设置API接收"
	default:
		check.State, check.Detail, check.Screen = model.CheckOK, "WeCom called", ""
	}
	return check
}

// checkDomain compares the app's trusted domain with our own.
func checkDomain(publicURL string, info wecom.AgentInfo) model.Check {
	u, err := url.Parse(publicURL)
	if err != nil || u.Host == "" {
		return model.Check{ID: "domain", State: model.CheckUnknown, Reason: "no_public_url", Detail: "DESKMATE_PUBLIC_URL is not set"}
	}
	check := model.Check{ID: "domain", State: model.CheckWarn, Screen: model.ScreenDomain, Facts: map[string]string{"host": u.Host, "domain": info.RedirectDomain}}
	switch {
	case info.RedirectDomain == "":
		check.Reason, check.Detail = "missing", "the app has no trusted domain"
	case !strings.EqualFold(info.RedirectDomain, u.Host) && !strings.EqualFold(info.RedirectDomain, u.Hostname()):
		check.Reason, check.Detail = "differs", "the app trusts "+info.RedirectDomain
	default:
		check.State, check.Detail, check.Screen = model.CheckOK, info.RedirectDomain, ""
		return check
	}
	check.Advice = "set it to " + u.Host + ": 应用管理 → the app → 网页授权及JS-SDK"
	return check
}
