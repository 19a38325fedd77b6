package stats_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/stats"
	"deskmate/model"
)

// TestOnlineAgreesWithMinutes adds up random spells a minute at a time, over days on which clocks change.
func TestOnlineAgreesWithMinutes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Shanghai", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "America/Santiago"} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				t.Parallel()
				zone, err := time.LoadLocation(name)
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(seed, 36))
				month := time.Month([]int{3, 4, 9, 10}[seed])
				from := time.Date(2026, month, 25+int(seed), 0, 0, 0, 0, zone).UnixMilli()
				to := from + (12*time.Hour).Milliseconds()*int64(20+r.IntN(10)) + int64(r.IntN(40))*time.Minute.Milliseconds()
				spells := randomSpells(r, from, to)
				if diff := cmp.Diff(minutes(spells, from, to, zone), stats.Online(spells, from, to, zone)); diff != "" {
					t.Errorf("(-by minute +got):\n%s", diff)
				}
			})
		}
	}
}

func randomSpells(r *rand.Rand, from, to int64) []model.SeatSpell {
	var list []model.SeatSpell
	minute := time.Minute.Milliseconds()
	for i := range 5 {
		at := from - int64(r.IntN(3000))*minute
		for at < to {
			s := model.SeatSpell{UserID: fmt.Sprintf("seat%d", i), FromMS: at, ToMS: at + int64(1+r.IntN(1+r.IntN(4000)))*minute, State: model.SeatOnline}
			if r.IntN(20) == 0 {
				s.ToMS = model.OpenSpell
			}
			list = append(list, s)
			at = min(s.ToMS, to) + int64(r.IntN(900))*minute
		}
	}
	return list
}

func minutes(spells []model.SeatSpell, from, to int64, zone *time.Location) model.StatOnline {
	want := model.StatOnline{Seats: map[string]int64{}, Days: map[int]int64{}, Hours: map[model.StatHour]model.StatOn{}}
	minute := time.Minute.Milliseconds()
	for at := from; at < to; at += minute {
		local := time.UnixMilli(at).In(zone)
		day := local.Year()*10000 + int(local.Month())*100 + local.Day()
		hour := model.StatHour{Weekday: (int(local.Weekday())+6)%7 + 1, Hour: local.Hour()}
		on := want.Hours[hour]
		on.LongMS += minute
		for _, s := range spells {
			if s.FromMS <= at && at < s.ToMS {
				want.Seats[s.UserID] += minute
				want.Days[day] += minute
				on.OnlineMS += minute
			}
		}
		want.Days[day] += 0
		want.Hours[hour] = on
	}
	return want
}

// BenchmarkOnline adds up a year of 200 seats that go away often.
func BenchmarkOnline(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 36))
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	to := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	var spells []model.SeatSpell
	for len(spells) < 50_000 {
		at := from + r.Int64N(to-from)
		spells = append(spells, model.SeatSpell{UserID: fmt.Sprint(len(spells) % 200), FromMS: at, ToMS: at + r.Int64N(8*time.Hour.Milliseconds())})
	}
	b.ReportAllocs()
	for b.Loop() {
		stats.Online(spells, from, to, time.UTC)
	}
}
