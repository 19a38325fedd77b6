package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// PutSeat makes one seat what the setup says, adding it where it isn't there, and returns the
// account's version after that. expect is the version that the caller saw: ErrStale where the
// account has changed since; 0 doesn't look. More than 200 seats are a conflict with the
// reason too_many_seats. Applying an account file later makes the file the whole truth again.
func (s *Store) PutSeat(ctx context.Context, accountID, expect uint64, seat model.SeatSetup, actor string) (version uint64, err error) {
	version, err = s.changeSeats(ctx, accountID, expect, actor, func(have []model.SeatSetup) ([]model.SeatSetup, error) {
		have = slices.DeleteFunc(have, func(h model.SeatSetup) bool { return h.UserID == model.Fold(seat.UserID) })
		if len(have) >= model.MaxSeats {
			return nil, &model.Error{
				Code: model.CodeConflict, Reason: "too_many_seats", Message: fmt.Sprintf("an account has at most %d seats", model.MaxSeats),
			}
		}
		return append(have, seat), nil
	})
	return version, s.wrap(err, "change seat %s of account %d", seat.UserID, accountID)
}

// RemoveSeat removes a seat; see [Store.PutSeat]. One that isn't there is ErrNotFound. Its sessions
// move when they are reviewed.
func (s *Store) RemoveSeat(ctx context.Context, accountID, expect uint64, userID, actor string) (version uint64, err error) {
	version, err = s.changeSeats(ctx, accountID, expect, actor, func(have []model.SeatSetup) ([]model.SeatSetup, error) {
		rest := slices.DeleteFunc(slices.Clone(have), func(h model.SeatSetup) bool { return h.UserID == model.Fold(userID) })
		if len(rest) == len(have) {
			return nil, model.ErrNotFound
		}
		return rest, nil
	})
	return version, s.wrap(err, "remove seat %s of account %d", userID, accountID)
}

// changeSeats makes the account's seats what change makes of them.
func (s *Store) changeSeats(
	ctx context.Context, accountID, expect uint64, actor string, change func([]model.SeatSetup) ([]model.SeatSetup, error),
) (version uint64, err error) {
	err = s.write(ctx, func(tx *gorm.DB) error {
		version, err = s.changeSeatsIn(tx, accountID, expect, actor, change)
		return err
	})
	return version, err
}

// changeSeatsIn is changeSeats within a transaction.
func (s *Store) changeSeatsIn(
	tx *gorm.DB, accountID, expect uint64, actor string, change func([]model.SeatSetup) ([]model.SeatSetup, error),
) (version uint64, err error) {
	row, err := lockAccount(tx, accountID, expect)
	if err != nil {
		return 0, err
	}
	var seats []model.Seat
	if err := tx.Where("account_id = ?", accountID).Order("user_id").Find(&seats).Error; err != nil {
		return 0, err
	}
	have := make([]model.SeatSetup, len(seats))
	for i, seat := range seats {
		have[i] = seat.Setup()
	}
	want, err := change(have)
	if err != nil {
		return 0, err
	}
	changed, err := s.saveSeats(tx, accountID, setups(want), actor)
	if err != nil || !changed {
		return row.Version, err
	}
	row.Version, row.UpdatedMS = row.Version+1, s.nowMS()
	if err := tx.Model(&row).Select("version", "updated_ms").Updates(&row).Error; err != nil {
		return 0, err
	}
	return row.Version, bumpRevision(tx, accountsRevision)
}

// lockAccount locks an account's row, which must have the version expected; 0 doesn't look.
func lockAccount(tx *gorm.DB, accountID, expect uint64) (accountRow, error) {
	row, ok, err := find[accountRow](tx.Clauses(forUpdate()).Where("id = ?", accountID))
	switch {
	case err != nil:
		return row, err
	case !ok:
		return row, model.ErrNotFound
	case expect != 0 && row.Version != expect:
		return row, model.ErrStale
	}
	return row, nil
}

// SetSeatState says in the seat's place whether it is online, and puts that into the audit log.
// A seat that isn't there is ErrNotFound.
func (s *Store) SetSeatState(ctx context.Context, accountID uint64, userID string, state model.SeatState, actor string) error {
	user := model.Fold(userID)
	err := s.write(ctx, func(tx *gorm.DB) error {
		seat, ok, err := find[model.Seat](tx.Clauses(forUpdate()).Where("account_id = ? AND user_id = ?", accountID, user))
		switch {
		case err != nil:
			return err
		case !ok:
			return model.ErrNotFound
		case seat.State == state:
			return nil
		}
		set := map[string]any{"state": state}
		if seat.State == model.SeatOffline {
			set["joined_ms"] = s.nowMS()
		}
		err = tx.Model(&model.Seat{}).Where("account_id = ? AND user_id = ?", accountID, user).Updates(set).Error
		if err == nil {
			err = noteStates(tx, accountID, user, s.nowMS())
		}
		if err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{{
			AccountID: accountID, Actor: actor, Action: "seat.state", Target: user,
			Before: wordOf("state", string(seat.State)), After: wordOf("state", string(state)),
		}}, s.nowMS())
	})
	return s.wrap(err, "set state of seat %s of account %d", user, accountID)
}

