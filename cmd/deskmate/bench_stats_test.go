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

	"deskmate/bot/stats"
	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// Of the benchmark of statistics: an account that is busy for two years.
const (
	statSeats = 200
	statDays  = 730 // days
	statHours = 10  // of work a day
	statRaw   = 3   // days whose sessions are there as rows
)

// BenchmarkStatistics reports on two years of sessions. DESKMATE_BENCH_SESSIONS says how many
// there are (10 million).
func BenchmarkStatistics(b *testing.B) {
	sessions := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("DESKMATE_BENCH_SESSIONS")); err == nil {
		sessions = n
	}
	server := storetest.MySQL(b, "DESKMATE_TEST_MYSQL_URL")
	zone := time.FixedZone("Asia/Shanghai", 8*60*60)
	w := &busyAccount{
		store: server.Open(b, nil), zone: zone, hourly: sessions / statDays / statHours, r: rand.New(rand.NewPCG(5, 6)),
		now: time.Date(2026, 11, 20, 18, 40, 0, 0, zone),
	}
	start := time.Now()
	w.fill(b, server.URL)
	b.Logf("filled in %s", time.Since(start).Round(time.Second))
	now := func() time.Time { return w.now }
	r := stats.NewReporter(stats.ReporterConfig{Store: w.store, Zone: zone, Slack: statsRecent, Now: now})
	for _, window := range []struct {
		name string
		days int
	}{{"today", 1}, {"week", 7}, {"month", 30}, {"year", 365}, {"two_years", 730}} {
		q := model.StatQuery{AccountID: benchAccount, From: dayOf(w.now.AddDate(0, 0, 1-window.days)), To: dayOf(w.now)}
		own := q
		own.Seat = "seat7"
		w.measure(b, window.name+"/all", func() error { _, err := r.Report(b.Context(), q); return err })
		w.measure(b, window.name+"/seat", func() error { _, err := r.Report(b.Context(), own); return err })
	}
	days := model.StatQuery{AccountID: benchAccount, From: dayOf(w.now.AddDate(0, 0, 1-statRaw)), To: dayOf(w.now)}
	for name, q := range map[string]model.StatSessions{
		"sessions/often":  {StatQuery: days, Figure: model.StatOpened, Hour: -1, Limit: 20},
		"sessions/seldom": {StatQuery: days, Figure: model.StatCommented, Hour: -1, Limit: 20},
	} {
		w.measure(b, name, func() error { _, err := r.Sessions(b.Context(), q); return err })
	}
	roller := stats.NewRoller(stats.RollerConfig{
		Store: w.store, Accounts: w.store, Zone: zone, Slack: statsSlack, Backlog: statsBacklog, Now: now, Log: slog.New(slog.DiscardHandler),
	})
	w.measure(b, "pass", func() error { _, err := roller.Pass(b.Context(), benchAccount); return err })
}

type busyAccount struct {
	store  *sqlstore.Store
	zone   *time.Location
	hourly int
	r      *rand.Rand
	now    time.Time
}

// measure runs f and reports its p50 and p99.
func (w *busyAccount) measure(b *testing.B, name string, f func() error) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		for b.Loop() {
			start := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	})
}

// fill writes the roll-ups of all hours, and the rows of the last days' sessions.
func (w *busyAccount) fill(b *testing.B, url string) {
	b.Helper()
	db := openBench(b, url)
	first := w.now.AddDate(0, 0, 1-statDays)
	st := model.StatState{AccountID: benchAccount, Format: 3, Zone: w.zone.String(), ThroughMS: w.now.Add(-statsEvery).UnixMilli()}
	month, monthly := int64(0), stats.NewCells()
	for n := range statDays {
		day := first.AddDate(0, 0, n)
		at, daily := int64(dayOf(day)), stats.NewCells()
		var rows []model.StatRollup
		for h := range statHours {
			hour := time.Date(day.Year(), day.Month(), day.Day(), 9+h, 0, 0, 0, w.zone)
			list := w.sessions(hour)
			const slots = 6
			for i := range slots {
				cells := stats.NewCells()
				for _, s := range list[len(list)*i/slots : len(list)*(i+1)/slots] {
					stats.Count(s, w.zone, cells)
				}
				daily.Add(cells, 1)
				rows = append(rows, rolled(model.StatSlot, hour.Add(time.Duration(i)*time.Hour/slots).UnixMilli(), cells))
			}
			if n >= statDays-statRaw {
				w.write(b, db, list)
			}
		}
		if month != at/100 {
			month, monthly = at/100, stats.NewCells()
		}
		monthly.Add(daily, 1)
		rows = append(rows, rolled(model.StatDaily, at, daily), rolled(model.StatMonth, month, monthly))
		st.Version++
		if err := w.store.SaveStats(b.Context(), st, rows); err != nil {
			b.Fatal(err)
		}
	}
	// What changed since the last pass: sessions of this hour and of three before.
	for back := range 4 {
		from := model.FirstID(w.now.Add(-time.Duration(back) * time.Hour).Truncate(time.Hour).UnixMilli())
		exec := "UPDATE session SET updated_ms = ? WHERE account_id = ? AND id >= ? ORDER BY id LIMIT 10"
		if _, err := db.ExecContext(b.Context(), exec, w.now.UnixMilli(), benchAccount, from); err != nil {
			b.Fatal(err)
		}
	}
}

