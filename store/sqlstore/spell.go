package sqlstore

import (
	"context"

	"gorm.io/gorm"

	"deskmate/model"
)

// noteStates writes down since when each seat of an account is in its state, where what is
// written says otherwise; of one seat where userID isn't "". It belongs at the end of every
// transaction that moves a state. What a replica of an older release moved is found by the next
// look at all seats.
func noteStates(tx *gorm.DB, accountID uint64, userID string, nowMS int64) error {
	of := func() *gorm.DB {
		q := tx.Where("account_id = ?", accountID)
		if userID != "" {
			q = q.Where("user_id = ?", userID)
		}
		return q
	}
	var seats []model.Seat
	if err := of().Select("account_id", "user_id", "state", "left_ms").Clauses(forUpdate()).Find(&seats).Error; err != nil {
		return err
	}
	is := make(map[string]model.SeatState, len(seats))
	for _, seat := range seats {
		is[seat.UserID] = seat.Standing()
	}
	var open []model.SeatSpell
	if err := of().Where("to_ms = ?", int64(model.OpenSpell)).Find(&open).Error; err != nil {
		return err
	}
	begin := make(map[string]int64, len(open))
	for _, spell := range open {
		if is[spell.UserID] == spell.State {
			delete(is, spell.UserID)
			continue
		}
		at := max(nowMS, spell.FromMS) // clocks of replicas differ
		begin[spell.UserID] = at
		if err := endSpell(tx, spell, at); err != nil {
			return err
		}
	}
	for _, seat := range seats {
		state, changed := is[seat.UserID]
		if !changed {
			continue
		}
		from := max(nowMS, begin[seat.UserID])
		row := model.SeatSpell{AccountID: accountID, UserID: seat.UserID, FromMS: from, ToMS: model.OpenSpell, State: state}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
	}
	return nil
}

// endSpell ends a spell. One that took no time goes.
func endSpell(tx *gorm.DB, spell model.SeatSpell, atMS int64) error {
	row := tx.Where("account_id = ? AND user_id = ? AND from_ms = ?", spell.AccountID, spell.UserID, spell.FromMS)
	if atMS == spell.FromMS {
		return row.Delete(&model.SeatSpell{}).Error
	}
	return row.Model(&model.SeatSpell{}).Update("to_ms", atMS).Error
}

// NoteStates writes down the states of an account's seats where they were not yet.
func (s *Store) NoteStates(ctx context.Context, accountID uint64) error {
	err := s.write(ctx, func(tx *gorm.DB) error { return noteStates(tx, accountID, "", s.nowMS()) })
	return s.wrap(err, "note states of seats of account %d", accountID)
}

// SeatSpells lists when seats of an account were online between two times, by seat_spell_end; of one
// seat where it isn't "".
func (s *Store) SeatSpells(ctx context.Context, accountID uint64, fromMS, toMS int64, seat string) ([]model.SeatSpell, error) {
	q := s.reader(ctx).Where("account_id = ? AND to_ms > ? AND from_ms < ? AND state = ?", accountID, fromMS, toMS, model.SeatOnline)
	if seat != "" {
		q = q.Where("user_id = ?", seat)
	}
	var list []model.SeatSpell
	err := q.Find(&list).Error
	return list, s.wrap(err, "read when seats of account %d were online", accountID)
}

// SpellsSince is when the first spell of an account began; 0 where there is none.
func (s *Store) SpellsSince(ctx context.Context, accountID uint64) (int64, error) {
	first, _, err := find[model.SeatSpell](s.reader(ctx).Where("account_id = ?", accountID).Order("from_ms"))
	return first.FromMS, s.wrap(err, "read since when states of account %d are known", accountID)
}
