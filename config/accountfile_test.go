package config_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/config"
	"deskmate/model"
)

const (
	aesKey   = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
	identity = `key: hr
name: 人事服务
corp_id: ww0123456789abcdef
agent_id: 1000002
secret: s3cret
token: s3crettoken
encoding_aes_key: ` + aesKey + "\n"
)

// minimal is what identity alone gives.
func minimal() config.AccountFile {
	return config.AccountFile{Account: model.Account{
		Key: "hr", Name: "人事服务", CorpID: "ww0123456789abcdef", AgentID: 1000002,
		Secret: "s3cret", Token: "s3crettoken", EncodingAESKey: aesKey,
		Enabled: true, Policy: model.DefaultPolicy(),
	}}
}

func mustParse(t testing.TB, file string) config.AccountFile {
	t.Helper()
	got, err := config.ParseAccount([]byte(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestParseAccountDefaults(t *testing.T) {
	t.Parallel()
	if d := cmp.Diff(minimal(), mustParse(t, identity)); d != "" {
		t.Errorf("ParseAccount (-want +got):\n%s", d)
	}
	empty := "enabled:\nseats:\nowners:\nassignment:\nbot:\n  welcome:\nhandoff: {}\nsurvey:\nfocus:\nservice_window:\n"
	if d := cmp.Diff(minimal(), mustParse(t, identity+empty)); d != "" {
		t.Errorf("with keys without values (-want +got):\n%s", d)
	}
}

// The example has every key, and each with its default.
func TestExampleAccountIsTrue(t *testing.T) {
	t.Parallel()
	got, err := config.ReadAccount("account.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := minimal()
	want.Account.Secret, want.Account.Token = "change-me", "changeme"
	want.Owners = []string{}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("ReadAccount (-want +got):\n%s", d)
	}

	source, err := os.ReadFile("account.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range regexp.MustCompile(`(?m)^ *(\w+):`).FindAllSubmatch([]byte(everyKey), -1) {
		if !bytes.Contains(source, append(key[1], ':')) {
			t.Errorf("the example lacks %s", key[1])
		}
	}
}

// everyKey sets every key to something else than its default.
const everyKey = identity + `enabled: false
seats:
  - ZhangSan
  - "0012"
  - 0034
  - userid: Qian
    capacity: 3
    priority: 2
    hours: {week: {mon: "09:00-12:00"}, holidays: true}
    permissions: [records, answer]
seat_fields: [alias, description]
retention: {records: 180, media: 30}
owners: [Boss@corp]
scope:
  members: [LiSi]
  departments: [1, 22]
barred: [SunQi]
assignment:
  mode: all_seats
  claim: true
  prefer_previous: true
  busy_gap: 3
  capacity: 8
  auto_away: true
bot:
  enabled: false
  answer: 0.9
  suggest: 0.5
  welcome: |
    您好！
    请直接提问。
  miss_text: 不知道
  feedback: false
  follow_up: 0
  hot: 3
  idle: 1h
llm:
  mode: rephrase
  tone: 亲切
  model: qwen-plus
  tokens_per_day: 5
handoff:
  keywords: [人工客服]
  misses: 0
  button: false
  dislike: false
timers:
  idle: 3s
  owed: never
  warn: 2s
  remind: 5m
  reassign: 1h
survey:
  enabled: false
  ask_reason: false
  reasons: []
  after_idle: true
  after_bot: true
  quiet: 24h
  expires: 48h
  changeable: true
  words: {title: 打个分, body: 谢谢, good: 好, fair: 中, bad: 差, ask: 为什么, thanks: 多谢}
hours:
  week:
    mon-thu: "09:00-12:00 13:30-18:00"
    fri: 9:00-24:00
    sat: ""
  holidays: true
  days:
    2026-12-31: 09:00-12:00
    2027-01-01: ""
  off: end
  text: "{opening} 见"
focus: sticky
workbench: {quiet: false}
menu: off
limits:
  pushes_per_day: 7
  shared_percent: 20
queue: {timeout: 5m}
alias: 小事
gender: female
landline: 010-62345678
description: 入职、离职
department: 人力资源部
service_window:
  title: 办事大厅
  url: https://hr.example.com/hall?from=desk#top
`

func TestParseAccountEveryKey(t *testing.T) {
	t.Parallel()
	want := minimal()
	want.Seats = model.SeatSetups("zhangsan", "0012", "0034", "qian")
	want.Seats[3].Capacity, want.Seats[3].Priority = 3, 2
	want.Seats[3].Hours = &model.Hours{Week: make([][]model.Span, 7), Holidays: true}
	want.Seats[3].Hours.Week[1] = []model.Span{{From: 9 * 60, To: 12 * 60}}
	want.Seats[3].Permissions = []model.SeatPermission{model.MayAnswer, model.MayRead}
	want.Owners = []string{"boss@corp"}
	office := []model.Span{{From: 9 * 60, To: 12 * 60}, {From: 13*60 + 30, To: 18 * 60}}
	a := &want.Account
	a.Enabled = false
	a.Policy = model.Policy{
		Scope:  &model.Scope{Members: []string{"lisi"}, Departments: []int64{1, 22}},
		Barred: []string{"sunqi"},
		Assignment: model.Assignment{
			Mode: model.AllSeats, Claim: true, PreferPrevious: true, BusyGap: 3, Capacity: 8, AutoAway: true,
		},
		Bot: model.BotPolicy{
			Answer: 0.9, Suggest: 0.5, Welcome: "您好！\n请直接提问。", MissText: "不知道",
			Hot: 3, IdleAfter: time.Hour.Milliseconds(),
		},
		Handoff: model.Handoff{Keywords: []string{"人工客服"}},
		LLM:     model.LLMPolicy{Mode: model.LLMRephrase, Tone: "亲切", Model: "qwen-plus", TokensPerDay: 5},
		Timers: model.Timers{
			Idle: 3 * time.Second, Owed: model.Never, Warn: 2 * time.Second, Remind: 5 * time.Minute, Reassign: time.Hour,
		},
		Queue: model.Queue{Timeout: 5 * time.Minute},
		Survey: model.SurveyRule{
			Reasons: []string{}, AfterIdle: true, AfterBot: true, Quiet: 24 * time.Hour, Expires: 48 * time.Hour, Changeable: true,
			Words: model.SurveyWords{Title: "打个分", Body: "谢谢", Good: "好", Fair: "中", Bad: "差", Ask: "为什么", Thanks: "多谢"},
		},
		Focus:  model.FocusSticky,
		Menu:   model.MenuOff,
		Limits: model.Limits{PushesPerDay: 7, SharedPercent: 20},
		Hours: &model.Hours{
			Week:     [][]model.Span{nil, office, office, office, office, {{From: 9 * 60, To: 24 * 60}}, nil},
			Holidays: true,
			Days:     map[int][]model.Span{20261231: {{From: 9 * 60, To: 12 * 60}}, 20270101: nil},
		},
		OffHours:   model.OffHours{Action: model.OffEnd, Text: "{opening} 见"},
		SeatFields: []model.ProfileField{model.FieldAlias, model.FieldDescription},
		Retention:  model.Retention{Records: 180, Media: 30},
	}
	a.Profile = model.Profile{
		Alias: "小事", Gender: "female", Landline: "010-62345678", Description: "入职、离职", Department: "人力资源部",
		ServiceWindow: model.ServiceWindow{Title: "办事大厅", URL: "https://hr.example.com/hall?from=desk#top"},
	}
	if d := cmp.Diff(want, mustParse(t, everyKey)); d != "" {
		t.Errorf("ParseAccount (-want +got):\n%s", d)
	}
}

func TestParseAccountOwed(t *testing.T) {
	t.Parallel()
	got := mustParse(t, identity+"timers: {idle: 0, owed: 30m, warn: 2m, remind: 0, reassign: 1s}\n").Account.Policy.Timers
	want := model.Timers{Owed: 30 * time.Minute, Warn: 2 * time.Minute, Reassign: time.Second}
	if got != want {
		t.Errorf("timers %+v, want %+v", got, want)
	}
}

func TestParseAccountNeverEnds(t *testing.T) {
	t.Parallel()
	got := mustParse(t, identity+"timers: {idle: 0}\nqueue: {timeout: 0}\n").Account.Policy
	if got.Timers.Idle != 0 || got.Queue.Timeout != 0 {
		t.Errorf("idle: 0 gives %v, timeout: 0 %v, want 0", got.Timers.Idle, got.Queue.Timeout)
	}
}

// Each file is identity and what stands here, from line 8 on.
func TestParseAccountProblems(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("长", n) }
	const user = "must be a userid, 1 to 64 of letters, digits and _-@."
	tests := []struct {
		name string
		file string
		want []string
	}{
		{"unknown key", "seat: [a]", []string{"line 8: seat: is no known key; the nearest one is seats"}},
		{"unknown key inside", "bot:\n  welcom: hi", []string{"line 9: bot.welcom: is no known key; the nearest one is welcome"}},
		{"key twice", "focus: strict\nfocus: sticky", []string{`line 9: this is not YAML: mapping key "focus" already defined at [8:1]`}},
		{"alias of YAML", "seats: &s [a]\nowners: *s", []string{"line 8: seats: must be a list", "line 9: owners: must be a list"}},
		{"merge of YAML", "bot:\n  <<: {answer: 1}", []string{"line 9: bot: keys must be plain words"}},
		{"section that is a text", "bot: on", []string{"line 8: bot: must be keys with values"}},
		{"text that is a list", "alias: [a]", []string{"line 8: alias: must be a text"}},
		{"list that is a text", "seats: a", []string{"line 8: seats: must be a list"}},
		{"list in a list", "seats:\n  - a\n  - [b]", []string{"line 10: seats[2]: must be a text"}},

		{"unknown mode", "assignment: {mode: random}", []string{"line 8: assignment.mode: must be least_busy or all_seats"}},
		{"claim in words", "assignment: {claim: maybe}", []string{"line 8: assignment.claim: must be true or false"}},
		{"more than all", "limits: {shared_percent: 101}", []string{"line 8: limits.shared_percent: must be a whole number from 0 to 100"}},

		{"enabled in words", "enabled: yes", []string{"line 8: enabled: must be true or false"}},
		{"seat not a userid", "seats: [张三]", []string{"line 8: seats[1]: " + user}},
		{"seat empty", "seats: ['']", []string{"line 8: seats[1]: " + user}},
		{"seat too long", "seats: [" + strings.Repeat("a", 65) + "]", []string{"line 8: seats[1]: " + user}},
		{"seat twice", "seats:\n- Li\n- wang\n- lI", []string{"line 11: seats[3]: lI stands twice"}},
		{"owner twice", "owners: [a, a]", []string{"line 8: owners[2]: a stands twice"}},
		{"seat with keys, none a userid", "seats:\n  - capacity: 2", []string{"line 9: seats[1].userid is missing"}},
		{"seat with wrong keys", "seats:\n  - userid: li\n    capacity: -1\n    priorty: 2\n    permissions: [answers]\n    hours: {}\n  - LI", []string{
			"line 10: seats[1].capacity: must be a whole number from 0 to 1000",
			"line 13: seats[1].hours: needs week or days; for always open leave hours out",
			"line 12: seats[1].permissions[1]: must be answer, records, knowledge or profile",
			"line 11: seats[1].priorty: is no known key; the nearest one is priority",
			"line 14: seats[2]: LI stands twice",
		}},
		{"seat without permissions", "seats: [{userid: li, permissions: []}]", []string{"line 8: seats[1].permissions: needs one at least; without permissions a seat may answer"}},
		{"field that is none", "seat_fields: [secret]", []string{"line 8: seat_fields[1]: must be of [avatar name alias gender landline description department service_window]"}},
		{"201 seats", "seats: [" + numbered(201) + "]", []string{"line 8: seats: must be at most 200, and these are 201"}},

		{"scope empty", "scope: {}", []string{"line 8: scope: needs members or departments; for everyone leave scope out"}},
		{"scope without value", "scope:", []string{"line 8: scope: needs members or departments; for everyone leave scope out"}},
		{"scope of nobody", "scope: {members: []}", []string{"line 8: scope: needs members or departments; for everyone leave scope out"}},
		{"department by name", "scope: {departments: [财务部]}", []string{"line 8: scope.departments[1]: must be a department's id, a positive whole number"}},
		{"department twice", "scope: {departments: [2, 2]}", []string{"line 8: scope.departments[2]: department 2 stands twice"}},
		{"member twice", "scope: {members: [a, A]}", []string{"line 8: scope.members[2]: A stands twice"}},

		{"busy gap", "assignment: {busy_gap: 0}", []string{"line 8: assignment.busy_gap: must be a whole number from 1 to 1000"}},
		{"capacity", "assignment: {capacity: -1}", []string{"line 8: assignment.capacity: must be a whole number from 0 to 1000"}},
		{"answer too high", "bot: {answer: 1.01}", []string{"line 8: bot.answer: must be a number above 0 and at most 1"}},
		{"answer no number", "bot: {answer: NaN}", []string{"line 8: bot.answer: must be a number above 0 and at most 1"}},
		{"suggest zero", "bot: {suggest: 0}", []string{"line 8: bot.suggest: must be a number above 0 and at most 1"}},
		{"suggest over answer", "bot: {suggest: 0.9}", []string{"line 8: bot.suggest: suggest (0.9) must be at most answer (0.8)"}},
		{"answer under suggest", "bot: {answer: 0.1}", []string{"line 8: bot.answer: suggest (0.2) must be at most answer (0.1)"}},
		{"welcome too long", "bot: {welcome: " + long(683) + "}", []string{"line 8: bot.welcome: must be at most 2048 bytes, about 680 Chinese characters"}},
		{"miss text empty", "bot: {miss_text: ''}", []string{"line 8: bot.miss_text: must be 1 to 2048 bytes, about 680 Chinese characters"}},
		{"bot idle zero", "bot: {idle: 0}", []string{"line 8: bot.idle: must be a duration such as 10m, from 1s to 720h"}},
		{"idle without unit", "timers: {idle: 10}", []string{"line 8: timers.idle: must be a duration such as 10m, from 1s to 720h, or 0 for never"}},
		{"barred twice", "barred: [a, A]", []string{"line 8: barred[2]: A stands twice"}},
		{"owed zero", "timers: {owed: 0}", []string{"line 8: timers.owed: must be a duration such as 10m, from 1s to 720h, or never"}},
		{"warning longer than idle", "timers: {idle: 5m, warn: 5m}", []string{"line 8: timers.warn: (5m0s) must be below idle (5m0s)"}},
		{"warning longer than owed", "timers: {owed: 1m, warn: 2m}", []string{"line 8: timers.warn: (2m0s) must be below owed (1m0s)"}},
		{"warning of no end", "timers: {idle: 0, warn: 2m}", []string{"line 8: timers.warn: has no end to warn of: human service never ends by itself"}},
		{"reassigned when reminded", "timers: {remind: 5m, reassign: 5m}", []string{"line 8: timers.reassign: (5m0s) must be above remind (5m0s)"}},
		{"idle negative", "timers: {idle: -1m}", []string{"line 8: timers.idle: must be a duration such as 10m, from 1s to 720h, or 0 for never"}},
		{"idle too long", "timers: {idle: 721h}", []string{"line 8: timers.idle: must be a duration such as 10m, from 1s to 720h, or 0 for never"}},
		{"timeout without unit", "queue: {timeout: 10}", []string{"line 8: queue.timeout: must be a duration such as 10m, from 1s to 720h, or 0 for never"}},
		{"no key of the queue", "queue:\n  time_out: 10m", []string{"line 9: queue.time_out: is no known key; the nearest one is timeout"}},
		{"queue that is a duration", "queue: 10m", []string{"line 8: queue: must be keys with values"}},
		{"keyword empty", "handoff: {keywords: [' ']}", []string{"line 8: handoff.keywords[1]: must be 1 to 20 characters"}},
		{"keyword twice", "handoff: {keywords: [HR, hr]}", []string{"line 8: handoff.keywords[2]: hr stands twice"}},
		{"51 keywords", "handoff: {keywords: [" + numbered(51) + "]}", []string{"line 8: handoff.keywords: must be at most 50, and these are 51"}},
		{"misses", "handoff: {misses: two}", []string{"line 8: handoff.misses: must be a whole number from 0 to 100"}},
		{"reason too long", "survey: {reasons: [" + long(18) + "]}", []string{"line 8: survey.reasons[1]: must be 1 to 17 characters, which is what a card shows"}},
		{"21 reasons", "survey: {reasons: [" + numbered(21) + "]}", []string{"line 8: survey.reasons: must be at most 20, and these are 21"}},
		{"survey too long", "survey: {expires: 169h}", []string{"line 8: survey.expires: must be from 1h to 168h"}},
		{"words too long", "survey: {words: {good: " + long(11) + "}}", []string{"line 8: survey.words.good: must be at most 10 characters, without blanks around them"}},
		{"a title in two lines", `survey: {words: {title: "请\n评价"}}`, []string{"line 8: survey.words.title: must have no control characters, and line ends only in body and thanks"}},
		{"a bell in the thanks", `survey: {words: {thanks: "多\a谢"}}`, []string{"line 8: survey.words.thanks: must have no control characters, and line ends only in body and thanks"}},
		{"buttons that say the same", "survey: {words: {good: 一般}}", []string{"line 8: survey.words.good: good, fair and bad must differ: 一般, 一般, 不满意"}},
		{"no reasons to ask for", "survey: {reasons: []}", []string{"line 8: survey.reasons: needs one at least, or ask_reason: false"}},
		{"focus", "focus: loose", []string{"line 8: focus: must be strict or sticky"}},
		{"menu", "menu: true", []string{"line 8: menu: must be on or off"}},
		{"pushes", "limits: {pushes_per_day: -1}", []string{"line 8: limits.pushes_per_day: must be a whole number from 0 to 1000000000"}},

		{"alias", "alias: " + long(41), []string{"line 8: alias: must be at most 40 characters"}},
		{"alias of two lines", "alias: \"a\\nb\"", []string{"line 8: alias: must be at most 40 characters"}},
		{"gender", "gender: unknown", []string{"line 8: gender: must be male or female"}},
		{"landline", "landline: +86 10", []string{"line 8: landline: must be 1 to 32 of 0-9 and -"}},
		{"description", "description: " + long(251), []string{"line 8: description: must be at most 250 characters"}},
		{"department", "department: " + long(65), []string{"line 8: department: must be at most 64 characters"}},
		{"window title", "service_window: {title: " + long(13) + ", url: 'http://x'}", []string{"line 8: service_window.title: must be at most 12 characters"}},
		{"window address", "service_window: {title: a, url: 'javascript:1'}", []string{"line 8: service_window.url: must be an absolute http:// or https:// address of at most 1024 bytes"}},
		{"window without title", "service_window: {url: 'http://x'}", []string{"line 8: service_window: needs both title and url"}},
		{"window without address", "service_window: {title: a}", []string{"line 8: service_window: needs both title and url"}},
		{"files where there are none", "secret_file: x", []string{"line 8: secret_file: can't be given beside secret"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkProblems(t, identity+tt.file+"\n", tt.want)
		})
	}
}

func TestParseAccountIdentityProblems(t *testing.T) {
	t.Parallel()
	const (
		noKey    = "1 to 40 of a-z, 0-9 and -"
		noCorp   = "the corp's ID (企业ID), such as ww0123456789abcdef"
		noAgent  = "the app's AgentId, a positive whole number"
		noToken  = "the callback's Token, 1 to 32 letters and digits"
		noAESKey = "the callback's EncodingAESKey, exactly 43 letters and digits"
	)
	everythingMissing := []string{
		"key: is missing: " + noKey,
		"name: is missing: 1 to 40 characters",
		"corp_id: is missing: " + noCorp,
		"agent_id: is missing: " + noAgent,
		"secret: is missing: the app's Secret, without white space",
		"token: is missing: " + noToken,
		"encoding_aes_key: is missing: " + noAESKey,
	}
	tests := []struct {
		name string
		file string
		want []string
	}{
		{"empty file", "", everythingMissing},
		{"comments only", "# soon\n", everythingMissing},
		{"nulls", "key:\nname: ~\n", append([]string{
			"line 1: key: is missing: " + noKey, "line 2: name: is missing: 1 to 40 characters",
		}, everythingMissing[2:]...)},
		{
			"all of it wrong",
			"key: HR\nname: " + strings.Repeat("名", 41) + "\ncorp_id: 企业\nagent_id: 0\nsecret: s3cret s3cret\n" +
				"token: s3cret-\nencoding_aes_key: s3cret\n",
			[]string{
				"line 1: key: must be " + noKey,
				"line 2: name: must be 1 to 40 characters",
				"line 3: corp_id: must be " + noCorp,
				"line 4: agent_id: must be " + noAgent,
				"line 5: secret: must be the app's Secret, without white space",
				"line 6: token: must be " + noToken,
				"line 7: encoding_aes_key: must be " + noAESKey,
			},
		},
		{"aes key with =", strings.Replace(identity, aesKey, aesKey[:42]+"=", 1), []string{"line 7: encoding_aes_key: must be " + noAESKey}},
		{"token too long", strings.Replace(identity, "s3crettoken", strings.Repeat("a", 33), 1), []string{"line 6: token: must be " + noToken}},
		{"not YAML", "key: hr\nsecret: \"s3cret\nname: x\n", []string{"line 2: this is not YAML: could not find end character of double-quoted text"}},
		{"a list", "- key: hr\n", []string{"line 1: must be keys with values"}},
		{"two accounts", identity + "---\n" + identity, []string{"line 9: one document only"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkProblems(t, tt.file, tt.want)
		})
	}
}

// checkProblems parses a bad file and compares what is said of it.
func checkProblems(t testing.TB, file string, want []string) {
	t.Helper()
	_, err := config.ParseAccount([]byte(file), nil)
	if err == nil {
		t.Fatal("ParseAccount took it")
	}
	if d := cmp.Diff(want, strings.Split(err.Error(), "\n")); d != "" {
		t.Errorf("problems (-want +got):\n%s", d)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Error("the error shows a secret")
	}
}

// numbered is a list of n different texts.
func numbered(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf("u%d", i)
	}
	return strings.Join(items, ", ")
}

func TestReadAccountWithSecretFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "aes")
	write := func(path, content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "app.secret"), "s3cret\n")
	write(filepath.Join(dir, "token"), "s3cret token\n")
	write(elsewhere, aesKey+"\r\n")
	path := filepath.Join(dir, "hr.yaml")
	file := "key: hr\nname: 人事服务\ncorp_id: ww0123456789abcdef\nagent_id: 1000002\n" +
		"secret_file: app.secret\nencoding_aes_key_file: " + elsewhere + "\n"

	write(path, file+"token: s3crettoken\n")
	got, err := config.ReadAccount(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(minimal(), got); d != "" {
		t.Errorf("ReadAccount (-want +got):\n%s", d)
	}

	write(path, file+"token_file: token\n")
	want := path + ":\nline 7: token_file: must be the callback's Token, 1 to 32 letters and digits"
	if _, err := config.ReadAccount(path); err == nil || err.Error() != want {
		t.Errorf("with a bad token in its file: %v, want %s", err, want)
	}

	write(path, file+"token_file: absent\n")
	want = path + ":\nline 7: token_file: open " + filepath.Join(dir, "absent") + ": no such file or directory"
	if _, err := config.ReadAccount(path); err == nil || err.Error() != want {
		t.Errorf("with an absent file: %v, want %s", err, want)
	}

	if _, err := config.ReadAccount(filepath.Join(dir, "absent.yaml")); err == nil {
		t.Error("ReadAccount of an absent file: no error")
	}
	if _, err := config.ParseAccount([]byte(file), nil); err == nil {
		t.Error("ParseAccount read another file without a way to do so")
	}
}

func FuzzParseAccount(f *testing.F) {
	f.Add([]byte(identity))
	f.Add([]byte(everyKey))
	f.Add([]byte("a: &x [*x]\n? [b]\n: |\n  c\n<<: !!t {}\n--- %\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := config.ParseAccount(data, nil)
		if err == nil && (file.Account.Key == "" || len(file.Seats) > 200) {
			t.Errorf("ParseAccount took a file without key or with too many seats: %q", data)
		}
	})
}
