package wecom

import "regexp"

// How many characters of a card are shown (doc path/90236). What is longer WeCom cuts
// somewhere; here it ends in "…".
const (
	shownSource = 20
	shownTitle  = 36
	shownDesc   = 44
	shownBody   = 160
	shownName   = 5
	shownValue  = 30
	shownButton = 10
	shownVote   = 17 // an option of a vote
	shownSelect = 16 // an option of a select, and its title
)

// How many parts a card has (doc path/90236).
const (
	maxFields        = 6
	maxButtons       = 6
	maxSelects       = 3
	maxVoteOptions   = 20
	maxSelectOptions = 10
	maxOptionID      = 128 // bytes
)

// taskIDForm is what a task_id may look like.
var taskIDForm = regexp.MustCompile(`^[0-9A-Za-z_@-]{1,128}$`)

// linkAction is the type of a button, field or card that opens a URL.
const linkAction = 1

// cardPart is a template card as WeCom reads it.
type cardPart struct {
	CardType    string        `json:"card_type"`
	Source      *sourcePart   `json:"source,omitempty"`
	MainTitle   *titlePart    `json:"main_title,omitempty"`
	Body        string        `json:"sub_title_text,omitempty"`
	Fields      []fieldPart   `json:"horizontal_content_list,omitempty"`
	Action      *actionPart   `json:"card_action,omitempty"`
	TaskID      string        `json:"task_id,omitempty"`
	Buttons     []buttonPart  `json:"button_list,omitempty"`
	Vote        *checkboxPart `json:"checkbox,omitempty"`
	Selects     []selectPart  `json:"select_list,omitempty"`
	Submit      *submitPart   `json:"submit_button,omitempty"`
	ReplaceText string        `json:"replace_text,omitempty"` // in a change: a grey button instead of the others
}

type sourcePart struct {
	Desc string `json:"desc"`
}

type titlePart struct {
	Title string `json:"title,omitempty"`
	Desc  string `json:"desc,omitempty"`
}

type fieldPart struct {
	Type  int    `json:"type,omitempty"`
	Name  string `json:"keyname"`
	Value string `json:"value,omitempty"`
	URL   string `json:"url,omitempty"`
}

type actionPart struct {
	Type int    `json:"type"`
	URL  string `json:"url"`
}

type buttonPart struct {
	Type  int    `json:"type,omitempty"`
	Text  string `json:"text"`
	Style int    `json:"style,omitempty"`
	Key   string `json:"key,omitempty"`
	URL   string `json:"url,omitempty"`
}

type checkboxPart struct {
	QuestionKey string       `json:"question_key"`
	Mode        int          `json:"mode"` // 1: several options
	Options     []optionPart `json:"option_list"`
}

type selectPart struct {
	QuestionKey string       `json:"question_key"`
	Title       string       `json:"title,omitempty"`
	Options     []optionPart `json:"option_list"`
}

type optionPart struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type submitPart struct {
	Text string `json:"text,omitempty"`
	Key  string `json:"key"`
}
