package wecomsim

import "time"

// The card types.
const (
	cardText     = "text_notice"
	cardNews     = "news_notice"
	cardButtons  = "button_interaction"
	cardVote     = "vote_interaction"
	cardMultiple = "multiple_interaction"
)

// card is a template card as it is sent: in JSON by message/send and the update, in XML
// by a passive reply (doc path/90236, 90241). It is never changed once it is shown.
type card struct {
	CardType     string         `json:"card_type"               xml:"CardType"`
	Source       *cardSource    `json:"source"                  xml:"Source"`
	ActionMenu   *actionMenu    `json:"action_menu"             xml:"ActionMenu"`
	MainTitle    *titleDesc     `json:"main_title"              xml:"MainTitle"`
	Quote        *quoteArea     `json:"quote_area"              xml:"QuoteArea"`
	Emphasis     *titleDesc     `json:"emphasis_content"        xml:"EmphasisContent"`
	SubTitle     string         `json:"sub_title_text"          xml:"SubTitleText"`
	Horizontal   []horizontal   `json:"horizontal_content_list" xml:"HorizontalContentList"`
	Vertical     []titleDesc    `json:"vertical_content_list"   xml:"VerticalContentList"`
	Jumps        []jump         `json:"jump_list"               xml:"JumpList"`
	Action       *cardAction    `json:"card_action"             xml:"CardAction"`
	Image        *cardImage     `json:"card_image"              xml:"CardImage"`
	ImageText    *imageTextArea `json:"image_text_area"         xml:"ImageTextArea"`
	TaskID       string         `json:"task_id"                 xml:"TaskId"`
	Selection    *selection     `json:"button_selection"        xml:"ButtonSelection"`
	Buttons      []button       `json:"button_list"             xml:"ButtonList"`
	CheckBox     *checkBox      `json:"checkbox"                xml:"CheckBox"`
	Selects      []selection    `json:"select_list"             xml:"SelectList"`
	SubmitButton *submitButton  `json:"submit_button"           xml:"SubmitButton"`
	ReplaceText  string         `json:"replace_text"            xml:"ReplaceText"` // counts in updates only
}

type cardSource struct {
	IconURL   string `json:"icon_url"   xml:"IconUrl"`
	Desc      string `json:"desc"       xml:"Desc"`
	DescColor int    `json:"desc_color" xml:"DescColor"`
}

type actionMenu struct {
	Desc    string `json:"desc"        xml:"Desc"`
	Actions []struct {
		Text string `json:"text" xml:"Text"`
		Key  string `json:"key"  xml:"Key"`
	} `json:"action_list" xml:"ActionList"`
}

type titleDesc struct {
	Title string `json:"title" xml:"Title"`
	Desc  string `json:"desc"  xml:"Desc"`
}

type quoteArea struct {
	Type      int    `json:"type"       xml:"Type"`
	URL       string `json:"url"        xml:"Url"`
	AppID     string `json:"appid"      xml:"AppId"`
	PagePath  string `json:"pagepath"   xml:"PagePath"`
	Title     string `json:"title"      xml:"Title"`
	QuoteText string `json:"quote_text" xml:"QuoteText"`
}

type horizontal struct {
	KeyName string `json:"keyname"  xml:"KeyName"`
	Value   string `json:"value"    xml:"Value"`
	Type    int    `json:"type"     xml:"Type"` // 0 text, 1 url, 2 attachment, 3 member
	URL     string `json:"url"      xml:"Url"`
	MediaID string `json:"media_id" xml:"MediaId"`
	UserID  string `json:"userid"   xml:"UserId"`
}

type jump struct {
	Title    string `json:"title"    xml:"Title"`
	Type     int    `json:"type"     xml:"Type"`
	URL      string `json:"url"      xml:"Url"`
	AppID    string `json:"appid"    xml:"AppId"`
	PagePath string `json:"pagepath" xml:"PagePath"`
}

type cardAction struct {
	Type     int    `json:"type"     xml:"Type"` // 1 url, 2 mini-program, 0 none
	URL      string `json:"url"      xml:"Url"`
	AppID    string `json:"appid"    xml:"AppId"`
	PagePath string `json:"pagepath" xml:"PagePath"`
}

