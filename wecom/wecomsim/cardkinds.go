package wecomsim

import "slices"

func checkTextNotice(c *card) *apiError {
	if !hasTitle(c) && c.SubTitle == "" {
		return badCard("main_title.title")
	}
	return checkAction(c.Action, true)
}

func checkNewsNotice(c *card) *apiError {
	const leastRatio, mostRatio = 1.3, 2.25
	switch {
	case !hasTitle(c):
		return badCard("main_title.title")
	case c.Image == nil && c.ImageText == nil:
		return badCard("card_image")
	case len(c.Vertical) > maxVertical:
		return badCard("vertical_content_list")
	case slices.ContainsFunc(c.Vertical, func(v titleDesc) bool { return v.Title == "" }):
		return badCard("vertical_content_list.title")
	}
	if img := c.Image; img != nil {
		if r := img.AspectRatio; r != nil && (*r < leastRatio || *r >= mostRatio) {
			return badCard("card_image.aspect_ratio")
		}
		if fault := checkURL(img.URL); fault != nil {
			return fault
		}
	}
	if area := c.ImageText; area != nil {
		fault := firstFault(checkURL(area.ImageURL), checkLink("image_text_area", area.Type, area.URL, area.AppID))
		if fault != nil {
			return fault
		}
	}
	return checkAction(c.Action, true)
}

func checkButtonCard(c *card) *apiError {
	if !hasTitle(c) {
		return badCard("main_title.title")
	}
	if len(c.Buttons) < 1 || len(c.Buttons) > maxCardButtons {
		return badCard("button_list")
	}
	var keys []string
	for _, b := range c.Buttons {
		var fault *apiError
		switch {
		case b.Text == "":
			fault = refuse(codeButtonNoName, "missing button name")
		case b.Style < 0 || b.Style > maxButtonStyle:
			fault = badCard("button_list.style")
		case b.Type == 0:
			fault = newKey(&keys, b.Key)
		case b.Type == 1:
			fault = checkURL(b.URL)
		default:
			fault = badCard("button_list.type")
		}
		if fault != nil {
			return fault
		}
	}
	if c.Selection != nil {
		if fault := checkSelection("button_selection", *c.Selection); fault != nil {
			return fault
		}
	}
	return checkAction(c.Action, false)
}

func checkVoteCard(c *card) *apiError {
	if !hasTitle(c) {
		return badCard("main_title.title")
	}
	box := c.CheckBox
	switch {
	case box == nil:
		return badCard("checkbox")
	case box.QuestionKey == "" || len(box.QuestionKey) > maxCardKey:
		return badCard("checkbox.question_key")
	case box.Mode != 0 && box.Mode != 1:
		return badCard("checkbox.mode")
	case !goodOptions(box.Options, maxVoteOptions):
		return badCard("checkbox.option_list")
	}
	return checkSubmit(c.SubmitButton)
}

func checkMultipleCard(c *card) *apiError {
	if !hasTitle(c) {
		return badCard("main_title.title")
	}
	if len(c.Selects) < 1 || len(c.Selects) > maxSelects {
		return badCard("select_list")
	}
	var keys []string
	for _, sel := range c.Selects {
		if slices.Contains(keys, sel.QuestionKey) {
			return badCard("select_list.question_key")
		}
		keys = append(keys, sel.QuestionKey)
		if fault := checkSelection("select_list", sel); fault != nil {
			return fault
		}
	}
	return checkSubmit(c.SubmitButton)
}

func checkSelection(field string, sel selection) *apiError {
	isSelected := func(o option) bool { return o.ID == sel.SelectedID }
	switch {
	case sel.QuestionKey == "" || len(sel.QuestionKey) > maxCardKey:
		return badCard(field + ".question_key")
	case !goodOptions(sel.Options, maxOptions):
		return badCard(field + ".option_list")
	case sel.SelectedID != "" && !slices.ContainsFunc(sel.Options, isSelected):
		return badCard(field + ".selected_id")
	}
	return nil
}

// goodOptions reports whether there are 1 to limit options with a text and an id of
// their own.
func goodOptions(options []option, limit int) bool {
	if len(options) < 1 || len(options) > limit {
		return false
	}
	seen := map[string]bool{}
	for _, o := range options {
		if o.ID == "" || len(o.ID) > maxOptionID || o.Text == "" || seen[o.ID] {
			return false
		}
		seen[o.ID] = true
	}
	return true
}

func checkSubmit(b *submitButton) *apiError {
	if b == nil {
		return refuse(codeButtonKeyMissing, "missing submit_button")
	}
	return newKey(&[]string{}, b.Key)
}
