package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"deskmate/bot/stats"
	"deskmate/model"
	"deskmate/store/blobstore"
	"deskmate/store/storetest"
)

// privacyWorld is a database with everything in it that people leave behind.
type privacyWorld struct {
	*statsWorld
	dialect string
	acc     model.Account
	files   blobstore.Store
	columns map[string]map[string]string // table → column → type
}

func newPrivacyWorld(t *testing.T, database storetest.Database) *privacyWorld {
	t.Helper()
	w := &privacyWorld{statsWorld: newStatsWorld(t, database, 5), dialect: database.Dialect, columns: map[string]map[string]string{}}
	w.now = time.Date(2026, 6, 1, 2, 0, 0, 0, time.UTC)
	var err error
	if w.files, err = blobstore.Open(model.Secret("file://" + t.TempDir())); err != nil {
		t.Fatal(err)
	}
	acc := model.Account{
		Key: "it", CorpID: "wwcorp", AgentID: 7, Name: "IT 服务台", Secret: "s", Token: "t", EncodingAESKey: "k", Enabled: true, Policy: model.DefaultPolicy(),
	}
	saved, _, err := w.store.SaveAccount(t.Context(), acc, nil, nil, "test")
	if err != nil {
		t.Fatal(err)
	}
	w.acc = saved
	return w
}

// tables are all tables with their columns.
func (w *privacyWorld) tables(t *testing.T) map[string]map[string]string {
	t.Helper()
	if len(w.columns) > 0 {
		return w.columns
	}
	query := "SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
	if w.dialect == "mysql" {
		query = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = DATABASE()"
	}
	rows, err := w.db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var table, column, kind string
		if err := rows.Scan(&table, &column, &kind); err != nil {
			t.Fatal(err)
		}
		if w.columns[table] == nil {
			w.columns[table] = map[string]string{}
		}
		w.columns[table][column] = strings.ToLower(kind)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return w.columns
}

func isText(kind string) bool {
	return strings.Contains(kind, "char") || strings.Contains(kind, "text") || kind == "json"
}

// put inserts a row; columns that are not given are empty.
func (w *privacyWorld) put(t *testing.T, table string, row map[string]any) {
	t.Helper()
	var names, marks []string
	var values []any
	for column, kind := range w.tables(t)[table] {
		value, given := row[column]
		switch {
		case given:
		case column == "id" && table != "session" && table != "blob" && table != "question":
			continue // numbered by the database
		case column == "suggested" || column == "reasons" || column == "served" || column == "unshown" || column == "kept":
			value = "[]"
		case isText(kind):
			value = ""
		case strings.Contains(kind, "blob"):
			value = []byte{}
		default:
			value = 0
		}
		names, marks, values = append(names, "`"+column+"`"), append(marks, "?"), append(values, value)
	}
	w.exec(t, fmt.Sprintf("INSERT INTO `%s` (%s) VALUES (%s)", table, strings.Join(names, ","), strings.Join(marks, ",")), values...)
}

