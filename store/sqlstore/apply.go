package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"deskmate/model"
)

// Apply makes a decision true, all of it or nothing. It fails with
//   - ErrFenced when another worker holds the lane,
//   - ErrDuplicate when the event was decided already,
//   - ErrStale when what the decision rests on has moved: the session, the survey, the
//     person's seat,
//   - ErrSeatTaken when the seat it reserves can't take the session after all.
func (s *Store) Apply(ctx context.Context, step model.Step) (model.Applied, error) {
	if step.Session == nil && (len(step.Messages) > 0 || step.Recall != nil) {
		return model.Applied{}, model.Invalid("step", "a step without a session has no messages")
	}
	var done model.Applied
	err := s.write(ctx, func(tx *gorm.DB) error {
		a := applying{tx: tx, store: s, step: step, accountID: step.Lane.AccountID, person: step.Lane.Person()}
		err := a.run()
		done = a.done
		return err
	})
	if err != nil {
		return model.Applied{}, s.wrap(err, "apply step of inbox %d", step.InboxID)
	}
	return done, nil
}

// applying is one attempt to apply a step.
type applying struct {
	tx        *gorm.DB
	store     *Store
	step      model.Step
	accountID uint64
	person    string
	plan      *lanePlan
	head      *model.Session // whose turn in the queue it is; nil for nobody
	done      model.Applied
}

func (a *applying) run() error {
	if err := a.lockLanes(); err != nil {
		return err
	}
	if err := a.finishInbox(); err != nil {
		return err
	}
	for _, part := range []func() error{
		a.session, a.seats, a.messages, a.recall, a.media, a.seatSessions, a.pushes, a.timers, a.forwards,
		a.conversation, a.groupChat, a.seatChange, a.held, a.survey, a.question, a.questionChange, a.facts, a.webhooks, a.audits, a.order,
	} {
		if err := part(); err != nil {
			if errors.Is(a.store.translate(err), model.ErrDuplicate) {
				return model.ErrStale // an id or a number that somebody else has used meanwhile
			}
			return err
		}
	}
	if !a.step.Last {
		return nil
	}
	more, err := letGo(a.tx, a.step.Lane, a.store.nowMS())
	a.done.Released = !more
	return err
}

// lockLanes locks every lane that the step touches, before anything else.
func (a *applying) lockLanes() error {
	a.plan = newLanePlan(a.accountID)
	for _, f := range a.step.Forwards {
		a.plan.add(laneOf(a.accountID, f.Person), model.LaneIn)
	}
	for _, p := range a.step.Pushes {
		a.plan.add(model.OutLane(a.accountID, p.Receiver), model.OutKind(p.Receiver))
	}
	if a.step.Recall != nil {
		a.plan.add(a.recalledLane(), model.OutKind(a.step.Session.Employee))
	}
	if err := a.findHead(); err != nil {
		return err
	}
	if err := a.plan.lock(a.tx, a.store, a.step.Lane); err != nil {
		return err
	}
	if len(a.step.Forwards) > 0 || a.head != nil {
		a.done.Lanes = append(a.done.Lanes, model.LaneIn)
	}
	for _, p := range a.step.Pushes {
		if kind := model.OutKind(p.Receiver); !slices.Contains(a.done.Lanes, kind) {
			a.done.Lanes = append(a.done.Lanes, kind)
		}
	}
	if a.head == nil {
		return nil
	}
	a.done.Woken = a.head.Employee
	// Now that its lane is locked it stays where it is; it may have left before.
	again, ok, err := a.queueHead()
	if err == nil && (!ok || again.ID != a.head.ID) {
		return errMoved
	}
	return err
}

// findHead plans the turn of the longest waiting session, where the step asks for it.
func (a *applying) findHead() error {
	if !a.step.WakeQueue {
		return nil
	}
	head, ok, err := a.queueHead()
	if err != nil || !ok {
		return err
	}
	a.head = &head
	a.plan.add(model.PersonLane(a.accountID, head.Employee), model.LaneIn)
	return nil
}

// sessionID is that of the step's session; 0 for none.
func (a *applying) sessionID() uint64 {
	if a.step.Session == nil {
		return 0
	}
	return a.step.Session.ID
}

// queueHead is the longest waiting session but for the step's, and those it passes over.
func (a *applying) queueHead() (model.Session, bool, error) {
	q := queued(a.tx, a.accountID).Where("id <> ?", a.sessionID())
	if p := a.step.WakeBehind; p != nil {
		q = behind(q, *p)
	}
	return find[model.Session](q.Order(queueOrder))
}

