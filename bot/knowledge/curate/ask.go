package curate

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// candidates is how many entries a question is answered from.
const candidates = 5

// answer is what an index makes of a question, as [knowledge.Base.Answer] does without an
// embedding model.
func answer(x *match.Index, q match.Query, policy model.BotPolicy) model.Answer {
	return knowledge.Reply(x, q.Text, x.Search(q, candidates), policy)
}

// each calls do with 0 to n-1 on all processors and returns when all are done, with an error
// when ctx ended before or do panicked.
func each(ctx context.Context, n int, do func(i int)) error {
	var next, broken atomic.Int64
	var group sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			defer func() {
				if recover() != nil {
					broken.Add(1)
				}
			}()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ask %d questions: %w", n, context.Cause(ctx))
	}
	if broken.Load() > 0 {
		return fmt.Errorf("ask %d questions: %d workers broke off", n, broken.Load())
	}
	return nil
}
