package stats

import (
	"context"
	"maps"
	"slices"
	"strings"

	"deskmate/model"
)

// Sessions are the ids of the sessions behind a figure: those that it counts something of. Days
// and slots in which it counts nothing are passed over.
func (r *Reporter) Sessions(ctx context.Context, q model.StatSessions) ([]uint64, error) {
	if err := checkDays(q.StatQuery); err != nil {
		return nil, err
	}
	key, ok := behind(q.Figure, q.Reason)
	if !ok {
		return nil, model.Invalid("bad_figure", "没有指标“%s”，或它不按原因统计", q.Figure)
	}
	if strings.HasPrefix(key, model.StatPart) && q.Seat == "" {
		return nil, model.Invalid("bad_figure", "指标“%s”只按坐席统计，请指定坐席", q.Figure)
	}
	c := clock{r.cfg.Zone}
	lo, hi := model.FirstID(c.start(int64(q.From))), model.FirstID(c.start(c.after(int64(q.To), 1)))
	if q.Before > 0 {
		hi = min(hi, q.Before)
	}
	newer := q.After > 0
	if newer {
		lo = max(lo, q.After+1)
	}
	if lo >= hi {
		return nil, nil
	}
	from, to := c.day(model.IDTime(lo)), c.day(model.IDTime(hi-1))
	v, err := r.look(ctx, q.AccountID, from, to)
	if err != nil {
		return nil, err
	}
	days, err := v.daysWith(ctx, q, key, from, to)
	if err != nil {
		return nil, err
	}
	if !newer {
		slices.Reverse(days)
	}
	var ids []uint64
	for _, day := range days {
		slots, err := v.daySlots(ctx, q, key, day, newer)
		if err != nil {
			return nil, err
		}
		for _, at := range slots {
			some, err := v.sessions(ctx, q.StatQuery, key, at, lo, hi)
			if err != nil {
				return nil, err
			}
			if !newer {
				slices.Reverse(some)
			}
			if ids = append(ids, some...); len(ids) >= q.Limit {
				break
			}
		}
		if len(ids) >= q.Limit {
			break
		}
	}
	ids = ids[:min(len(ids), q.Limit)]
	if newer {
		slices.Reverse(ids)
	}
	return ids, nil
}

// daysWith are the days on which a key counts something, in order.
func (v *view) daysWith(ctx context.Context, q model.StatSessions, key string, from, to int64) ([]int64, error) {
	dq := q.StatQuery
	dq.From, dq.To = int(from), int(to)
	cells, err := v.days(ctx, dq, func(k []byte) bool { return string(k) == key })
	var days []int64
	for day, cell := range cells {
		local := model.Time(v.clock.start(day)).In(v.clock.zone)
		if cell[key] != 0 && (q.Weekday == 0 || weekday(local) == q.Weekday) {
			days = append(days, day)
		}
	}
	slices.Sort(days)
	return days, err
}

// daySlots are the slots of a day in which a key counts something, in order or the last one first.
func (v *view) daySlots(ctx context.Context, q model.StatSessions, key string, day int64, forwards bool) ([]int64, error) {
	from, to := v.clock.start(day), v.clock.start(v.clock.after(day, 1))-1
	list, err := v.store.StatRollups(ctx, v.state.AccountID, model.StatSlot, from, to, q.Seat != "")
	if err != nil {
		return nil, err
	}
	cells := make(map[int64]Cell, len(list))
	for _, row := range list {
		if cells[row.At], err = cellOfRow(row, q.Seat, func(k []byte) bool { return string(k) == key }); err != nil {
			return nil, err
		}
	}
	for at, live := range v.slots {
		if at >= from && at <= to {
			cells[at] = live.of(q.Seat)
		}
	}
	maps.DeleteFunc(cells, func(at int64, c Cell) bool {
		return c[key] == 0 || q.Hour >= 0 && model.Time(at).In(v.clock.zone).Hour() != q.Hour
	})
	slots := slices.Sorted(maps.Keys(cells))
	if !forwards {
		slices.Reverse(slots)
	}
	return slots, nil
}

// sessions are those of a slot, within two ids, of which a key counts something, in order.
func (v *view) sessions(ctx context.Context, q model.StatQuery, key string, at int64, lo, hi uint64) ([]uint64, error) {
	first, last := max(lo, model.FirstID(at)), min(hi, model.FirstID(v.clock.next(at)))
	if first >= last {
		return nil, nil
	}
	list, err := v.store.StatSessions(ctx, q.AccountID, first, last)
	var ids []uint64
	for _, s := range list {
		cells := NewCells()
		Count(s, v.clock.zone, cells)
		if cells.of(q.Seat)[key] != 0 {
			ids = append(ids, s.Session.ID)
		}
	}
	return ids, err
}

// CommentsQuery asks for the sessions whose surveys have a comment.
func CommentsQuery(q model.StatComments) model.StatSessions {
	s := model.StatSessions{StatQuery: q.StatQuery, Figure: model.StatCommented, Hour: -1, Before: q.Before, Limit: q.Limit}
	if q.Rating != "" {
		s.Figure, s.Reason = commented, string(q.Rating)
	}
	return s
}
