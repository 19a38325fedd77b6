package sqlstore

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// unsent narrows to a lane's outbox rows that wait, or whose sending was begun and not
// finished.
func unsent(q *gorm.DB, lane model.Lane) *gorm.DB {
	return q.Where("lane = ? AND state IN ?", lane.Lane, []model.OutboxState{model.OutPending, model.OutSending})
}

// unsentIDs narrows to those of them with the given ids.
func unsentIDs(q *gorm.DB, lane model.Lane, ids []uint64) *gorm.DB {
	return unsent(q.Model(&model.Outbox{}), lane).Where("id IN ?", ids)
}

// PendingOutbox lists a lane's pushes that are still to be sent, in order. One in state
// sending was handed to WeCom by somebody who never said what came of it.
func (s *Store) PendingOutbox(ctx context.Context, lane model.Lane, limit int) ([]model.Outbox, error) {
	var rows []model.Outbox
	err := unsent(s.reader(ctx), lane).Order("seq").Limit(limit).Find(&rows).Error
	return rows, s.wrap(err, "read outbox of lane %s", lane.Lane)
}

// BeginPush marks pushes as being sent, before WeCom is called, and counts the attempt.
// From now on their receiver may see them.
// One that was being sent already counts the attempt before as uncertain.
func (s *Store) BeginPush(ctx context.Context, lane model.Lane, ids []uint64) error {
	err := s.finish(ctx, lane, ids, func(tx *gorm.DB) *gorm.DB {
		// MySQL assigns from left to right, and uncertain goes by the old state.
		return tx.Exec("UPDATE outbox SET uncertain = uncertain + CASE WHEN state = ? THEN 1 ELSE 0 END, state = ?, attempts = attempts + 1, sent_ms = ? "+
			"WHERE lane = ? AND state IN (?, ?) AND id IN ?",
			model.OutSending, model.OutSending, s.nowMS(), lane.Lane, model.OutPending, model.OutSending, ids)
	})
	return s.wrap(err, "begin push on lane %s", lane.Lane)
}

// MarkSent records that WeCom took the pushes, all in one message.
func (s *Store) MarkSent(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) error {
	err := s.finish(ctx, lane, ids, func(tx *gorm.DB) *gorm.DB { return s.markSent(tx, lane, ids, receipt) })
	return s.wrap(err, "mark push sent on lane %s", lane.Lane)
}

func (s *Store) markSent(tx *gorm.DB, lane model.Lane, ids []uint64, receipt model.Receipt) *gorm.DB {
	return unsentIDs(tx, lane, ids).Updates(map[string]any{
		"state": model.OutSent, "sent_ms": s.nowMS(), "msgid": clip(receipt.MsgID, dedupeSize),
		"response_code": clip(receipt.ResponseCode, dedupeSize), "errcode": 0, "err": "",
	})
}

// MarkSentLast is MarkSent for pushes behind which nothing is known to wait: where that is
// so, it lets go of the lane as well, and released is true.
func (s *Store) MarkSentLast(ctx context.Context, lane model.Lane, ids []uint64, receipt model.Receipt) (released bool, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		if err := lockHeld(tx, lane); err != nil {
			return err
		}
		if err := all(s.markSent(tx, lane, ids, receipt), ids); err != nil {
			return err
		}
		more, err := letGo(tx, lane, s.nowMS())
		released = err == nil && !more
		return err
	})
	return released, s.wrap(err, "mark last push sent on lane %s", lane.Lane)
}

// MarkRetry records that the pushes have to be sent again, and lets go of the lane until
// a later time. uncertain says that WeCom may have taken them all the same. errcode is
// WeCom's, 0 where there was no answer; errText is cut after 500 characters.
func (s *Store) MarkRetry(ctx context.Context, lane model.Lane, ids []uint64, errcode int64, errText string, until time.Time, uncertain bool) error {
	set := map[string]any{"state": model.OutPending, "errcode": errcode, "err": clip(errText, errSize)}
	if uncertain {
		set["uncertain"] = gorm.Expr("uncertain + 1")
	} else {
		set["sent_ms"] = gorm.Expr("CASE WHEN uncertain > 0 THEN sent_ms ELSE 0 END") // nobody has seen it
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := delay(tx, lane, until); err != nil { // locks the lane, or finds it gone
			return err
		}
		return all(unsentIDs(tx, lane, ids).Updates(set), ids)
	})
	return s.wrap(err, "mark push for retry on lane %s", lane.Lane)
}

// MarkDead records that the pushes are not sent again: OutDead for what WeCom refused,
// OutUncertain for what it may have taken. The forwards, for instance to tell an author,
// are stored with it; of a line that goes to several seats with the last copy only.
func (s *Store) MarkDead(
	ctx context.Context, lane model.Lane, ids []uint64, state model.OutboxState, errcode int64, errText string, forwards []model.Forward,
) error {
	set := map[string]any{"state": state, "errcode": errcode, "err": clip(errText, errSize), "dead_ms": s.nowMS()}
	switch state {
	case model.OutDead:
		set["sent_ms"] = gorm.Expr("CASE WHEN uncertain > 0 THEN sent_ms ELSE 0 END")
	case model.OutUncertain:
		set["sent_ms"] = s.nowMS() // its receiver may have seen it
		set["uncertain"] = gorm.Expr("uncertain + 1")
	case model.OutPending, model.OutSending, model.OutSent, model.OutRecalled, model.OutDiscarded:
		return model.Invalid("outbox_state", "a push can't be given up as %s", state)
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		plan := newLanePlan(lane.AccountID)
		for _, f := range forwards {
			plan.add(laneOf(lane.AccountID, f.Person), model.LaneIn)
		}
		if err := plan.lock(tx, s, lane); err != nil {
			return err
		}
		first, ok, err := find[model.Outbox](unsentIDs(tx, lane, ids).Order("seq"))
		if err != nil {
			return err
		}
		if !ok {
			return model.ErrStale
		}
		left, err := copiesLeft(tx, first)
		if err != nil {
			return err
		}
		if left {
			forwards = nil // somebody else has got it, or will
		}
		// The row's number is part of the key: a push that is retried can die again.
		prefix := fmt.Sprintf("x:%d.%d", first.ID, first.Seq)
		if err := forward(tx, plan, prefix, forwards, s.nowMS()); err != nil {
			return err
		}
		return all(unsentIDs(tx, lane, ids).Updates(set), ids)
	})
	return s.wrap(err, "mark push %s on lane %s", state, lane.Lane)
}

// finish changes pushes of a lane that is still held, all of them or, where one is not
// unsent any more, none.
func (s *Store) finish(ctx context.Context, lane model.Lane, ids []uint64, change func(tx *gorm.DB) *gorm.DB) error {
	return s.write(ctx, func(tx *gorm.DB) error {
		if err := lockHeld(tx, lane); err != nil {
			return err
		}
		return all(change(tx), ids)
	})
}

// all turns an update that did not hit every id into ErrStale.
func all(res *gorm.DB, ids []uint64) error {
	if res.Error == nil && res.RowsAffected != int64(len(ids)) {
		return model.ErrStale
	}
	return res.Error
}
