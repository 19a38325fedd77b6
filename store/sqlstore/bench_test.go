package sqlstore_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/store/storetest"
)

// eachBench runs f on every available dialect, one after the other.
func eachBench(b *testing.B, f func(b *testing.B, s *sqlstore.Store)) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { f(b, storetest.SQLite(b).Open(b, nil)) })
	b.Run("mysql", func(b *testing.B) { f(b, storetest.MySQL(b, "DESKMATE_TEST_MYSQL_URL").Open(b, nil)) })
}

// BenchmarkAccept stores callbacks of many people at the same time.
func BenchmarkAccept(b *testing.B) {
	eachBench(b, func(b *testing.B, s *sqlstore.Store) {
		var n atomic.Int64
		b.ReportAllocs()
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				i := n.Add(1)
				who := fmt.Sprintf("p%d", i%200)
				_, err := s.Accept(b.Context(), model.Inbound{
					AccountID: 1, Person: who, DedupeKey: fmt.Sprintf("msg-%d", i),
					Event: model.Event{Kind: model.EventMessage, Content: &model.Content{Type: model.ContentText, Text: "年假有几天"}},
				}, model.PersonLane(1, who))
				if err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkImportEntries imports a large knowledge base while callbacks arrive, and
// reports the longest that one of them had to wait.
func BenchmarkImportEntries(b *testing.B) {
	const size = 100_000
	list := make([]model.Entry, size)
	for i := range list {
		list[i] = entry(fmt.Sprintf("问题 %d", i), strings.Repeat("答案", 50), fmt.Sprintf("问法 %d", i), fmt.Sprintf("说法 %d", i))
	}
	eachBench(b, func(b *testing.B, s *sqlstore.Store) {
		b.Run("entries=100k", func(b *testing.B) {
			var longest time.Duration
			account := uint64(1)
			for b.Loop() {
				account++
				ctx, cancel := context.WithCancel(b.Context())
				waits := make(chan time.Duration, 1)
				go func() { waits <- longestAccept(ctx, s, account) }()
				if _, err := s.ImportEntries(b.Context(), account, list, true); err != nil {
					b.Fatal(err)
				}
				cancel()
				longest = max(longest, <-waits)
			}
			b.ReportMetric(float64(longest.Milliseconds()), "ms-longest-accept")
		})
	})
}

// longestAccept stores one callback after the other until ctx ends.
func longestAccept(ctx context.Context, s *sqlstore.Store, account uint64) (longest time.Duration) {
	for i := 0; ctx.Err() == nil; i++ {
		start := time.Now()
		in := model.Inbound{AccountID: account, DedupeKey: fmt.Sprintf("msg-%d", i), Event: model.Event{Kind: model.EventMessage}}
		if _, err := s.Accept(ctx, in, model.PersonLane(account, "wang")); err == nil {
			longest = max(longest, time.Since(start))
		}
	}
	return longest
}
