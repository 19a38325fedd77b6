package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/records"
	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// benchAccount has nearly all messages of the benchmark; others have a twentieth each.
const benchAccount = 1

// BenchmarkRecords searches the transcripts of a year. DESKMATE_BENCH_MESSAGES says how many
// messages there are (10 million).
func BenchmarkRecords(b *testing.B) {
	messages := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("DESKMATE_BENCH_MESSAGES")); err == nil {
		messages = n
	}
	server := storetest.MySQL(b, "DESKMATE_TEST_MYSQL_URL")
	store := server.Open(b, nil)
	y := &year{words: benchWords(4000), end: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	start := time.Now()
	y.fill(b, server.URL, messages)
	wrote := time.Since(start)
	built := y.index(b, store)
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(wrote.Seconds(), "s-to-generate")
		for unit, n := range built {
			b.ReportMetric(n, unit)
		}
	})
	y.searches(b, store)
}

// searches runs every shape of search in windows of a week, a month and the year.
func (y *year) searches(b *testing.B, store *sqlstore.Store) {
	b.Helper()
	fold := records.Folder{Simplify: match.Simplify}
	searcher := records.NewSearcher(records.SearchConfig{Store: store, Fold: fold, Patience: searchPatience, Now: time.Now})
	for _, window := range []struct {
		name string
		days int
	}{{"week", 7}, {"month", 30}, {"year", 365}} {
		for _, shape := range y.shapes() {
			b.Run(window.name+"/"+shape.name, func(b *testing.B) {
				f := shape.filter
				f.AccountID, f.FromMS, f.ToMS = benchAccount, y.end.AddDate(0, 0, -window.days).UnixMilli(), y.end.UnixMilli()
				var took []time.Duration
				found, partial := 0, 0
				for b.Loop() {
					begin := time.Now()
					r, err := searcher.Search(b.Context(), records.Search{Filter: f, Text: shape.text(), Limit: 20})
					if err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(begin))
					found += len(r.Found)
					if len(r.Found) < 20 && r.Next != 0 {
						partial++
					}
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				b.ReportMetric(float64(found)/float64(len(took)), "found")
				b.ReportMetric(float64(partial)/float64(len(took)), "partial")
			})
		}
	}
}

// year is a year of transcripts: sessions of about seven messages, words as frequent as words
// are.
type year struct {
	words    []string
	end      time.Time
	sessions int
}

// benchWords makes words of two to four of the common characters.
func benchWords(n int) []string {
	r := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(r, 1.1, 20, 2499)
	list := make([]string, n)
	for i := range list {
		var w strings.Builder
		for range 2 + r.IntN(3) {
			w.WriteRune(rune(0x4e00 + int(z.Uint64())*8))
		}
		list[i] = w.String()
	}
	return list
}

// text is a message: one to sixteen words, at times with a number, a name or a sign.
func (y *year) text(r *rand.Rand, z *rand.Zipf) string {
	var b strings.Builder
	for range 1 + r.IntN(16) {
		b.WriteString(y.words[z.Uint64()])
		if r.IntN(6) == 0 {
			b.WriteString("，")
		}
	}
	switch r.IntN(20) {
	case 0:
		fmt.Fprintf(&b, " 工号%06d", r.IntN(1_000_000))
	case 1:
		b.WriteString(" OA-VPN error " + strconv.Itoa(r.IntN(1000)))
	case 2:
		b.WriteString("😀")
	}
	return b.String()
}

