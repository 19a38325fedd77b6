package sqlstore

import (
	"context"
	"slices"
	"strings"

	"deskmate/model"
)

// mayOrder reports whether an event may be an order to the account, or part of one: only then
// it matters who runs the account.
func mayOrder(ev model.Event) bool {
	switch ev.Kind { //nolint:exhaustive // the rest can't
	case model.EventOrder:
		return true
	case model.EventCardClick:
		return isOrder(ev.Click)
	case model.EventMessage:
		return ev.Group == nil && ev.Content != nil && ev.Content.Type == model.ContentText &&
			strings.HasPrefix(strings.Replace(strings.TrimSpace(ev.Content.Text), "＃", "#", 1), "#")
	}
	return false
}

func isOrder(click *model.Click) bool {
	return click != nil && strings.HasPrefix(click.Key, model.OrderVerb+":")
}

// runs reports whether somebody is an owner of an account or a super admin.
func (s *Store) runs(ctx context.Context, acc model.Account, person string) (bool, error) {
	if person == "" || model.IsGroup(person) {
		return false, nil
	}
	standing, err := s.Standing(ctx, acc.CorpID, person, acc.Key)
	_, role := standing.In(acc.Key)
	return role == model.RoleSuperAdmin || role == model.RoleOwner, err
}

// ordered reads whether a card that confirms an order has been used, and the text that a confirmed
// order is about.
func (l *loading) ordered() (err error) {
	if o := l.event.Order; l.event.Kind == model.EventOrder && o != nil && o.Inbox != 0 {
		row, ok, err := find[model.Inbox](l.account().Where("id = ? AND lane = ?", o.Inbox, model.PersonLane(l.c.Account.ID, l.c.Person)))
		if ok && row.Event.Content != nil {
			l.c.OrderText = row.Event.Content.Text
		}
		return err
	}
	if l.event.Kind == model.EventCardClick && isOrder(l.event.Click) {
		_, l.c.Ordered, err = find[model.Inbox](l.account().Where("dedupe = ?", dedupeKey(model.OrderKey(l.event.Click.TaskID))))
	}
	return err
}

// order changes the account as the lane's person wants. It comes last, so that the account is
// locked for a moment only.
func (a *applying) order() error {
	o := a.step.Order
	if o == nil {
		return nil
	}
	actor := "member:" + a.person
	switch o.Kind { //nolint:exhaustive // the others change no account
	case model.OrderBotOn, model.OrderBotOff:
		entry := model.Audit{Actor: actor, Action: "account.changed", Target: "bot"}
		_, err := a.store.changeAccountIn(a.tx, a.accountID, 0, entry, func(acc *model.Account) error {
			acc.Policy.Bot.Enabled = o.Kind == model.OrderBotOn
			return nil
		})
		return err
	case model.OrderSeatAdd, model.OrderSeatRemove:
		_, err := a.store.changeSeatsIn(a.tx, a.accountID, 0, actor, func(have []model.SeatSetup) ([]model.SeatSetup, error) {
			return seatsAfter(*o, have)
		})
		return err
	}
	return model.Invalid("order", "there is no order %q", o.Kind)
}

// seatsAfter are the seats as an order leaves them.
func seatsAfter(o model.Order, have []model.SeatSetup) ([]model.SeatSetup, error) {
	at := slices.IndexFunc(have, func(h model.SeatSetup) bool { return h.UserID == o.UserID })
	switch {
	case o.Kind == model.OrderSeatRemove && at >= 0:
		return slices.Delete(slices.Clone(have), at, at+1), nil
	case o.Kind == model.OrderSeatRemove || at >= 0:
		return have, nil
	case len(have) >= model.MaxSeats:
		return nil, model.ErrStale
	}
	return append(have, model.SeatSetup{UserID: o.UserID}), nil
}
