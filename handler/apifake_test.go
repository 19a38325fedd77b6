package handler_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"deskmate/handler"
	"deskmate/model"
)

// fakeDesk is all that the API works with: it has one account, one of everything, and
// remembers what it was asked to do.
type fakeDesk struct {
	did     []string
	refused error // of everything but finding the account
	logged  bytes.Buffer
	written string // by an export before it fails
	blob    model.Blob
	data    []byte
	records fakeRecords
	avatar  model.Avatar // of the account

	changeFails error // of changing the account
}

func (f *fakeDesk) done(format string, args ...any) error {
	f.did = append(f.did, fmt.Sprintf(format, args...))
	return f.refused
}

func fakeAccount() model.Account {
	acc := model.Account{ID: 7, Key: "it", Name: "IT", Enabled: true, Version: 3, Policy: model.DefaultPolicy()}
	acc.Policy.Bot.Welcome = "您好"
	acc.CorpID, acc.Policy.Barred = "wwcorp", []string{"li"}
	return acc
}

func fakeEntry() model.Entry {
	return model.Entry{
		ID: 11, AccountID: 7, Group: "人事", Question: "年假有几天", Similar: []string{"年假怎么休"}, Answer: "5 天",
		State: model.EntryOn, ValidFromMS: simNow.UnixMilli(), Author: "cli", Version: 9, CreatedMS: 1, UpdatedMS: 2,
	}
}

func (f *fakeDesk) TokenByHash(_ context.Context, hash string) (model.Token, error) {
	if hash == handler.HashToken("dmt_x") {
		return model.Token{Name: "sync", Role: model.RoleOwner, Accounts: []string{"it", "gone"}}, nil
	}
	return model.Token{}, model.ErrNotFound
}

func (f *fakeDesk) TouchToken(context.Context, uint64, int64) error { return nil }

func (f *fakeDesk) AccountByKey(_ context.Context, key string) (model.Account, error) {
	if key != "it" {
		return model.Account{}, model.ErrNotFound
	}
	acc := fakeAccount()
	acc.Profile.Avatar = f.avatar
	return acc, nil
}

func (f *fakeDesk) Accounts(context.Context) ([]model.Account, error) {
	return []model.Account{fakeAccount(), {Key: "hr"}}, f.refused
}

func (f *fakeDesk) ChangeAccount(_ context.Context, id, expect uint64, entry model.Audit, change func(*model.Account) error) (model.Account, error) {
	acc := fakeAccount()
	acc.Profile.Avatar = f.avatar
	if err := change(&acc); err != nil {
		return acc, err
	}
	if f.changeFails != nil {
		return acc, f.changeFails
	}
	if f.refused == nil {
		f.avatar = acc.Profile.Avatar
	}
	acc.Version++
	return acc, f.done("change %d %d %s %+v %+v", id, expect, entry.Target, acc.Policy.Bot, acc.Policy.LLM)
}

func (f *fakeDesk) DeleteBlob(_ context.Context, id, blob uint64) error {
	f.did = append(f.did, fmt.Sprintf("drop %d %d", id, blob))
	return nil
}

func (f *fakeDesk) LLMUsage(_ context.Context, id uint64, day int) (model.LLMUsage, error) {
	return model.LLMUsage{Calls: int64(day % 100)}, f.done("usage %d %d", id, day)
}

func (f *fakeDesk) FindMembers(_ context.Context, corp, query string, limit int) ([]model.Member, error) {
	return []model.Member{
		{UserID: "zhangsan", DisplayID: "ZhangSan", Name: "张三", DepartmentName: "财务部"}, {UserID: "li", DisplayID: "li"},
	}, f.done("members of %s %q %d", corp, query, limit)
}

func (f *fakeDesk) Departments(_ context.Context, corp string) ([]model.Department, error) {
	return []model.Department{{ID: 1, Name: "公司"}, {ID: 2, ParentID: 1, Name: "财务部"}}, f.done("departments of %s", corp)
}

func (f *fakeDesk) Explain(_ context.Context, id uint64, ask model.Ask) (model.Explanation, error) {
	return model.Explanation{
		Answer: model.Answer{Kind: model.AnswerHit, Score: 0.9, Threshold: 0.8, Model: "2"}, Folded: "年假",
		Candidates: []model.ExplainedCandidate{{AnswerCandidate: model.AnswerCandidate{EntryID: 11, Question: "年假有几天", Score: 0.9}}},
		Thresholds: [2]float64{0.8, 0.2},
	}, f.done("explain %d %s %d %v", id, ask.Question, ask.Topic, ask.Policy.Answer)
}

