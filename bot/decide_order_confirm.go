package bot

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
)

// orderFor is how long a card that asks whether an order is meant can be answered.
const orderFor = 10 * time.Minute

// askOrder asks whether an order is meant. Nothing is kept of it: it comes back in the click.
func (d *decision) askOrder(o model.Order, title, body string) {
	d.card(model.Push{Receiver: d.in.Case.Person}, "order", model.Card{
		Kind: model.CardButtons, Source: d.acc.Name, Title: title, Body: body + minutes(orderFor) + "内有效。",
		Buttons: []model.CardButton{
			{Text: "确认", Key: d.orderKey(o, ""), Style: model.StyleStrong},
			{Text: "取消", Key: d.orderKey(o, model.OrderOff), Style: model.StyleNeutral},
		},
	})
	d.finish(model.OutcomeHandled, "order_asked")
}

// orderKey holds what is ordered, by whom and when, and whether the button calls it off.
func (d *decision) orderKey(o model.Order, off string) string {
	return strings.Join([]string{
		model.OrderVerb, strconv.FormatInt(d.at, 10), off, string(o.Kind), d.in.Case.Person, orderOf(o),
	}, ":")
}

// orderOf is what an order is about, in a button's key.
func orderOf(o model.Order) string {
	if o.Kind.Teaches() {
		return strconv.FormatUint(o.Inbox, 10) + "," + strconv.FormatUint(o.Miss, 10)
	}
	return o.UserID
}

// orderFrom reads what orderOf wrote.
func orderFrom(kind model.OrderKind, about string) *model.Order {
	o := &model.Order{Kind: kind}
	if !kind.Teaches() {
		o.UserID = about
		return o
	}
	inbox, miss, _ := strings.Cut(about, ",")
	o.Inbox, _ = strconv.ParseUint(inbox, 10, 64)
	o.Miss, _ = strconv.ParseUint(miss, 10, 64)
	return o
}

// orderClick is 确认 or 取消: it counts once, for who ordered, and not for long.
func (d *decision) orderClick() {
	click := *d.in.Event.Click
	parts := strings.SplitN(click.Key, ":", 6)
	if len(parts) < 6 || parts[4] != d.in.Case.Person || !d.in.Case.Runs || click.TaskID == "" {
		d.update(textOrderGone, nil)
		d.finish(model.OutcomeRefused, "order_not_yours")
		return
	}
	asked, _ := strconv.ParseInt(parts[1], 10, 64)
	switch {
	case d.in.Case.Ordered:
		d.update(textOrderOver, nil)
		d.finish(model.OutcomeHandled, "order_again")
		return
	case d.in.ArrivedMS-asked > orderFor.Milliseconds():
		d.update(textOrderLate, nil)
		d.told("order_late", "确认已超过 "+minutes(orderFor)+"，操作未执行。需要时请重新发送指令。")
		return
	}
	words := "已确认"
	if parts[2] == model.OrderOff {
		words = "已取消"
	}
	d.update(words, nil)
	d.step.Forwards = append(d.step.Forwards, model.Forward{Person: d.in.Case.Person, Key: model.OrderKey(click.TaskID), Event: model.Event{
		Kind: model.EventOrder, Reason: parts[2], Order: orderFrom(model.OrderKind(parts[3]), parts[5]),
	}})
	d.finish(model.OutcomeHandled, "order_answered")
}

// ordered carries an order out that was confirmed, as far as it may and can be by now.
func (d *decision) ordered() {
	ev := d.in.Event
	switch {
	case ev.Order == nil || ev.Reason == model.OrderOff:
		d.finish(model.OutcomeHandled, "order_off")
		return
	case !d.in.Case.Runs:
		d.tell(d.in.Case.Person, textNoOrder)
		d.finish(model.OutcomeRefused, "order_not_yours")
		return
	case ev.Order.Kind.Teaches():
		d.taught(*ev.Order)
		return
	case d.in.Roster == nil:
		d.need = Need{Kind: NeedRoster}
		return
	case ev.Order.Kind == model.OrderSeatAdd && d.in.People == nil: // for the name
		d.need = Need{Kind: NeedPeople, Text: ev.Order.UserID}
		return
	}
	seat, is := d.rosterSeat(ev.Order.UserID)
	if ev.Order.Kind == model.OrderSeatAdd && !is && len(d.in.Roster) >= model.MaxSeats {
		d.tell(d.in.Case.Person, fmt.Sprintf(textSeatsFull, model.MaxSeats))
		d.finish(model.OutcomeRefused, "order_full")
		return
	}
	name := ev.Order.UserID
	if is {
		name = seatName(seat)
	}
	for _, m := range d.in.People {
		if m.UserID == ev.Order.UserID {
			name = m.Title()
		}
	}
	d.step.Order = ev.Order
	d.told("ordered", d.Escape(orderDone(*ev.Order, name)))
}

// orderDone says what an order made.
func orderDone(o model.Order, name string) string {
	switch o.Kind {
	case model.OrderBotOn, model.OrderBotOff:
		return botIs(o.Kind == model.OrderBotOn)
	case model.OrderSeatAdd:
		return "已添加坐席 " + name + "。"
	case model.OrderSeatRemove:
		return "已移除坐席 " + name + "。"
	case model.OrderEntry, model.OrderSimilar, model.OrderMiss: // see taught
	}
	return ""
}
