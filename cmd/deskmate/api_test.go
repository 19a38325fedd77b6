package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
)

// apiClient is a program that uses the API of a server.
type apiClient struct {
	t     *testing.T
	base  string
	token string
}

// value is what the API answered.
type value struct {
	t *testing.T
	v any
}

// at goes down by names and indices; what isn't there is nil.
func (v value) at(path ...any) value {
	here := v.v
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := here.(map[string]any)
			here = object[step]
		case int:
			list, _ := here.([]any)
			if step >= len(list) {
				return value{v.t, nil}
			}
			here = list[step]
		}
	}
	return value{v.t, here}
}

func (v value) String() string { return fmt.Sprint(v.v) }

func (v value) size() int {
	list, _ := v.v.([]any)
	return len(list)
}

// is compares what stands at a path with what it must be, both as they are printed.
func (v value) is(want any, path ...any) {
	v.t.Helper()
	if got := v.at(path...).String(); got != fmt.Sprint(want) {
		v.t.Errorf("%v = %s, want %v", path, got, want)
	}
}

// send sends a request and gives the answer, which must have the status.
func (c apiClient) send(method, path string, payload io.Reader, contentType string, status int) []byte {
	c.t.Helper()
	got, body := c.ask(method, path, payload, contentType)
	if got != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, path, got, body, status)
	}
	return body
}

// ask sends a request and gives the answer, whatever it is.
func (c apiClient) ask(method, path string, payload io.Reader, contentType string) (status int, body []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, payload)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", contentType)
	client := &http.Client{Timeout: patience}
	res, err := client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err = io.ReadAll(res.Body); err != nil {
		c.t.Fatalf("%s %s: %d %v", method, path, res.StatusCode, err)
	}
	return res.StatusCode, body
}

// do sends JSON and gives JSON.
func (c apiClient) do(method, path, payload string, status int) value {
	c.t.Helper()
	body := c.send(method, path, strings.NewReader(payload), "application/json", status)
	out := value{t: c.t}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &out.v); err != nil {
			c.t.Fatalf("%s %s: %s: %v", method, path, body, err)
		}
	}
	return out
}

