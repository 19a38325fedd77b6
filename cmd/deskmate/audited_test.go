package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"maps"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// unaudited says why an operation that writes leaves no entry in the audit log. Everything else
// that writes is performed below.
func unaudited() map[string]string {
	const (
		nothing    = "it writes nothing"
		transcript = "the transcript shows it, with its writer and time"
		decisions  = "the session's decision log has it; what supervisors do in a seat's place is audited, and script seats.txtar shows it"
		bytes      = "the bytes alone change nothing; what uses them is a change of its own"
		employee   = "an employee's own doing, kept where it belongs"
	)
	return map[string]string{
		"ask": nothing, "previewChange": nothing, "checkEntry": nothing, "draftEntry": nothing, "previewHours": nothing,
		"checkSynonyms": nothing, "previewThresholds": nothing, "planErasure": nothing,
		"runGolden":       "it asks, and keeps what came of it",
		"createImport":    "it checks a file; bringing it in is a change",
		"createMedia":     bytes,
		"createFile":      bytes,
		"pingWebhook":     "it tries an address; the deliveries tell what came of it",
		"replySession":    transcript,
		"noteSession":     transcript,
		"recallMessage":   transcript,
		"seeSession":      "how far somebody has read; reading another's session is audited by reading it",
		"claimSession":    decisions,
		"takeNext":        decisions,
		"endSession":      decisions,
		"keepSessionOpen": decisions,
		"transferSession": decisions,
		"takeOverSession": decisions,

		"setMyState":              "the seat's own; its spells have every state and how long it was in it",
		"replayWebhookDelivery":   "as replayWebhookDeliveries, in the same function; script webhook.txtar",
		"replayWebhookDeliveries": "there is nothing to replay here; script webhook.txtar",
		"retryDeadLetters":        "there are none here; test of package store/sqlstore",
		"discardDeadLetters":      "there are none here; test of package store/sqlstore",
		"createErasure":           "script erase.txtar",

		"signIn": "with the demo's cookie alone; tests of package handler", "signOut": "the same", "endLogins": "the same", "endLogin": "the same",
		"contactMyService": employee, "linkMyUpload": employee, "setSurveyComment": employee,
	}
}

// deed is an operation that writes, and what the audit log must say of it.
type deed struct {
	op, who      string // who: owner, super or seat
	method, path string // below the account; with a leading /api for others. {name} stands for what an answer before gave
	body         string
	action       string
	keep         string // name:place in the answer, parted by dots: keeps it for later
}

