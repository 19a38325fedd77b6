package wecomsim

import (
	"cmp"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"

	"deskmate/model"
)

const (
	loginCodeLife  = 5 * time.Minute
	userTicketLife = 30 * time.Minute
)

// Outsider is the value of ?as= that signs in somebody who is no member of the corp.
const Outsider = "@outsider"

// login is a code that a sign-in page gave out.
type login struct {
	userID  string // folded; "" for an outsider
	private bool   // snsapi_privateinfo
	agentID int64
	ends    time.Time
	used    bool
}

// userTicket lets an app read what the member consented to.
type userTicket struct {
	userID  string // folded
	agentID int64  // who was given it
	ends    time.Time
}

// authorizeRequest is what a sign-in page is asked for.
type authorizeRequest struct {
	appID, redirect, state string
	agentID                string
	private                bool
	fault                  *apiError
}

var stateForm = regexp.MustCompile(`^[0-9A-Za-z]{0,128}$`)

// authorizeQuery reads /connect/oauth2/authorize (doc path/91022).
func authorizeQuery(q url.Values) authorizeRequest {
	req := authorizeRequest{
		appID: q.Get("appid"), redirect: q.Get("redirect_uri"), state: q.Get("state"), agentID: q.Get("agentid"),
		private: q.Get("scope") == "snsapi_privateinfo",
	}
	switch {
	case q.Get("response_type") != "code":
		req.fault = refuse(codeParameter, "invalid Request Parameter, response_type")
	case !req.private && q.Get("scope") != "snsapi_base":
		req.fault = refuse(codeParameter, "invalid Request Parameter, scope")
	case req.private && req.agentID == "":
		req.fault = refuse(codeNoAgent, "missing agentid")
	}
	return req
}

// webLoginQuery reads /wwlogin/sso/login (doc path/98152).
func webLoginQuery(q url.Values) authorizeRequest {
	req := authorizeRequest{
		appID: q.Get("appid"), redirect: q.Get("redirect_uri"), state: q.Get("state"), agentID: q.Get("agentid"),
	}
	switch {
	case q.Get("login_type") != "CorpApp":
		req.fault = refuse(codeParameter, "invalid Request Parameter, login_type")
	case req.agentID == "":
		req.fault = refuse(codeNoAgent, "missing agentid")
	}
	return req
}

// oldLoginQuery reads /wwopen/sso/qrConnect, the page before.
func oldLoginQuery(q url.Values) authorizeRequest {
	q.Set("login_type", "CorpApp")
	return webLoginQuery(q)
}

// serveAuthorize signs the member in whom ?as= names, or shows who there is.
func (s *Server) serveAuthorize(w http.ResponseWriter, r *http.Request, read func(url.Values) authorizeRequest) {
	q := r.URL.Query()
	req := read(q)
	var (
		target string
		choice []loginChoice
		fault  *apiError
	)
	s.locked(func() {
		agentID, refused := s.checkAuthorize(req)
		if fault = refused; fault != nil {
			return
		}
		if as := cmp.Or(q.Get("as"), s.onPhoneOf(r)); as != "" {
			target, fault = s.signIn(req, agentID, as)
			return
		}
		choice = s.loginChoices(r.URL.Path, q)
	})
	switch {
	case fault != nil:
		writeReply(w, fault.code, fault.text("authorize", remoteIP(r)), nil)
	case target != "":
		http.SetCookie(w, &http.Cookie{Name: phoneCookie, Path: "/", MaxAge: -1}) //nolint:gosec // it takes one away, of a simulator on this machine
		http.Redirect(w, r, target, http.StatusFound)                             // only to the app's trusted domain, as checked
	default:
		writeChoices(w, choice)
	}
}

// phoneCookie holds the userid of the member on whose phone a page was opened.
const (
	phoneCookie = "wecomsim_member"
	phoneLife   = 30 // seconds in which the page sends its browser to sign in
)

// PhoneCookie says of a page that is about to be opened on whose phone that is: inside WeCom
// nobody is asked who signs in. It is good for one sign-in.
func PhoneCookie(userID string) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // of a simulator on this machine, without https
		Name: phoneCookie, Value: url.QueryEscape(userID), Path: "/", MaxAge: phoneLife, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// onPhoneOf is the member on whose phone the page was opened; "" where it wasn't on one. The
// state is locked.
func (s *Server) onPhoneOf(r *http.Request) string {
	c, err := r.Cookie(phoneCookie)
	if err != nil {
		return ""
	}
	userID, err := url.QueryUnescape(c.Value)
	if m, ok := s.members[model.Fold(userID)]; err != nil || !ok || !m.present() {
		return ""
	}
	return userID
}

// checkAuthorize finds the app. The state is locked.
func (s *Server) checkAuthorize(req authorizeRequest) (int64, *apiError) {
	to, err := url.Parse(req.redirect)
	switch {
	case req.fault != nil:
		return 0, req.fault
	case req.appID != s.corpID:
		return 0, refuse(codeBadCorp, "invalid corpid")
	case !stateForm.MatchString(req.state):
		return 0, refuse(codeParameter, "invalid Request Parameter, state")
	case err != nil || to.Host == "" || to.Scheme != "http" && to.Scheme != "https":
		return 0, refuse(codeRedirectHost, "redirect_url not on domain")
	case req.agentID == "":
		if slices.ContainsFunc(s.sortedApps(), func(a *app) bool { return a.trusts(to) }) {
			return 0, nil
		}
		return 0, refuse(codeRedirectHost, "redirect_url not on domain")
	}
	id, err := strconv.ParseInt(req.agentID, 10, 64)
	a, ok := s.apps[id]
	switch {
	case err != nil || !ok:
		return 0, refuse(codeBadAgent, "invalid agentid")
	case a.disabled:
		return 0, refuse(codeAppDisabled, "agent is disabled")
	case !a.trusts(to):
		return 0, refuse(codeRedirectHost, "redirect_url not on domain")
	}
	return id, nil
}

