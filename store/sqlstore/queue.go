package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// wakeEvery is how often one session is told at most that its turn may have come.
const wakeEvery = 5 * time.Second

// WakeQueues tells the longest waiting session of every account that has a free seat
// that its turn may have come, and returns how many it told. It is the safety net
// behind [model.Step.WakeQueue], for seats that came free some other way: one that
// came online, or was added. In a disabled account the session is told without one. A session that was told within the last seconds, or has
// such an event before it still, is not told again.
func (s *Store) WakeQueues(ctx context.Context) (int, error) {
	var ids []uint64
	if err := s.reader(ctx).Model(&accountRow{}).Order("id").Pluck("id", &ids).Error; err != nil {
		return 0, s.wrap(err, "wake queues")
	}
	total := 0
	for _, id := range ids {
		told, err := s.wakeQueue(ctx, id)
		if err != nil {
			return total, s.wrap(err, "wake queue of account %d", id)
		}
		if told {
			total++
		}
	}
	return total, nil
}

func (s *Store) wakeQueue(ctx context.Context, accountID uint64) (told bool, err error) {
	head, ok, err := queueHead(s.reader(ctx), accountID, 0)
	if err != nil || !ok {
		return false, err
	}
	if free, err := s.turnMayHelp(ctx, accountID); err != nil || !free {
		return false, err
	}
	now := s.nowMS()
	lane := model.PersonLane(accountID, head.Employee)
	err = s.write(ctx, func(tx *gorm.DB) error {
		plan := newLanePlan(accountID)
		plan.add(lane, model.LaneIn)
		if err := plan.lock(tx, s, model.Lane{}); err != nil {
			return err
		}
		_, waits, err := find[model.Inbox](undone(tx, model.Lane{Lane: lane}).Where("dedupe LIKE 'q:%' OR dedupe LIKE 'w:%'"))
		if err != nil {
			return err
		}
		if waits {
			return model.ErrDuplicate
		}
		key := fmt.Sprintf("w:%d:%d", head.ID, now/wakeEvery.Milliseconds())
		return create(tx, []model.Inbox{queueTurn(plan, head, key, now)})
	})
	if errors.Is(err, model.ErrDuplicate) {
		return false, nil // and the lane is as it was
	}
	return err == nil, err
}

// turnMayHelp reports whether a queued session of the account has anything to hope for:
// a seat that could take it, or, in an account that was disabled, its end.
func (s *Store) turnMayHelp(ctx context.Context, accountID uint64) (bool, error) {
	acc, err := s.Account(ctx, accountID)
	if err != nil || !acc.Enabled {
		return err == nil, err
	}
	seats, err := s.Candidates(ctx, accountID)
	for _, c := range seats {
		if c.Limit == 0 || c.Load < c.Limit {
			return true, nil
		}
	}
	return false, err
}
