package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"deskmate/model"
)

// Sessions that go to all seats. They are served, marked as shared, and have no seat.

// sharedNoRow counts the numbers of an account's sessions for all seats.
type sharedNoRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Day       int
	No        int
}

// TableName implements gorm's Tabler.
func (sharedNoRow) TableName() string { return "shared_no" }

// lastNo is the last number of a seat that counts on a day, in SQL.
const lastNo = "CASE WHEN `day` = ? OR `load` > 0 THEN day_no ELSE 0 END"

// sharedNo reads the last number that an account gave to a session for all seats.
func sharedNo(q *gorm.DB, accountID uint64) (model.SharedNo, error) {
	row, ok, err := find[sharedNoRow](q.Where("account_id = ?", accountID))
	if err != nil || !ok {
		return model.SharedNo{}, err
	}
	_, open, err := find[model.Session](forAll(q, accountID))
	return model.SharedNo{Day: row.Day, No: row.No, Open: open}, err
}

// forAll narrows to the open sessions of an account that go to all seats.
func forAll(q *gorm.DB, accountID uint64) *gorm.DB {
	return q.Where("account_id = ? AND seat = '' AND state = ?", accountID, model.StateServing)
}

// reserveShared takes the number that is next at all seats. Who changes a seat or takes a
// number of one locks its row, so that nothing moves while these are locked.
func (a *applying) reserveShared() error {
	r := a.step.Reserve
	var seats []model.Seat
	err := a.tx.Clauses(forUpdate()).Where("account_id = ?", a.accountID).Order("user_id").Find(&seats).Error
	if err != nil {
		return err
	}
	last, err := sharedNo(a.tx, a.accountID)
	if err != nil {
		return err
	}
	var listeners []string
	for i := range seats {
		seats[i].Shared = last
		if seats[i].Listens(a.step.Session.Employee) {
			listeners = append(listeners, seats[i].UserID)
		}
	}
	switch {
	case !slices.Equal(listeners, r.Listeners):
		return model.ErrStale
	case model.NextShared(seats, r.Day) != r.No:
		return model.ErrSeatTaken
	}
	return a.tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "account_id"}}, DoUpdates: clause.AssignmentColumns([]string{"day", "no"}),
	}).Create(&sharedNoRow{AccountID: a.accountID, Day: r.Day, No: r.No}).Error
}

// stillFree looks whether a session for all seats has got a seat's number meanwhile. The
// seat's row is locked by now, so that none can from here on.
func (a *applying) stillFree(r *model.Reservation) error {
	last, err := sharedNo(a.tx, a.accountID)
	if err == nil && last.Last(r.Day) >= r.No {
		err = model.ErrSeatTaken
	}
	return err
}

// allSeats reads the account's seats where a session of the case goes to all of them, or
// did.
func (l *loading) allSeats() error {
	own, target := l.c.Session, l.c.Target
	if (own == nil || !own.Shared) && (target == nil || !target.Shared) {
		return nil
	}
	var err error
	l.c.Seats, err = listSeats(l.q, l.c.Account.ID)
	return err
}

// introduced looks whether the seat of a join was shown the session since it came.
func (l *loading) introduced() error {
	if l.event.Kind != model.EventSeatJoin {
		return nil
	}
	card := l.q.Where("lane = ? AND session_id = ? AND task_id LIKE ? AND created_ms >= ?",
		model.OutLane(l.c.Account.ID, l.event.Seat), l.event.Session, deskCards, l.event.AtMS)
	_, ok, err := find[model.Outbox](card.Select("id"))
	l.c.Introduced = ok
	return err
}

// lastShared reads the session for all seats that closed last, which the person was shown,
// too, where nobody takes such a session for itself.
func (l *loading) lastShared() (model.Session, bool, error) {
	if p := l.c.Account.Policy.Assignment; p.Mode != model.AllSeats || p.Claim || !l.c.Seat.MayServe("") {
		return model.Session{}, false, nil
	}
	return find[model.Session](l.account().Where("shared = ? AND state = ? AND employee <> ?", true, model.StateClosed, l.c.Person).
		Order("closed_ms DESC"))
}

// deskCards matches the task ids of the cards by which seats are shown sessions.
const deskCards = "desk-%"

// codeLife is for how long a card can be changed after it was sent.
const codeLife = 72 * time.Hour