func (w *privacyWorld) number(t *testing.T, query string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := w.db.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// finds walks all text columns of all tables, and names those in which a text stands.
func (w *privacyWorld) finds(t *testing.T, text string) []string {
	t.Helper()
	var found []string
	for table, columns := range w.tables(t) {
		for column, kind := range columns {
			if !isText(kind) {
				continue
			}
			if n := w.number(t, fmt.Sprintf("SELECT COUNT(*) FROM `%s` WHERE LOWER(`%s`) LIKE ?", table, column), "%"+strings.ToLower(text)+"%"); n > 0 {
				found = append(found, table+"."+column)
			}
		}
	}
	slices.Sort(found)
	return found
}

// session is what the world puts in.
type worldSession struct {
	employee, seat string
	text           string // what the employee asked
	days           int    // after the world's beginning, when it began and ended
	lines          int
	file           string // what the employee sent; "": nothing
	open           bool
}

func jsonOf(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// serve puts a session in, with all that belongs to it, and gives its id.
func (w *privacyWorld) serve(t *testing.T, s worldSession) uint64 {
	t.Helper()
	at := w.now.AddDate(0, 0, s.days)
	ms, id := at.UnixMilli(), model.NewID(at)
	end, state := ms+600_000, "closed"
	if s.open {
		end, state = 0, "serving"
	}
	acc := w.acc.ID
	w.put(t, "session", map[string]any{
		"id": id, "account_id": acc, "employee": s.employee, "state": state, "version": 3, "seat": s.seat, "message_count": s.lines,
		"opened_ms": ms, "queued_ms": ms + 1000, "assigned_ms": ms + 2000, "closed_ms": end, "updated_ms": ms + 600_000, "unindexed": 1,
	})
	for n := range s.lines {
		kind, sender, text := "employee", s.employee, fmt.Sprintf("%s 第%d句", s.text, n)
		if n%2 == 1 {
			kind, sender, text = "seat", s.seat, "您好"+s.employee+"，收到："+s.text
		}
		content := model.Content{Type: model.ContentText, Text: text}
		w.put(t, "message", map[string]any{
			"session_id": id, "seq": n + 1, "account_id": acc, "sender_kind": kind, "sender": sender, "content": jsonOf(content), "at_ms": ms + int64(n),
		})
	}
	w.put(t, "seat_session", map[string]any{"session_id": id, "seat": s.seat, "account_id": acc, "employee": s.employee, "joined_ms": ms + 2000, "first_ms": ms + 3000, "last_ms": ms + 4000, "messages": s.lines / 2})
	w.put(t, "session_seen", map[string]any{"session_id": id, "seat": s.seat, "account_id": acc, "seq": 1})
	w.put(t, "survey", map[string]any{
		"session_id": id, "account_id": acc, "employee": s.employee, "seat": s.seat, "rating": "bad", "first_rating": "bad", "reasons": `["回复太慢"]`,
		"served": jsonOf([]string{s.seat}), "sent_ms": ms, "rated_ms": ms + 700_000, "comment": s.text + " 太慢了", "comment_ms": ms + 800_000,
	})
	w.put(t, "question", map[string]any{
		"id": model.NewID(at), "account_id": acc, "session_id": id, "employee": s.employee, "text": s.text, "folded": s.text, "outcome": "missed", "miss": "open", "at_ms": ms,
	})
	w.put(t, "fact", map[string]any{"account_id": acc, "session_id": id, "kind": "opened", "seat": s.seat, "at_ms": ms})
	lane := "p:" + fmt.Sprint(acc) + ":" + s.employee
	w.put(t, "inbox", map[string]any{
		"account_id": acc, "lane": lane, "seq": id, "dedupe": fmt.Sprint("in", id), "session_id": id, "state": "done", "arrived_ms": ms, "created_ms": ms, "done_ms": ms,
		"event": jsonOf(model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: s.text}}), "detail": "{}",
	})
	w.put(t, "outbox", map[string]any{
		"account_id": acc, "lane": "o:" + fmt.Sprint(acc) + ":" + s.seat, "seq": id, "dedupe": fmt.Sprint("out", id), "session_id": id, "state": "sent", "created_ms": ms, "sent_ms": ms,
		"push": jsonOf(model.Push{Kind: model.PushText, Receiver: s.seat, Text: "员工" + s.employee + "：" + s.text}),
	})
	if s.file != "" {
		stored, err := w.files.Put(t.Context(), acc, bytes.NewReader([]byte(s.file)))
		if err != nil {
			t.Fatal(err)
		}
		w.put(t, "message_media", map[string]any{
			"session_id": id, "seq": 1, "account_id": acc, "media_id": fmt.Sprint("m", id), "kind": "file", "sent_ms": ms, "state": "stored",
			"blob_key": stored.Key, "size": stored.Size, "name": s.text + ".docx",
		})
	}
	return id
}

// upload puts a file in that was sent from a page, as the first line of a session.
func (w *privacyWorld) upload(t *testing.T, session uint64, size int) uint64 {
	t.Helper()
	id := session + 1 // made a moment later
	w.put(t, "blob", map[string]any{"id": id, "account_id": w.acc.ID, "kind": "media", "name": "工资条.pdf", "size": size, "sum": "x", "created_ms": model.IDTime(id)})
	w.put(t, "blob_chunk", map[string]any{"account_id": w.acc.ID, "blob_id": id, "data": bytes.Repeat([]byte{1}, size)})
	w.exec(t, "UPDATE message SET content = ? WHERE session_id = ? AND seq = 1", jsonOf(model.Content{Type: model.ContentFile, Blob: id, Name: "工资条.pdf"}), session)
	return id
}

// counts rolls everything up in a zone.
func (w *privacyWorld) counts(t *testing.T, zone *time.Location) *stats.Roller {
	t.Helper()
	roller := stats.NewRoller(stats.RollerConfig{
		Store: w.store, Accounts: w.store, Zone: zone, Every: time.Millisecond, Slack: time.Minute, Backlog: 1000, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler),
	})
	for more := true; more; {
		var err error
		if more, err = roller.Pass(t.Context(), w.acc.ID); err != nil {
			t.Fatal(err)
		}
	}
	return roller
}

// figures are what is reported of some days.
func (w *privacyWorld) figures(t *testing.T, zone *time.Location) []model.StatReport {
	t.Helper()
	r := stats.NewReporter(stats.ReporterConfig{Store: w.store, Zone: zone, Slack: time.Minute, Now: func() time.Time { return w.now }})
	var list []model.StatReport
	for _, seat := range []string{"", "li"} {
		report, err := r.Report(t.Context(), model.StatQuery{AccountID: w.acc.ID, From: 20260501, To: 20261231, Seat: seat})
		if err != nil {
			t.Fatal(err)
		}
		report.Online = model.StatOnline{} // it goes on while the clock does
		list = append(list, report)
	}
	return list
}
