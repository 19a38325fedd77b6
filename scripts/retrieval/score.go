package main

import (
	"cmp"
	"math"
	"slices"
)

// score is what one engine reached on one task; shares are in [0, 1].
type score struct {
	Recall1, Recall3, MRR float64 // in-scope queries; MRR over the first ten
	Cov95                 float64 // see [coverage]
	AUROC                 float64 // of the first score, in scope against out of scope
	Decides               bool    // the engine said itself what it would answer
	Precision, Coverage   float64 // of those decisions: right of all answers, in-scope queries answered right
	P50MS, P99MS          float64
}

// precisionWanted is the share of right answers among all answers given that the best
// threshold must keep.
const precisionWanted = 0.95

// outcome is one query reduced to what the figures need.
type outcome struct {
	inScope  bool
	rank     int     // of the right entry, from 1; 0: not found
	score    float64 // of the first entry; -Inf without one
	answered bool
}

func (o outcome) right() bool { return o.rank == 1 }

func measure(queries []query, results []result) score {
	outcomes := make([]outcome, len(queries))
	var took []float64
	for i, q := range queries {
		outcomes[i] = observe(q, results[i])
		if results[i].LatencyMS > 0 {
			took = append(took, results[i].LatencyMS)
		}
	}
	s := ranking(outcomes)
	s.Cov95 = coverage(outcomes, precisionWanted)
	s.AUROC = auroc(outcomes)
	if len(results) > 0 && results[0].Answered != nil {
		s.Decides = true
		s.Precision, s.Coverage = decisions(outcomes)
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		s.P50MS, s.P99MS = took[n/2], took[min(n-1, n*99/100)]
	}
	return s
}

func observe(q query, r result) outcome {
	o := outcome{inScope: q.ID != nil, score: math.Inf(-1)}
	if len(r.Results) > 0 {
		o.score = r.Results[0].Score
		o.answered = r.Answered != nil && *r.Answered
	}
	if q.ID == nil {
		return o
	}
	seen := map[string]bool{}
	for _, h := range r.Results {
		if seen[h.ID] {
			continue
		}
		seen[h.ID] = true
		if h.ID == *q.ID {
			o.rank = len(seen)
			break
		}
	}
	return o
}

// ranking looks only at where the right entry stands.
func ranking(outcomes []outcome) (s score) {
	all := 0.0
	for _, o := range outcomes {
		if !o.inScope {
			continue
		}
		all++
		if o.rank == 1 {
			s.Recall1++
		}
		if o.rank >= 1 && o.rank <= 3 {
			s.Recall3++
		}
		if o.rank >= 1 && o.rank <= 10 {
			s.MRR += 1 / float64(o.rank)
		}
	}
	if all > 0 {
		s.Recall1, s.Recall3, s.MRR = s.Recall1/all, s.Recall3/all, s.MRR/all
	}
	return s
}

// coverage is the greatest share of in-scope queries answered right at a threshold on the
// first score at which at least precision of all answers given are right; an answer to an
// out-of-scope query is wrong. Queries of one score stand or fall together.
func coverage(outcomes []outcome, precision float64) float64 {
	byScore := slices.SortedFunc(slices.Values(outcomes), func(a, b outcome) int { return cmp.Compare(b.score, a.score) })
	inScope, right, best := 0, 0, 0
	for i := 0; i < len(byScore) && !math.IsInf(byScore[i].score, -1); {
		at := byScore[i].score
		for ; i < len(byScore) && byScore[i].score == at; i++ {
			if byScore[i].right() {
				right++
			}
		}
		if float64(right) >= precision*float64(i) {
			best = max(best, right)
		}
	}
	for _, o := range outcomes {
		if o.inScope {
			inScope++
		}
	}
	return float64(best) / float64(max(inScope, 1))
}

// auroc is the chance that an in-scope query has a higher first score than one out of scope;
// ties count half. NaN where one of the two is missing.
func auroc(outcomes []outcome) float64 {
	byScore := slices.SortedFunc(slices.Values(outcomes), func(a, b outcome) int { return cmp.Compare(a.score, b.score) })
	var in, out, ranks float64
	for i := 0; i < len(byScore); {
		j := i
		for j < len(byScore) && byScore[j].score == byScore[i].score {
			j++
		}
		for _, o := range byScore[i:j] {
			if o.inScope {
				in++
				ranks += float64(i+j+1) / 2 // the mean rank of the tie, from 1
			} else {
				out++
			}
		}
		i = j
	}
	if in == 0 || out == 0 {
		return math.NaN()
	}
	return (ranks - in*(in+1)/2) / (in * out)
}

func decisions(outcomes []outcome) (precision, covered float64) {
	var answered, right, inScope float64
	for _, o := range outcomes {
		if o.inScope {
			inScope++
		}
		if o.answered {
			answered++
			if o.right() {
				right++
			}
		}
	}
	return right / max(answered, 1), right / max(inScope, 1)
}