// upload sends a file.
func (c apiClient) upload(path, name string, data []byte) value {
	c.t.Helper()
	status, body := c.form(http.MethodPost, path, name, data)
	if status != http.StatusCreated {
		c.t.Fatalf("upload to %s: %d %s", path, status, body)
	}
	out := value{t: c.t}
	if err := json.Unmarshal(body, &out.v); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// form sends a file in a form and gives the answer, whatever it is.
func (c apiClient) form(method, path, name string, data []byte) (status int, body []byte) {
	c.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return c.ask(method, path, &form, w.FormDataContentType())
}

// idle waits until nothing is under way at an import, which then is in the state.
func (c apiClient) idle(id, state string) value {
	c.t.Helper()
	var imp value
	err := within(patience, func(context.Context) (bool, error) {
		imp = c.do(http.MethodGet, "/imports/"+id, "", http.StatusOK) //nolint:contextcheck // requests end with the test
		return imp.at("working").v == false, nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	imp.is(state, "state")
	return imp
}

// answers asks, and says how the bot answers and with which entry.
func (c apiClient) answers(question string) (kind, entry string) {
	c.t.Helper()
	x := c.do(http.MethodPost, "/ask", fmt.Sprintf(`{"question":%q}`, question), http.StatusOK)
	return x.at("kind").String(), x.at("candidates", 0, "entry_id").String()
}

// hits asks a question that an entry must answer.
func (c apiClient) hits(question, entry string) {
	c.t.Helper()
	if kind, id := c.answers(question); kind != "hit" || id != entry {
		c.t.Errorf("%s: %s by %s, want a hit by %s", question, kind, id, entry)
	}
}

// run runs a command of the program and gives what it printed.
func (w *world) run(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	p := w.program(os.Stderr)
	p.stdout = &out
	if code := p.run(t.Context(), args); code != exitDone {
		t.Fatalf("%v: exit %d", args, code)
	}
	return strings.TrimSpace(out.String())
}

// newAPIWorld is a desk with a server and a token for its API.
func newAPIWorld(t *testing.T, settings ...string) (*world, apiClient) {
	t.Helper()
	w, err := newWorld(t.TempDir(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	path, err := w.accountFile("bot: {miss_text: 没有找到答案}\n")
	if err != nil {
		t.Fatal(err)
	}
	w.run(t, "account", "apply", "-f", path)
	token := w.run(t, "admin", "token", "create", "sync", "--account", scriptKey)
	if err := w.serve("a"); err != nil {
		t.Fatal(err)
	}
	return w, apiClient{t, "http://" + w.replicas[0].addr + "/api/v1/accounts/" + scriptKey, token}
}

// TestAPI walks through the life of a knowledge base with a token, over HTTP, on the real
// server.
func TestAPI(t *testing.T) {
	t.Parallel()
	walk(newAPIWorld(t))
}

// TestAPIOnServers is the same walk on MariaDB and Redis.
func TestAPIOnServers(t *testing.T) {
	t.Parallel()
	walk(newAPIWorld(t, serverSettings(t)...))
}

func walk(w *world, c apiClient) {
	c.t.Helper()
	first := c.writes()
	c.changesMany(first)
	c.imports(first)
	c.learns(w, first)
	c.tunes()
	c.keepsFiles()
	w.run(c.t, "admin", "token", "revoke", "sync")
	c.do(http.MethodGet, "/entries", "", http.StatusUnauthorized).is("token_unknown", "error", "reason")
}

// writes writes entries, and is warned of one that comes near to another.
func (c apiClient) writes() (first string) {
	c.t.Helper()
	made := c.do(http.MethodPost, "/entries", `{"group":"账号/邮箱","question":"邮箱密码怎么重置","answer":"打开自助平台重置"}`, http.StatusCreated)
	made.is("token:sync", "entry", "author")
	made.is("[]", "near")
	first = made.at("entry", "id").String()
	c.hits("怎么重置邮箱密码", first)

	c.do(http.MethodPost, "/golden", fmt.Sprintf(`{"question":"邮箱密码重置","entry_id":%q}`, first), http.StatusCreated)
	c.do(http.MethodPost, "/golden-runs", "", http.StatusOK).is(1, "right")

	const near = `{"question":"怎么重置邮箱的密码","answer":"找管理员"}`
	c.do(http.MethodPost, "/entry-checks", near, http.StatusOK).is(first, "near", 0, "entry_id")
	second := c.do(http.MethodPost, "/entries", near, http.StatusCreated)
	second.is(first, "near", 0, "entry_id")
	c.do(http.MethodPost, "/entries", `{"question":"邮箱密码怎么重置？","answer":"x"}`, http.StatusConflict).is("question_taken", "error", "reason")
	c.do(http.MethodPost, "/entries", `{"question":" ","answer":"x"}`, http.StatusBadRequest)
	c.do(http.MethodGet, "/entries/18446744073709551615", "", http.StatusNotFound).is("not_found", "error", "reason")
	c.do(http.MethodGet, "/entries?after=99999999999999999999", "", http.StatusOK).is("[]", "items")
	c.do(http.MethodDelete, "/entries/"+second.at("entry", "id").String(), "", http.StatusNoContent)
	c.do(http.MethodGet, "/groups", "", http.StatusOK).is("账号/邮箱", "groups", 0, "groups", 0, "path")
	return first
}

// changesMany takes entries out of service together, and takes that back in three ways.
func (c apiClient) changesMany(first string) {
	c.t.Helper()
	const bulk = `{"filter":{"group":"账号"},"change":{"draft":true}}`
	preview := c.do(http.MethodPost, "/entry-change-previews", bulk, http.StatusOK)
	preview.is(1, "entries")
	preview.is(1, "golden", "worse")
	version := c.do(http.MethodGet, "/entries/"+first, "", http.StatusOK).at("version").String()
	c.do(http.MethodPost, "/entry-changes", bulk, http.StatusOK).is(1, "entries")
	if kind, _ := c.answers("邮箱密码怎么重置"); kind == "hit" {
		c.t.Error("a draft answers")
	}
	stale := fmt.Sprintf(`{"question":"邮箱密码怎么重置","answer":"旧","version":%s}`, version)
	c.do(http.MethodPut, "/entries/"+first, stale, http.StatusConflict).is("stale", "error", "reason")

	history := c.do(http.MethodGet, "/entries/"+first+"/history", "", http.StatusOK)
	history.is("draft", "items", 0, "diff", 0, "field")
	history.is("bulk", "items", 0, "change", "kind")
	c.do(http.MethodPost, "/entries/"+first+"/restore", `{"version":`+version+`}`, http.StatusOK)
	c.hits("邮箱密码怎么重置", first)

	c.do(http.MethodPost, "/entry-changes", fmt.Sprintf(`{"ids":[%q],"change":{"state":"off"}}`, first), http.StatusOK).is(1, "entries")
	last := c.do(http.MethodGet, "/changes?limit=1", "", http.StatusOK)
	last.is("bulk", "items", 0, "kind")
	c.do(http.MethodPost, "/changes/"+last.at("items", 0, "version").String()+"/undo", "", http.StatusOK).is(1, "undone")
	c.hits("邮箱密码怎么重置", first)
}

// imports brings a file in that has a bit of everything, and takes it back.
func (c apiClient) imports(first string) {
	c.t.Helper()
	imp := c.upload("/imports", "知识.csv", []byte("标准问题,相似问题,答案,状态\n"+
		"　打印机怎么连接,,连打印服务器,启用\n"+ // 2: a full-width space
		",,没有问题,启用\n"+ // 3: bad
		"打印机怎么连接？,,又一个,启用\n"+ // 4: the second of its kind
		"忘了密码,邮箱密码怎么重置,看帮助,启用\n"+ // 5: its similar question is another entry's
		"邮箱密码怎么重置,,打开新平台,启用\n")) // 6: changed
	id := imp.at("id").String()
	c.idle(id, "ready")
	report := c.do(http.MethodGet, "/imports/"+id+"/report", "", http.StatusOK)
	for i, kind := range []string{"new", "invalid", "duplicate", "conflict", "changed"} {
		report.is(kind, "items", i, "kind")
	}
	report.is("[A 标准问题：全角空格已改为普通空格]", "items", 0, "repairs")
	report.is(first, "items", 4, "entry_id")
	bad := c.do(http.MethodGet, "/imports/"+id+"/report?bad=true&limit=1", "", http.StatusOK)
	bad.is(3, "items", 0, "row")
	c.do(http.MethodGet, "/imports/"+id+"/report?bad=true&after="+bad.at("next").String(), "", http.StatusOK).is(4, "items", 0, "row")

	c.do(http.MethodPost, "/imports/"+id+"/apply", "", http.StatusBadRequest).is("import_bad_rows", "error", "reason")
	c.do(http.MethodPost, "/imports/"+id+"/apply", `{"skip_bad":true}`, http.StatusOK)
	done := c.idle(id, "done")
	if done.at("done").String() != done.at("total").String() {
		c.t.Errorf("progress: %v", done)
	}
	if kind, _ := c.answers("打印机怎么连接"); kind != "hit" {
		c.t.Errorf("an imported entry gives a %s", kind)
	}
	c.do(http.MethodPost, "/imports/"+id+"/apply", "", http.StatusConflict).is("import_state", "error", "reason")
	c.do(http.MethodPost, "/imports/"+id+"/undo", "", http.StatusOK)
	c.idle(id, "undone")
	if kind, _ := c.answers("打印机怎么连接"); kind == "hit" {
		c.t.Error("an entry answers whose import was undone")
	}
	c.do(http.MethodGet, "/entries/"+first, "", http.StatusOK).is("打开自助平台重置", "answer")
	c.do(http.MethodGet, "/imports", "", http.StatusOK).is(id, "items", 0, "id")
}

// learns turns a question that nobody could answer into knowledge.
func (c apiClient) learns(w *world, first string) {
	c.t.Helper()
	for _, q := range []string{"班车几点发车", "食堂在几楼"} {
		w.sim.Say(scriptAgent, "wang", q)
	}
	if err := w.settle(); err != nil {
		c.t.Fatal(err)
	}
	misses := c.do(http.MethodGet, "/misses", "", http.StatusOK)
	ids := map[string]string{}
	for i := range misses.at("items").size() {
		ids[misses.at("items", i, "question").String()] = misses.at("items", i, "ids", 0).String()
	}
	if len(ids) != 2 {
		c.t.Fatalf("misses: %v", misses)
	}
	c.do(http.MethodPost, "/misses/draft", fmt.Sprintf(`{"ids":[%q]}`, ids["班车几点发车"]), http.StatusOK).is("班车几点发车", "question")
	solved := c.do(http.MethodPost, "/misses/solve", fmt.Sprintf(`{"ids":[%q],"entry":{"question":"班车几点发车","answer":"8 点"}}`, ids["班车几点发车"]), http.StatusOK)
	solved.is(1, "settled")
	c.hits("班车几点发车", solved.at("entry", "id").String())
	c.do(http.MethodPost, "/misses/ignore", fmt.Sprintf(`{"ids":[%q]}`, ids["食堂在几楼"]), http.StatusOK).is(1, "settled")
	c.do(http.MethodPost, "/misses/solve", fmt.Sprintf(`{"ids":[%q],"entry_id":%q}`, ids["食堂在几楼"], first), http.StatusConflict).
		is("miss_settled", "error", "reason")
	c.do(http.MethodGet, "/misses", "", http.StatusOK).is("[]", "items")
	c.do(http.MethodGet, "/questions?limit=1", "", http.StatusOK).is("食堂在几楼", "items", 0, "text")
}

// tunes looks at other thresholds and takes them.
func (c apiClient) tunes() {
	c.t.Helper()
	effect := c.do(http.MethodPost, "/threshold-previews", `{"answer":1,"suggest":1}`, http.StatusOK)
	effect.is(2, "questions")
	c.do(http.MethodPost, "/threshold-previews", `{"answer":0.2,"suggest":0.5}`, http.StatusBadRequest).is("thresholds", "error", "reason")
	c.do(http.MethodGet, "/threshold-suggestion", "", http.StatusOK).is(false, "enough")

	settings := c.do(http.MethodGet, "/bot", "", http.StatusOK)
	settings.at("bot").v.(map[string]any)["answer"] = 0.9
	changed, err := json.Marshal(settings.v)
	if err != nil {
		c.t.Fatal(err)
	}
	c.do(http.MethodPut, "/bot", string(changed), http.StatusOK).is(0.9, "bot", "answer")
	c.do(http.MethodPut, "/bot", string(changed), http.StatusConflict).is("stale", "error", "reason")
	c.do(http.MethodPost, "/ask", `{"question":"班车几点发车"}`, http.StatusOK).is(0.9, "thresholds", "answer")
	c.do(http.MethodPut, "/synonyms", `{"items":[{"words":["OA","办公系统"]}]}`, http.StatusOK).is("OA", "items", 0, "words", 0)
	c.do(http.MethodGet, "/llm-usage", "", http.StatusOK).is(0, "items", 6, "calls")
}

// keepsFiles stores a picture for an answer, and brings back what it exports.
func (c apiClient) keepsFiles() {
	c.t.Helper()
	picture := []byte("\x89PNG\r\n\x1a\n a small picture")
	media := c.upload("/media", "图.png", picture)
	media.is("image", "kind")
	if got := c.send(http.MethodGet, "/media/"+media.at("id").String(), nil, "", http.StatusOK); !bytes.Equal(got, picture) {
		c.t.Errorf("the picture came back as %q", got)
	}
	c.do(http.MethodPost, "/entries", fmt.Sprintf(`{"question":"地图","answer":%q,"more":["在三楼"],"valid_until":"2099-01-31T18:00:00+08:00"}`, media.at("ref")), http.StatusCreated)
	c.do(http.MethodPost, "/entries", `{"question":"地图二","answer":"[图片:1]"}`, http.StatusBadRequest).is("media_missing", "error", "reason")
	for _, format := range []string{"xlsx", "csv", "jsonl"} {
		file := c.send(http.MethodGet, "/export?format="+format, nil, "", http.StatusOK)
		imp := c.idle(c.upload("/imports", "export."+format, file).at("id").String(), "ready")
		imp.is("map[changed:0 conflict:0 duplicate:0 invalid:0 kept:0 new:0 removed:0 repaired:0 same:3]", "counts")
	}
}