func deeds() []deed {
	const owner, super, seat = "owner", "super", "seat"
	put, post, del := http.MethodPut, http.MethodPost, http.MethodDelete
	section := func(op, name string) deed {
		return deed{op, owner, put, "/settings/" + name, "{settings." + name + "}", "account.changed", ""}
	}
	scope := section("setScope", "scope")
	scope.who = super
	return []deed{
		{"createEntry", owner, post, "/entries", `{"question":"班车几点发车","answer":"8 点"}`, "knowledge.changed", "entry:entry.id"},
		{"updateEntry", owner, put, "/entries/{entry}", `{"question":"班车几点发车","answer":"9 点"}`, "knowledge.changed", "version:entry.version"},
		{"undoChange", owner, post, "/changes/{version}/undo", "", "knowledge.changed", ""},
		{"deleteEntry", owner, del, "/entries/{entry}", "", "knowledge.changed", ""},
		{"restoreEntry", owner, post, "/entries/{entry}/restore", `{"version":{version}}`, "knowledge.changed", ""},
		{"changeEntries", owner, post, "/entry-changes", `{"change":{"state":"off"},"ids":["{entry}"]}`, "knowledge.changed", ""},
		{"createGroup", owner, post, "/groups", `{"path":"行政"}`, "group.saved", ""},
		{"createGroup", owner, post, "/groups", `{"path":"人力"}`, "group.saved", ""},
		{"moveGroup", owner, post, "/group-moves", `{"from":"行政","to":"后勤"}`, "group.moved", ""},
		{"orderGroups", owner, post, "/group-orders", `{"names":["人力","后勤"]}`, "group.saved", ""},
		{"deleteGroup", owner, del, "/groups?path=%E5%90%8E%E5%8B%A4", "", "group.deleted", ""},
		{"setSynonyms", owner, put, "/synonyms", `{"items":[{"words":["OA","办公系统"]}]}`, "knowledge.changed", ""},
		{"createGolden", owner, post, "/golden", `{"question":"班车","entry_id":"{entry}"}`, "golden.saved", "golden:id"},
		{"deleteGolden", owner, del, "/golden/{golden}", "", "golden.deleted", ""},
		{"applyImport", owner, post, "/imports/{import}/apply", `{}`, "knowledge.changed", ""},
		{"undoImport", owner, post, "/imports/{import}/undo", `{}`, "knowledge.changed", ""},
		{"ignoreMisses", owner, post, "/misses/ignore", `{"ids":["{miss1}"]}`, "miss.ignored", ""},
		{"solveMisses", owner, post, "/misses/solve", `{"ids":["{miss2}"],"entry":{"question":"食堂在哪","answer":"三楼"}}`, "miss.solved", ""},
		{"setBot", owner, put, "/bot", "{bot}", "account.changed", ""},
		section("setProfile", "profile"), section("setAssignment", "assignment"), section("setService", "service"), section("setHours", "hours"),
		section("setSurvey", "survey"), section("setOther", "other"), section("setRetention", "retention"), scope,
		{"setAvatar", owner, put, "/settings/avatar", "{picture}", "account.changed", ""},
		{"deleteAvatar", owner, del, "/settings/avatar", "", "account.changed", ""},
		{"setGroupBot", super, put, "/group-bot", `{"bot_id":"aib-audit","mode":"connection","secret":"x"}`, "account.changed", ""},
		{"setGroup", owner, put, "/settings/group", `{"join":true}`, "account.changed", ""},
		{"deleteGroupBot", super, del, "/group-bot", "", "account.changed", ""},
		{"createQuickReply", seat, post, "/quick-replies", `{"shortcut":"好","text":"好的"}`, "quick_reply.saved", "quick:id"},
		{"createQuickReply", seat, post, "/quick-replies", `{"shortcut":"稍等","text":"请稍等"}`, "quick_reply.saved", "second:id"},
		{"updateQuickReply", seat, put, "/quick-replies/{quick}", `{"shortcut":"好","text":"好的，马上"}`, "quick_reply.saved", ""},
		{"orderQuickReplies", seat, post, "/quick-reply-orders", `{"ids":["{second}","{quick}"]}`, "quick_reply.ordered", ""},
		{"deleteQuickReply", seat, del, "/quick-replies/{quick}", "", "quick_reply.deleted", ""},
		{"setSeatState", owner, put, "/seats/li/state", `{"state":"away"}`, "seat.state", ""},
		{"setSeat", owner, put, "/seats/sun", `{"capacity":3,"priority":0,"permissions":["answer"]}`, "seat.added", ""},
		{"deleteSeat", owner, del, "/seats/sun", "", "seat.removed", ""},
		{"addOwner", super, put, "/owners/zhang", "", "owner.added", ""},
		{"removeOwner", super, del, "/owners/zhang", "", "owner.removed", ""},
		{"createWebhook", owner, post, "/webhooks", `{"url":"https://hooks.example.com/x","name":"工单","events":["session.closed"]}`, "webhook.created", "hook:id"},
		{"updateWebhook", owner, put, "/webhooks/{hook}", `{"url":"https://hooks.example.com/y","name":"工单","events":["session.closed"],"enabled":true}`, "webhook.changed", ""},
		{"renewWebhookSecret", owner, post, "/webhooks/{hook}/secret", "", "webhook.secret_renewed", ""},
		{"deleteWebhook", owner, del, "/webhooks/{hook}", "", "webhook.deleted", ""},
		{"setConnection", super, put, "/connection", `{"corp_id":"{corp}","agent_id":{agent},"secret":"another"}`, "account.connected", ""},
		{"setCalendar", super, put, "/api/v1/calendar/2031", `{"days":[{"day":"2031-01-01","work":false,"name":"元旦"}]}`, "calendar.changed", ""},
		{"putDomainFile", super, put, "/api/v1/domain-files/WW_verify_abc.txt", `{"content":"abc"}`, "domain_file.saved", ""},
		{"deleteDomainFile", super, del, "/api/v1/domain-files/WW_verify_abc.txt", "", "domain_file.deleted", ""},
		{"addSuperAdmin", super, post, "/api/v1/super-admins", `{"account":"` + scriptKey + `","userid":"zhang"}`, "super_admin.added", ""},
		{"addSuperAdmin", super, post, "/api/v1/super-admins", `{"account":"` + scriptKey + `","userid":"wang"}`, "super_admin.added", ""},
		{"removeSuperAdmin", super, del, "/api/v1/super-admins/{corp}/zhang", "", "super_admin.removed", ""},
		{"createToken", super, post, "/api/v1/tokens", `{"name":"second","role":"owner","accounts":["` + scriptKey + `"]}`, "token.created", "token:id"},
		{"revokeToken", super, del, "/api/v1/tokens/{token}", "", "token.revoked", ""},
		{"createAccount", super, post, "/api/v1/accounts", `{"key":"other","name":"其他","corp_id":"{corp}","agent_id":77,"secret":"s"}`, "account.created", ""},
		{"setAccountEnabled", super, put, "/api/v1/accounts/other/enabled", `{"enabled":false}`, "account.disabled", ""},
		{"removeAccount", super, post, "/api/v1/accounts/other/removal", `{"name":"其他"}`, "account.removing", ""},
	}
}

