package sqlstore

import (
	"context"

	"deskmate/model"
)

// LastSent reads the last line that a seat wrote to the employee of a session, and what
// became of it. Where it wrote none, the message has no Seq.
func (s *Store) LastSent(ctx context.Context, session model.Session, seat string) (model.Sent, error) {
	var sent model.Sent
	q := s.reader(ctx)
	last, ok, err := find[model.Message](q.Where("session_id = ? AND sender_kind = ? AND sender = ?",
		session.ID, model.FromSeat, model.Fold(seat)).Order("seq DESC"))
	if err != nil || !ok {
		return sent, s.wrap(err, "read last line of session %d", session.ID)
	}
	sent.Message = last
	lane := model.OutLane(session.AccountID, session.Employee)
	err = q.Where("session_id = ? AND message_seq = ? AND lane = ?", session.ID, last.Seq, lane).Order("seq").Find(&sent.Pushes).Error
	if err != nil {
		return sent, s.wrap(err, "read what was sent of session %d", session.ID)
	}
	var ids []string
	for _, p := range sent.Pushes {
		if p.MsgID != "" {
			ids = append(ids, p.MsgID)
		}
	}
	if len(ids) == 0 {
		return sent, nil
	}
	_, sent.Together, err = find[model.Outbox](q.Where("session_id = ? AND message_seq <> ? AND lane = ? AND msgid IN ?",
		session.ID, last.Seq, lane, ids))
	return sent, s.wrap(err, "read what was sent with a line of session %d", session.ID)
}

// recalledLane is the lane of the pushes that a recall may cancel.
func (a *applying) recalledLane() string {
	return model.OutLane(a.accountID, a.step.Session.Employee)
}

// recall marks a line as taken back. What of it still waits is not sent: its lane is locked,
// so that no sender begins with it meanwhile, and one that has begun keeps it.
func (a *applying) recall() error {
	r := a.step.Recall
	if r == nil {
		return nil
	}
	line := a.tx.Model(&model.Message{}).Where("session_id = ? AND seq = ? AND recalled_ms = 0", a.step.Session.ID, r.Seq)
	if err := one(line.Update("recalled_ms", a.step.At), model.ErrStale); err != nil {
		return err
	}
	if len(r.Cancel) == 0 {
		return nil
	}
	waiting := a.tx.Model(&model.Outbox{}).Where("id IN ? AND lane = ? AND message_seq = ? AND state = ? AND uncertain = 0",
		r.Cancel, a.recalledLane(), r.Seq, model.OutPending)
	return all(waiting.Update("state", model.OutRecalled), r.Cancel)
}