func rolled(span model.StatSpan, at int64, c stats.Cells) model.StatRollup {
	return model.StatRollup{Span: span, At: at, Total: stats.Pack(map[string]stats.Cell{"": c.Total}), Seats: stats.Pack(c.Seats)}
}

// sessions are those that were opened in an hour, all of them closed.
func (w *busyAccount) sessions(hour time.Time) []model.StatSession {
	list := make([]model.StatSession, w.hourly)
	for i := range list {
		ms := hour.UnixMilli() + int64(i)*time.Hour.Milliseconds()/int64(w.hourly)
		s := model.StatSession{Session: model.Session{
			ID: model.FirstID(ms) + uint64(i), AccountID: benchAccount, State: model.StateClosed, CloseReason: model.ClosedIdle, ClosedMS: ms + 600_000,
		}}
		for range 1 + w.r.IntN(2) {
			s.Questions = append(s.Questions, model.Question{
				EntryID: uint64(1 + w.r.IntN(500)), Outcome: pickOne(w.r, model.OutcomeAnswered, model.OutcomeSuggested, model.OutcomeMissed),
			})
		}
		if w.r.IntN(3) > 0 {
			w.serve(&s, ms)
		}
		list[i] = s
	}
	return list
}

func (w *busyAccount) serve(s *model.StatSession, ms int64) {
	seat := "seat" + strconv.Itoa(w.r.IntN(statSeats))
	joined := ms + 1000 + w.r.Int64N(300_000)
	s.Session.Seat, s.Session.QueuedMS, s.Session.AssignedMS, s.Session.CloseReason = seat, ms+1000, joined, model.ClosedBySeat
	s.Session.HandoffReason = pickOne(w.r, model.HandoffButton, model.HandoffKeyword, model.HandoffMisses)
	s.Session.ClosedMS = joined + w.r.Int64N(3_600_000)
	s.Seats = []model.SeatSession{{Seat: seat, JoinedMS: joined, FirstMS: joined + w.r.Int64N(200_000)}}
	s.Survey = &model.Survey{Seat: seat, Rating: pickOne(w.r, "", model.RatingGood, model.RatingGood, model.RatingBad), Reasons: []string{}}
	if s.Survey.Rating == model.RatingBad {
		s.Survey.Reasons = []string{pickOne(w.r, "回复慢", "没解决", "态度差")}
	}
	if w.r.IntN(200) == 0 {
		s.Survey.Comment = "谢谢"
	}
}

func openBench(b *testing.B, url string) *sql.DB {
	b.Helper()
	dsn := strings.Replace(strings.TrimPrefix(url, "mysql://"), "@", "@tcp(", 1)
	db, err := sql.Open("mysql", strings.Replace(dsn, "/", ")/", 1)+"?interpolateParams=true&maxAllowedPacket=67108864")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	return db
}

// write writes sessions as rows.
func (w *busyAccount) write(b *testing.B, db *sql.DB, list []model.StatSession) {
	b.Helper()
	var sess, seats, surveys, questions []string
	for i, s := range list {
		x := s.Session
		sess = append(sess, fmt.Sprintf("(%d,%d,'wang','%s',1,'%s',1,'%s','%s',0,'[]',4,0,%d,%d,%d,%d,0,0,%d,0)", x.ID, benchAccount, x.State, x.Seat,
			x.HandoffReason, x.CloseReason, model.IDTime(x.ID), x.QueuedMS, x.AssignedMS, x.ClosedMS, model.IDTime(x.ID)))
		for _, p := range s.Seats {
			seats = append(seats, fmt.Sprintf("(%d,'%s',%d,'wang',%d,%d,%d,3)", x.ID, p.Seat, benchAccount, p.JoinedMS, p.FirstMS, p.FirstMS))
		}
		if v := s.Survey; v != nil {
			reasons := "[]"
			if len(v.Reasons) > 0 {
				reasons = `["` + v.Reasons[0] + `"]`
			}
			surveys = append(surveys, fmt.Sprintf("(%d,%d,'wang','%s','%s','%s',1,2,3,'%s')", x.ID, benchAccount, v.Seat, v.Rating, reasons, v.Comment))
		}
		for j, q := range s.Questions {
			questions = append(questions, fmt.Sprintf("(%d,%d,%d,'wang','年假有几天','年假有几天','%s',0,0,0,%d,'[]',0,'','',0,'',%d)",
				x.ID+uint64(100_000*(j+1)+i), benchAccount, x.ID, q.Outcome, q.EntryID, model.IDTime(x.ID)))
		}
	}
	for table, rows := range map[string][]string{
		"session (id,account_id,employee,state,version,seat,seat_no,handoff_reason,close_reason,misses,suggested,message_count,handoff_seq," +
			"opened_ms,queued_ms,assigned_ms,closed_ms,last_employee_ms,last_seat_ms,updated_ms,unindexed)": sess,
		"seat_session (session_id,seat,account_id,employee,joined_ms,first_ms,last_ms,messages)":                                                               seats,
		"survey (session_id,account_id,employee,seat,rating,reasons,sent_ms,rated_ms,reason_ms,comment)":                                                       surveys,
		"question (id,account_id,session_id,employee,text,folded,outcome,score,threshold,topic,entry_id,suggested,picked,feedback,miss,solved_by,model,at_ms)": questions,
	} {
		if _, err := db.ExecContext(context.WithoutCancel(b.Context()), "INSERT INTO "+table+" VALUES "+strings.Join(rows, ",")); err != nil {
			b.Fatal(err)
		}
	}
}
