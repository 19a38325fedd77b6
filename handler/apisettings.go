package handler

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"deskmate/model"
)

// AccountChanger changes what people may change of an account.
type AccountChanger interface {
	// ChangeAccount is [model.ErrStale] where the account no longer has the version expected; 0
	// doesn't look. It completes the audit entry with what differs.
	ChangeAccount(ctx context.Context, accountID, expect uint64, entry model.Audit, change func(*model.Account) error) (model.Account, error)
}

// profileBody is what people see of an account.
type profileBody struct {
	Name        string     `json:"name" maxLength:"40"`
	Alias       string     `json:"alias" maxLength:"40"`
	Gender      string     `json:"gender" enum:",male,female"`
	Landline    string     `json:"landline" maxLength:"32"`
	Description string     `json:"description" maxLength:"250"`
	Department  string     `json:"department" maxLength:"64"`
	Window      windowBody `json:"service_window"`
}

type windowBody struct {
	Title string `json:"title" maxLength:"12" doc:"Empty: no service window"`
	URL   string `json:"url" maxLength:"1024"`
}

type assignmentBody struct {
	Mode           model.AssignmentMode `json:"mode" enum:"least_busy,all_seats"`
	PreferPrevious bool                 `json:"prefer_previous"`
	BusyGap        int                  `json:"busy_gap" minimum:"1" maximum:"1000"`
	Capacity       int                  `json:"capacity" minimum:"0" maximum:"1000" doc:"0: no limit"`
	Claim          bool                 `json:"claim"`
	AutoAway       bool                 `json:"auto_away"`
}

type scopeBody struct {
	Everyone    bool     `json:"everyone" doc:"All members may ask; members and departments don't count then"`
	Members     []string `json:"members" maxItems:"10000"`
	Departments []int64  `json:"departments" maxItems:"10000" doc:"Each with everything below it"`
	Barred      []string `json:"barred" maxItems:"10000" doc:"Who may not ask all the same"`
}

// serviceBody says how sessions come to seats, wait and end.
type serviceBody struct {
	Keywords        []string `json:"keywords" maxItems:"50"`
	Misses          int      `json:"misses" minimum:"0" maximum:"100" doc:"In a row, that hand over; 0: never"`
	Button          bool     `json:"button"`
	Dislike         bool     `json:"dislike"`
	IdleSeconds     int64    `json:"idle_seconds" minimum:"0" maximum:"2592000" doc:"0: never"`
	OwedSeconds     int64    `json:"owed_seconds" minimum:"-1" maximum:"2592000" doc:"While the seat owes an answer; 0: as idle_seconds, -1: never"`
	WarnSeconds     int64    `json:"warn_seconds" minimum:"0" maximum:"2592000" doc:"Before the end; 0: no warning"`
	RemindSeconds   int64    `json:"remind_seconds" minimum:"0" maximum:"2592000" doc:"0: never"`
	ReassignSeconds int64    `json:"reassign_seconds" minimum:"0" maximum:"2592000" doc:"0: never"`
	QueueSeconds    int64    `json:"queue_seconds" minimum:"0" maximum:"2592000" doc:"0: nobody is asked"`
}

// workHoursBody is when seats work, and what happens else.
type workHoursBody struct {
	Always   bool            `json:"always" doc:"At all times; the rest doesn't count then"`
	Week     [][]spanBody    `json:"week" maxItems:"7" doc:"The spans of each day, Sunday first"`
	Holidays bool            `json:"holidays" doc:"Public holidays are closed, make-up workdays open"`
	Days     []exceptionBody `json:"days" maxItems:"400" doc:"Single days, which win over everything"`
	Off      model.OffAction `json:"off" enum:"queue,end"`
	OffText  string          `json:"off_text" doc:"Empty: ours; {opening} stands for when the hours begin again; at most 2048 bytes"`
}

type exceptionBody struct {
	Day   string     `json:"day" format:"date"`
	Spans []spanBody `json:"spans" doc:"None: closed"`
}