type cardImage struct {
	URL         string   `json:"url"          xml:"Url"`
	AspectRatio *float64 `json:"aspect_ratio" xml:"AspectRatio"`
}

type imageTextArea struct {
	Type     int    `json:"type"      xml:"Type"`
	URL      string `json:"url"       xml:"Url"`
	AppID    string `json:"appid"     xml:"AppId"`
	PagePath string `json:"pagepath"  xml:"PagePath"`
	Title    string `json:"title"     xml:"Title"`
	Desc     string `json:"desc"      xml:"Desc"`
	ImageURL string `json:"image_url" xml:"ImageUrl"`
}

type option struct {
	ID      string `json:"id"         xml:"Id"`
	Text    string `json:"text"       xml:"Text"`
	Checked bool   `json:"is_checked" xml:"IsChecked"` // of a checkbox
}

type selection struct {
	QuestionKey string   `json:"question_key" xml:"QuestionKey"`
	Title       string   `json:"title"        xml:"Title"`
	SelectedID  string   `json:"selected_id"  xml:"SelectedId"`
	Disable     bool     `json:"disable"      xml:"Disable"` // counts in updates only
	Options     []option `json:"option_list"  xml:"OptionList"`
}

type checkBox struct {
	QuestionKey string   `json:"question_key" xml:"QuestionKey"`
	Mode        int      `json:"mode"         xml:"Mode"`    // 0 one option, 1 several
	Disable     bool     `json:"disable"      xml:"Disable"` // counts in updates only
	Options     []option `json:"option_list"  xml:"OptionList"`
}

type button struct {
	Type  int    `json:"type"  xml:"Type"` // 0 calls back, 1 opens URL
	Text  string `json:"text"  xml:"Text"`
	Style int    `json:"style" xml:"Style"` // 1–4; 0: the default, 1
	Key   string `json:"key"   xml:"Key"`
	URL   string `json:"url"   xml:"Url"`
}

type submitButton struct {
	Text string `json:"text" xml:"Text"`
	Key  string `json:"key"  xml:"Key"`
}

// interactive reports whether the card has buttons or options of its own.
func (c *card) interactive() bool {
	return c.CardType == cardButtons || c.CardType == cardVote || c.CardType == cardMultiple
}

// callsBack reports whether the app hears of clicks, and may therefore update the card.
// The menu of a vote or a multiple choice is not shown.
func (c *card) callsBack() bool { return c.interactive() || c.ActionMenu != nil }

// composeCard checks the card of a send. The state is locked.
func (s *Server) composeCard(
	a *app, req *sendRequest, trans func(string) string, now time.Time,
) (*card, *apiError) {
	c := req.TemplateCard
	if c == nil {
		return nil, refuse(codeParameterEmpty, "some parameters are empty, template_card")
	}
	if fault := s.checkCard(c, "", now); fault != nil {
		return nil, fault
	}
	switch {
	case c.callsBack() && a.callback == nil:
		return nil, refuse(codeNoCallback, "the agent has no callback url")
	case c.callsBack() && c.TaskID == "":
		return nil, refuse(codeTaskID, "invalid taskid, missing")
	case c.TaskID != "" && a.tasks.has(c.TaskID):
		return nil, refuse(codeTaskRepeated, "invalid taskid, used before")
	}
	c.withoutUpdates()
	c.translate(trans)
	return c, nil
}

// withoutUpdates drops what counts in updates only.
func (c *card) withoutUpdates() {
	c.ReplaceText = ""
	if c.CheckBox != nil {
		c.CheckBox.Disable = false
	}
	if c.Selection != nil {
		c.Selection.Disable = false
	}
	for i := range c.Selects {
		c.Selects[i].Disable = false
	}
}

// translate replaces ids by names in the fields that allow it.
func (c *card) translate(trans func(string) string) {
	if c.Source != nil {
		c.Source.Desc = trans(c.Source.Desc)
	}
	if c.MainTitle != nil {
		c.MainTitle.Title, c.MainTitle.Desc = trans(c.MainTitle.Title), trans(c.MainTitle.Desc)
	}
	c.SubTitle = trans(c.SubTitle)
	for i := range c.Horizontal {
		c.Horizontal[i].Value = trans(c.Horizontal[i].Value)
	}
}
