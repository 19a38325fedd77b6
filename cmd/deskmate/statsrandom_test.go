package main

import (
	"log/slog"
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/stats"
	"deskmate/model"
	"deskmate/store/storetest"
)

// TestStatisticsAgreeWithRows lets random things happen to sessions, counts now and then, and
// compares what is reported with what the sessions themselves say.
func TestStatisticsAgreeWithRows(t *testing.T) {
	t.Parallel()
	for name, zone := range map[string]string{"Shanghai": "Asia/Shanghai", "Kolkata": "Asia/Kolkata"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.EachDatabase(t, func(t *testing.T, db storetest.Database) {
				t.Helper()
				w := newStatsWorld(t, db, 11)
				at, err := time.LoadLocation(zone)
				if err != nil {
					t.Fatal(err)
				}
				now := func() time.Time { return w.now }
				w.live(t, 60) // before anything is counted
				roller := stats.NewRoller(stats.RollerConfig{
					Store: w.store, Accounts: w.store, Zone: at, Every: time.Second, Slack: time.Minute, Backlog: 3, Now: now, Log: slog.New(slog.DiscardHandler),
				})
				c := checker{w, stats.NewReporter(stats.ReporterConfig{Store: w.store, Zone: at, Slack: time.Minute, Now: now}), at}
				for more := true; more; {
					if more, err = roller.Pass(t.Context(), statsAccount); err != nil {
						t.Fatal(err)
					}
				}
				c.check(t)
				for range 10 {
					w.live(t, 60)
					w.now = w.now.Add(5 * time.Hour)
					w.live(t, 30)
					c.check(t) // counted as it is asked for
					if _, err := roller.Pass(t.Context(), statsAccount); err != nil {
						t.Fatal(err)
					}
					c.check(t)
				}
				before := w.rollups(t)
				if err := roller.Rebuild(t.Context(), statsAccount, func(int) {}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(before, w.rollups(t)); diff != "" {
					t.Errorf("a rebuild gives others (-before +after):\n%s", diff)
				}
				c.pages(t)
			})
		})
	}
}

type checker struct {
	w    *statsWorld
	r    *stats.Reporter
	zone *time.Location
}

