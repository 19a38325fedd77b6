package match_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// benchmarkEntries makes entries of four variants each.
func benchmarkEntries(variants int) []model.Entry {
	rng := rand.New(rand.NewPCG(7, 7))
	list := make([]model.Entry, variants/4)
	for i := range list {
		list[i] = entry(uint64(i+1), phrase(rng), phrase(rng), phrase(rng), phrase(rng))
	}
	return list
}

// sizes are the numbers of variants that have a budget; the large ones take a minute and are
// left out with -short.
func sizes(b *testing.B) []struct {
	name     string
	variants int
} {
	b.Helper()
	list := []struct {
		name     string
		variants int
	}{{"docs=1k", 1000}, {"docs=10k", 10_000}, {"docs=100k", 100_000}, {"docs=1M", 1_000_000}}
	if testing.Short() {
		return list[:2]
	}
	return list
}

// learned is an index with an encoder that was trained on some of its entries.
func learned(b *testing.B, entries []model.Entry) *match.Index {
	b.Helper()
	e, err := match.Train(b.Context(), entries[:min(len(entries), 500)], match.TrainConfig{})
	if err != nil {
		b.Fatal(err)
	}
	return match.NewIndex(entries, match.Options{}).WithEncoder(e)
}

func BenchmarkSearch(b *testing.B) {
	for _, size := range sizes(b) {
		b.Run(size.name, func(b *testing.B) {
			x := learned(b, benchmarkEntries(size.variants))
			rng := rand.New(rand.NewPCG(9, 9))
			var took []time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				x.Search(match.Query{Text: phrase(rng)}, 5)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

func BenchmarkWith(b *testing.B) {
	for _, size := range sizes(b) {
		b.Run(size.name, func(b *testing.B) {
			x := learned(b, benchmarkEntries(size.variants))
			change := []model.Entry{entry(17, "怎么申请班车", "班车在哪里坐", "班车几点开")}
			b.ReportAllocs()
			for b.Loop() {
				x.With(change, nil)
			}
		})
	}
}

func BenchmarkNewIndex(b *testing.B) {
	for _, size := range sizes(b) {
		b.Run(size.name, func(b *testing.B) {
			entries := benchmarkEntries(size.variants)
			e, err := match.Train(b.Context(), entries[:min(len(entries), 500)], match.TrainConfig{})
			if err != nil {
				b.Fatal(err)
			}
			before := heap()
			var x *match.Index
			b.ReportAllocs()
			for b.Loop() {
				x = match.NewIndex(entries, match.Options{}).WithEncoder(e)
			}
			b.ReportMetric((heap()-before)/(1<<20), "heap-MB")
			runtime.KeepAlive(x)
		})
	}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

func BenchmarkTrain(b *testing.B) {
	for _, size := range []struct {
		name     string
		variants int
	}{{"docs=1k", 1000}, {"docs=20k", 20_000}} {
		entries := benchmarkEntries(size.variants)
		b.Run(size.name, func(b *testing.B) {
			for b.Loop() {
				e, err := match.Train(b.Context(), entries, match.TrainConfig{})
				if err != nil {
					b.Fatal(err)
				}
				data, _ := e.MarshalBinary()
				b.ReportMetric(float64(len(data))/(1<<20), "blob-MB")
			}
		})
	}
}
