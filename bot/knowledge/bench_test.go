package knowledge_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/match"
)

// learned is a base with variants variants in memory, an encoder trained on them where
// they are few enough to train quickly, and questions to ask it.
func learned(b *testing.B, variants int) (*source, *knowledge.Base, []string) {
	b.Helper()
	entries := benchmarkEntries(variants / 4)
	s, e := newSource(entries...), newEncoders()
	encoder, err := match.Train(b.Context(), entries[:min(len(entries), 2500)], match.TrainConfig{Threads: 2})
	if err != nil {
		b.Fatal(err)
	}
	data, err := encoder.MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := e.ClaimTraining(b.Context(), 1, "a", time.Minute); err != nil {
		b.Fatal(err)
	}
	if _, err := e.SaveEncoder(b.Context(), 1, "a", 1, data); err != nil {
		b.Fatal(err)
	}
	base := newBase(b, s, learning(e, "a"))
	if err := base.Load(b.Context(), 1); err != nil {
		b.Fatal(err)
	}
	questions := make([]string, 500)
	for i := range questions {
		questions[i] = entries[i].Question + "怎么处理"
	}
	return s, base, questions
}

func percentile(b *testing.B, took []time.Duration, unit string) {
	b.Helper()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, unit)
}

func measureAnswers(b *testing.B, base *knowledge.Base, questions []string) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	took := make([]time.Duration, 0, 1<<16)
	for b.Loop() {
		start := time.Now()
		if _, err := base.Answer(b.Context(), 1, ask(questions[i%len(questions)])); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		i++
	}
	percentile(b, took, "p99-ms")
}

func BenchmarkAnswer(b *testing.B) {
	b.Run("docs=10k", func(b *testing.B) {
		_, base, questions := learned(b, 10_000)
		measureAnswers(b, base, questions)
	})
	b.Run("docs=10k/training", func(b *testing.B) {
		_, base, questions := learned(b, 10_000)
		ctx, stop := context.WithCancel(b.Context())
		var training sync.WaitGroup
		training.Go(func() {
			for ctx.Err() == nil {
				if _, err := match.Train(ctx, benchmarkEntries(2500), match.TrainConfig{}); err != nil && ctx.Err() == nil {
					b.Error(err)
				}
			}
		})
		measureAnswers(b, base, questions)
		stop()
		training.Wait()
	})
}

// BenchmarkEdit is the time from an edit that is stored to an answer from it.
func BenchmarkEdit(b *testing.B) {
	for name, variants := range map[string]int{"docs=10k": 10_000, "docs=100k": 100_000} {
		b.Run(name, func(b *testing.B) {
			s, base, _ := learned(b, variants)
			b.ReportAllocs()
			took := make([]time.Duration, 0, 1<<12)
			i := 0
			for b.Loop() {
				question := "第" + string(rune('一'+i%2000)) + "号食堂几点开饭"
				s.put(1, entry(uint64(200_000+i%50), question))
				start := time.Now()
				if err := base.Refresh(b.Context(), 1); err != nil {
					b.Fatal(err)
				}
				if a, err := base.Answer(b.Context(), 1, ask(question)); err != nil || !a.Exact {
					b.Fatalf("%+v, %v", a, err)
				}
				took = append(took, time.Since(start))
				i++
			}
			percentile(b, took, "p99-ms")
		})
	}
}
