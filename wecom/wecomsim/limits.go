package wecomsim

import (
	"slices"
	"time"
)

// limit is how many of something WeCom takes within a time. WeCom does not say how the
// time is cut; here it slides, which is the harder reading.
type limit struct {
	most   int
	within time.Duration
}

// paceLimits are what one app may send one member by message/send (doc path/90236). The
// excess is dropped without a word.
func paceLimits() []limit {
	return []limit{{most: 1000, within: time.Hour}, {most: 30, within: time.Minute}}
}

// admit reports whether n more fit into every limit, of which the first is the longest.
// It also gives times without what no limit counts any more.
func admit(times []time.Time, now time.Time, n int, limits []limit) ([]time.Time, bool) {
	after := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(times, t, time.Time.Compare)
		for i < len(times) && !times[i].After(t) {
			i++
		}
		return i
	}
	times = times[after(now.Add(-limits[0].within)):]
	for _, l := range limits {
		if len(times)-after(now.Add(-l.within))+n > l.most {
			return times, false
		}
	}
	return times, true
}

// withinPace takes one message of the member's allowance, or counts it as dropped. The
// state is locked.
func (s *Server) withinPace(pace map[string][]time.Time, id string, now time.Time, limits []limit) bool {
	times, fits := admit(pace[id], now, 1, limits)
	if fits {
		times = append(times, now)
	} else {
		s.records.counts.Dropped++
		s.records.droppedFor(id)
	}
	pace[id] = times
	return fits
}
