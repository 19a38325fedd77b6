package stats

import (
	"context"
	"fmt"
	"time"

	"deskmate/model"
)

// online adds up the spells in which seats were online in some days; one that goes on counts
// until now.
func (r *Reporter) online(ctx context.Context, q model.StatQuery) (model.StatOnline, error) {
	c := clock{r.cfg.Zone}
	since, err := r.cfg.Store.SpellsSince(ctx, q.AccountID)
	if err != nil {
		return model.StatOnline{}, fmt.Errorf("report online time: %w", err)
	}
	from, to := c.start(int64(q.From)), min(c.start(c.after(int64(q.To), 1)), r.cfg.Now().UnixMilli())
	if since == 0 || max(from, since) >= to {
		return model.StatOnline{SinceMS: since}, nil
	}
	from = max(from, since)
	spells, err := r.cfg.Store.SeatSpells(ctx, q.AccountID, from, to, q.Seat)
	if err != nil {
		return model.StatOnline{}, fmt.Errorf("report online time: %w", err)
	}
	out := Online(spells, from, to, r.cfg.Zone)
	out.SinceMS = since
	return out, nil
}

// Online adds up spells between two times by seat, day and hour of the week of a time zone. Its
// work grows with the spells and with the hours, not with their product.
func Online(spells []model.SeatSpell, from, to int64, zone *time.Location) model.StatOnline {
	out := model.StatOnline{Seats: map[string]int64{}, Days: map[int]int64{}, Hours: map[model.StatHour]model.StatOn{}}
	events := newGrid(from, to, zone)
	for _, s := range spells {
		if begin, end := max(s.FromMS, from), min(s.ToMS, to); begin < end {
			out.Seats[s.UserID] += end - begin
			events.add(begin, end)
		}
	}
	whole := int64(0) // seats that are online all of an hour
	c := clock{zone}
	for i, at := range events.starts {
		whole += events.steps[i]
		long := events.end(i) - at
		online := whole*long + events.parts[i]
		local := model.Time(at).In(zone)
		hour := model.StatHour{Weekday: weekday(local), Hour: local.Hour()}
		sum := out.Hours[hour]
		out.Hours[hour] = model.StatOn{OnlineMS: sum.OnlineMS + online, LongMS: sum.LongMS + long}
		out.Days[int(c.day(at))] += online
	}
	return out
}

// grid cuts a time into local hours. The first and the last may be shorter, and so are hours in
// which the clock is put back or forth by less.
type grid struct {
	starts []int64
	to     int64
	parts  []int64 // what spells have of an hour that they don't fill
	steps  []int64 // how many more spells fill this hour than the one before
}

func newGrid(from, to int64, zone *time.Location) *grid {
	g := &grid{to: to}
	for at := from; at < to; {
		g.starts = append(g.starts, at)
		local := model.Time(at).In(zone)
		past := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
		at += (time.Hour - past).Milliseconds()
	}
	g.parts, g.steps = make([]int64, len(g.starts)), make([]int64, len(g.starts)+1)
	return g
}

func (g *grid) end(i int) int64 {
	if i+1 < len(g.starts) {
		return g.starts[i+1]
	}
	return g.to
}

// add adds a spell within the grid.
func (g *grid) add(begin, end int64) {
	first, last := g.find(begin), g.find(end-1)
	if first == last {
		g.parts[first] += end - begin
		return
	}
	g.parts[first] += g.end(first) - begin
	g.parts[last] += end - g.starts[last]
	g.steps[first+1]++
	g.steps[last]--
}

// find is the hour of a time: the guess of hours of equal length, mended.
func (g *grid) find(at int64) int {
	i := min(int((at-g.starts[0])/time.Hour.Milliseconds()), len(g.starts)-1)
	for at < g.starts[i] {
		i--
	}
	for at >= g.end(i) {
		i++
	}
	return i
}
