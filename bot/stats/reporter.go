package stats

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"deskmate/model"
)

// Reporter gives figures of days: what is rolled up, and what changed since, counted as it is
// asked for.
type Reporter struct{ cfg ReporterConfig }

// ReporterConfig is what a reporter works with. Every field is required.
type ReporterConfig struct {
	Store Store
	Zone  *time.Location
	Slack time.Duration // how late a change may be seen
	Now   func() time.Time
}

// NewReporter makes a reporter.
func NewReporter(cfg ReporterConfig) *Reporter { return &Reporter{cfg} }

// mostDays is two years with a leap day.
const mostDays = 731

// tries is how often a report is begun again because roll-ups were written meanwhile.
const tries = 4

// Report gives the figures of some days, and those of as many days before.
func (r *Reporter) Report(ctx context.Context, q model.StatQuery) (model.StatReport, error) {
	if err := checkDays(q); err != nil {
		return model.StatReport{}, err
	}
	c := clock{r.cfg.Zone}
	n := c.days(int64(q.From), int64(q.To))
	before := q
	before.From, before.To = int(c.after(int64(q.From), -n)), int(c.after(int64(q.From), -1))
	for range tries {
		v, err := r.look(ctx, q.AccountID, int64(before.From), int64(q.To))
		if err != nil {
			return model.StatReport{}, err
		}
		out, err := v.report(ctx, q, before)
		if err != nil {
			return out, err
		}
		if same, err := v.stands(ctx); err != nil {
			return out, err
		} else if same {
			out.Online, err = r.online(ctx, q)
			return out, err
		}
	}
	return model.StatReport{}, model.ErrStale
}

func checkDays(q model.StatQuery) error {
	c := clock{time.UTC}
	switch {
	case q.From > q.To:
		return model.Invalid("bad_days", "开始日期不能晚于结束日期")
	case c.days(int64(q.From), int64(q.To)) > mostDays:
		return model.Invalid("too_many_days", "一次最多统计 %d 天", mostDays)
	}
	return nil
}

// view is an account's figures as they are at one moment.
type view struct {
	store Store
	clock clock
	state model.StatState
	slots map[int64]Cells // what is counted now in place of roll-ups
	delta map[int64]Cells // by day: how much that is more than the roll-ups say
}

// look counts what changed since the last pass in the sessions of some days. Where nothing is
// rolled up yet there is nothing to see.
func (r *Reporter) look(ctx context.Context, accountID uint64, from, to int64) (*view, error) {
	v := &view{store: r.cfg.Store, clock: clock{r.cfg.Zone}, slots: map[int64]Cells{}, delta: map[int64]Cells{}}
	var err error
	if v.state, err = v.store.StatState(ctx, accountID); err != nil || v.state.Version == 0 {
		return v, err
	}
	slots, err := changedSlots(ctx, v.store, v.clock, v.state, r.cfg.Slack)
	if err != nil {
		return nil, err
	}
	for _, at := range slots {
		day := v.clock.day(at)
		if day < from || day > to {
			continue
		}
		next, err := countSlot(ctx, v.store, v.clock, accountID, at)
		if err != nil {
			return nil, err
		}
		before, err := rolledUp(ctx, v.store, accountID, model.StatSlot, at)
		if err != nil {
			return nil, err
		}
		if _, ok := v.delta[day]; !ok {
			v.delta[day] = NewCells()
		}
		v.slots[at] = next
		v.delta[day].Add(next, 1)
		v.delta[day].Add(before, -1)
	}
	return v, nil
}

// stands reports whether the roll-ups are those that were looked at.
func (v *view) stands(ctx context.Context) (bool, error) {
	now, err := v.store.StatState(ctx, v.state.AccountID)
	return now.Version == v.state.Version, err
}

func (v *view) report(ctx context.Context, q, before model.StatQuery) (model.StatReport, error) {
	out := model.StatReport{Query: q, Previous: before}
	if v.state.SinceMS > 0 {
		out.Since = int(v.clock.day(v.state.SinceMS))
	}
	var (
		sum, past Cells
		days      map[int64]Cell
	)
	// Each reads on its own, and most of their time is unpacking.
	parts, ctx := errgroup.WithContext(ctx)
	parts.Go(func() (err error) { sum, err = v.sum(ctx, q); return err })
	parts.Go(func() (err error) { days, err = v.days(ctx, q, plain); return err })
	parts.Go(func() (err error) { past, err = v.sumOf(ctx, before, before.Seat != ""); return err })
	if err := parts.Wait(); err != nil {
		return out, err
	}
	for _, seat := range slices.Sorted(maps.Keys(sum.Seats)) {
		name := seat
		if seat == Nobody {
			name = ""
		}
		out.Seats = append(out.Seats, model.StatSeat{Seat: name, Figures: Figures(sum.Seats[seat])})
	}
	out.Totals = Figures(sum.of(q.Seat))
	for day := int64(q.From); day <= int64(q.To); day = v.clock.after(day, 1) {
		out.Days = append(out.Days, model.StatDay{Day: int(day), Figures: Figures(days[day])})
	}
	out.Before = Figures(past.of(q.Seat))
	return out, nil
}

