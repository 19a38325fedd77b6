package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// reviewBatch is how many sessions are told in one transaction.
const reviewBatch = 100

// review is an event that asks a person's lane to look again.
type review struct {
	person string
	key    string
	event  model.Event
}

// ReviewSessions tells the lane of every session that is with nobody who may have it to look
// for another seat, and returns how many it told: sessions of a seat that is none any more, has
// left or may no longer answer, shared ones that nobody claimed where the account gives sessions to one seat now or nobody is
// left to read them, and all of a disabled account. Seats whose texts wait for a receiver that they can't
// choose any more are told, too. It may be called at any time and by anybody: the same state
// of a session under the same account is told once.
func (s *Store) ReviewSessions(ctx context.Context, accountID uint64) (int, error) {
	told := 0
	list, err := s.toReview(ctx, accountID)
	if err == nil {
		err = chunks(list, reviewBatch, func(batch []review) error {
			n, err := s.tellReview(ctx, accountID, batch)
			told += n
			return err
		})
	}
	return told, s.wrap(err, "review sessions of account %d", accountID)
}

// toReview lists what must be looked at again.
func (s *Store) toReview(ctx context.Context, accountID uint64) ([]review, error) {
	acc, err := s.Account(ctx, accountID)
	if err != nil {
		return nil, err
	}
	var seats []model.Seat
	if err := s.reader(ctx).Where("account_id = ?", accountID).Find(&seats).Error; err != nil {
		return nil, err
	}
	var fit []string
	left := map[string]int64{}
	for _, seat := range seats {
		left[seat.UserID] = seat.LeftMS
		if seat.Serves() {
			fit = append(fit, seat.UserID)
		}
	}
	q := s.reader(ctx).Where("account_id = ? AND state = ?", accountID, model.StateServing)
	if acc.Enabled {
		if len(fit) > 0 {
			q = q.Where("seat NOT IN ?", fit)
		}
		heard := slices.ContainsFunc(seats, func(seat model.Seat) bool { return seat.Listens("") })
		if acc.Policy.Assignment.Mode == model.AllSeats && heard {
			q = q.Where("seat <> '' OR shared = ?", false)
		}
	}
	var sessions []model.Session
	if err := q.Select("id", "employee", "version", "seat").Order("queued_ms, id").Find(&sessions).Error; err != nil {
		return nil, err
	}
	list := make([]review, 0, len(sessions))
	for _, sn := range sessions {
		list = append(list, review{
			person: sn.Employee, key: fmt.Sprintf("r:%d:%d:%d:%d", sn.ID, sn.Version, acc.Version, left[sn.Seat]),
			event: model.Event{Kind: model.EventReview, Session: sn.ID, Seat: sn.Seat, AtMS: s.nowMS()},
		})
	}
	holders, err := s.heldOfOthers(ctx, acc, fit)
	return append(list, holders...), err
}

// heldOfOthers lists who has texts that wait, and is none of the seats that fit.
func (s *Store) heldOfOthers(ctx context.Context, acc model.Account, fit []string) ([]review, error) {
	q := s.reader(ctx).Model(&heldRow{}).Select("user_id, MAX(id) AS id").Where("account_id = ?", acc.ID)
	if len(fit) > 0 {
		q = q.Where("user_id NOT IN ?", fit)
	}
	var rows []heldRow
	err := q.Group("user_id").Find(&rows).Error
	list := make([]review, 0, len(rows))
	for _, r := range rows {
		list = append(list, review{
			person: r.UserID, key: fmt.Sprintf("rh:%d:%d", r.ID, acc.Version),
			event: model.Event{Kind: model.EventReview, AtMS: s.nowMS()},
		})
	}
	return list, err
}

// tellReview writes those events that nobody has written yet.
func (s *Store) tellReview(ctx context.Context, accountID uint64, batch []review) (int, error) {
	keys := make([]string, len(batch))
	for i, r := range batch {
		keys[i] = r.key
	}
	var known []string
	err := s.reader(ctx).Model(&model.Inbox{}).Where("account_id = ? AND dedupe IN ?", accountID, keys).Pluck("dedupe", &known).Error
	if err != nil {
		return 0, err
	}
	told := map[string]bool{}
	for _, key := range known {
		told[key] = true
	}
	var fresh []review
	for _, r := range batch {
		if !told[r.key] {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		plan := newLanePlan(accountID)
		for _, r := range fresh {
			plan.add(model.PersonLane(accountID, r.person), model.LaneIn)
		}
		if err := plan.lock(tx, s, model.Lane{}); err != nil {
			return err
		}
		now := s.nowMS()
		rows := make([]model.Inbox, len(fresh))
		for i, r := range fresh {
			lane := model.PersonLane(accountID, r.person)
			rows[i] = model.Inbox{
				AccountID: accountID, Lane: lane, Seq: plan.next(lane), Dedupe: r.key, Event: r.event,
				CreatedMS: now, ArrivedMS: now, State: model.InboxPending,
			}
		}
		return create(tx, rows)
	})
	if errors.Is(err, model.ErrDuplicate) {
		return 0, nil // another replica does it
	}
	return len(fresh), err
}

// MarkSeat says that the member behind a seat has left the company or the app's range, or is
// back; changed is false where that was known, or the person is no seat. It is in the audit
// log, owners are told (name is who it was), and the sessions move when they are reviewed.
func (s *Store) MarkSeat(ctx context.Context, accountID uint64, userID, name string, gone bool) (changed bool, err error) {
	user := model.Fold(userID)
	err = s.write(ctx, func(tx *gorm.DB) error {
		changed = false
		q := tx.Model(&model.Seat{}).Where("account_id = ? AND user_id = ?", accountID, user)
		was, is := "left_ms > 0", int64(0)
		if gone {
			was, is = "left_ms = 0", s.nowMS()
		}
		set := map[string]any{"left_ms": is}
		if !gone {
			set["joined_ms"] = s.nowMS() // what went to all seats meanwhile it hasn't seen
		}
		res := q.Where(was).Updates(set)
		if res.Error != nil || res.RowsAffected == 0 {
			return res.Error
		}
		changed = true
		if err := noteStates(tx, accountID, user, s.nowMS()); err != nil {
			return err
		}
		return s.noteLeft(tx, accountID, user, name, gone)
	})
	if err == nil && changed && gone {
		_, err = s.ReviewSessions(ctx, accountID)
	}
	return changed, s.wrap(err, "mark seat %s of account %d", user, accountID)
}

func (s *Store) noteLeft(tx *gorm.DB, accountID uint64, user, name string, gone bool) error {
	action := "seat.back"
	if gone {
		action = "seat.left"
		err := s.tellCorp(tx, accountID, []model.Forward{{Event: model.Event{
			Kind: model.EventSeatLeft, Seat: user, Note: name, Reason: "left", AtMS: s.nowMS(),
		}}})
		if err != nil {
			return err
		}
	}
	return saveAudits(tx, []model.Audit{{AccountID: accountID, Actor: "system", Action: action, Target: user}}, s.nowMS())
}
