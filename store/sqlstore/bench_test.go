package sqlstore_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
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
				if _, _, err := s.ImportEntries(b.Context(), account, list, sqlstore.ImportOptions{Replace: true}); err != nil {
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

const benchSize = 100_000

// BenchmarkKnowledge works on a base of a hundred thousand entries as people do.
func BenchmarkKnowledge(b *testing.B) {
	const account = 1
	list := make([]model.Entry, benchSize)
	for i := range list {
		list[i] = entry(fmt.Sprintf("问题 %d", i), strings.Repeat("答案", 50), fmt.Sprintf("问法 %d", i), fmt.Sprintf("说法 %d", i))
		list[i].Group = fmt.Sprintf("组 %d/小组 %d", i%10, i%100)
	}
	group, none, off := "组 3/小组 33", "没有", model.EntryOff
	eachBench(b, func(b *testing.B, s *sqlstore.Store) {
		if _, _, err := s.ImportEntries(b.Context(), account, list, sqlstore.ImportOptions{}); err != nil {
			b.Fatal(err)
		}
		entries, _, err := s.Entries(b.Context(), account)
		if err != nil {
			b.Fatal(err)
		}
		all := ids(entries)
		filters := map[string]model.EntryFilter{
			"page":       {After: all[len(all)/2]},
			"group":      {Group: &group},
			"no=group":   {Group: &none},
			"text":       {Text: "9999"},
			"no=text":    {Text: "没有这样的"},
			"off":        {State: off},
			"page=whole": {Limit: 200},
		}
		for _, name := range slices.Sorted(maps.Keys(filters)) {
			bench(b, "list="+name, func(ctx context.Context) error {
				_, _, err := s.ListEntries(ctx, account, filters[name])
				return err
			})
		}
		bench(b, "groups", func(ctx context.Context) error { _, err := s.Groups(ctx, account); return err })
		bench(b, "history", func(ctx context.Context) error { _, err := s.EntryHistory(ctx, account, all[1]); return err })
		n := 0
		bench(b, "save", func(ctx context.Context) error {
			e := entries[n%len(entries)]
			n++
			e.Answer = fmt.Sprint("answer ", n)
			_, err := s.SaveEntry(ctx, e, 0, "li")
			return err
		})
		bench(b, "change=100", func(ctx context.Context) error {
			n++
			to := fmt.Sprint("组 ", n)
			_, err := s.ChangeEntries(ctx, account, all[:100], model.EntryChange{Group: &to}, "li")
			return err
		})
		bench(b, "change=100k", func(ctx context.Context) error {
			n++
			to := fmt.Sprint("组 ", n)
			_, err := s.ChangeEntries(ctx, account, all, model.EntryChange{Group: &to}, "li")
			return err
		})
		bench(b, "undo=100k", func(ctx context.Context) error {
			version, err := s.KnowledgeVersion(ctx, account)
			if err == nil {
				_, _, _, err = s.UndoChange(ctx, account, version, "li", nil)
			}
			return err
		})
		bench(b, "import=again", func(ctx context.Context) error {
			_, _, err := s.ImportEntries(ctx, account, list, sqlstore.ImportOptions{Replace: true})
			return err
		})
	})
}

// bench measures f under a name.
func bench(b *testing.B, name string, f func(ctx context.Context) error) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			if err := f(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
