package stats_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/stats"
	"deskmate/model"
)

func TestPackedCellsComeBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	cells := map[string]stats.Cell{}
	for i := range 30 {
		c := stats.Cell{}
		for range r.IntN(20) {
			c[fmt.Sprintf("键%d", r.IntN(40))] = 1 + r.Int64N(1<<40)
		}
		cells[fmt.Sprintf("seat%d", i)] = c
	}
	data := stats.Pack(cells)
	got := map[string]stats.Cell{}
	err := stats.Unpack(data, func(name string) stats.Cell {
		got[name] = stats.Cell{}
		return got[name]
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cells, got); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	one := stats.Cell{}
	err = stats.Unpack(data, func(name string) stats.Cell {
		if name == "seat3" {
			return one
		}
		return nil
	}, func(key []byte) bool { return string(key) != "键7" })
	want := maps.Clone(cells["seat3"])
	delete(want, "键7")
	if err != nil || cmp.Diff(want, one) != "" {
		t.Errorf("seat3 = %v, %v", one, err)
	}
	for n := range data {
		into := stats.Cell{}
		if err := stats.Unpack(data[:n], func(string) stats.Cell { return into }, nil); n > 0 && err == nil {
			t.Fatalf("%d of %d bytes are no error", n, len(data))
		}
	}
}

// session is one in which li waited for served long and answered.
func session(at time.Time, wait, reply, handling time.Duration) model.StatSession {
	ms := at.UnixMilli()
	joined := ms + wait.Milliseconds()
	return model.StatSession{
		Session: model.Session{
			ID: model.FirstID(ms), State: model.StateClosed, Seat: "li", HandoffReason: model.HandoffButton, CloseReason: model.ClosedBySeat,
			QueuedMS: ms, ClosedMS: joined + handling.Milliseconds(),
		},
		Seats: []model.SeatSession{{Seat: "li", JoinedMS: joined, FirstMS: joined + reply.Milliseconds()}},
	}
}

func TestDurationsAreToSevenPerCent(t *testing.T) {
	t.Parallel()
	for _, d := range []time.Duration{time.Second, 1100 * time.Millisecond, 17 * time.Second, 4 * time.Minute, 59 * time.Minute, 9 * time.Hour, 72 * time.Hour} {
		cells := stats.NewCells()
		stats.Count(session(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), d, d, d), time.UTC, cells)
		f := stats.Figures(cells.Total)
		for _, key := range []string{model.StatWait, model.StatFirst, model.StatHandling} {
			if off := math.Abs(f[key+".median"]/float64(d.Milliseconds()) - 1); off > 0.075 {
				t.Errorf("%s of %s is told as %v ms", key, d, f[key+".median"])
			}
			if f[key+".avg"] != float64(d.Milliseconds()) || f[key+".count"] != 1 {
				t.Errorf("average of %s = %v of %v", d, f[key+".avg"], f[key+".count"])
			}
		}
	}
}

func TestCountBySeat(t *testing.T) {
	t.Parallel()
	s := session(time.Date(2026, 11, 2, 1, 30, 0, 0, time.UTC), time.Minute, time.Minute, time.Hour)
	s.Session.Seat = "zhao"
	s.Seats = append(s.Seats, model.SeatSession{Seat: "zhao", JoinedMS: s.Seats[0].JoinedMS + 1000})
	s.Survey = &model.Survey{Seat: "Zhao", Rating: model.RatingBad, Reasons: []string{"回复慢"}, SentMS: 1, Comment: "太慢"}
	cells := stats.NewCells()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	stats.Count(s, zone, cells)
	for _, want := range []struct {
		seat, key string
		n         int64
	}{
		{"li", model.StatTakes, 1},
		{"zhao", model.StatTakes, 1},
		{"li", model.StatServed, 0},
		{"zhao", model.StatServed, 1},
		{"li", model.StatReplied, 1},
		{"zhao", model.StatReplied, 0},
		{"li", model.StatBad, 0},
		{"zhao", model.StatBad, 1},
		{"li", model.StatPart + model.StatBad, 1},
		{"zhao", model.StatReason + ":回复慢", 1},
		{"zhao", model.StatHeat + ":1:9", 1},
		{"zhao", model.StatTransfers, 1},
	} {
		if got := cells.Seats[want.seat][want.key]; got != want.n {
			t.Errorf("%s of %s = %d, want %d", want.key, want.seat, got, want.n)
		}
	}
	if cells.Total[model.StatTakes] != 2 || cells.Total[model.StatServed] != 1 || cells.Total[model.StatHeatHand+":1:9"] != 1 {
		t.Errorf("total = %v", cells.Total)
	}
}

// TestMetricsDocument holds docs/metrics.md against the definitions. DESKMATE_UPDATE=1 writes
// it anew.
func TestMetricsDocument(t *testing.T) {
	t.Parallel()
	const path = "../../docs/metrics.md"
	document := metricsDocument(t)
	if os.Getenv("DESKMATE_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(committed), document); diff != "" {
		t.Errorf("docs/metrics.md lags behind; DESKMATE_UPDATE=1 writes it (-committed +definitions):\n%s", diff)
	}
}

func metricsDocument(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Figures

What each figure of the statistics means. The pages show the same words, and ` + "`GET /api/v1/statistics/definitions`" + ` gives them.
This page is generated from the definitions in ` + "`bot/stats`" + `.

**A session is counted where it was opened**: in that local hour and day of the time zone in ` + "`DESKMATE_TIME_ZONE`" + `, whatever happens to it
later. A survey that is answered tomorrow changes the figures of the day on which its session began. So all figures of a
period are about the same sessions, figures of days and seats add up, and a figure opens exactly the sessions behind it.

**By seat**, a session belongs to the seat that served it last, and those that no seat got belong to nobody. What seats do
themselves counts for each of them: sessions taken, sessions replied to, first replies. Ratings are shown twice: by who served
last, and by all who had a part.

**Durations** are counted in classes of which each is 15 % longer than the one before; medians and percentiles are the
middle of a class, within 7 % of the true value. Averages are exact.

`)
	seen := map[string]bool{}
	page, sep := "", ""
	for _, d := range stats.Definitions() {
		if d.NameZH == "" || d.NameEN == "" || d.TextZH == "" || d.TextEN == "" || seen[d.Key+" "+d.Page] {
			t.Errorf("definition of %q is not whole, or stands twice", d.Key)
		}
		seen[d.Key+" "+d.Page] = true
		if d.Page != page {
			page = d.Page
			title := map[string]string{"survey": "Survey (满意度)", "service": "Service (服务)"}[page]
			b.WriteString(sep + "## " + title + "\n\n| key | unit | name | 名称 | meaning | 含义 |\n| --- | --- | --- | --- | --- | --- |\n")
			sep = "\n"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", d.Key, d.Unit, d.NameEN, d.NameZH, d.TextEN, d.TextZH)
	}
	return b.String()
}
