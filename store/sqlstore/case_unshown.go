package sqlstore

import (
	"maps"

	"deskmate/model"
)

// unshown reads the lines of the person's own session that a seat was told of rather than sent,
// and how far those seats have read it.
func (l *loading) unshown() error {
	own := l.c.Session
	if own == nil || own.State != model.StateServing || own.UnshownSince() == 0 {
		return nil
	}
	var seen []seenRow
	if err := l.q.Where("session_id = ?", own.ID).Find(&seen).Error; err != nil {
		return err
	}
	l.c.Seen = make(map[string]int, len(seen))
	for _, r := range seen {
		l.c.Seen[r.Seat] = r.Seq
	}
	after := own.MessageCount
	for _, u := range own.Unshown {
		if u.From != 0 {
			after = min(after, max(u.From-1, l.c.Seen[u.Seat]))
		}
	}
	err := l.q.Where("session_id = ? AND seq > ? AND sender_kind IN ?", own.ID, after,
		[]model.SenderKind{model.FromEmployee, model.FromSeat}).Order("seq").Find(&l.c.Unshown).Error
	if err != nil || l.c.Group == nil || len(l.c.Unshown) == 0 {
		return err
	}
	writers, err := writersOf(l.q, l.c.Account, l.c.Unshown)
	maps.Copy(writers, l.c.Writers)
	l.c.Writers = writers
	return err
}