func (f *fakeDesk) RecentQuestions(_ context.Context, id uint64, limit int) ([]model.Question, error) {
	return []model.Question{{ID: 5, Text: "年假", Outcome: "missed", Miss: model.MissOpen, AtMS: simNow.UnixMilli(), Employee: "wang"}},
		f.done("questions %d %d", id, limit)
}

func (f *fakeDesk) PutBlob(_ context.Context, b model.Blob, data io.Reader) (model.Blob, error) {
	var err error
	f.data, err = io.ReadAll(data)
	b.ID, b.Size, b.Sum = 12, int64(len(f.data)), fmt.Sprintf("%x", sha256.Sum256(f.data))
	f.blob = b
	return b, f.done("put %d %s %s %s %v", b.AccountID, b.Kind, b.Name, b.Type, err)
}

func (f *fakeDesk) Blob(_ context.Context, _, id uint64) (model.Blob, error) {
	if id != f.blob.ID {
		return model.Blob{}, model.ErrNotFound
	}
	return f.blob, f.refused
}

func (f *fakeDesk) BlobData(context.Context, uint64, uint64) ([]byte, error) {
	return f.data, f.refused
}

func (f *fakeDesk) Export(_ context.Context, id uint64, name string, w io.Writer) error {
	if f.written != "" {
		_, _ = io.WriteString(w, f.written)
	}
	return f.done("export %d %s", id, name)
}

func (f *fakeDesk) Template(w io.Writer) error {
	_, err := io.WriteString(w, "xlsx")
	return err
}

// fakeEditor is the desk as an editor: some methods of the parts share a name.
type fakeEditor struct{ *fakeDesk }

func (f fakeEditor) List(_ context.Context, id uint64, l model.EntryFilter) ([]model.Entry, uint64, error) {
	text, _ := json.Marshal(l)
	return []model.Entry{fakeEntry()}, 11, f.done("list %d %s", id, text)
}

func (f fakeEditor) Entry(_ context.Context, _, id uint64) (model.Entry, error) {
	if id != 11 {
		return model.Entry{}, model.ErrNotFound
	}
	return fakeEntry(), f.refused
}

func (f fakeEditor) Save(_ context.Context, acc model.Account, e model.Entry, expect uint64, author string) (handler.SavedEntry, error) {
	text, _ := json.Marshal(e)
	saved := handler.SavedEntry{Entry: fakeEntry(), Near: []handler.NearEntry{{EntryID: "12", Question: "病假有几天", Score: 0.7}}}
	return saved, f.done("save %s %s expect %d by %s", acc.Key, text, expect, author)
}

func (f fakeEditor) Check(_ context.Context, _ model.Account, e model.Entry) (handler.CheckedEntry, error) {
	return handler.CheckedEntry{
		SavedEntry: handler.SavedEntry{Entry: e},
		Golden:     handler.GoldenPreview{Asked: 1, Worse: 1, Moves: []handler.GoldenMove{{GoldenID: "4"}}},
	}, f.done("check %d %s", e.ID, e.Question)
}

func (f fakeEditor) Delete(_ context.Context, id, entry uint64, author string) error {
	return f.done("delete %d %d by %s", id, entry, author)
}

func (f fakeEditor) History(_ context.Context, id, entry uint64) ([]handler.Revision, error) {
	removed := model.KnowledgeChange{Version: 10, Kind: model.ChangeDelete, Author: "cli"}
	return []handler.Revision{
		{
			EntryVersion: model.EntryVersion{
				Entry: fakeEntry(), Until: 10, Removed: &removed,
				Change: model.KnowledgeChange{Version: 9, Kind: model.ChangeSave, Author: "cli", Entries: 1, AtMS: simNow.UnixMilli()},
			},
			Diff: []handler.FieldDiff{{Field: "answer", Runs: []handler.DiffRun{{Op: "inserted", Text: "5"}}}},
		},
	}, f.done("history %d %d", id, entry)
}

func (f fakeEditor) Restore(_ context.Context, acc model.Account, entry, version uint64, author string) (handler.SavedEntry, error) {
	return handler.SavedEntry{Entry: fakeEntry()}, f.done("restore %d %d %d by %s", acc.ID, entry, version, author)
}

func (f fakeEditor) Changes(_ context.Context, id, before uint64, limit int) ([]model.KnowledgeChange, error) {
	return []model.KnowledgeChange{{Version: 9, Kind: model.ChangeSave, Entries: 1}}, f.done("changes %d %d %d", id, before, limit)
}

func (f fakeEditor) Undo(_ context.Context, id, version uint64, author string) (int, int, error) {
	return 2, 1, f.done("undo %d %d by %s", id, version, author)
}