// plain are the keys of figures that don't come by something.
func plain(key []byte) bool { return bytes.IndexByte(key, ':') < 0 }

// ofSeats are the keys that a list of seats shows: entries and hours of the week of each would
// be most of its work.
func ofSeats(key []byte) bool {
	return plain(key) || bytes.HasPrefix(key, []byte(model.StatReason+":"))
}

// of is the cell of the account, or of one seat.
func (c Cells) of(seat string) Cell {
	if seat == "" {
		return c.Total
	}
	return c.Seats[seat]
}

// days are the cells of each day that has any: of the account, or of one seat, with the keys
// that are wanted.
func (v *view) days(ctx context.Context, q model.StatQuery, want func(key []byte) bool) (map[int64]Cell, error) {
	list, err := v.store.StatRollups(ctx, v.state.AccountID, model.StatDaily, int64(q.From), int64(q.To), q.Seat != "")
	days := make(map[int64]Cell, len(list))
	for _, row := range list {
		if days[row.At], err = cellOfRow(row, q.Seat, want); err != nil {
			return nil, err
		}
	}
	for day, delta := range v.delta {
		if day < int64(q.From) || day > int64(q.To) {
			continue
		}
		if days[day] == nil {
			days[day] = Cell{}
		}
		for key, n := range delta.of(q.Seat) {
			if want == nil || want([]byte(key)) {
				days[day].add(key, n)
			}
		}
	}
	return days, err
}

// cellOfRow is what a roll-up has of the account, or of one seat.
func cellOfRow(row model.StatRollup, seat string, want func(key []byte) bool) (Cell, error) {
	cell := Cell{}
	if seat == "" {
		return cell, Unpack(row.Total, func(string) Cell { return cell }, want)
	}
	return cell, Unpack(row.Seats, func(name string) Cell {
		if name == seat {
			return cell
		}
		return nil
	}, want)
}

func (v *view) sum(ctx context.Context, q model.StatQuery) (Cells, error) {
	return v.sumOf(ctx, q, true)
}

// sumOf adds up some days: by months where they are whole, else by days. Of seats it has the one
// that is asked for or, with none, all; without seats it has none.
func (v *view) sumOf(ctx context.Context, q model.StatQuery, seats bool) (Cells, error) {
	sum := NewCells()
	mine := func(seat string) Cell {
		if q.Seat != "" && seat != q.Seat {
			return nil
		}
		return sum.seat(seat)
	}
	want := ofSeats
	if q.Seat != "" {
		want = nil
	}
	for _, part := range v.parts(int64(q.From), int64(q.To)) {
		list, err := v.store.StatRollups(ctx, v.state.AccountID, part.span, part.from, part.to, seats)
		if err != nil {
			return sum, err
		}
		for _, row := range list {
			if err := Unpack(row.Total, func(string) Cell { return sum.Total }, nil); err != nil {
				return sum, err
			}
			if err := Unpack(row.Seats, mine, want); err != nil {
				return sum, err
			}
		}
	}
	for day, delta := range v.delta {
		if day < int64(q.From) || day > int64(q.To) {
			continue
		}
		sum.Total.Add(delta.Total, 1)
		for seat, cell := range delta.Seats {
			for key, n := range cell {
				if c := mine(seat); c != nil && (want == nil || want([]byte(key))) {
					c.add(key, n)
				}
			}
		}
	}
	maps.DeleteFunc(sum.Seats, func(_ string, c Cell) bool { return len(c) == 0 })
	return sum, nil
}

// part is a run of days or of months.
type part struct {
	span     model.StatSpan
	from, to int64
}

// parts cuts days into whole months and the days left.
func (v *view) parts(from, to int64) []part {
	var list []part
	add := func(span model.StatSpan, from, to int64) {
		if n := len(list); n > 0 && list[n-1].span == span {
			list[n-1].to = to
			return
		}
		list = append(list, part{span, from, to})
	}
	for day := from; day <= to; {
		month := day / 100
		last := v.clock.after(v.clock.after(month*100+1, 31)/100*100+1, -1) // the month after's first, less one
		end := min(last, to)
		if day%100 == 1 && end == last {
			add(model.StatMonth, month, month)
		} else {
			add(model.StatDaily, day, end)
		}
		day = v.clock.after(end, 1)
	}
	return list
}
