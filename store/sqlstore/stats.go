package sqlstore

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// StatSessions reads what is counted of the sessions of an account with ids from first to before
// last, in order.
func (s *Store) StatSessions(ctx context.Context, accountID, first, last uint64) ([]model.StatSession, error) {
	q := s.reader(ctx)
	var sessions []model.Session
	err := q.Select("id", "account_id", "state", "seat", "shared", "handoff_reason", "close_reason", "queued_ms", "assigned_ms", "closed_ms").
		Where("account_id = ? AND id >= ? AND id < ?", accountID, first, last).Order("id").Find(&sessions).Error
	list, at := make([]model.StatSession, len(sessions)), make(map[uint64]int, len(sessions))
	for i, x := range sessions {
		list[i].Session, at[x.ID] = x, i
	}
	if err != nil || len(list) == 0 {
		return list, s.wrap(err, "read sessions of account %d to count", accountID)
	}
	of := func(table, alias, columns string) *gorm.DB {
		return q.Table("`session` AS s").Select(columns).
			Joins("INNER JOIN `"+table+"` AS "+alias+" ON "+alias+".`session_id` = s.`id`").
			Where("s.`account_id` = ? AND s.`id` >= ? AND s.`id` < ?", accountID, first, last)
	}
	var parts []model.SeatSession
	err = of("seat_session", "p", "p.`session_id`, p.`seat`, p.`joined_ms`, p.`first_ms`, p.`last_ms`").Order("p.`session_id`, p.`joined_ms`, p.`seat`").Scan(&parts).Error
	for _, p := range parts {
		if i, ok := at[p.SessionID]; ok {
			list[i].Seats = append(list[i].Seats, p)
		}
	}
	if err != nil {
		return nil, s.wrap(err, "read who served sessions of account %d", accountID)
	}
	var surveys []model.Survey
	err = of("survey", "v", "v.`session_id`, v.`seat`, v.`rating`, v.`reasons`, v.`sent_ms`, v.`comment`").Scan(&surveys).Error
	for _, v := range surveys {
		if i, ok := at[v.SessionID]; ok {
			list[i].Survey = &v
		}
	}
	if err != nil {
		return nil, s.wrap(err, "read surveys of account %d", accountID)
	}
	var questions []model.Question
	err = q.Select("id", "session_id", "outcome", "entry_id", "picked", "feedback").
		Where("account_id = ? AND session_id >= ? AND session_id < ?", accountID, first, last).Order("id").Find(&questions).Error
	for _, x := range questions {
		if i, ok := at[x.SessionID]; ok {
			list[i].Questions = append(list[i].Questions, x)
		}
	}
	return list, s.wrap(err, "read questions of account %d", accountID)
}

// StatChanged lists the sessions of an account that changed at a time or later, by
// session_updated.
func (s *Store) StatChanged(ctx context.Context, accountID uint64, sinceMS int64) ([]uint64, error) {
	var ids []uint64
	err := s.reader(ctx).Model(&model.Session{}).Where("account_id = ? AND updated_ms >= ?", accountID, sinceMS).Pluck("id", &ids).Error
	return ids, s.wrap(err, "read what changed in account %d", accountID)
}

// touch notes that what is counted of a session has changed, though not the session itself.
func touch(tx *gorm.DB, accountID, sessionID uint64, atMS int64) error {
	return tx.Model(&model.Session{}).Where("id = ? AND account_id = ? AND updated_ms < ?", sessionID, accountID, atMS).
		Update("updated_ms", atMS).Error
}

// StatBefore is the newest session of an account with a smaller id; 0 for none.
func (s *Store) StatBefore(ctx context.Context, accountID, id uint64) (uint64, error) {
	var ids []uint64
	err := s.reader(ctx).Model(&model.Session{}).Where("account_id = ? AND id < ?", accountID, id).Order("id DESC").Limit(1).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, s.wrap(err, "find sessions of account %d", accountID)
	}
	return ids[0], nil
}

