package bot

import (
	"fmt"
	"slices"

	"deskmate/model"
)

// A session that goes to all seats is served and has no seat: its lines go to everybody who
// listens. What one seat answers the others see, too. Where the account wants it claimed, one
// seat takes it first and it is that seat's from then on; see decide_claim.go.

// listeners are the seats to which the session's lines go: its own, or all that listen.
func (d *decision) listeners() []string {
	switch {
	case d.s == nil || d.s.State != model.StateServing:
		return nil
	case d.s.Seat != "":
		return []string{d.s.Seat}
	}
	return listening(d.in.Case.Seats, d.employee)
}

// listening are those of the seats that get the lines of an employee's session.
func listening(seats []model.Seat, employee string) []string {
	var ids []string
	for _, s := range seats {
		if s.Listens(employee) {
			ids = append(ids, s.UserID)
		}
	}
	return ids
}

// seatOf finds one of the account's seats; ok is false for a person that is none.
func (d *decision) seatOf(userID string) (model.Seat, bool) {
	i := slices.IndexFunc(d.in.Case.Seats, func(s model.Seat) bool { return s.UserID == userID })
	if i < 0 {
		return model.Seat{}, false
	}
	return d.in.Case.Seats[i], true
}

// share gives the session to all seats that listen, and shows it to them.
func (d *decision) share() {
	day, seats := d.day(), d.in.Case.Seats
	d.s.Seat, d.s.Shared = "", true
	d.s.SeatNo = model.NextShared(seats, day)
	listeners := d.listeners()
	d.step.Reserve = &model.Reservation{No: d.s.SeatNo, Day: day, Listeners: listeners}
	d.step.Detail.SeatWhy = string(model.PickAll)
}

// needsClaim reports whether a seat has to take a session before it answers there.
func needsClaim(acc model.Account, s model.Session) bool {
	return s.ForAll() && acc.Policy.Assignment.Claim
}

// mayAct reports whether a seat may do something to a session that goes to all of them.
func (d *decision) mayAct(t *model.Session, ev model.Event) bool {
	seat, ok := d.seatOf(ev.Seat)
	return ok && t.ForAll() && seat.MayServe(t.Employee) &&
		(ev.Kind != model.EventSeatMessage || !needsClaim(d.acc, *t))
}

// fanout is what a seat is told in place of a line while sends run short; "" where the
// line goes to one seat.
func (d *decision) fanout() string {
	if d.s.Seat != "" {
		return ""
	}
	return fmt.Sprintf("%s有新消息，发 #查看 %d 查看", d.employeeMember().ShortName(), d.s.SeatNo)
}

// relayToOthers shows the other seats what one of them answered.
func (d *decision) relayToOthers(author string, c model.Content) {
	if d.s.Seat != "" {
		return
	}
	seats := d.listeners()
	if d.asksActive(seats) {
		return
	}
	for _, seat := range seats {
		if seat != author && !d.spare(seat, d.s.MessageCount) {
			d.relayTo(seat, d.answerTitle(author), author, c)
		}
	}
}

// answerTitle says whose answer the other seats read.
func (d *decision) answerTitle(author string) string {
	return "坐席" + d.nameOf(author) + " 回复 " + d.employeeMember().ShortName()
}

// nobodyListens reports whether the session goes to all seats, and none is left to read it.
func (d *decision) nobodyListens() bool { return d.s.ForAll() && len(d.listeners()) == 0 }

// placeAnew finds a seat for a session that goes to all seats and can't any more: nobody
// listens, or the account assigns otherwise now. Where there is none it waits in the queue.
func (d *decision) placeAnew(reason string) {
	if !d.open() {
		d.grey("已放回排队")
		d.forgetClocks()
		d.enqueueOffHours("坐席都已离开。")
		d.finish(model.OutcomeKept, reasonOffHours)
		return
	}
	if d.in.Offer == nil {
		d.need = Need{Kind: NeedSeat, Previous: d.in.Case.Conversation.LastSeat}
		return
	}
	if !d.in.Offer.found() {
		d.grey("已放回排队")
		d.forgetClocks()
		d.enqueue()
		d.awaitSeat("坐席暂时都不在线，" + textInLine)
		d.finish(model.OutcomeQueued, reason)
		return
	}
	if d.in.Offer.Seat != nil {
		d.grey("已由" + seatName(*d.in.Offer.Seat) + "接待")
	}
	d.assign()
	d.sayServed("")
	d.finish(model.OutcomeHandedOff, reason)
}

// reviewShared looks at a session that goes to all seats after the account, its seats or their
// people changed.
func (d *decision) reviewShared() {
	if d.acc.Policy.Assignment.Mode == model.AllSeats && len(d.listeners()) > 0 {
		d.finish(model.OutcomeHandled, "stays")
	} else {
		d.placeAnew("review")
	}
}

// seatJoin shows a seat that came to listen the session with all of its history.
func (d *decision) seatJoin() {
	seat := d.in.Event.Seat
	switch {
	case !d.s.ForAll() || d.s.ID != d.in.Event.Session:
		d.finish(model.OutcomeHandled, "not_shared")
	case d.in.Case.Introduced:
		d.finish(model.OutcomeHandled, "introduced")
	case !slices.Contains(d.listeners(), seat):
		d.finish(model.OutcomeHandled, "not_listening")
	default:
		d.introduceTo(seat, false, d.in.Case.Recent, 0)
		d.finish(model.OutcomeHandled, "joined")
	}
}

// grey turns the cards by which seats know the session into a caption, for all that listen
// but those who know better.
func (d *decision) grey(caption string, but ...string) {
	for _, seat := range d.listeners() {
		if !slices.Contains(but, seat) {
			d.push(model.Push{Receiver: seat, Kind: model.PushUpdate, Update: &model.CardUpdate{Replace: caption}})
		}
	}
}

// viewLines is how many lines 查看 shows.
const viewLines = 20

// viewCommand is #查看 2: the last lines of a session the seat takes part in.
func (d *decision) viewCommand(cmd Command) {
	s, ok := d.target(cmd.Number, "#查看 2")
	if !ok {
		return
	}
	if d.in.Lines == nil {
		d.need = Need{Kind: NeedLines, Session: s.Session}
		return
	}
	d.step.Pushes = append(d.step.Pushes, d.viewed(s)...)
}

// viewed is a session's last lines, as a seat is shown them.
func (d *decision) viewed(s model.Served) []model.Push {
	v := &decision{Rules: d.Rules, in: d.in, acc: d.acc, at: d.at}
	session := s.Session
	v.s, v.employee, v.in.Case.Employee = &session, session.Employee, &s.Employee
	v.showLines(d.in.Case.Person, fmt.Sprintf("#%d %s 的最近消息：", session.SeatNo, s.Employee.Title()), d.in.Lines)
	return v.step.Pushes
}
