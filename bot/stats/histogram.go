package stats

import (
	"math"
	"strconv"
	"strings"

	"deskmate/model"
)

// step is by how much one class of durations is longer than the one before: what is told of a
// class, its geometric middle, is within 7 % of every duration in it.
const step = 1.15

// The parts of a duration's figure.
const (
	partCount = ".count"
	partSum   = ".sum"
	partClass = "~"
)

// addDuration counts a duration of a figure.
func (c Cell) addDuration(key string, ms int64) {
	ms = max(ms, 0)
	c.add(key+partCount, 1)
	c.add(key+partSum, ms)
	c.add(key+partClass+strconv.Itoa(class(ms)), 1)
}

// class is the number of the class that a duration is in: 0 below a second.
func class(ms int64) int {
	if ms < 1000 {
		return 0
	}
	return 1 + int(math.Log(float64(ms)/1000)/math.Log(step)) //nolint:mnd // seconds
}

// middle is what is told of a class, in ms.
func middle(class int) float64 {
	if class == 0 {
		return 500
	}
	return math.Round(1000 * math.Pow(step, float64(class)-0.5))
}

// durations adds to figures what a cell knows of a duration.
func (c Cell) durations(key string, f model.StatFigures) {
	n := c[key+partCount]
	if n == 0 {
		return
	}
	f[key+partCount] = float64(n)
	f[key+".avg"] = math.Round(float64(c[key+partSum]) / float64(n))
	f[key+".median"] = c.quantile(key, n, 0.5)
	f[key+".p90"] = c.quantile(key, n, 0.9)
}

// quantile is the middle of the class in which the share q of n durations is reached.
func (c Cell) quantile(key string, n int64, q float64) float64 {
	want, seen := int64(math.Ceil(q*float64(n))), int64(0)
	last := 0
	for k := range c {
		if at, ok := strings.CutPrefix(k, key+partClass); ok {
			i, _ := strconv.Atoi(at)
			last = max(last, i)
		}
	}
	for i := 0; i <= last; i++ {
		if seen += c[key+partClass+strconv.Itoa(i)]; seen >= want {
			return middle(i)
		}
	}
	return middle(last)
}