func selected(sel handler.Selection, change model.EntryChange) string {
	text, _ := json.Marshal(struct {
		Sel    handler.Selection
		Change model.EntryChange
	}{sel, change})
	return string(text)
}

func (f fakeEditor) Change(_ context.Context, _ model.Account, sel handler.Selection, change model.EntryChange, author string) (int, error) {
	return 2, f.done("change %s by %s", selected(sel, change), author)
}

func (f fakeEditor) PreviewChange(_ context.Context, _ model.Account, sel handler.Selection, change model.EntryChange) (int, handler.GoldenPreview, error) {
	return 2, handler.GoldenPreview{}, f.done("preview %s", selected(sel, change))
}

func (f fakeEditor) Groups(_ context.Context, id uint64) (handler.GroupNode, int, error) {
	return handler.GroupNode{Entries: 3, Groups: []handler.GroupNode{{Name: "人事", Path: "人事", Entries: 2, Groups: []handler.GroupNode{}}}}, 1,
		f.done("groups %d", id)
}

func (f fakeEditor) AddGroup(_ context.Context, id uint64, path string) (model.Group, error) {
	return model.Group{Path: path, Position: 2}, f.done("add group %d %s", id, path)
}

func (f fakeEditor) OrderGroups(_ context.Context, id uint64, parent string, names []string) error {
	return f.done("order %d %q %v", id, parent, names)
}

func (f fakeEditor) MoveGroup(_ context.Context, id uint64, from, to, author string) error {
	return f.done("move %d %s %s by %s", id, from, to, author)
}

func (f fakeEditor) DeleteGroup(_ context.Context, id uint64, path, author string) error {
	return f.done("delete group %d %s by %s", id, path, author)
}

func (f fakeEditor) Synonyms(context.Context, uint64) ([]model.Synonym, error) {
	return []model.Synonym{{Words: []string{"OA", "办公系统"}}}, f.refused
}

func (f fakeEditor) ReplaceSynonyms(_ context.Context, id uint64, words []model.Synonym, author string) ([]model.Synonym, error) {
	return words, f.done("synonyms %d %v by %s", id, words, author)
}

func (f fakeEditor) CheckSynonyms(_ context.Context, _ model.Account, words []model.Synonym) (handler.GoldenPreview, error) {
	return handler.GoldenPreview{Asked: 2}, f.done("check synonyms %v", words)
}

// fakeGolden is the desk as an examiner.
type fakeGolden struct{ *fakeDesk }

func (f fakeGolden) List(context.Context, uint64) ([]model.Golden, error) {
	return []model.Golden{{ID: 4, Question: "年假", EntryID: 11, Author: "cli"}, {ID: 5, Question: "天气"}}, f.refused
}

func (f fakeGolden) Add(_ context.Context, id uint64, question string, entry uint64, author string) (model.Golden, error) {
	return model.Golden{ID: 4, Question: question, EntryID: entry, Author: author}, f.done("golden %d %s %d by %s", id, question, entry, author)
}

func (f fakeGolden) Delete(_ context.Context, id, golden uint64) error {
	return f.done("delete golden %d %d", id, golden)
}

func (f fakeGolden) Run(context.Context, model.Account) (handler.Exam, error) {
	return handler.Exam{Right: 1, Items: []handler.ExamItem{{Golden: handler.GoldenView{ID: "4"}, Outcome: handler.GoldenOutcome{Verdict: "right"}}}}, f.refused
}

// fakeImports is the desk as an importer.
type fakeImports struct{ *fakeDesk }

func fakeImport() model.Import {
	return model.Import{ID: 21, AccountID: 7, FileName: "a.csv", State: model.ImportChecking, Total: 4, Author: "cli"}
}

func (f fakeImports) Start(_ context.Context, id uint64, name string, file io.Reader, replace bool, author string) (model.Import, error) {
	data, err := io.ReadAll(file)
	return fakeImport(), f.done("start %d %s %q %t %v by %s", id, name, data, replace, err, author)
}

func (f fakeImports) Import(_ context.Context, _, id uint64) (model.Import, error) {
	if id != 21 {
		return model.Import{}, model.ErrNotFound
	}
	return fakeImport(), f.refused
}

func (f fakeImports) List(_ context.Context, id, before uint64, limit int) ([]model.Import, error) {
	return []model.Import{fakeImport()}, f.done("imports %d %d %d", id, before, limit)
}

func (f fakeImports) Report(_ context.Context, id, imp uint64, l handler.ReportFilter) (handler.ImportReport, error) {
	return handler.ImportReport{Bad: 1, Items: []handler.ImportRow{{Row: 2, Kind: "invalid", Bad: true}}, Next: "2"}, f.done("report %d %d %+v", id, imp, l)
}