type surveyBody struct {
	Enabled   bool     `json:"enabled"`
	AskReason bool     `json:"ask_reason"`
	Reasons   []string `json:"reasons" maxItems:"20"`
	AfterIdle bool     `json:"after_idle"`
	AfterBot  bool     `json:"after_bot" doc:"Ask after sessions that the bot alone answered, too"`

	QuietSeconds   int64           `json:"quiet_seconds" minimum:"0" maximum:"2592000" doc:"Who was asked within it isn't asked again; 0: always ask"`
	ExpiresSeconds int64           `json:"expires_seconds" minimum:"3600" maximum:"604800" doc:"How long the survey can be answered; it stands on the card"`
	Changeable     bool            `json:"changeable" doc:"Until then the rating can be changed"`
	Words          surveyWordsBody `json:"words" doc:"Empty: ours"`
}

type surveyWordsBody struct {
	Title  string `json:"title" maxLength:"36"`
	Body   string `json:"body" maxLength:"100"`
	Good   string `json:"good" maxLength:"10"`
	Fair   string `json:"fair" maxLength:"10"`
	Bad    string `json:"bad" maxLength:"10"`
	Ask    string `json:"ask" maxLength:"36" doc:"Title of the card that asks why"`
	Thanks string `json:"thanks" maxLength:"200"`
}

func viewSurveyRule(r model.SurveyRule) surveyBody {
	return surveyBody{
		Enabled: r.Enabled, AskReason: r.AskReason, Reasons: notNil(r.Reasons), AfterIdle: r.AfterIdle, AfterBot: r.AfterBot,
		QuietSeconds: int64(r.Quiet / time.Second), ExpiresSeconds: int64(r.Lasts() / time.Second), Changeable: r.Changeable,
		Words: surveyWordsBody(r.Words),
	}
}

type otherBody struct {
	Focus         model.FocusMode      `json:"focus" enum:"strict,sticky"`
	Quiet         bool                 `json:"quiet" doc:"Seats at work in the workbench are told in WeCom of lines, and sent only what they don't read there within a minute"`
	Menu          model.MenuMode       `json:"menu" enum:"on,off"`
	PushesPerDay  int                  `json:"pushes_per_day" minimum:"0" maximum:"1000000000" doc:"0: no limit of our own"`
	SharedPercent int                  `json:"shared_percent" minimum:"0" maximum:"100"`
	SeatFields    []model.ProfileField `json:"seat_fields" maxItems:"8" enum:"avatar,name,alias,gender,landline,description,department,service_window" doc:"Of the profile, which seats with the permission profile may edit"`
}

// accountSettings are an account's settings besides its bot.
type accountSettings struct {
	Version    uint64         `json:"version"`
	UpdatedAt  Instant        `json:"updated_at"`
	Avatar     string         `json:"avatar,omitempty" doc:"Where the account's picture lies; missing for none"`
	Profile    profileBody    `json:"profile"`
	Assignment assignmentBody `json:"assignment"`
	Scope      scopeBody      `json:"scope"`
	Service    serviceBody    `json:"service"`
	Hours      workHoursBody  `json:"hours"`
	Survey     surveyBody     `json:"survey"`
	Other      otherBody      `json:"other"`
	Retention  retentionBody  `json:"retention"`
	Group      groupBody      `json:"group"`
}