// StatState says how far the figures of an account are rolled up; its Version is 0 where
// they never were.
func (s *Store) StatState(ctx context.Context, accountID uint64) (model.StatState, error) {
	st, ok, err := find[model.StatState](s.reader(ctx).Where("account_id = ?", accountID))
	if !ok {
		st = model.StatState{AccountID: accountID}
	}
	return st, s.wrap(err, "read how far account %d is counted", accountID)
}

// StatRollups lists the roll-ups of a span from one time to another, both included, in order;
// without seats those of seats stay empty.
func (s *Store) StatRollups(ctx context.Context, accountID uint64, span model.StatSpan, from, to int64, seats bool) ([]model.StatRollup, error) {
	q := s.reader(ctx).Where("account_id = ? AND span = ? AND `at` >= ? AND `at` <= ?", accountID, span, from, to).Order("`at`")
	if !seats {
		q = q.Omit("seats")
	}
	var list []model.StatRollup
	err := q.Find(&list).Error
	return list, s.wrap(err, "read figures of account %d", accountID)
}

// StatKept is the newest slot of an account before a time, with its seats; one without At where
// there is none.
func (s *Store) StatKept(ctx context.Context, accountID uint64, before int64) (model.StatRollup, error) {
	r, _, err := find[model.StatRollup](s.reader(ctx).Where("account_id = ? AND span = ? AND `at` < ?", accountID, model.StatSlot, before).Order("`at` DESC"))
	return r, s.wrap(err, "read kept figures of account %d", accountID)
}

// SaveStats writes how far an account is counted, and roll-ups; a roll-up without contents
// goes. It is [model.ErrStale] where somebody else has written since the version before.
func (s *Store) SaveStats(ctx context.Context, next model.StatState, rollups []model.StatRollup) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		if err := s.saveStatState(tx, next); err != nil {
			return err
		}
		for _, r := range rollups {
			row := tx.Where("account_id = ? AND span = ? AND `at` = ?", next.AccountID, r.Span, r.At)
			if len(r.Total) == 0 {
				if err := row.Delete(&model.StatRollup{}).Error; err != nil {
					return err
				}
				continue
			}
			r.AccountID = next.AccountID
			err := tx.Clauses(clause.OnConflict{
				Columns:   []clause.Column{{Name: "account_id"}, {Name: "span"}, {Name: "at"}},
				DoUpdates: clause.AssignmentColumns([]string{"total", "seats"}),
			}).Create(&r).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	return s.wrap(err, "write figures of account %d", next.AccountID)
}

func (s *Store) saveStatState(tx *gorm.DB, next model.StatState) error {
	if next.Version == 1 {
		err := tx.Create(&next).Error
		if errors.Is(s.translate(err), model.ErrDuplicate) {
			return model.ErrStale
		}
		return err
	}
	q := tx.Model(&model.StatState{}).Where("account_id = ? AND version = ?", next.AccountID, next.Version-1)
	return one(q.Select("*").Omit("account_id").Updates(&next), model.ErrStale)
}

// DropStats deletes some roll-ups of an account and tells whether there may be more; kept slots
// stay. It is [model.ErrStale] where its state isn't this one any more.
func (s *Store) DropStats(ctx context.Context, st model.StatState) (more bool, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		now, ok, err := find[model.StatState](tx.Clauses(forUpdate()).Where("account_id = ?", st.AccountID))
		if err == nil && (!ok || now.Version != st.Version) {
			err = model.ErrStale
		}
		if err != nil {
			return err
		}
		var list []model.StatRollup
		err = tx.Select("span", "at").Where("account_id = ? AND (span <> ? OR `at` >= ?)", st.AccountID, model.StatSlot, now.KeptMS).
			Limit(batchRows).Find(&list).Error
		if err != nil || len(list) == 0 {
			return err
		}
		more = true
		for _, r := range list {
			if err := tx.Where("account_id = ? AND span = ? AND `at` = ?", st.AccountID, r.Span, r.At).Delete(&model.StatRollup{}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return more, s.wrap(err, "drop figures of account %d", st.AccountID)
}
