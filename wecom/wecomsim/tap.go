package wecomsim

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"deskmate/model"
)

// answered is one question of a card and the options chosen.
type answered struct {
	key     string
	options []string
}

// Click presses a card's button that calls back. It fails where the card is not on the
// member's screen (or taken back), has no such button, or has it disabled. A dropdown
// above the buttons is sent as it stands.
func (s *Server) Click(agentID int64, userID, msgID, key string) error {
	return s.ClickWith(agentID, userID, msgID, key, nil)
}

// ClickWith chooses in the dropdown above a card's buttons, then presses one of them.
// selected is as in Submit.
func (s *Server) ClickWith(agentID int64, userID, msgID, key string, selected map[string][]string) error {
	return s.tap(agentID, userID, msgID, func(v *CardView) (string, []answered, error) {
		i := slices.IndexFunc(v.Buttons, func(b CardButton) bool { return b.Key == key && b.URL == "" })
		if i < 0 {
			return "", nil, errors.New("the card has no such button")
		}
		if v.Buttons[i].Disabled {
			return "", nil, errors.New("the button is disabled")
		}
		chosen, err := choose(v.Choices, selected)
		return "template_card_event", chosen, err
	}, key)
}

// ClickCardMenu presses an entry of the menu at the card's top right.
func (s *Server) ClickCardMenu(agentID int64, userID, msgID, key string) error {
	return s.tap(agentID, userID, msgID, func(v *CardView) (string, []answered, error) {
		if !slices.ContainsFunc(v.Menu, func(b CardButton) bool { return b.Key == key }) {
			return "", nil, errors.New("the card's menu has no such entry")
		}
		return "template_card_menu_event", nil, nil
	}, key)
}

// Submit chooses options and presses the button of a vote or of selects. selected maps
// question keys to option ids; what it leaves out stays as the card was sent. It fails as
// Click does, and where the phone would not let one choose so.
func (s *Server) Submit(agentID int64, userID, msgID string, selected map[string][]string) error {
	return s.tap(agentID, userID, msgID, func(v *CardView) (string, []answered, error) {
		if v.Submit == nil {
			return "", nil, errors.New("the card has nothing to submit")
		}
		if v.Submit.Disabled {
			return "", nil, errors.New("the button is disabled")
		}
		chosen, err := choose(v.Choices, selected)
		return "template_card_event", chosen, err
	}, "")
}

// choose makes the answers to all questions of a card.
func choose(choices []CardChoice, selected map[string][]string) ([]answered, error) {
	left := maps.Clone(selected)
	var list []answered
	for _, c := range choices {
		ids, given := left[c.Key]
		delete(left, c.Key)
		if given && c.Disabled {
			return nil, fmt.Errorf("question %q is disabled", c.Key)
		}
		var checked []string
		for _, o := range c.Options {
			if !given && o.Checked || given && slices.Contains(ids, o.ID) {
				checked = append(checked, o.ID)
			}
		}
		switch {
		case given && len(checked) != len(ids):
			return nil, fmt.Errorf("question %q has no such options", c.Key)
		case len(checked) == 0, len(checked) > 1 && !c.Multi:
			return nil, fmt.Errorf("question %q takes another number of options", c.Key)
		}
		list = append(list, answered{key: c.Key, options: checked})
	}
	if len(left) > 0 {
		return nil, errors.New("the card has no such question")
	}
	return list, nil
}

// tap finds a card, lets press decide what is sent, and calls the app back with a fresh
// response_code. The submit button's key takes the place of an empty key.
func (s *Server) tap(
	agentID int64, userID, msgID string, press func(*CardView) (string, []answered, error), key string,
) error {
	return s.onPhone(agentID, userID, func(a *app, m *Member) error {
		sc := a.screens[model.Fold(userID)]
		at := sc.find(msgID)
		if at < 0 || sc.cards[at] == nil || sc.bubbles[at].Recalled {
			return errors.New("there is no such card on the screen")
		}
		v := sc.bubbles[at].Card
		event, chosen, err := press(v)
		if err != nil {
			return err
		}
		if key == "" {
			key = v.Submit.Key
		}
		message, ok := a.messages.get(msgID)
		if !ok {
			return errors.New("the card is too old")
		}
		s.cardEvent(a, m, message, v, event, key, chosen)
		return nil
	})
}

// cardEvent calls the app back with a click. The state is locked.
func (s *Server) cardEvent(a *app, m *Member, message *sent, v *CardView, event, key string, chosen []answered) {
	w := s.envelope(m.UserID, "event")
	w.text("Event", event)
	w.text("EventKey", key)
	w.text("TaskId", v.TaskID)
	w.text("CardType", v.Kind)
	w.text("ResponseCode", s.newCardCode(a, message, s.clock()))
	w.number("AgentID", a.AgentID)
	if len(chosen) > 0 {
		w.group("SelectedItems", func() {
			for _, c := range chosen {
				w.group("SelectedItem", func() {
					w.text("QuestionKey", c.key)
					w.group("OptionIds", func() {
						for _, id := range c.options {
							w.text("OptionId", id)
						}
					})
				})
			}
		})
	}
	s.enqueue(a, Delivery{UserID: m.UserID, Kind: event, MsgID: message.id}, w)
}