func viewAccountSettings(acc model.Account) accountSettings {
	p := acc.Policy
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	v := accountSettings{
		Version: acc.Version, UpdatedAt: NewInstant(acc.UpdatedMS), Avatar: avatarAt(acc.Key, acc.Profile.Avatar),
		Profile: profileBody{
			Name: acc.Name, Alias: acc.Profile.Alias, Gender: acc.Profile.Gender, Landline: acc.Profile.Landline,
			Description: acc.Profile.Description, Department: acc.Profile.Department, Window: windowBody(acc.Profile.ServiceWindow),
		},
		Assignment: assignmentBody(p.Assignment),
		Scope:      scopeBody{Everyone: p.Scope == nil, Members: []string{}, Departments: []int64{}, Barred: notNil(p.Barred)},
		Service: serviceBody{
			Keywords: notNil(p.Handoff.Keywords), Misses: p.Handoff.Misses, Button: p.Handoff.Button, Dislike: p.Handoff.Dislike,
			IdleSeconds: seconds(p.Timers.Idle), OwedSeconds: seconds(p.Timers.Owed), WarnSeconds: seconds(p.Timers.Warn),
			RemindSeconds: seconds(p.Timers.Remind), ReassignSeconds: seconds(p.Timers.Reassign), QueueSeconds: seconds(p.Queue.Timeout),
		},
		Hours:  viewWorkHours(p.Hours, p.OffHours),
		Survey: viewSurveyRule(p.Survey),
		Other: otherBody{
			Focus: p.Focus, Quiet: p.Workbench.Quiet, Menu: p.Menu, PushesPerDay: p.Limits.PushesPerDay, SharedPercent: p.Limits.SharedPercent, SeatFields: notNil(p.SeatFields),
		},
	}
	v.Retention = retentionBody(p.Retention)
	v.Group.Join = acc.Group.Join == model.GroupAllow
	if p.Timers.Owed < 0 {
		v.Service.OwedSeconds = -1
	}
	if p.Scope != nil {
		v.Scope.Members, v.Scope.Departments = notNil(p.Scope.Members), notNil(p.Scope.Departments)
	}
	return v
}

// seatProfile takes from b what a seat may change of the profile, and refuses the rest.
func seatProfile(who caller, acc model.Account, b profileBody) error {
	if who.seat == nil {
		return nil
	}
	old := viewAccountSettings(acc).Profile
	for _, f := range []struct {
		field   model.ProfileField
		changed bool
	}{
		{model.FieldName, b.Name != old.Name},
		{model.FieldAlias, b.Alias != old.Alias},
		{model.FieldGender, b.Gender != old.Gender},
		{model.FieldLandline, b.Landline != old.Landline},
		{model.FieldDescription, b.Description != old.Description},
		{model.FieldDepartment, b.Department != old.Department},
		{model.FieldServiceWindow, b.Window != old.Window},
	} {
		if f.changed && !slices.Contains(acc.Policy.SeatFields, f.field) {
			return errSeatField(f.field)
		}
	}
	return nil
}

func errSeatField(f model.ProfileField) error {
	return &model.Error{Code: model.CodeForbidden, Reason: "seat_field", Message: "负责人没有允许坐席修改这一项：" + string(f)}
}

func (b profileBody) into(ctx context.Context, acc *model.Account) error {
	if err := seatProfile(callerFrom(ctx), *acc, b); err != nil {
		return err
	}
	acc.Name = strings.TrimSpace(b.Name)
	acc.Profile.Alias, acc.Profile.Gender, acc.Profile.Landline = strings.TrimSpace(b.Alias), b.Gender, b.Landline
	acc.Profile.Description, acc.Profile.Department = b.Description, strings.TrimSpace(b.Department)
	acc.Profile.ServiceWindow = model.ServiceWindow{Title: strings.TrimSpace(b.Window.Title), URL: strings.TrimSpace(b.Window.URL)}
	return acc.Profile.Check(acc.Name)
}

func (b assignmentBody) into(_ context.Context, acc *model.Account) error { //nolint:unparam // its shape says it all
	acc.Policy.Assignment = model.Assignment(b)
	return nil
}

func (b scopeBody) into(_ context.Context, acc *model.Account) error {
	people := slices.Concat(b.Members, b.Barred)
	for _, id := range people {
		if !model.IsUserID(id) {
			return model.Invalid("userid", "userid 由 1–64 个字母、数字或 _-@. 组成：%s", id)
		}
	}
	acc.Policy.Barred = folded(b.Barred)
	acc.Policy.Scope = nil
	if b.Everyone {
		return nil
	}
	if len(b.Members)+len(b.Departments) == 0 {
		return model.Invalid("scope", "请选择成员或部门；要让所有人可见，请选择全员")
	}
	acc.Policy.Scope = &model.Scope{Members: folded(b.Members), Departments: slices.Compact(slices.Sorted(slices.Values(b.Departments)))}
	return nil
}

