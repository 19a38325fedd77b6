package redisstore

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// activeFor is how long a seat counts as working in the workbench after it did something there.
	activeFor = 2 * time.Minute
	// presenceKept is how long an account's presence stays after its last seat did something.
	presenceKept = 10 * time.Minute
)

// NoteActive remembers that a seat works in the workbench at this moment. Without Redis nobody
// does: lines are sent then.
func (s *Store) NoteActive(ctx context.Context, accountID uint64, seat string) error {
	key := s.keys.seatDesk(accountID)
	return s.call(ctx, "note who works in the workbench", func(ctx context.Context) error {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			p.HSet(ctx, key, seat, s.now().UnixMilli())
			p.PExpire(ctx, key, presenceKept)
			return nil
		})
		return err
	})
}

// Active are those of the seats that did something in the workbench lately, in their order.
func (s *Store) Active(ctx context.Context, accountID uint64, seats []string) ([]string, error) {
	if len(seats) == 0 {
		return nil, nil
	}
	var found []any
	err := s.call(ctx, "read who works in the workbench", func(ctx context.Context) (err error) {
		found, err = s.client.HMGet(ctx, s.keys.seatDesk(accountID), seats...).Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	var active []string
	since := s.now().Add(-activeFor).UnixMilli()
	for i, seat := range seats {
		text, _ := found[i].(string)
		if at, err := strconv.ParseInt(text, 10, 64); err == nil && at > since {
			active = append(active, seat)
		}
	}
	return active, nil
}
