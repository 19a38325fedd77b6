package bot

import (
	"context"
	"errors"
	"fmt"

	"deskmate/model"
)

// SeatStore knows which members are seats, and whether they are there.
type SeatStore interface {
	Seats(ctx context.Context, accountID uint64) ([]model.Seat, error)
	// Seat is [model.ErrNotFound] for who is none.
	Seat(ctx context.Context, accountID uint64, userID string) (model.Seat, error)
	// MarkSeat says that the seat's member, of this name, is gone or back; what is known already
	// changes nothing.
	MarkSeat(ctx context.Context, accountID uint64, userID, name string, gone bool) (changed bool, err error)
}

// The states of a member who can't answer for anybody (doc path/90196).
const (
	memberDisabled = 2
	memberLeft     = 5
)

func isGone(m model.Member) bool { return m.Status == memberDisabled || m.Status == memberLeft }

// checkSeats compares an account's seats with what its app may see, all of it. Who is missing
// is asked for by name before counting as gone: the list may be older than the member.
func (u *Upkeep) checkSeats(ctx context.Context, acc model.Account, dir model.Directory) error {
	seats, err := u.cfg.Store.Seats(ctx, acc.ID)
	if err != nil || len(seats) == 0 {
		return err
	}
	seen := make(map[string]model.Member, len(dir.Members))
	for _, m := range dir.Members {
		seen[m.UserID] = m
	}
	var failures []error
	for _, seat := range seats {
		m, there := seen[seat.UserID]
		if there && !isGone(m) {
			if seat.LeftMS > 0 {
				failures = append(failures, u.mark(ctx, acc, seat, false))
			}
			continue
		}
		if seat.LeftMS == 0 {
			failures = append(failures, u.checkSeat(ctx, acc, seat))
		}
	}
	return errors.Join(failures...)
}

// checkSeat asks WeCom whether the seat's member is there, as far as the account's app sees.
func (u *Upkeep) checkSeat(ctx context.Context, acc model.Account, seat model.Seat) error {
	m, err := u.cfg.Platform.Member(ctx, acc, seat.UserID)
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return fmt.Errorf("read seat %s: %w", seat.UserID, err)
	}
	return u.mark(ctx, acc, seat, err != nil || isGone(m))
}

func (u *Upkeep) mark(ctx context.Context, acc model.Account, seat model.Seat, gone bool) error {
	changed, err := u.cfg.Store.MarkSeat(ctx, acc.ID, seat.UserID, seat.Name, gone)
	if changed {
		u.cfg.Log.InfoContext(ctx, "seat marked", "account_key", acc.Key, "seat_userid", seat.UserID, "gone", gone)
	}
	return err
}

// recheck looks in every account of the corp whether the member is a seat there and still can
// be; deleted says that the member is gone from the corp.
func (u *Upkeep) recheck(ctx context.Context, corp, userID string, deleted bool) error {
	for _, acc := range u.cfg.Accounts.All() {
		if model.Fold(acc.CorpID) != corp {
			continue
		}
		seat, err := u.cfg.Store.Seat(ctx, acc.ID, model.Fold(userID))
		if errors.Is(err, model.ErrNotFound) {
			continue
		}
		if err == nil && deleted {
			err = u.mark(ctx, acc, seat, true)
		} else if err == nil {
			err = u.checkSeat(ctx, acc, seat)
		}
		if err != nil {
			return fmt.Errorf("check seat of account %s: %w", acc.Key, err)
		}
	}
	return nil
}