func (y *year) fill(b *testing.B, url string, messages int) {
	b.Helper()
	dsn := strings.Replace(strings.TrimPrefix(url, "mysql://"), "@", "@tcp(", 1)
	dsn = strings.Replace(dsn, "/", ")/", 1) + "?interpolateParams=true&maxAllowedPacket=67108864"
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	for _, set := range []string{"SET unique_checks=0", "SET foreign_key_checks=0"} {
		if _, err := db.ExecContext(b.Context(), set); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	z := rand.NewZipf(r, 1.05, 30, uint64(len(y.words)-1))
	total := messages / 7
	step := 365 * 24 * time.Hour / time.Duration(total)
	at := y.end.AddDate(-1, 0, 0)
	var sess, msgs, seats, surveys []string
	flush := func() {
		for table, rows := range map[string][]string{
			"session (id,account_id,employee,state,version,seat,seat_no,handoff_reason,close_reason,misses,suggested,message_count,handoff_seq," +
				"opened_ms,queued_ms,assigned_ms,closed_ms,last_employee_ms,last_seat_ms,updated_ms,unindexed)": sess,
			"message (session_id,seq,account_id,sender_kind,sender,content,at_ms)":                   msgs,
			"seat_session (session_id,seat,account_id,employee,joined_ms,first_ms,last_ms,messages)": seats,
			"survey (session_id,account_id,employee,seat,rating,reasons,sent_ms,rated_ms,reason_ms)": surveys,
		} {
			if len(rows) == 0 {
				continue
			}
			if _, err := db.ExecContext(b.Context(), "INSERT INTO "+table+" VALUES "+strings.Join(rows, ",")); err != nil {
				b.Fatal(err)
			}
		}
		sess, msgs, seats, surveys = sess[:0], msgs[:0], seats[:0], surveys[:0]
	}
	for written := 0; written < messages; y.sessions++ {
		at = at.Add(step)
		ms := at.UnixMilli()
		id := model.FirstID(ms) + uint64(y.sessions&0x3fffff)
		account, n := benchAccount, 1+r.IntN(13)
		if r.IntN(5) == 0 {
			account = 2 + r.IntN(4)
		}
		who, seat := fmt.Sprintf("e%d", r.IntN(100_000)), fmt.Sprintf("s%d", r.IntN(200))
		sess = append(sess, fmt.Sprintf("(%d,%d,'%s','closed',9,'%s',1,'button','%s',0,'[]',%d,1,%d,%d,%d,%d,%d,%d,%d,1)", id, account, who, seat,
			[]string{"seat_ended", "idle", "employee_ended"}[r.IntN(3)], n, ms, ms, ms, ms, ms, ms, ms))
		seats = append(seats, fmt.Sprintf("(%d,'%s',%d,'%s',%d,%d,%d,%d)", id, seat, account, who, ms, ms, ms, n/2))
		if r.IntN(4) == 0 {
			surveys = append(surveys, fmt.Sprintf("(%d,%d,'%s','%s','%s','[]',%d,%d,0)", id, account, who, seat, []string{"good", "good", "good", "fair", "bad"}[r.IntN(5)], ms, ms))
		}
		for i := range n {
			kind, from := "employee", who
			if i%2 == 1 {
				kind, from = "seat", seat
			}
			msgs = append(msgs, fmt.Sprintf(`(%d,%d,%d,'%s','%s','{"type":"text","text":"%s"}',%d)`, id, i+1, account, kind, from, y.text(r, z), ms+int64(i)*1000))
		}
		written += n
		if len(sess) == 2000 {
			flush()
		}
	}
	flush()
}

// index builds the indexes and gives their figures.
func (y *year) index(b *testing.B, store *sqlstore.Store) map[string]float64 {
	b.Helper()
	x := records.NewIndexer(records.IndexerConfig{
		Store: store, Fold: records.Folder{Simplify: match.Simplify}, Owner: "bench", Now: time.Now, Log: slog.New(slog.DiscardHandler), Every: time.Second,
	})
	start, sessions := time.Now(), 0
	for account := range uint64(5) {
		n, err := x.Index(b.Context(), account+1)
		if err != nil {
			b.Fatal(err)
		}
		sessions += n
	}
	took := time.Since(start)
	var bytes int64
	segments := 0
	for account := range uint64(5) {
		list, err := store.TextSegments(context.WithoutCancel(b.Context()), account+1, 0, 0)
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range list {
			bytes += s.Bytes
		}
		segments += len(list)
	}
	return map[string]float64{
		"sessions": float64(sessions), "s-to-index": took.Seconds(), "sessions/s": float64(sessions) / took.Seconds(),
		"segments": float64(segments), "MiB": float64(bytes) / (1 << 20),
	}
}

// shape is a kind of search; text gives another one each time.
type shape struct {
	name   string
	filter model.RecordFilter
	text   func() string
}

func (y *year) shapes() []shape {
	n := 0
	next := func() int { n++; return n }
	common := func() string { return y.words[next()%50] }
	rare := func() string { return y.words[len(y.words)-1-next()%2000] }
	first := func(text string) string { return string([]rune(text)[:1]) }
	none := func() string { return "" }
	return []shape{
		{"none", model.RecordFilter{}, none},
		{"char", model.RecordFilter{}, func() string { return first(rare()) }},
		{"common", model.RecordFilter{}, common},
		{"rare", model.RecordFilter{}, rare},
		{"two", model.RecordFilter{}, func() string { return common() + " " + rare() }},
		{"three=rare", model.RecordFilter{}, func() string { return rare() + " " + rare() + " " + rare() }},
		{"phrase=absent", model.RecordFilter{}, func() string { return rare() + rare() + rare() + rare() + rare() + rare() + rare() + rare() }},
		{"digits", model.RecordFilter{}, func() string { return fmt.Sprintf("%06d", next()*7919%1_000_000) }},
		{"latin", model.RecordFilter{}, func() string { return fmt.Sprintf("vpn error %d", next()%1000) }},
		{"emoji", model.RecordFilter{}, func() string { return "😀" }},
		{"employee", model.RecordFilter{Employee: "e77"}, none},
		{"employee+common", model.RecordFilter{Employee: "e77"}, common},
		{"seat", model.RecordFilter{Seat: "s7"}, none},
		{"seat+common", model.RecordFilter{Seat: "s7"}, common},
		{"seat+rare", model.RecordFilter{Seat: "s7"}, rare},
		{"bad", model.RecordFilter{Rating: model.RatingBad}, none},
		{"bad+common", model.RecordFilter{Rating: model.RatingBad}, common},
		{"queue_timeout=absent", model.RecordFilter{CloseReason: model.ClosedQueue}, none},
	}
}
