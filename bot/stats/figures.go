package stats

import (
	"strings"

	"deskmate/model"
)

// Figures are what a cell says: its counts, and the shares and durations that follow from them.
func Figures(c Cell) model.StatFigures {
	f := make(model.StatFigures, len(c))
	for key, n := range c {
		if !strings.Contains(key, partClass) && !strings.HasSuffix(key, partSum) {
			f[key] = float64(n)
		}
	}
	for _, prefix := range [...]string{"", model.StatPart} {
		for _, s := range shares() {
			if whole := c[prefix+s.whole]; whole > 0 {
				f[prefix+s.key] = float64(c[prefix+s.part]) / float64(whole)
			}
		}
	}
	for _, key := range [...]string{model.StatWait, model.StatFirst, model.StatHandling} {
		c.durations(key, f)
	}
	return f
}

// ratio is a figure that is a share of another.
type ratio struct{ key, part, whole string }

func shares() []ratio {
	return []ratio{
		{model.StatCompletion, model.StatCompleted, model.StatSent},
		{model.StatGoodShare, model.StatGood, model.StatCompleted},
		{model.StatFairShare, model.StatFair, model.StatCompleted},
		{model.StatBadShare, model.StatBad, model.StatCompleted},
		{model.StatHitRate, model.StatHits, model.StatQuestions},
		{model.StatAcceptRate, model.StatAccepted, model.StatSuggested},
		{model.StatMissRate, model.StatMissed, model.StatQuestions},
		{model.StatSelfRate, model.StatSelf, model.StatAsked},
		{model.StatHandRate, model.StatHandoffs, model.StatOpened},
	}
}

// behind is the count whose sessions stand behind a figure, with a reason where it comes by
// reason. It is false for what is no figure.
func behind(figure, reason string) (key string, ok bool) {
	key = figure
	part, own := "", figure
	if rest, ok := strings.CutPrefix(figure, model.StatPart); ok {
		part, own = model.StatPart, rest
	}
	for _, s := range shares() {
		if own == s.key {
			key = part + s.part
		}
	}
	base, _, timed := strings.Cut(figure, ".")
	if timed {
		key = base + partCount
	}
	for _, d := range Definitions() {
		if d.Key == figure && d.Sessions {
			if reason != "" && d.ByReason {
				key += ":" + reason
			}
			return key, reason == "" || d.ByReason
		}
	}
	return "", false
}
