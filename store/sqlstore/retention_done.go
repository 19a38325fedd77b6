package sqlstore

import (
	"context"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// doneTable is a table of things to do, and when a row of it came and ended.
type doneTable struct {
	name, came, ended string
	states            []string
}

func doneTables() []doneTable {
	return []doneTable{
		{"inbox", "arrived_ms", "done_ms", []string{string(model.InboxDone), string(model.InboxDead)}},
		{"outbox", "created_ms", "created_ms", []string{
			string(model.OutSent), string(model.OutUncertain), string(model.OutDead), string(model.OutRecalled), string(model.OutDiscarded),
		}},
	}
}

// deliveriesKept is for how long deliveries to webhooks are kept that are done with: there are many,
// and nobody replays what is older.
const deliveriesKept = 14 * 24 * time.Hour

// prunedTables are those that are pruned.
func prunedTables() []doneTable {
	return append(doneTables(), doneTable{
		"webhook_delivery", "created_ms", "done_ms", []string{string(model.DeliveryDone), string(model.DeliveryDead)},
	})
}

// doneRow is what is looked at of a row.
type doneRow struct {
	ID, SessionID uint64
	Came, Ended   int64
}

// PruneDone deletes events and pushes of an account that were done with before a time, some at
// a time, and tells whether there may be more. Those of sessions that are still open stay: how far
// seats were shown them is read there. [model.ErrFenced] where somebody else has taken over.
func (s *Store) PruneDone(ctx context.Context, accountID uint64, owner string, beforeMS int64) (more bool, err error) {
	for _, t := range prunedTables() {
		before := beforeMS
		if t.name == "webhook_delivery" {
			before = max(beforeMS, s.nowMS()-deliveriesKept.Milliseconds())
		}
		for _, state := range t.states {
			ids, err := s.doneBefore(ctx, t, accountID, state, before)
			if err == nil && len(ids) > 0 {
				err = s.write(ctx, func(tx *gorm.DB) error {
					run, err := lockRetention(tx, accountID, owner)
					if err != nil {
						return err
					}
					if err := tx.Table(t.name).Where("id IN ?", ids).Delete(nil).Error; err != nil {
						return err
					}
					return countDeleted(tx, run, model.RetentionCounts{Done: int64(len(ids))}, 0)
				})
			}
			if err != nil {
				return false, s.wrap(err, "prune %s of account %d", t.name, accountID)
			}
			more = more || len(ids) >= purgeRows
		}
	}
	return more, nil
}

// doneBefore finds the oldest rows in a state that ended before a time, by the index of accounts,
// states and ids. Rows come in the order of their ids, so it ends with the first that came later.
func (s *Store) doneBefore(ctx context.Context, t doneTable, accountID uint64, state string, beforeMS int64) ([]uint64, error) {
	var found []uint64
	for after := uint64(0); len(found) < purgeRows; {
		var rows []doneRow
		err := s.reader(ctx).Table(t.name).Select("id, session_id, "+t.came+" AS came, "+t.ended+" AS ended").
			Where("account_id = ? AND state = ? AND id > ?", accountID, state, after).Order("id").Limit(purgeRows).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return found, err
		}
		open, err := s.openAmong(ctx, rows)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Came >= beforeMS {
				return found, nil
			}
			if after = r.ID; r.Ended < beforeMS && !open[r.SessionID] {
				found = append(found, r.ID)
			}
		}
	}
	return found, nil
}

// openAmong are the sessions of rows that are still open.
func (s *Store) openAmong(ctx context.Context, rows []doneRow) (map[uint64]bool, error) {
	ids := make([]uint64, 0, len(rows))
	for _, r := range rows {
		if r.SessionID != 0 {
			ids = append(ids, r.SessionID)
		}
	}
	var open []uint64
	err := s.reader(ctx).Model(&model.Session{}).Where("id IN ? AND +state <> ?", ids, model.StateClosed).Pluck("id", &open).Error
	is := make(map[uint64]bool, len(open))
	for _, id := range open {
		is[id] = true
	}
	return is, err
}
