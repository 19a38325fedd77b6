package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"deskmate/model"
)

// allSeats are the seats with the numbers of what goes to all of them.
func (w *world) allSeats() []model.Seat {
	last := w.shared
	for _, s := range w.sessions {
		last.Open = last.Open || s.ForAll()
	}
	var list []model.Seat
	for _, id := range sortedKeys(w.seats) {
		seat := *w.seats[id]
		seat.Shared = last
		list = append(list, seat)
	}
	return list
}

// seat is one of them; nil for nobody's.
func (w *world) seat(userID string) *model.Seat {
	all := w.allSeats()
	i := slices.IndexFunc(all, func(s model.Seat) bool { return s.UserID == userID })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// Writers implements [bot.EngineStore]. The world has no groups.
func (w *world) Writers(context.Context, model.Account, []model.Message) (map[string]model.Member, error) {
	return nil, nil //nolint:nilnil // nobody to name
}

// Messages implements [bot.EngineStore].
func (w *world) Messages(_ context.Context, sessionID uint64, afterSeq, limit int) ([]model.Message, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.messages[sessionID]
	all = all[min(afterSeq, len(all)):]
	return slices.Clone(all[:min(limit, len(all))]), nil
}

// ShareWith implements [bot.EngineStore].
func (w *world) ShareWith(_ context.Context, accountID uint64, seat string) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.onShare != nil {
		if err := w.onShare(); err != nil {
			return 0, err
		}
	}
	return w.shareWith(accountID, seat), nil
}

func (w *world) shareWith(accountID uint64, seat string) int {
	row := w.seats[seat]
	if row == nil || row.JoinedMS <= row.SharedMS {
		return 0
	}
	n := 0
	for _, id := range w.sessionIDs() {
		s := w.sessions[id]
		if !s.ForAll() {
			continue
		}
		n++
		w.accept(model.Inbound{
			AccountID: accountID, Person: s.Employee, DedupeKey: fmt.Sprintf("j:%d:%s:%d", id, seat, row.JoinedMS),
			Event: model.Event{Kind: model.EventSeatJoin, Session: id, Seat: seat, AtMS: row.JoinedMS},
		}, model.PersonLane(accountID, s.Employee))
	}
	row.SharedMS = row.JoinedMS
	return n
}

// shareDue is the sweeper's.
func (w *world) shareDue() {
	for _, id := range sortedKeys(w.seats) {
		w.shareWith(w.acc.ID, id)
	}
}

// CardCode implements [bot.OutboxStore].
func (w *world) CardCode(_ context.Context, lane model.Lane, sessionID uint64) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	code := ""
	for _, r := range w.outbox[lane.Lane] {
		if r.SessionID == sessionID && strings.HasPrefix(r.TaskID, "desk-") {
			code = r.ResponseCode
		}
	}
	return code, nil
}

// Used implements [bot.Budget].
func (w *world) Used(context.Context, uint64) (int, error) { return w.used, w.usedErr }

// copiesLeft is the store's rule for lines that go to several seats.
func (w *world) copiesLeft(of *model.Outbox) bool {
	if of.Push.Fanout == "" {
		return false
	}
	step, _, _ := strings.Cut(of.Dedupe, ":")
	for lane, rows := range w.outbox {
		for _, r := range rows {
			if lane != of.Lane && r.Push.Fanout != "" && strings.HasPrefix(r.Dedupe, step+":") &&
				r.State != model.OutDead && r.State != model.OutUncertain {
				return true
			}
		}
	}
	return false
}
