package knowledge

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// evalQuery is a line of queries.jsonl; what else it holds is for whoever scores.
type evalQuery struct {
	Query string `json:"query"`
}

// evalResult is a line of results.jsonl.
type evalResult struct {
	Query     string    `json:"query"`
	Results   []evalHit `json:"results"`
	Answered  bool      `json:"answered"`
	LatencyMS float64   `json:"latency_ms"`
}

type evalHit struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"`
}

// evalEntry is a line of kb.jsonl, as it stands.
type evalEntry struct {
	ID       string   `json:"id"`
	Question string   `json:"question"`
	Similar  []string `json:"similar"`
	Answer   string   `json:"answer"`
}

// evalResults is how many entries are listed for a query.
const evalResults = 10

// EvalOptions are the settings of an [Eval]. The zero value is how the product runs.
type EvalOptions struct {
	Weights *match.Weights // nil: those that ship
	Threads int            // that train the encoder; 0: one. The results don't depend on it
}

// Eval takes kb (kb.jsonl) as the knowledge base of one account with the default policy,
// trains its encoder, asks it every line of queries (queries.jsonl) on one thread and writes
// one line each to out (results.jsonl): the best entries with their probabilities, whether
// the first one would have been given as the answer, and the time it took in milliseconds.
// It fails on a line that is not JSON, and when ctx ends.
func Eval(ctx context.Context, kb, queries io.Reader, out io.Writer, opts EvalOptions) error {
	index, refs, err := evalBase(ctx, kb, opts)
	if err != nil {
		return fmt.Errorf("read kb: %w", err)
	}
	w := bufio.NewWriter(out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err = sheet.EachLine(queries, func(_ int, line []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		var q evalQuery
		if err := json.Unmarshal(line, &q); err != nil {
			return err
		}
		return enc.Encode(evalOne(index, refs, q.Query))
	})
	if err != nil {
		return fmt.Errorf("ask queries: %w", err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

func evalOne(index *match.Index, refs []string, question string) evalResult {
	start := time.Now()
	f := find(index, match.Query{Text: question, AtMS: start.UnixMilli()}, model.BotPolicy{}, evalResults, unembedded)
	took := time.Since(start)
	r := evalResult{
		Query: question, Results: []evalHit{}, Answered: f.answer.Kind == model.AnswerHit,
		LatencyMS: float64(took.Microseconds()) / float64(time.Millisecond.Microseconds()),
	}
	for _, h := range f.result.Hits {
		r.Results = append(r.Results, evalHit{refs[h.EntryID], h.Score})
	}
	return r
}

// evalBase indexes a kb.jsonl as it stands, without the checks of an import, and learns
// from it; refs gives the id in the file by entry id.
func evalBase(ctx context.Context, kb io.Reader, opts EvalOptions) (index *match.Index, refs []string, err error) {
	refs = []string{""} // entry ids begin with 1
	id := uint64(0)
	var entries []model.Entry
	err = sheet.EachLine(kb, func(_ int, line []byte) error {
		var row evalEntry
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		id++
		entries = append(entries, model.Entry{
			ID: id, Question: row.Question, Similar: row.Similar, Answer: row.Answer, State: model.EntryOn,
		})
		refs = append(refs, row.ID)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	index = match.NewIndex(entries, match.Options{Weights: opts.Weights})
	if index.Variants() < variantsMin {
		return index, refs, nil
	}
	encoder, err := match.Train(ctx, entries, match.TrainConfig{Weights: opts.Weights, Threads: opts.Threads, Seed: 1})
	if err != nil {
		return nil, nil, err
	}
	return index.WithEncoder(encoder), refs, nil
}