// finishInbox marks the event done. It belongs to the step's session, or else to the one
// it was forwarded for.
func (a *applying) finishInbox() error {
	belongs := a.sessionID()
	if belongs == 0 && len(a.step.Forwards) > 0 {
		belongs = a.step.Forwards[0].Event.Session
	}
	row := model.Inbox{
		State: model.InboxDone, Outcome: a.step.Outcome, Reason: clip(a.step.Reason, reasonSize),
		SessionID: belongs, Detail: a.step.Detail, DoneMS: a.store.nowMS(),
	}
	res := undone(a.tx.Model(&model.Inbox{}), a.step.Lane).Where("id = ?", a.step.InboxID).
		Select("state", "outcome", "reason", "session_id", "detail", "done_ms", "err").Updates(&row)
	return one(res, model.ErrDuplicate)
}

// session inserts or changes the step's session.
func (a *applying) session() error {
	if a.step.Session == nil {
		return nil
	}
	next := *a.step.Session
	next.Version++
	next.Unindexed = next.Unindexed || len(a.step.Messages) > 0
	if next.Version == 1 {
		return a.tx.Create(&next).Error
	}
	q := a.tx.Model(&model.Session{}).Where("id = ? AND account_id = ? AND version = ?", next.ID, a.accountID, next.Version-1)
	if next.State != model.StateClosed {
		q = q.Where("state <> ?", model.StateClosed) // nothing leaves closed
	}
	return one(q.Select("*").Omit("id", "account_id", "employee").Updates(&next), model.ErrStale)
}

// messages adds to the session's transcript.
func (a *applying) messages() error {
	rows := make([]model.Message, len(a.step.Messages))
	for i, m := range a.step.Messages {
		m.SessionID, m.AccountID = a.step.Session.ID, a.accountID
		rows[i] = m
	}
	return create(a.tx, rows)
}

// pushes writes the outbox, per receiver in the order of the step.
func (a *applying) pushes() error {
	rows := make([]model.Outbox, len(a.step.Pushes))
	for i, p := range a.step.Pushes {
		lane := model.OutLane(a.accountID, p.Receiver)
		rows[i] = model.Outbox{
			AccountID: a.accountID, Lane: lane, Seq: a.plan.next(lane), Dedupe: fmt.Sprintf("%d:%d", a.step.InboxID, i),
			SessionID: p.Session, Line: p.Line, MessageSeq: p.Seq, Push: p, State: model.OutPending, CreatedMS: a.step.At,
			Traceparent: traceparent(a.tx.Statement.Context),
		}
		if p.Card != nil {
			rows[i].TaskID = p.Card.TaskID
		}
	}
	return create(a.tx, rows)
}

// forwards writes events for other lanes, the turn of the queue among them.
func (a *applying) forwards() error {
	if err := forward(a.tx, a.plan, fmt.Sprintf("f:%d", a.step.InboxID), a.step.Forwards, a.step.At); err != nil {
		return err
	}
	if a.head == nil {
		return nil
	}
	return create(a.tx, []model.Inbox{queueTurn(a.tx, a.plan, *a.head, fmt.Sprintf("q:%d", a.step.InboxID), a.step.At)})
}

// create inserts rows, if there are any.
func create[T any](tx *gorm.DB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.Create(&rows).Error
}

// laneOf is the lane of events for a person; "" means the corp's.
func laneOf(accountID uint64, person string) string {
	if person == "" {
		return model.CorpLane(accountID)
	}
	return model.PersonLane(accountID, person)
}

// forward writes events to lanes that the plan has locked, keyed "<prefix>:<n>" unless they
// bring a key.
func forward(tx *gorm.DB, plan *lanePlan, prefix string, forwards []model.Forward, atMS int64) error {
	rows := make([]model.Inbox, len(forwards))
	for i, f := range forwards {
		lane := laneOf(plan.accountID, f.Person)
		rows[i] = model.Inbox{
			AccountID: plan.accountID, Lane: lane, Seq: plan.next(lane), Dedupe: fmt.Sprintf("%s:%d", prefix, i),
			Event: f.Event, CreatedMS: atMS, ArrivedMS: atMS, State: model.InboxPending,
			Traceparent: traceparent(tx.Statement.Context),
		}
		if f.Key != "" {
			rows[i].Dedupe = dedupeKey(f.Key)
		}
	}
	return create(tx, rows)
}

// queueTurn is the event that tells a queued session that a seat may be free.
func queueTurn(tx *gorm.DB, plan *lanePlan, head model.Session, dedupe string, atMS int64) model.Inbox {
	lane := model.PersonLane(head.AccountID, head.Employee)
	return model.Inbox{
		AccountID: head.AccountID, Lane: lane, Seq: plan.next(lane), Dedupe: dedupe,
		Event:     model.Event{Kind: model.EventQueueTurn, Session: head.ID, AtMS: atMS},
		CreatedMS: atMS, ArrivedMS: atMS, State: model.InboxPending, Traceparent: traceparent(tx.Statement.Context),
	}
}