// setups folds and sorts seats, and drops who has no userid; of the same one twice the last counts.
func setups(seats []model.SeatSetup) []model.SeatSetup {
	byID := map[string]model.SeatSetup{}
	for _, seat := range seats {
		seat.UserID = model.Fold(seat.UserID)
		seat.Permissions = slices.Compact(slices.Sorted(slices.Values(seat.Permissions)))
		if seat.UserID != "" {
			byID[seat.UserID] = seat
		}
	}
	list := make([]model.SeatSetup, 0, len(byID))
	for _, seat := range byID {
		list = append(list, seat)
	}
	slices.SortFunc(list, func(a, b model.SeatSetup) int { return cmp.Compare(a.UserID, b.UserID) })
	return list
}

// saveSeats makes want the account's seats, and says what it changed in the audit log. A seat
// that comes back finds the sessions it still has counted. Owners hear of one that is removed
// while it serves somebody.
func (s *Store) saveSeats(tx *gorm.DB, accountID uint64, want []model.SeatSetup, actor string) (changed bool, err error) {
	serving, err := servingCounts(tx, accountID)
	if err != nil {
		return false, err
	}
	var rows []model.Seat
	if err := tx.Clauses(forUpdate()).Where("account_id = ?", accountID).Order("user_id").Find(&rows).Error; err != nil {
		return false, err
	}
	have := make(map[string]model.SeatSetup, len(rows))
	for _, row := range rows {
		have[row.UserID] = row.Setup()
	}
	c := seatChanges{tx: tx, accountID: accountID, actor: actor, nowMS: s.nowMS()}
	for _, seat := range want {
		before, there := have[seat.UserID]
		delete(have, seat.UserID)
		if err := c.put(seat, before, there, serving[seat.UserID]); err != nil {
			return false, err
		}
	}
	var left []model.Forward
	for _, row := range rows {
		before, gone := have[row.UserID]
		if !gone {
			continue
		}
		if err := c.remove(before); err != nil {
			return false, err
		}
		if serving[row.UserID] > 0 {
			left = append(left, model.Forward{Event: model.Event{
				Kind: model.EventSeatLeft, Seat: row.UserID, Reason: "removed", AtMS: s.nowMS(),
			}})
		}
	}
	if len(c.audits) == 0 {
		return false, nil
	}
	if err := s.tellCorp(tx, accountID, left); err != nil {
		return false, err
	}
	if err := noteStates(tx, accountID, "", s.nowMS()); err != nil {
		return false, err
	}
	return true, saveAudits(tx, c.audits, s.nowMS())
}

// tellCorp writes events into the account's corp lane. Nobody else writes the same ones.
func (s *Store) tellCorp(tx *gorm.DB, accountID uint64, events []model.Forward) error {
	if len(events) == 0 {
		return nil
	}
	plan := newLanePlan(accountID)
	for range events {
		plan.add(model.CorpLane(accountID), model.LaneIn)
	}
	if err := plan.lock(tx, s, model.Lane{}); err != nil {
		return err
	}
	return forward(tx, plan, fmt.Sprintf("l:%d", model.NewID(s.now())), events, s.nowMS())
}

// seatChanges writes seats and remembers what for the audit log.
type seatChanges struct {
	tx        *gorm.DB
	accountID uint64
	actor     string
	nowMS     int64
	audits    []model.Audit
}

func (c *seatChanges) note(action, userID, before, after string) {
	c.audits = append(c.audits, model.Audit{
		AccountID: c.accountID, Actor: c.actor, Action: action, Target: userID, Before: before, After: after,
	})
}

// put adds a seat, or changes one that is there, unless it is that already.
func (c *seatChanges) put(seat, before model.SeatSetup, there bool, load int) error {
	row := model.Seat{
		AccountID: c.accountID, UserID: seat.UserID, State: model.SeatOnline, Load: load, JoinedMS: c.nowMS,
		Capacity: seat.Capacity, Priority: seat.Priority, Hours: seat.Hours, Permissions: seat.Permissions,
	}
	was, is := setupJSON(before), setupJSON(seat)
	switch {
	case !there:
		c.note("seat.added", seat.UserID, "", is)
		return c.tx.Create(&row).Error
	case was == is:
		return nil
	}
	c.note("seat.changed", seat.UserID, was, is)
	columns := []string{"capacity", "priority", "hours", "permissions"}
	if answers := (model.Seat{Permissions: before.Permissions}).May(model.MayAnswer); !answers && row.May(model.MayAnswer) {
		columns = append(columns, "joined_ms") // what goes to all seats it hasn't seen
	}
	return c.tx.Model(&model.Seat{}).Where("account_id = ? AND user_id = ?", c.accountID, seat.UserID).
		Select(columns).Updates(&row).Error
}

func (c *seatChanges) remove(seat model.SeatSetup) error {
	c.note("seat.removed", seat.UserID, setupJSON(seat), "")
	return c.tx.Where("account_id = ? AND user_id = ?", c.accountID, seat.UserID).Delete(&model.Seat{}).Error
}

// setupJSON is a setup for the audit log and for comparing.
func setupJSON(seat model.SeatSetup) string {
	text, _ := json.Marshal(seat) // nothing in it can fail
	return string(text)
}

// wordOf is a JSON object with one word, for the audit log.
func wordOf(key, value string) string {
	text, _ := json.Marshal(map[string]string{key: value})
	return string(text)
}
