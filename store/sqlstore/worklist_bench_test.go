package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"deskmate/model"
	"deskmate/store/sqlstore"
)

// BenchmarkWorkSessions lists the sessions of an account with 10,000 open ones, 200 seats, and
// ten times as many that have closed.
func BenchmarkWorkSessions(b *testing.B) {
	const open, closed, seats = 10_000, 100_000, 200
	eachBench(b, func(b *testing.B, s *sqlstore.Store) {
		now := time.Now().UnixMilli()
		acc, _, err := s.SaveAccount(b.Context(), account("hr", 1000002), model.SeatSetups([]string{"s0"}...), nil, "bench")
		if err != nil {
			b.Fatal(err)
		}
		var rows []model.Session
		for i := range open + closed {
			row := model.Session{
				ID: uint64(i + 1), AccountID: acc.ID, Employee: fmt.Sprint("p", i%50_000), Seat: fmt.Sprint("s", i%seats), Version: 1,
				State: model.StateClosed, ClosedMS: now - int64(i), QueuedMS: now - int64(i), Suggested: []uint64{},
			}
			if i >= closed {
				row.State, row.ClosedMS, row.LastEmployeeMS, row.OwedMS = model.StateServing, 0, now-int64(i), now-int64(i)
				if i%10 == 0 {
					row.State, row.Seat, row.WaitingMS, row.OwedMS = model.StateQueued, "", now-int64(i)*100, 0
				}
			}
			rows = append(rows, row)
		}
		if err := s.Raw().CreateInBatches(rows, 500).Error; err != nil {
			b.Fatal(err)
		}
		for _, tt := range []struct {
			name string
			list model.WorkList
			seat string
		}{
			{"mine", model.WorkMine, "s3"},
			{"queue", model.WorkQueue, "s3"},
			{"attention", model.WorkAttention, "s3"},
			{"attention_of_all", model.WorkAttention, ""},
			{"open", model.WorkOpen, ""},
			{"closed", model.WorkClosed, "s3"},
			{"closed_of_all", model.WorkClosed, ""},
		} {
			b.Run(tt.name+"/open=10k", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					list, err := s.WorkSessions(b.Context(), model.WorkFilter{Account: acc, List: tt.list, Seat: tt.seat, Limit: 50, NowMS: now})
					if err != nil || len(list) == 0 {
						b.Fatal(len(list), err)
					}
				}
			})
		}
	})
}
