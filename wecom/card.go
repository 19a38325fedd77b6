package wecom

import "deskmate/model"

// newCard checks a card and writes it the way WeCom reads it. A card that holds what its
// kind can't show is refused rather than sent without it.
func newCard(card *model.Card) (*cardPart, error) {
	if card == nil {
		return nil, badPush("there is no card")
	}
	part := &cardPart{CardType: string(card.Kind), TaskID: card.TaskID}
	if card.Source != "" {
		part.Source = &sourcePart{Desc: Cut(card.Source, shownSource)}
	}
	if card.Title != "" || card.Desc != "" {
		part.MainTitle = &titlePart{Title: Cut(card.Title, shownTitle), Desc: Cut(card.Desc, shownDesc)}
	}
	if card.TaskID != "" && !taskIDForm.MatchString(card.TaskID) {
		return nil, badPush("the task_id must have 1 to 128 of 0-9 A-Z a-z _ @ -")
	}
	if err := checkCard(card); err != nil {
		return nil, err
	}
	var err error
	switch card.Kind {
	case model.CardNotice:
		err = part.addText(card)
	case model.CardButtons:
		if err = part.addText(card); err == nil {
			part.Buttons, err = newButtons(card.Buttons)
		}
	case model.CardVote:
		err = part.addVote(card)
	case model.CardSelects:
		err = part.addSelects(card)
	}
	return part, err
}

// checkCard refuses a card that lacks what its kind needs, or has what its kind can't show.
func checkCard(card *model.Card) error {
	text := card.Body != "" || len(card.Fields) > 0 || card.URL != ""
	buttons, choices := len(card.Buttons) > 0, len(card.Choices) > 0
	switch card.Kind {
	case model.CardNotice:
		switch {
		case card.Title == "" && card.Body == "":
			return badPush("a notice needs a title or a body")
		case card.URL == "":
			return badPush("a notice needs a URL")
		case buttons || choices:
			return badPush("a notice has neither buttons nor choices")
		}
		return nil
	case model.CardButtons:
		if choices {
			return badPush("a card with buttons has no choices")
		}
	case model.CardVote, model.CardSelects:
		if buttons || text {
			return badPush("a card with choices has no buttons, body, fields or URL")
		}
	default:
		return badPush("the card's kind %q is none", card.Kind)
	}
	switch {
	case card.Title == "":
		return badPush("a card needs a title")
	case card.TaskID == "":
		return badPush("a card with buttons or choices needs a task_id")
	}
	return nil
}

// addText adds what notices and cards with buttons have in common.
func (part *cardPart) addText(card *model.Card) error {
	part.Body = Cut(card.Body, shownBody)
	if len(card.Fields) > maxFields {
		return badPush("the card has %d fields, %d are possible", len(card.Fields), maxFields)
	}
	for _, field := range card.Fields {
		if field.Name == "" {
			return badPush("a card's field needs a name")
		}
		row := fieldPart{Name: Cut(field.Name, shownName), Value: Cut(field.Value, shownValue)}
		if field.URL != "" {
			if err := checkLink(field.URL); err != nil {
				return err
			}
			row.Type, row.URL = linkAction, field.URL
		}
		part.Fields = append(part.Fields, row)
	}
	if card.URL == "" {
		return nil
	}
	if err := checkLink(card.URL); err != nil {
		return err
	}
	part.Action = &actionPart{Type: linkAction, URL: card.URL}
	return nil
}

func newButtons(buttons []model.CardButton) ([]buttonPart, error) {
	if len(buttons) < 1 || len(buttons) > maxButtons {
		return nil, badPush("the card has %d buttons, 1 to %d are possible", len(buttons), maxButtons)
	}
	var parts []buttonPart
	keys := map[string]bool{}
	for _, button := range buttons {
		switch {
		case button.Text == "":
			return nil, badPush("a button needs a text")
		case button.Style < 0 || button.Style > model.StyleWarning:
			return nil, badPush("the button style %d is none", button.Style)
		}
		part := buttonPart{Text: Cut(button.Text, shownButton), Style: int(button.Style)}
		if button.URL != "" {
			if err := checkLink(button.URL); err != nil {
				return nil, err
			}
			part.Type, part.URL = linkAction, button.URL
		} else {
			if err := checkKey(button.Key, maxKey, keys); err != nil {
				return nil, err
			}
			part.Key = button.Key
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func (part *cardPart) addVote(card *model.Card) error {
	if len(card.Choices) != 1 {
		return badPush("a vote has %d choices, 1 is possible", len(card.Choices))
	}
	choice := card.Choices[0]
	if err := checkKey(choice.Key, maxKey, map[string]bool{}); err != nil {
		return err
	}
	options, err := newOptions(choice.Options, maxVoteOptions, shownVote)
	if err != nil {
		return err
	}
	part.Vote = &checkboxPart{QuestionKey: choice.Key, Options: options}
	if choice.Multi {
		part.Vote.Mode = 1
	}
	return part.addSubmit(card.Submit)
}

func (part *cardPart) addSelects(card *model.Card) error {
	if len(card.Choices) < 1 || len(card.Choices) > maxSelects {
		return badPush("the card has %d selects, 1 to %d are possible", len(card.Choices), maxSelects)
	}
	keys := map[string]bool{}
	for _, choice := range card.Choices {
		if err := checkKey(choice.Key, maxKey, keys); err != nil {
			return err
		}
		if choice.Multi {
			return badPush("only a vote takes several options")
		}
		options, err := newOptions(choice.Options, maxSelectOptions, shownSelect)
		if err != nil {
			return err
		}
		part.Selects = append(part.Selects, selectPart{
			QuestionKey: choice.Key, Title: Cut(choice.Title, shownSelect), Options: options,
		})
	}
	return part.addSubmit(card.Submit)
}

func (part *cardPart) addSubmit(button model.CardButton) error {
	if err := checkKey(button.Key, maxKey, map[string]bool{}); err != nil {
		return err
	}
	part.Submit = &submitPart{Text: Cut(button.Text, shownButton), Key: button.Key}
	return nil
}

func newOptions(options []model.CardOption, most, shown int) ([]optionPart, error) {
	if len(options) < 1 || len(options) > most {
		return nil, badPush("a choice has %d options, 1 to %d are possible", len(options), most)
	}
	var parts []optionPart
	ids := map[string]bool{}
	for _, option := range options {
		if err := checkKey(option.ID, maxOptionID, ids); err != nil {
			return nil, err
		}
		if option.Text == "" {
			return nil, badPush("an option needs a text")
		}
		parts = append(parts, optionPart{ID: option.ID, Text: Cut(option.Text, shown)})
	}
	return parts, nil
}

// checkKey refuses a key that is empty, too long, or in seen, and adds it there.
func checkKey(key string, most int, seen map[string]bool) error {
	switch {
	case key == "" || len(key) > most:
		return badPush("a key must have 1 to %d bytes", most)
	case seen[key]:
		return badPush("two parts of a card have the same key")
	}
	seen[key] = true
	return nil
}