func (f fakeImports) Apply(_ context.Context, id, imp uint64, skipBad bool, author string) (model.Import, error) {
	return fakeImport(), f.done("apply %d %d %t by %s", id, imp, skipBad, author)
}

func (f fakeImports) Undo(_ context.Context, id, imp uint64, author string) (model.Import, error) {
	return fakeImport(), f.done("undo import %d %d by %s", id, imp, author)
}

// fakeMisses is the desk as a list of misses and as a tuner.
type fakeMisses struct{ *fakeDesk }

func (f fakeMisses) Clusters(_ context.Context, acc model.Account, since int64, limit int) ([]handler.MissCluster, error) {
	return []handler.MissCluster{{Question: "年假", IDs: []handler.ID{"5"}, Examples: []string{}, Count: 1, LastAt: "2026-11-23T02:24:00Z"}},
		f.done("clusters %s %s %d", acc.Key, model.Time(since).UTC().Format(time.DateOnly), limit)
}

func (f fakeMisses) Draft(_ context.Context, _ model.Account, ids []uint64) (handler.EntryDraft, error) {
	return handler.EntryDraft{Question: "年假", Answer: "5 天"}, f.done("draft %v", ids)
}

func (f fakeMisses) Make(_ context.Context, _ model.Account, ids []uint64, e model.Entry, author string) (handler.SavedEntry, int, error) {
	return handler.SavedEntry{Entry: fakeEntry()}, len(ids), f.done("make %v %s %t by %s", ids, e.Question, e.Similar == nil, author)
}

func (f fakeMisses) Extend(_ context.Context, _ model.Account, ids []uint64, entry uint64, author string) (handler.SavedEntry, int, error) {
	return handler.SavedEntry{Entry: fakeEntry()}, len(ids), f.done("extend %v %d by %s", ids, entry, author)
}

func (f fakeMisses) Ignore(_ context.Context, id uint64, ids []uint64) (int, error) {
	return len(ids), f.done("ignore %d %v", id, ids)
}

func (f fakeMisses) Effect(_ context.Context, _ model.Account, answer, suggest float64) (handler.ThresholdEffect, error) {
	return handler.ThresholdEffect{Questions: 3}, f.done("effect %v %v", answer, suggest)
}

func (f fakeMisses) SuggestThresholds(context.Context, model.Account) (handler.ThresholdAdvice, error) {
	return handler.ThresholdAdvice{Enough: true, Answer: 0.8, Suggest: 0.3}, f.refused
}

// newFakeAPI is the API over a desk, with the gate before it.
func newFakeAPI(f *fakeDesk) http.Handler {
	gin.SetMode(gin.TestMode)
	r := gin.New()
	log := slog.New(slog.NewTextHandler(&f.logged, nil))
	gate := handler.NewGate(handler.GateConfig{Tokens: f, Now: time.Now, Log: log})
	bounds := handler.Bounds{Bytes: 64 << 20, Time: 5 * time.Second}
	editor := fakeEditor{f}
	handler.NewAPI(withOps(handler.APIConfig{
		Accounts: f, Entries: editor, History: editor, Bulk: editor, Groups: editor, Synonyms: editor, Golden: fakeGolden{f},
		Imports: fakeImports{f}, Files: f, Media: f, Base: f, Questions: f, Misses: fakeMisses{f}, Thresholds: fakeMisses{f}, Usage: f, Records: f,
		People: f,
		Seats:  fakeSeats{f}, Calendar: fakeSeats{f}, Hours: fakeSeats{f},
		Location: time.FixedZone("", 8*60*60), Now: func() time.Time { return simNow }, Log: log,
		RecordMedia: &f.records, KeptFiles: &f.records, Sessions: &f.records, Audit: f, Changer: f, Avatars: f,
	}, f)).Register(r, r.Group("", bounds.Hold, gate.Authenticate))
	return r
}

// callAPI sends a request to the account's part of the API; a target that begins with / lies
// outside of it.
func callAPI(t *testing.T, f *fakeDesk, method, target, payload string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	if !strings.HasPrefix(target, "/") {
		target = "/accounts/it/" + target
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1"+target, strings.NewReader(payload))
	r.Header.Set("Authorization", "Bearer dmt_x")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	newFakeAPI(f).ServeHTTP(w, r)
	return w
}

// form is a body with a file, and its content type.
func form(t *testing.T, name, data string, fields ...string) (payload, contentType string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, data)
	}
	for i := 0; i+1 < len(fields) && err == nil; i += 2 {
		err = w.WriteField(fields[i], fields[i+1])
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return buf.String(), w.FormDataContentType()
}