// check compares two ranges: all days, and the last two.
func (c checker) check(t *testing.T) {
	t.Helper()
	today := c.w.now.In(c.zone)
	for _, from := range []time.Time{time.Date(2026, 10, 1, 0, 0, 0, 0, c.zone), today.AddDate(0, 0, -1)} {
		q := model.StatQuery{AccountID: statsAccount, From: dayOf(from), To: dayOf(today)}
		got, err := c.r.Report(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		c.compare(t, got.Totals, c.in(q))
		c.sums(t, got)
		q.Seat = "li"
		own, err := c.r.Report(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(got.Seats, func(s model.StatSeat) bool { return s.Seat == "li" })
		want := model.StatFigures{}
		if i >= 0 {
			want = got.Seats[i].Figures
		}
		maps.DeleteFunc(own.Totals, func(key string, _ float64) bool {
			return strings.Contains(key, ":") && !strings.HasPrefix(key, model.StatReason)
		})
		if diff := cmp.Diff(want, own.Totals); diff != "" {
			t.Errorf("what a seat is told of itself differs (-all +own):\n%s", diff)
		}
	}
}

func dayOf(at time.Time) int { return at.Year()*10000 + int(at.Month())*100 + at.Day() }

// in are the sessions that were opened on the days.
func (c checker) in(q model.StatQuery) []model.StatSession {
	var list []model.StatSession
	for _, s := range c.w.sessions {
		if day := dayOf(time.UnixMilli(s.Session.OpenedMS).In(c.zone)); day >= q.From && day <= q.To {
			list = append(list, *s)
		}
	}
	return list
}

// naive are the figures that count sessions, each by what it says of one.
func naive() map[string]func(model.StatSession) bool {
	closed := func(s model.StatSession) bool { return s.Session.ClosedMS > 0 }
	handed := func(s model.StatSession) bool { return s.Session.QueuedMS > 0 }
	served := func(s model.StatSession) bool { return len(s.Seats) > 0 }
	rated := func(r model.Rating) func(model.StatSession) bool {
		return func(s model.StatSession) bool { return s.Survey != nil && s.Survey.Rating == r }
	}
	return map[string]func(model.StatSession) bool{
		model.StatOpened:   func(model.StatSession) bool { return true },
		model.StatAsked:    func(s model.StatSession) bool { return len(s.Questions) != 0 },
		model.StatHandoffs: handed,
		model.StatServed:   served,
		model.StatWaited: func(s model.StatSession) bool {
			begun := func(p model.SeatSession) bool {
				return p.JoinedMS <= s.Session.QueuedMS+1000 || s.Session.Shared && s.Session.AssignedMS > 0 && s.Session.AssignedMS <= s.Session.QueuedMS+1000
			}
			return handed(s) && !slices.ContainsFunc(s.Seats, begun)
		},
		model.StatUnserved: func(s model.StatSession) bool { return closed(s) && handed(s) && !served(s) },
		model.StatEnded:    func(s model.StatSession) bool { return closed(s) && served(s) },
		model.StatReplied: func(s model.StatSession) bool {
			return slices.ContainsFunc(s.Seats, func(p model.SeatSession) bool { return p.FirstMS != 0 })
		},
		model.StatSent: func(s model.StatSession) bool { return s.Survey != nil },
		model.StatGood: rated(model.RatingGood), model.StatFair: rated(model.RatingFair), model.StatBad: rated(model.RatingBad),
		model.StatCommented: func(s model.StatSession) bool { return s.Survey != nil && s.Survey.Comment != "" },
		model.StatReason + ":回复慢": func(s model.StatSession) bool {
			return s.Survey != nil && slices.Contains(s.Survey.Reasons, "回复慢")
		},
		model.StatHandoff + ":button": func(s model.StatSession) bool { return s.Session.HandoffReason == model.HandoffButton },
		model.StatClose + ":idle":     func(s model.StatSession) bool { return s.Session.CloseReason == model.ClosedIdle },
		model.StatSelf: func(s model.StatSession) bool {
			return closed(s) && !handed(s) && slices.ContainsFunc(s.Questions, func(q model.Question) bool {
				return q.Outcome == model.OutcomeAnswered || q.Picked > 0
			})
		},
	}
}

func (c checker) compare(t *testing.T, got model.StatFigures, sessions []model.StatSession) {
	t.Helper()
	for key, is := range naive() {
		want := 0
		for _, s := range sessions {
			if is(s) {
				want++
			}
		}
		if int(got[key]) != want {
			t.Errorf("%s = %v, want %d", key, got[key], want)
		}
	}
	questions, hits, waits := 0, 0, []float64{}
	for _, s := range sessions {
		for _, q := range s.Questions {
			questions++
			if q.Outcome == model.OutcomeAnswered {
				hits++
			}
		}
		if x := s.Session; !x.Shared && len(s.Seats) > 0 {
			waits = append(waits, float64(s.Seats[0].JoinedMS-x.QueuedMS))
		} else if len(s.Seats) > 0 {
			waits = append(waits, float64(x.AssignedMS-x.QueuedMS))
		}
	}
	if int(got[model.StatQuestions]) != questions || int(got[model.StatHits]) != hits {
		t.Errorf("questions, hits = %v, %v, want %d, %d", got[model.StatQuestions], got[model.StatHits], questions, hits)
	}
	if questions > 0 && math.Abs(got[model.StatHitRate]-float64(hits)/float64(questions)) > 1e-9 {
		t.Errorf("hit rate = %v of %d, %d", got[model.StatHitRate], hits, questions)
	}
	if len(waits) == 0 {
		return
	}
	sort.Float64s(waits)
	median := waits[(len(waits)-1)/2]
	if told := got[model.StatWait+".median"]; median >= 1000 && math.Abs(told-median)/median > 0.075 {
		t.Errorf("median wait = %v, want about %v", told, median)
	}
}

// sums holds parts against wholes: days, and what belongs to one seat or to nobody.
func (c checker) sums(t *testing.T, r model.StatReport) {
	t.Helper()
	for _, key := range []string{
		model.StatOpened, model.StatHandoffs, model.StatServed, model.StatEnded, model.StatIdleEnds, model.StatQuestions, model.StatTakes, model.StatSelf,
		model.StatSent, model.StatCompleted, model.StatGood, model.StatFair, model.StatBad, model.StatReason + ":没解决", model.StatWait + ".count",
	} {
		days, seats := 0.0, 0.0
		for _, d := range r.Days {
			days += d.Figures[key]
		}
		for _, s := range r.Seats {
			seats += s.Figures[key]
		}
		if days != r.Totals[key] && !strings.Contains(key, ":") || seats != r.Totals[key] {
			t.Errorf("%s: days %v, seats %v, total %v", key, days, seats, r.Totals[key])
		}
	}
	if f := r.Totals; f[model.StatRated] != f[model.StatCompleted] || f[model.StatGood]+f[model.StatFair]+f[model.StatBad] != f[model.StatCompleted] {
		t.Errorf("ratings don't agree: %v", f)
	}
	heat := 0.0
	for key, n := range r.Totals {
		if len(key) > 5 && key[:5] == model.StatHeat+":" {
			heat += n
		}
	}
	if heat != r.Totals[model.StatOpened] {
		t.Errorf("hours of the week have %v sessions, want %v", heat, r.Totals[model.StatOpened])
	}
}

// pages reads the sessions behind figures page by page, forwards and back.
func (c checker) pages(t *testing.T) {
	t.Helper()
	q := model.StatQuery{AccountID: statsAccount, From: 20261001, To: dayOf(c.w.now.In(c.zone))}
	for key, is := range naive() {
		figure, reason := key, ""
		if i := slices.Index([]byte(key), ':'); i > 0 {
			figure, reason = key[:i], key[i+1:]
		}
		c.behind(t, model.StatSessions{StatQuery: q, Figure: figure, Reason: reason}, is)
	}
	// A rating is that of each seat which had a part in the session.
	for _, seat := range []string{"li", "zhao", "qian", "sun"} {
		q.Seat = seat
		for _, figure := range []string{model.StatSent, model.StatGood, model.StatBadShare, model.StatCommented} {
			is := naive()[map[string]string{model.StatBadShare: model.StatBad}[figure]]
			if is == nil {
				is = naive()[figure]
			}
			c.behind(t, model.StatSessions{StatQuery: q, Figure: model.StatPart + figure}, func(s model.StatSession) bool {
				return is(s) && slices.ContainsFunc(s.Seats, func(p model.SeatSession) bool { return p.Seat == seat })
			})
		}
	}
	q.Seat = ""
	if _, err := c.r.Sessions(t.Context(), model.StatSessions{StatQuery: q, Figure: model.StatPart + model.StatGood, Hour: -1, Limit: 7}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("a figure of seats without a seat: %v", err)
	}
}

// behind reads the sessions behind a figure page by page, which are those of the period that is
// says yes to, and a page back.
func (c checker) behind(t *testing.T, ask model.StatSessions, is func(model.StatSession) bool) {
	t.Helper()
	ask.Hour, ask.Limit = -1, 7
	var want, got []uint64
	for _, s := range c.in(ask.StatQuery) {
		if is(s) {
			want = append(want, s.Session.ID)
		}
	}
	slices.Sort(want)
	slices.Reverse(want)
	for {
		page, err := c.r.Sessions(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, page...); len(page) < ask.Limit {
			break
		}
		ask.Before = page[len(page)-1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sessions behind %s %s %s (-want +got):\n%s", ask.Figure, ask.Reason, ask.Seat, diff)
	}
	if len(want) > 10 {
		ask.Before, ask.After = 0, want[9]
		back, err := c.r.Sessions(t.Context(), ask)
		if diff := cmp.Diff(want[2:9], back); err != nil || diff != "" {
			t.Errorf("the page before (-want +got): %v\n%s", err, diff)
		}
	}
}
