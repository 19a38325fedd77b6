package sqlstore

import (
	"cmp"
	"slices"

	"deskmate/model"
)

// seat reads the person's seat row; without one the other parts of this file read nothing.
func (l *loading) seat() error {
	row, ok, err := find[seatRow](seatRows(l.q, l.c.Account.ID).Where("s.user_id = ?", l.c.Person))
	if ok {
		seat := row.seat()
		l.c.Seat = &seat
	}
	return err
}

// servedBy reads, for a review, the seat that serves the person's session.
func (l *loading) servedBy() error {
	own := l.c.Session
	if l.event.Kind != model.EventReview || own == nil || own.Seat == "" {
		return nil
	}
	row, ok, err := find[seatRow](seatRows(l.q, l.c.Account.ID).Where("s.user_id = ?", own.Seat))
	if ok {
		seat := row.seat()
		l.c.ServedBy = &seat
	}
	return err
}

// serving reads the open sessions that the person serves.
func (l *loading) serving() error {
	if l.c.Seat == nil {
		return nil
	}
	var sessions []model.Session
	seats := []string{l.c.Person}
	if l.c.Seat.MayServe("") {
		seats = append(seats, "") // and those of all seats
	}
	err := l.account().Where("seat IN ? AND state = ?", seats, model.StateServing).Find(&sessions).Error
	if err != nil {
		return err
	}
	sessions = slices.DeleteFunc(sessions, func(s model.Session) bool { return s.Employee == l.c.Person })
	l.c.Serving, err = l.served(sessions)
	slices.SortFunc(l.c.Serving, func(a, b model.Served) int {
		return cmp.Or(cmp.Compare(a.Session.SeatNo, b.Session.SeatNo), cmp.Compare(a.Session.ID, b.Session.ID))
	})
	return err
}

// served joins sessions with their employees.
func (l *loading) served(sessions []model.Session) ([]model.Served, error) {
	ids := make([]string, len(sessions))
	for i, s := range sessions {
		ids[i] = s.Employee
	}
	members, err := l.peers(ids)
	if err != nil {
		return nil, err
	}
	var list []model.Served
	for _, s := range sessions {
		list = append(list, model.Served{Session: s, Employee: members[s.Employee]})
	}
	return list, nil
}

// lastServed reads the closed session that the person served last.
func (l *loading) lastServed() error {
	if l.c.Seat == nil {
		return nil
	}
	last, ok, err := find[model.Session](l.account().Where("seat = ? AND state = ?", l.c.Person, model.StateClosed).
		Order("closed_ms DESC"))
	if err != nil {
		return err
	}
	if shared, found, err := l.lastShared(); err != nil {
		return err
	} else if found && shared.ClosedMS > last.ClosedMS {
		last, ok = shared, true
	}
	if !ok {
		return nil
	}
	list, err := l.served([]model.Session{last})
	if err == nil {
		l.c.LastServed = &list[0]
	}
	return err
}

// held reads the person's texts that wait for a receiver; a review asks for those of who is no
// seat any more, too.
func (l *loading) held() error {
	if l.c.Seat == nil && l.event.Kind != model.EventReview {
		return nil
	}
	var rows []heldRow
	err := l.account().Where("user_id = ?", l.c.Person).Order("id").Find(&rows).Error
	for _, r := range rows {
		l.c.Held = append(l.c.Held, r.Event)
	}
	return err
}

// shown reads when the person was last pushed a line of each session, as far back as
// the focus that such a line could end.
func (l *loading) shown() error {
	if l.c.Seat == nil || len(l.c.Serving) == 0 {
		return nil
	}
	since := l.c.Serving[0].Session.AssignedMS
	for _, s := range l.c.Serving {
		since = min(since, s.Session.AssignedMS)
	}
	if focus := l.c.Seat.FocusMS; focus > 0 {
		since = min(since, focus)
	}
	var rows []struct {
		SessionID uint64
		SentMS    int64
	}
	err := l.q.Model(&model.Outbox{}).Select("session_id, MAX(sent_ms) AS sent_ms").
		Where("lane = ? AND line = ? AND sent_ms > ?", model.OutLane(l.c.Account.ID, l.c.Person), true, since).
		Group("session_id").Find(&rows).Error
	l.c.Shown = make(map[uint64]int64, len(rows))
	for _, r := range rows {
		l.c.Shown[r.SessionID] = r.SentMS
	}
	return err
}
