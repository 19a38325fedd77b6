package wecomsim

// CardView is a card as a phone shows it.
type CardView struct {
	Kind     string // card_type
	TaskID   string
	Source   string
	Title    string
	Desc     string
	Quote    string
	Emphasis string
	Body     string // sub_title_text
	ImageURL string
	Fields   []CardField
	Lines    []Article // vertical_content_list of a news notice
	Links    []CardLink
	Buttons  []CardButton
	Choices  []CardChoice // of a vote, of selects, of a dropdown above buttons
	Submit   *CardButton  // nil where there is none
	Menu     []CardButton // top right
	URL      string       // where a tap on the card leads; "" nowhere
	Replaced string       // the caption that took the buttons' place; "" for none
	Failed   bool         // the last click got no update, and the policy minds
}

// CardField is a row of name and value.
type CardField struct {
	Name, Value, URL string
}

// CardLink is a row that leads somewhere.
type CardLink struct {
	Title, URL string
}

// CardButton is a button.
type CardButton struct {
	Key      string // "" for one that opens URL
	Text     string
	URL      string
	Style    int
	Disabled bool
}

// CardChoice is a question with options.
type CardChoice struct {
	Key      string // question_key
	Title    string
	Multi    bool // several options may be chosen
	Disabled bool
	Options  []CardOption
}

// CardOption is one option.
type CardOption struct {
	ID, Text string
	Checked  bool // chosen before anybody chooses
}

// shownCard is a card on one member's screen.
type shownCard struct {
	card     *card
	taskID   string // of the send; an update need not repeat it
	replaced string
	failed   bool
}

// view makes what the phone shows. Fields that this kind of card does not have are left
// out, as WeCom does.
func (sc *shownCard) view() *CardView {
	c := sc.card
	v := &CardView{Kind: c.CardType, TaskID: sc.taskID, Replaced: sc.replaced, Failed: sc.failed}
	if c.Source != nil {
		v.Source = c.Source.Desc
	}
	if c.MainTitle != nil {
		v.Title, v.Desc = c.MainTitle.Title, c.MainTitle.Desc
	}
	switch c.CardType {
	case cardText:
		sc.viewNotice(v)
		v.Body = c.SubTitle
		if c.Emphasis != nil {
			v.Emphasis = c.Emphasis.Title
		}
	case cardNews:
		sc.viewNotice(v)
		sc.viewPictures(v)
	case cardButtons:
		sc.viewNotice(v)
		v.Body, v.Links = c.SubTitle, nil
		sc.viewButtons(v)
	case cardVote:
		v.Choices = []CardChoice{{
			Key: c.CheckBox.QuestionKey, Multi: c.CheckBox.Mode == 1,
			Disabled: c.CheckBox.Disable, Options: viewOptions(c.CheckBox.Options, ""),
		}}
		v.Submit = sc.viewSubmit()
	case cardMultiple:
		for _, sel := range c.Selects {
			v.Choices = append(v.Choices, viewSelection(sel))
		}
		v.Submit = sc.viewSubmit()
	}
	return v
}

// viewNotice fills in what notices and button cards share.
func (sc *shownCard) viewNotice(v *CardView) {
	c := sc.card
	if c.Quote != nil {
		v.Quote = c.Quote.Title + c.Quote.QuoteText
	}
	if c.Action != nil && c.Action.Type == 1 {
		v.URL = c.Action.URL
	}
	for _, h := range c.Horizontal {
		v.Fields = append(v.Fields, CardField{Name: h.KeyName, Value: h.Value, URL: h.URL})
	}
	for _, j := range c.Jumps {
		v.Links = append(v.Links, CardLink{Title: j.Title, URL: j.URL})
	}
	if c.ActionMenu != nil {
		for _, a := range c.ActionMenu.Actions {
			v.Menu = append(v.Menu, CardButton{Key: a.Key, Text: a.Text})
		}
	}
}

func (sc *shownCard) viewPictures(v *CardView) {
	c := sc.card
	if c.ImageText != nil {
		v.ImageURL = c.ImageText.ImageURL
	}
	if c.Image != nil {
		v.ImageURL = c.Image.URL
	}
	for _, line := range c.Vertical {
		v.Lines = append(v.Lines, Article{Title: line.Title, Desc: line.Desc})
	}
}

func (sc *shownCard) viewButtons(v *CardView) {
	for _, b := range sc.card.Buttons {
		shown := CardButton{Text: b.Text, Style: max(b.Style, 1), Disabled: sc.replaced != ""}
		if b.Type == 1 {
			shown.URL = b.URL
		} else {
			shown.Key = b.Key
		}
		v.Buttons = append(v.Buttons, shown)
	}
	if sc.card.Selection != nil {
		v.Choices = []CardChoice{viewSelection(*sc.card.Selection)}
	}
}

func (sc *shownCard) viewSubmit() *CardButton {
	b := sc.card.SubmitButton
	text := b.Text
	if text == "" {
		text = "提交"
	}
	return &CardButton{Key: b.Key, Text: text, Style: 1, Disabled: sc.replaced != ""}
}

func viewSelection(sel selection) CardChoice {
	selected := sel.SelectedID
	if selected == "" {
		selected = sel.Options[0].ID
	}
	return CardChoice{
		Key: sel.QuestionKey, Title: sel.Title, Disabled: sel.Disable, Options: viewOptions(sel.Options, selected),
	}
}

func viewOptions(options []option, selected string) []CardOption {
	list := make([]CardOption, 0, len(options))
	for _, o := range options {
		list = append(list, CardOption{ID: o.ID, Text: o.Text, Checked: o.Checked || o.ID == selected})
	}
	return list
}