// CardCode is the response_code of the last card by which the receiver of an outbox lane was
// shown a session; "" where none can be changed (any more).
func (s *Store) CardCode(ctx context.Context, lane model.Lane, sessionID uint64) (string, error) {
	row, _, err := find[model.Outbox](s.reader(ctx).
		Where("lane = ? AND session_id = ? AND task_id LIKE ?", lane.Lane, sessionID, deskCards).Order("seq DESC"))
	if err != nil {
		return "", s.wrap(err, "read card of session %d", sessionID)
	}
	if row.State != model.OutSent || row.SentMS <= s.nowMS()-codeLife.Milliseconds() {
		return "", nil
	}
	return row.ResponseCode, nil
}

// joinBatch is how many sessions one call of ShareWith reads at once.
const joinBatch = 200

// ShareWith shows a seat that has come to listen every open session of its account that
// goes to all seats: their employees' lanes get an [model.EventSeatJoin] each. It returns
// how many; none for a seat that was shown them already, or is gone. Calling it again, or
// after a crash, makes no event twice.
func (s *Store) ShareWith(ctx context.Context, accountID uint64, seat string) (int, error) {
	n, err := s.shareWith(ctx, accountID, model.Fold(seat))
	return n, s.wrap(err, "share sessions of account %d", accountID)
}

func (s *Store) shareWith(ctx context.Context, accountID uint64, seat string) (int, error) {
	row, ok, err := find[model.Seat](s.reader(ctx).Where("account_id = ? AND user_id = ?", accountID, seat))
	if err != nil || !ok || row.JoinedMS <= row.SharedMS {
		return 0, err
	}
	told := 0
	for after, more := uint64(0), true; more; {
		var sessions []model.Session
		err := forAll(s.reader(ctx), accountID).Where("+id > ?", after).Order("id").Limit(joinBatch).Find(&sessions).Error
		if err != nil {
			return told, err
		}
		for _, session := range sessions {
			n, err := s.join(ctx, session, row)
			if err != nil {
				return told, err
			}
			told += n
			after = session.ID
		}
		more = len(sessions) == joinBatch
	}
	// Only now: what fails before is done again. A seat that came anew meanwhile stays due.
	err = s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&model.Seat{}).Where("account_id = ? AND user_id = ? AND joined_ms = ?", accountID, seat, row.JoinedMS).
			Update("shared_ms", row.JoinedMS).Error
	})
	return told, err
}

// join tells the lane of a session's employee that a seat shall see the session.
func (s *Store) join(ctx context.Context, session model.Session, seat model.Seat) (int, error) {
	now := s.nowMS()
	row := model.Inbox{
		AccountID: session.AccountID, Lane: model.PersonLane(session.AccountID, session.Employee),
		Dedupe: dedupeKey(fmt.Sprintf("j:%d:%s:%d", session.ID, seat.UserID, seat.JoinedMS)),
		Event: model.Event{
			Kind: model.EventSeatJoin, Session: session.ID, Seat: seat.UserID, AtMS: seat.JoinedMS,
		},
		CreatedMS: now, ArrivedMS: now, State: model.InboxPending,
	}
	err := s.write(ctx, func(tx *gorm.DB) error { return s.accept(tx, row) })
	if errors.Is(err, model.ErrDuplicate) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// ShareDue does what ShareWith does for every seat of these accounts that has come to listen
// and wasn't shown the sessions yet.
func (s *Store) ShareDue(ctx context.Context, accountIDs []uint64) (int, error) {
	total := 0
	for _, id := range accountIDs {
		var seats []string
		err := s.reader(ctx).Model(&model.Seat{}).Where("account_id = ? AND joined_ms > shared_ms", id).Pluck("user_id", &seats).Error
		for _, seat := range seats {
			if err != nil {
				break
			}
			var n int
			n, err = s.shareWith(ctx, id, seat)
			total += n
		}
		if err != nil {
			return total, s.wrap(err, "share sessions of account %d", id)
		}
	}
	return total, nil
}

// copiesLeft reports whether another copy of a line that goes to several seats was sent or
// may still be. The copies are locked, so that of two which fail at once one sees the other.
func copiesLeft(tx *gorm.DB, of model.Outbox) (bool, error) {
	if of.Push.Fanout == "" {
		return false, nil
	}
	step, _, _ := strings.Cut(of.Dedupe, ":")
	var rows []model.Outbox
	// A step's keys are "<inbox id>:<n>", and ";" follows ":".
	err := tx.Clauses(forUpdate()).Where("account_id = ? AND dedupe > ? AND dedupe < ?", of.AccountID, step+":", step+";").
		Order("dedupe").Find(&rows).Error
	return slices.ContainsFunc(rows, func(r model.Outbox) bool {
		return r.Push.Fanout != "" && r.Push.Author == of.Push.Author && r.Lane != of.Lane && !r.State.GivenUp()
	}), err
}
