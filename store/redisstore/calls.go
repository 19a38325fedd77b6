package redisstore

import (
	"context"

	"github.com/go-redis/redis_rate/v10"

	"deskmate/model"
)

// TakeCall takes one of the calls that a token may make in a minute, half of them at once, on all
// replicas together.
func (s *Store) TakeCall(ctx context.Context, token uint64, perMinute int) (model.Quota, error) {
	limit := redis_rate.PerMinute(perMinute)
	limit.Burst = max(perMinute/2, 1)
	var got *redis_rate.Result
	err := s.call(ctx, "count a call of the API", func(ctx context.Context) (err error) {
		got, err = redis_rate.NewLimiter(s.client).Allow(ctx, s.keys.calls(token), limit)
		return err
	})
	if err != nil {
		return model.Quota{}, err
	}
	return model.Quota{Allowed: got.Allowed > 0, Limit: limit.Burst, Remaining: got.Remaining, Retry: got.RetryAfter, Reset: got.ResetAfter}, nil
}
