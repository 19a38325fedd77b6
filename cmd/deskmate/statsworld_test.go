package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// statsWorld is an account whose sessions are written as rows, and kept beside them as they are.
type statsWorld struct {
	db       *sql.DB
	store    *sqlstore.Store
	r        *rand.Rand
	now      time.Time
	sessions []*model.StatSession
}

const statsAccount = 7

func newStatsWorld(t *testing.T, database storetest.Database, seed uint64) *statsWorld {
	t.Helper()
	w := &statsWorld{r: rand.New(rand.NewPCG(seed, 1)), now: time.Date(2026, 10, 30, 1, 0, 0, 0, time.UTC)}
	w.store = database.Open(t, func() time.Time { return w.now })
	driver, dsn := "sqlite", strings.TrimPrefix(database.URL, "sqlite://")+"?_pragma=busy_timeout(5000)"
	if database.Dialect == "mysql" {
		driver = "mysql"
		dsn = strings.Replace(strings.TrimPrefix(database.URL, "mysql://"), "@", "@tcp(", 1)
		dsn = strings.Replace(dsn, "/", ")/", 1) + "?interpolateParams=true"
	}
	var err error
	if w.db, err = sql.Open(driver, dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	return w
}

func (w *statsWorld) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := w.db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func pickOne[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// open begins a session now, with questions.
func (w *statsWorld) open(t *testing.T) {
	t.Helper()
	at := w.now.UnixMilli()
	s := &model.StatSession{Session: model.Session{ID: model.NewID(w.now), AccountID: statsAccount, State: model.StateBot, OpenedMS: at, UpdatedMS: at}}
	w.sessions = append(w.sessions, s)
	w.exec(t, "INSERT INTO session (id,account_id,employee,state,version,seat,seat_no,handoff_reason,close_reason,misses,suggested,message_count,handoff_seq,"+
		"opened_ms,queued_ms,assigned_ms,closed_ms,last_employee_ms,last_seat_ms,updated_ms,unindexed) VALUES (?,?,'wang','bot',1,'',0,'','',0,'[]',0,0,?,0,0,0,0,0,?,0)",
		s.Session.ID, statsAccount, at, at)
	for range w.r.IntN(3) {
		w.ask(t, s)
	}
}

func (w *statsWorld) ask(t *testing.T, s *model.StatSession) {
	t.Helper()
	q := model.Question{
		ID: model.NewID(w.now), SessionID: s.Session.ID, EntryID: uint64(1 + w.r.IntN(5)),
		Outcome: pickOne(w.r, model.OutcomeAnswered, model.OutcomeAnswered, model.OutcomeSuggested, model.OutcomeMissed),
	}
	s.Questions = append(s.Questions, q)
	w.exec(t, "INSERT INTO question (id,account_id,session_id,employee,text,folded,outcome,score,threshold,topic,entry_id,suggested,picked,feedback,miss,solved_by,model,at_ms)"+
		" VALUES (?,?,?,'wang','','',?,0,0,0,?,'[]',0,'','',0,'',?)", q.ID, statsAccount, s.Session.ID, q.Outcome, q.EntryID, w.now.UnixMilli())
}

// save writes what a session is now.
func (w *statsWorld) save(t *testing.T, s *model.StatSession) {
	t.Helper()
	x := &s.Session
	x.UpdatedMS = w.now.UnixMilli()
	w.exec(t, "UPDATE session SET state=?, seat=?, shared=?, handoff_reason=?, close_reason=?, queued_ms=?, assigned_ms=?, closed_ms=?, updated_ms=? WHERE id=?",
		x.State, x.Seat, x.Shared, x.HandoffReason, x.CloseReason, x.QueuedMS, x.AssignedMS, x.ClosedMS, x.UpdatedMS, x.ID)
}

// change lets something happen in a session.
func (w *statsWorld) change(t *testing.T, s *model.StatSession) {
	t.Helper()
	x, at := &s.Session, w.now.UnixMilli()
	switch x.State {
	case model.StateBot:
		w.changeBot(t, s)
	case model.StateQueued:
		if w.r.IntN(6) == 0 {
			x.State, x.CloseReason, x.ClosedMS = model.StateClosed, model.ClosedQueue, at
			break
		}
		x.State, x.AssignedMS, x.Seat = model.StateServing, at, pickOne(w.r, "li", "zhao", "qian")
		if x.Shared = w.r.IntN(4) == 0; x.Shared {
			x.Seat = ""
		} else {
			w.join(t, s, x.Seat, 0)
		}
	case model.StateServing:
		w.changeServing(t, s)
	case model.StateClosed:
		w.rate(t, s)
	}
	w.save(t, s)
}

func (w *statsWorld) changeBot(t *testing.T, s *model.StatSession) {
	t.Helper()
	x, at := &s.Session, w.now.UnixMilli()
	switch w.r.IntN(4) {
	case 0:
		x.State, x.CloseReason, x.ClosedMS = model.StateClosed, model.ClosedIdle, at
	case 1:
		w.ask(t, s)
	case 2:
		if len(s.Questions) > 0 {
			q := &s.Questions[w.r.IntN(len(s.Questions))]
			q.Picked, q.Feedback = uint64(w.r.IntN(3)), pickOne(w.r, model.FeedbackUp, model.FeedbackDown)
			w.exec(t, "UPDATE question SET picked=?, feedback=? WHERE id=?", q.Picked, q.Feedback, q.ID)
		}
	case 3:
		x.State, x.HandoffReason, x.QueuedMS = model.StateQueued, pickOne(w.r, model.HandoffKeyword, model.HandoffButton, model.HandoffMisses), at
	}
}

func (w *statsWorld) changeServing(t *testing.T, s *model.StatSession) {
	t.Helper()
	x, at := &s.Session, w.now.UnixMilli()
	switch n := w.r.IntN(5); {
	case n == 0:
		seat := pickOne(w.r, "li", "zhao", "sun")
		if !x.Shared && seat != x.Seat {
			x.Seat, x.AssignedMS = seat, at
			w.join(t, s, seat, 0)
		}
	case n <= 2:
		w.join(t, s, cmpOr(x.Seat, pickOne(w.r, "li", "zhao")), at)
	default:
		if x.Shared && x.Seat == "" && len(s.Seats) > 0 {
			x.Seat = s.Seats[len(s.Seats)-1].Seat
		}
		x.State, x.ClosedMS, x.CloseReason = model.StateClosed, at, pickOne(w.r, model.ClosedBySeat, model.ClosedBySeat, model.ClosedIdle)
		if x.CloseReason == model.ClosedBySeat && len(s.Seats) > 0 {
			s.Survey = &model.Survey{SessionID: x.ID, Seat: x.Seat, SentMS: at}
			w.exec(t, "INSERT INTO survey (session_id,account_id,employee,seat,rating,reasons,sent_ms,rated_ms,reason_ms) VALUES (?,?,'wang',?,'','[]',?,0,0)",
				x.ID, statsAccount, x.Seat, at)
		}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// join makes a seat part of a session, or lets it write at a time.
func (w *statsWorld) join(t *testing.T, s *model.StatSession, seat string, wrote int64) {
	t.Helper()
	at := w.now.UnixMilli()
	for i := range s.Seats {
		p := &s.Seats[i]
		if p.Seat != seat {
			continue
		}
		if wrote > 0 && p.FirstMS == 0 {
			p.FirstMS = wrote
		}
		p.LastMS = max(p.LastMS, wrote)
		w.exec(t, "UPDATE seat_session SET first_ms=?, last_ms=? WHERE session_id=? AND seat=?", p.FirstMS, p.LastMS, s.Session.ID, seat)
		return
	}
	s.Seats = append(s.Seats, model.SeatSession{SessionID: s.Session.ID, Seat: seat, JoinedMS: at, FirstMS: wrote, LastMS: wrote})
	w.exec(t, "INSERT INTO seat_session (session_id,seat,account_id,employee,joined_ms,first_ms,last_ms,messages) VALUES (?,?,?,'wang',?,?,?,0)",
		s.Session.ID, seat, statsAccount, at, wrote, wrote)
}

func (w *statsWorld) rate(t *testing.T, s *model.StatSession) {
	t.Helper()
	v := s.Survey
	if v == nil {
		return
	}
	v.Rating = pickOne(w.r, model.RatingGood, model.RatingGood, model.RatingFair, model.RatingBad)
	v.Reasons = nil
	if v.Rating == model.RatingBad {
		v.Reasons = []string{pickOne(w.r, "回复慢", "没解决")}
	}
	v.Comment = pickOne(w.r, "", "", "谢谢")
	reasons, err := json.Marshal(append([]string{}, v.Reasons...))
	if err != nil {
		t.Fatal(err)
	}
	w.exec(t, "UPDATE survey SET rating=?, reasons=?, comment=? WHERE session_id=?", v.Rating, string(reasons), v.Comment, s.Session.ID)
}

// live lets an hour or so pass with things happening.
func (w *statsWorld) live(t *testing.T, things int) {
	t.Helper()
	for range things {
		w.now = w.now.Add(time.Duration(w.r.IntN(90_000)) * time.Millisecond)
		if len(w.sessions) == 0 || w.r.IntN(4) == 0 {
			w.open(t)
			continue
		}
		w.change(t, w.sessions[w.r.IntN(len(w.sessions))])
	}
}

// rollups are the rows that are stored, as text.
func (w *statsWorld) rollups(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, span := range []model.StatSpan{model.StatSlot, model.StatDaily, model.StatMonth} {
		rows, err := w.store.StatRollups(t.Context(), statsAccount, span, 0, 1<<62, true)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%s %d %x %x", r.Span, r.At, r.Total, r.Seats))
		}
	}
	return list
}