var slotWord = regexp.MustCompile(`\{([a-z0-9.]+)\}`)

// Every operation that writes is in the audit log: who, what, when, from where. What isn't says why.
func TestAudited(t *testing.T) {
	t.Parallel()
	w, owner := newAPIWorld(t)
	store, acc, err := w.database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := auditing{t: t, store: store, kept: map[string]string{"corp": acc.CorpID, "agent": fmt.Sprint(acc.AgentID)}, who: map[string]apiClient{}}
	for name, args := range map[string][]string{
		"super": {"--role", "super_admin"}, "seat": {"--role", "seat", "--account", scriptKey, "--user", "li"},
	} {
		c := owner
		c.token = w.run(t, append([]string{"admin", "token", "create", name}, args...)...)
		a.who[name] = c
	}
	a.who["owner"] = owner
	a.prepare(w, owner)

	done := map[string]bool{}
	for _, d := range deeds() {
		a.perform(d)
		done[d.op] = true
	}
	for _, op := range writing(t) {
		why := unaudited()[op]
		switch {
		case done[op] && why != "":
			t.Errorf("%s is said not to be audited, and is", op)
		case !done[op] && why == "":
			t.Errorf("%s writes, and nobody says what the audit log has of it", op)
		}
		delete(done, op)
	}
	for op := range done {
		t.Errorf("there is no operation %s", op)
	}
	a.named()
}

// named checks that the console has a word for every field that the entries tell of.
func (a auditing) named() {
	a.t.Helper()
	data, err := os.ReadFile("../../web/src/features/audit/locales/zh-CN.json")
	if err != nil {
		a.t.Fatal(err)
	}
	var texts struct {
		Audit struct {
			Field map[string]string `json:"field"`
		} `json:"audit"`
	}
	if err := json.Unmarshal(data, &texts); err != nil {
		a.t.Fatal(err)
	}
	lacking := map[string]string{}
	for _, settings := range []reflect.Type{reflect.TypeFor[model.Policy](), reflect.TypeFor[model.Profile]()} {
		for _, field := range jsonNames(settings) {
			if texts.Audit.Field[field] == "" {
				lacking[field] = "account.changed"
			}
		}
	}
	for _, e := range a.entries() {
		for _, side := range []string{e.Before, e.After} {
			var told any
			if side == "" {
				continue
			}
			if err := json.Unmarshal([]byte(side), &told); err != nil {
				a.t.Errorf("%s tells of %q: %v", e.Action, side, err)
			}
			for _, field := range fieldsOf(told) {
				if texts.Audit.Field[field] == "" {
					lacking[field] = e.Action
				}
			}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(lacking)) {
		a.t.Errorf("the console has no word for %q of %s", field, lacking[field])
	}
}

// jsonNames are the names of a type's fields, and of those within them.
func jsonNames(of reflect.Type) []string {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return jsonNames(of.Elem())
	case reflect.Struct:
		var list []string
		for field := range of.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			list = append(append(list, name), jsonNames(field.Type)...)
		}
		return list
	default:
		return nil
	}
}

// fieldsOf are the names in a value that stand for one thing each, as the console shows them.
func fieldsOf(told any) []string {
	var list []string
	switch told := told.(type) {
	case map[string]any:
		for name, part := range told {
			switch part.(type) {
			case map[string]any, []any:
				if inner := fieldsOf(part); len(inner) > 0 {
					list = append(list, inner...)
					continue
				}
			}
			list = append(list, name)
		}
	case []any:
		for _, part := range told {
			list = append(list, fieldsOf(part)...)
		}
	}
	return list
}

// writing are the operations of the API that may write.
func writing(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../docs/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			ID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, methods := range doc.Paths {
		for method, op := range methods {
			if method != "get" && op.ID != "" {
				list = append(list, op.ID)
			}
		}
	}
	if len(list) < 80 {
		t.Fatalf("only %d operations write", len(list))
	}
	return list
}

// auditing performs operations and looks what the audit log has of them.
type auditing struct {
	t     *testing.T
	store *sqlstore.Store
	who   map[string]apiClient
	kept  map[string]string
}