// folded are userids as they are compared, each once; none is nil.
func folded(ids []string) []string {
	var list []string
	for _, id := range ids {
		list = append(list, model.Fold(id))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (b serviceBody) into(_ context.Context, acc *model.Account) error {
	words := make([]string, len(b.Keywords))
	for i, k := range b.Keywords {
		words[i] = strings.TrimSpace(k)
	}
	p := &acc.Policy
	p.Handoff = model.Handoff{Keywords: words, Misses: b.Misses, Button: b.Button, Dislike: b.Dislike}
	of := func(seconds int64) time.Duration { return time.Duration(seconds) * time.Second }
	p.Timers = model.Timers{Idle: of(b.IdleSeconds), Owed: of(b.OwedSeconds), Warn: of(b.WarnSeconds), Remind: of(b.RemindSeconds), Reassign: of(b.ReassignSeconds)}
	if b.OwedSeconds < 0 {
		p.Timers.Owed = model.Never
	}
	p.Queue.Timeout = of(b.QueueSeconds)
	return errors.Join(p.Handoff.Check(), p.Timers.Check())
}

func (b surveyBody) into(_ context.Context, acc *model.Account) error {
	reasons := make([]string, len(b.Reasons))
	for i, r := range b.Reasons {
		reasons[i] = strings.TrimSpace(r)
	}
	words := model.SurveyWords(b.Words)
	for _, one := range []*string{&words.Title, &words.Body, &words.Good, &words.Fair, &words.Bad, &words.Ask, &words.Thanks} {
		*one = strings.TrimSpace(*one)
	}
	rule := model.SurveyRule{
		Enabled: b.Enabled, AskReason: b.AskReason, Reasons: reasons, AfterIdle: b.AfterIdle, AfterBot: b.AfterBot, Words: words,
		Quiet: time.Duration(b.QuietSeconds) * time.Second, Expires: time.Duration(b.ExpiresSeconds) * time.Second, Changeable: b.Changeable,
	}
	acc.Policy.Survey = rule
	return rule.Check()
}

func (b otherBody) into(_ context.Context, acc *model.Account) error { //nolint:unparam // its shape says it all
	p := &acc.Policy
	p.Focus, p.Workbench.Quiet, p.Menu = b.Focus, b.Quiet, b.Menu
	p.Limits.PushesPerDay, p.Limits.SharedPercent = b.PushesPerDay, b.SharedPercent
	p.SeatFields = slices.Compact(slices.Sorted(slices.Values(b.SeatFields)))
	return nil
}

// accountSection is one part of the settings: it changes an account, or says what is wrong.
type accountSection interface {
	into(ctx context.Context, acc *model.Account) error
}

const settingsTag = "settings"

// registerSection registers the operation that changes one part of the settings, in full.
func registerSection[B accountSection](a *API, s surface, id, name, summary string) {
	type setSection struct {
		AccountPath
		Precondition
		Body B
	}
	within(s, call(http.MethodPut, id, account+"/settings/"+name, settingsTag, summary+", in full; live within a second"),
		func(ctx context.Context, acc model.Account, in *setSection) (*tagged[accountSettings], error) {
			expect, err := in.expect(0)
			if err != nil {
				return nil, err
			}
			now, err := a.change(ctx, acc, expect, name, func(acc *model.Account) error { return in.Body.into(ctx, acc) })
			return replyTagged(viewAccountSettings(now), now.Version, err)
		})
}

func (a *API) registerSettings(s surface) {
	within(s, call(http.MethodGet, "getSettings", account+"/settings", settingsTag, "The account's settings, besides its bot; never a secret"),
		func(_ context.Context, acc model.Account, _ *AccountPath) (*tagged[accountSettings], error) {
			return replyTagged(viewAccountSettings(acc), acc.Version, nil)
		})
	registerSection[profileBody](a, s, "setProfile", "profile", "Say what people see of the account")
	registerSection[assignmentBody](a, s, "setAssignment", "assignment", "Say who gets a session")
	registerSection[scopeBody](a, s, "setScope", "scope", "Say who may see and ask the account")
	registerSection[serviceBody](a, s, "setService", "service", "Say how sessions are handed over, wait and end")
	registerSection[workHoursBody](a, s, "setHours", "hours", "Say when seats work")
	registerSection[surveyBody](a, s, "setSurvey", "survey", "Say whether and how employees are asked")
	registerSection[otherBody](a, s, "setOther", "other", "Say the rest")
}
