package bot_test

import (
	"context"
	"slices"

	"deskmate/bot"
	"deskmate/model"
)

var _ bot.PastStore = (*world)(nil)

// names are those of people, by userid.
func (w *world) names(who ...string) map[string]string {
	names := map[string]string{}
	for _, id := range who {
		if id != "" {
			names[id] = w.members[id].ShortName()
		}
	}
	return names
}

// LastSent implements [bot.PastStore].
func (w *world) LastSent(_ context.Context, session model.Session, seat string) (model.Sent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sent model.Sent
	for _, m := range w.messages[session.ID] {
		if m.From == model.FromSeat && m.Sender == seat {
			sent.Message = m
		}
	}
	if sent.Message.Seq == 0 {
		return sent, nil
	}
	rows := w.outbox[model.OutLane(1, session.Employee)]
	for _, r := range rows {
		if r.SessionID == session.ID && r.MessageSeq == sent.Message.Seq {
			sent.Pushes = append(sent.Pushes, *r)
		}
	}
	for _, p := range sent.Pushes {
		sent.Together = sent.Together || p.MsgID != "" && slices.ContainsFunc(rows, func(r *model.Outbox) bool {
			return r.MsgID == p.MsgID && r.MessageSeq != p.MessageSeq
		})
	}
	return sent, nil
}

// EarlierSessions implements [bot.PastStore].
func (w *world) EarlierSessions(_ context.Context, _ model.Account, employee string, limit int) ([]model.Earlier, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []model.Earlier
	for _, id := range slices.Backward(w.sessionIDs()) {
		if s := w.sessions[id]; s.Employee == employee && s.State == model.StateClosed && len(list) < limit {
			list = append(list, model.Earlier{Session: s, SeatName: w.members[s.Seat].ShortName(), Rating: w.surveys[id].Rating})
		}
	}
	return list, nil
}

// Transcript implements [bot.PastStore].
func (w *world) Transcript(_ context.Context, _ model.Account, session model.Session, limit int) (model.Transcript, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.messages[session.ID]
	return model.Transcript{Messages: slices.Clone(lines[max(0, len(lines)-limit):]), Names: w.names(lin, chen)}, nil
}

// recallMoved reports whether what a recall rests on has moved.
func (w *world) recallMoved(step model.Step) bool {
	r := step.Recall
	if r == nil {
		return false
	}
	if w.messages[step.Session.ID][r.Seq-1].RecalledMS != 0 {
		return true
	}
	for _, row := range w.outbox[model.OutLane(1, step.Session.Employee)] {
		if slices.Contains(r.Cancel, row.ID) && row.State != model.OutPending {
			return true
		}
	}
	return false
}

func (w *world) applyRecall(step model.Step) {
	r := step.Recall
	if r == nil {
		return
	}
	w.messages[step.Session.ID][r.Seq-1].RecalledMS = step.At
	for _, row := range w.outbox[model.OutLane(1, step.Session.Employee)] {
		if slices.Contains(r.Cancel, row.ID) {
			row.State = model.OutRecalled
		}
	}
}