// prepare has questions that nobody could answer, a checked import, and what settings are now.
func (a auditing) prepare(w *world, owner apiClient) {
	a.t.Helper()
	for i, q := range []string{"食堂在几楼", "停车证怎么办"} {
		w.sim.Say(scriptAgent, "wang", q)
		err := within(patience, func(context.Context) (bool, error) {
			items := owner.do(http.MethodGet, "/misses", "", http.StatusOK).at("items") //nolint:contextcheck // the client has its own patience
			for n := range len(items.v.([]any)) {
				if items.at(n, "question").String() == q {
					a.kept[fmt.Sprintf("miss%d", i+1)] = items.at(n, "ids", 0).String()
					return true, nil
				}
			}
			return false, nil
		})
		if err != nil {
			a.t.Fatalf("no miss %s: %v\n%s", q, err, w.logs())
		}
	}
	made := owner.upload("/imports", "kb.csv", []byte("分组,标准问题,相似问题,答案,状态\n考勤,怎么补卡,,找主管,启用\n"))
	a.kept["import"] = made.at("id").String()
	owner.idle(a.kept["import"], "ready")
	settings := owner.do(http.MethodGet, "/settings", "", http.StatusOK)
	for part, change := range map[string]map[string]any{
		"profile": {"alias": "别名"}, "assignment": {"capacity": 9}, "service": {"misses": 7}, "survey": {"after_bot": true},
		"hours": {"off_text": "已下班"}, "other": {"pushes_per_day": 12345}, "retention": {"records": 999},
		"scope": {"everyone": false, "members": []string{"wang", "zhang", "li"}},
	} {
		values, ok := settings.at(part).v.(map[string]any)
		if !ok {
			a.t.Fatalf("no settings %s", part)
		}
		maps.Copy(values, change)
		a.kept["settings."+part] = asJSON(a.t, values)
	}
	bot := owner.do(http.MethodGet, "/bot", "", http.StatusOK)
	bot.at("bot").v.(map[string]any)["hot"] = 4
	delete(bot.v.(map[string]any), "version")
	a.kept["bot"] = asJSON(a.t, bot.v)
}

func (a auditing) fill(text string) string {
	return slotWord.ReplaceAllStringFunc(text, func(slot string) string {
		value, ok := a.kept[slot[1:len(slot)-1]]
		if !ok {
			return slot
		}
		return value
	})
}

// entries are the newest of both logs, the account's and the installation's.
func (a auditing) entries() map[uint64]model.Audit {
	a.t.Helper()
	all := map[uint64]model.Audit{}
	accounts, err := a.store.Accounts(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	for _, id := range append([]model.Account{{}}, accounts...) {
		rows, err := a.store.Audits(a.t.Context(), model.AuditFilter{AccountID: id.ID}, model.AuditKey{}, 100)
		if err != nil {
			a.t.Fatal(err)
		}
		for _, r := range rows {
			all[r.ID] = r
		}
	}
	return all
}

// perform does a deed and waits until the audit log has it, as done by who did it.
func (a auditing) perform(d deed) {
	a.t.Helper()
	before := a.entries()
	c := a.who[d.who]
	path := a.fill(d.path)
	if rest, whole := strings.CutPrefix(path, "/api/v1"); whole {
		c.base, path = c.base[:strings.Index(c.base, "/accounts/")], rest
	}
	var status int
	var answer []byte
	if d.body == "{picture}" {
		status, answer = c.form(http.MethodPut, path, "图.png", tinyPNG())
	} else {
		status, answer = c.ask(d.method, path, strings.NewReader(a.fill(d.body)), "application/json")
	}
	if status >= http.StatusMultipleChoices {
		a.t.Errorf("%s: %d %s", d.op, status, answer)
		return
	}
	if name, place, ok := strings.Cut(d.keep, ":"); ok {
		v := value{t: a.t}
		if err := json.Unmarshal(answer, &v.v); err != nil {
			a.t.Fatal(err)
		}
		for step := range strings.SplitSeq(place, ".") {
			v = v.at(step)
		}
		a.kept[name] = v.String()
	}
	actor := map[string]string{"owner": "token:sync", "super": "token:super", "seat": "seat:li"}[d.who]
	err := within(patience, func(context.Context) (bool, error) {
		for id, e := range a.entries() { //nolint:contextcheck // the test's own
			if _, old := before[id]; !old && e.Action == d.action && e.Actor == actor && (e.From != "" || d.op == "applyImport" || d.op == "undoImport") {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		var got []string
		for id, e := range a.entries() {
			if _, old := before[id]; !old {
				got = append(got, fmt.Sprintf("%s %s by %s from %q", e.Action, e.Target, e.Actor, e.From))
			}
		}
		a.t.Errorf("%s: the audit log has %v, want %s by %s", d.op, got, d.action, actor)
	}
	if state := map[string]string{"applyImport": "done", "undoImport": "undone"}[d.op]; state != "" {
		a.who["owner"].idle(a.kept["import"], state)
	}
}

// tinyPNG is a picture of one pixel.
func tinyPNG() []byte {
	var data bytes.Buffer
	_ = png.Encode(&data, image.NewGray(image.Rect(0, 0, 1, 1))) // a buffer takes it
	return data.Bytes()
}