// trusts reports whether a sign-in may lead there.
func (a *app) trusts(to *url.URL) bool {
	return a.TrustedDomain == "" || a.TrustedDomain == to.Host || a.TrustedDomain == to.Hostname()
}

// signIn makes the address that the browser goes to. The state is locked.
func (s *Server) signIn(req authorizeRequest, agentID int64, as string) (string, *apiError) {
	l := &login{private: req.private, agentID: agentID, ends: s.clock().Add(loginCodeLife)}
	if as != Outsider {
		l.userID = model.Fold(as)
		if m, ok := s.members[l.userID]; !ok || !m.present() {
			return "", refuse(codeUserUnknown, "userid not found")
		}
	}
	code := s.opaque(43)
	maps.DeleteFunc(s.logins, func(_ string, old *login) bool { return !s.clock().Before(old.ends) })
	s.logins[code] = l
	to, err := url.Parse(req.redirect)
	if err != nil {
		return "", refuse(codeRedirectHost, "redirect_url not on domain")
	}
	q := to.Query()
	q.Set("code", code)
	q.Set("state", req.state)
	to.RawQuery = q.Encode()
	return to.String(), nil
}

type loginChoice struct{ Name, UserID, URL string }

func (s *Server) loginChoices(path string, q url.Values) []loginChoice {
	link := func(as string) string {
		q.Set("as", as)
		return path + "?" + q.Encode()
	}
	var list []loginChoice
	for _, m := range s.members {
		if !m.present() {
			continue
		}
		list = append(list, loginChoice{Name: m.Name, UserID: m.UserID, URL: link(m.UserID)})
	}
	slices.SortFunc(list, func(x, y loginChoice) int { return cmp.Compare(x.UserID, y.UserID) })
	return append(list, loginChoice{Name: "不是企业成员", UserID: Outsider, URL: link(Outsider)})
}

const choicesPage = `<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>登录</title>
<h1>以谁的身份登录？</h1><ul>{{range .}}<li><a href="{{.URL}}">{{.Name}} ({{.UserID}})</a></li>{{end}}</ul></html>
`

func writeChoices(w http.ResponseWriter, list []loginChoice) {
	page, err := template.New("choices").Parse(choicesPage)
	if err != nil {
		http.Error(w, "page can't be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	_ = page.Execute(w, list)
}

// useCode finds out who signed in: nil for somebody who is no member. The state is locked.
func (s *Server) useCode(c *call) (*login, *Member, *apiError) {
	l, ok := s.logins[c.query.Get("code")]
	switch {
	case !ok || !c.now.Before(l.ends):
		return nil, nil, refuse(codeBadCode, "invalid code")
	case l.used:
		return nil, nil, refuse(codeCodeUsed, "code has been used")
	}
	l.used = true
	return l, s.members[l.userID], nil
}

// oldGetUserInfo is user/getuserinfo, which auth/getuserinfo took the place of.
func (s *Server) oldGetUserInfo(c *call) (answer, *apiError) {
	_, m, fault := s.useCode(c)
	if fault != nil {
		return answer{}, fault
	}
	if m == nil {
		return with(map[string]any{"OpenId": "o" + s.opaque(27), "DeviceId": ""}), nil
	}
	return with(map[string]any{"UserId": m.UserID, "DeviceId": ""}), nil
}

// authGetUserInfo is auth/getuserinfo (doc path/91023). It tells who signed in, whether
// in the app's visible range or not.
func (s *Server) authGetUserInfo(c *call) (answer, *apiError) {
	l, m, fault := s.useCode(c)
	if fault != nil {
		return answer{}, fault
	}
	if m == nil {
		return with(map[string]any{"openid": "o" + s.opaque(27)}), nil
	}
	fields := map[string]any{"userid": m.UserID}
	if l.private && l.agentID == c.app.AgentID && s.sees(c.app, m) {
		value := s.opaque(200)
		maps.DeleteFunc(s.userTickets, func(_ string, old *userTicket) bool { return !c.now.Before(old.ends.Add(keepExpired)) })
		s.userTickets[value] = &userTicket{userID: l.userID, agentID: c.app.AgentID, ends: c.now.Add(userTicketLife)}
		fields["user_ticket"], fields["expires_in"] = value, int64(userTicketLife/time.Second)
	}
	return with(fields), nil
}

// authGetUserDetail is auth/getuserdetail (doc path/95833).
func (s *Server) authGetUserDetail(c *call) (answer, *apiError) {
	var req struct {
		UserTicket string `json:"user_ticket"`
	}
	if fault := c.decode(&req); fault != nil {
		return answer{}, fault
	}
	t, ok := s.userTickets[req.UserTicket]
	if !ok || t.agentID != c.app.AgentID {
		return answer{}, refuse(codeTicketInvalid, "invalid user_ticket")
	}
	m, known := s.members[t.userID]
	if !known || !c.now.Before(t.ends) {
		return answer{}, refuse(codeTicketExpired, "user_ticket expired")
	}
	return with(map[string]any{
		"userid": m.UserID, "gender": strconv.Itoa(m.Gender), "avatar": "", "qr_code": "",
		"mobile": m.Mobile, "email": m.Email, "biz_mail": m.BizMail, "address": "",
	}), nil
}
