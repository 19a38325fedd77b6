package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is one engine on one task.
type row struct {
	engine string
	score  score
	own    bool // Deskmate, not a plain engine
}

// report gathers the rows of all tasks.
type report struct {
	engines []string // in the order they ran
	own     map[string]bool
	scores  map[string][]score // by engine, a score a task
	best    []float64          // by task: the highest cov95 of a plain engine
}

func newReport() *report {
	return &report{own: map[string]bool{}, scores: map[string][]score{}}
}

func (r *report) add(rows []row) {
	best := 0.0
	for _, x := range rows {
		if !slices.Contains(r.engines, x.engine) {
			r.engines = append(r.engines, x.engine)
		}
		r.own[x.engine] = x.own
		r.scores[x.engine] = append(r.scores[x.engine], x.score)
		if !x.own {
			best = max(best, x.score.Cov95)
		}
	}
	r.best = append(r.best, best)
}

const header = "engine\trecall@1\trecall@3\tMRR\tcov95\tAUROC\tprecision\tcoverage\tp50 ms\tp99 ms\t\n"

func printTask(w io.Writer, t task, rows []row) {
	in := 0
	for _, q := range t.queries {
		if q.ID != nil {
			in++
		}
	}
	_, _ = fmt.Fprintf(w, "\n%s: %d entries, %d variants, %d queries in scope, %d out of scope\n",
		t.name, len(t.entries), len(t.variants()), in, len(t.queries)-in)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(tw, header)
	for _, x := range rows {
		printRow(tw, x.engine, x.score)
	}
	_ = tw.Flush()
}

func printRow(w io.Writer, name string, s score) {
	decided := "–\t–"
	if s.Decides {
		decided = fmt.Sprintf("%.1f\t%.1f", 100*s.Precision, 100*s.Coverage)
	}
	_, _ = fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.3f\t%.1f\t%.3f\t%s\t%.2f\t%.2f\t\n",
		name, 100*s.Recall1, 100*s.Recall3, s.MRR, 100*s.Cov95, s.AUROC, decided, s.P50MS, s.P99MS)
}

// printSummary prints every engine's mean over the tasks, and how many times the best plain
// engine's mean cov95 Deskmate's is.
func (r *report) printSummary(w io.Writer) {
	_, _ = fmt.Fprintf(w, "\nmean of %d tasks (latency: the worst task)\n", len(r.best))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(tw, header)
	var ours, plain score
	plainName := ""
	for _, name := range r.engines {
		m := meanScore(r.scores[name])
		printRow(tw, name, m)
		switch {
		case r.own[name]:
			ours = m
		case plainName == "" || m.Cov95 > plain.Cov95:
			plainName, plain = name, m
		}
	}
	_ = tw.Flush()
	if !r.own[deskmateName] || plainName == "" {
		return
	}
	_, _ = fmt.Fprintf(w, "\nmean cov95: %.1f × the best plain engine's (%s: %.1f %%, Deskmate: %.1f %%); %.1f × the best of each task (%.1f %%)\n",
		ratio(ours.Cov95, plain.Cov95), plainName, 100*plain.Cov95, 100*ours.Cov95, ratio(ours.Cov95, mean(r.best)), 100*mean(r.best))
}

func meanScore(scores []score) score {
	pick := func(f func(score) float64) float64 {
		values := make([]float64, len(scores))
		for i, s := range scores {
			values[i] = f(s)
		}
		return mean(values)
	}
	m := score{
		Recall1: pick(func(s score) float64 { return s.Recall1 }), Recall3: pick(func(s score) float64 { return s.Recall3 }),
		MRR: pick(func(s score) float64 { return s.MRR }), Cov95: pick(func(s score) float64 { return s.Cov95 }),
		AUROC:     pick(func(s score) float64 { return s.AUROC }),
		Precision: pick(func(s score) float64 { return s.Precision }), Coverage: pick(func(s score) float64 { return s.Coverage }),
	}
	for _, s := range scores {
		m.Decides = m.Decides || s.Decides
		m.P50MS, m.P99MS = max(m.P50MS, s.P50MS), max(m.P99MS, s.P99MS)
	}
	return m
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(max(len(values), 1))
}

// ratio is a/b, 0 where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
