package wecom_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// A card of each kind that is right, to be spoilt.
func buttonCard() *model.Card {
	return &model.Card{Kind: model.CardButtons, TaskID: "t", Title: "题", Buttons: []model.CardButton{{Text: "是", Key: "y"}}}
}

func voteCard() *model.Card {
	return &model.Card{
		Kind: model.CardVote, TaskID: "t", Title: "题", Submit: model.CardButton{Key: "s"},
		Choices: []model.CardChoice{{Key: "q", Options: []model.CardOption{{ID: "1", Text: "一"}}}},
	}
}

func selectCard() *model.Card {
	card := voteCard()
	card.Kind = model.CardSelects
	return card
}

func noticeCard() *model.Card {
	return &model.Card{Kind: model.CardNotice, Title: "题", URL: "https://d/"}
}

func options(n int) []model.CardOption {
	var list []model.CardOption
	for i := range n {
		list = append(list, model.CardOption{ID: fmt.Sprint(i), Text: "x"})
	}
	return list
}

func buttons(n int) []model.CardButton {
	var list []model.CardButton
	for i := range n {
		list = append(list, model.CardButton{Text: "x", Key: fmt.Sprint(i)})
	}
	return list
}

func TestCardsAreRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		card  *model.Card
		spoil func(*model.Card)
		says  string
	}{
		{"another_kind", buttonCard(), func(c *model.Card) { c.Kind = "news_notice" }, "kind"},
		{"no_title", buttonCard(), func(c *model.Card) { c.Title = "" }, "title"},
		{"no_task_id", buttonCard(), func(c *model.Card) { c.TaskID = "" }, "task_id"},
		{"bad_task_id", buttonCard(), func(c *model.Card) { c.TaskID = "a:b" }, "task_id"},
		{"long_task_id", buttonCard(), func(c *model.Card) { c.TaskID = strings.Repeat("x", 129) }, "task_id"},
		{"no_buttons", buttonCard(), func(c *model.Card) { c.Buttons = nil }, "buttons"},
		{"seven_buttons", buttonCard(), func(c *model.Card) { c.Buttons = buttons(7) }, "7 buttons"},
		{"button_without_text", buttonCard(), func(c *model.Card) { c.Buttons[0].Text = "" }, "text"},
		{"button_without_key", buttonCard(), func(c *model.Card) { c.Buttons[0].Key = "" }, "key"},
		{"button_with_long_key", buttonCard(), func(c *model.Card) { c.Buttons[0].Key = strings.Repeat("x", 1025) }, "key"},
		{"button_with_bad_url", buttonCard(), func(c *model.Card) { c.Buttons[0].URL = "x" }, "link"},
		{"button_with_bad_style", buttonCard(), func(c *model.Card) { c.Buttons[0].Style = 5 }, "style"},
		{"two_buttons_of_one_key", buttonCard(), func(c *model.Card) { c.Buttons = append(c.Buttons, c.Buttons[0]) }, "same key"},
		{"buttons_and_choices", buttonCard(), func(c *model.Card) { c.Choices = voteCard().Choices }, "choices"},
		{"seven_fields", buttonCard(), func(c *model.Card) { c.Fields = make([]model.CardField, 7) }, "7 fields"},
		{"field_without_name", buttonCard(), func(c *model.Card) { c.Fields = make([]model.CardField, 1) }, "name"},
		{"field_with_bad_url", buttonCard(), func(c *model.Card) { c.Fields = []model.CardField{{Name: "a", URL: "x"}} }, "link"},
		{"bad_url", buttonCard(), func(c *model.Card) { c.URL = "x" }, "link"},
		{"notice_without_url", noticeCard(), func(c *model.Card) { c.URL = "" }, "URL"},
		{"notice_without_text", noticeCard(), func(c *model.Card) { c.Title = "" }, "title or a body"},
		{"notice_with_buttons", noticeCard(), func(c *model.Card) { c.Buttons = buttons(1) }, "buttons"},
		{"notice_with_bad_task_id", noticeCard(), func(c *model.Card) { c.TaskID = "票" }, "task_id"},
		{"vote_without_choice", voteCard(), func(c *model.Card) { c.Choices = nil }, "choices"},
		{"vote_with_two_choices", voteCard(), func(c *model.Card) { c.Choices = append(c.Choices, c.Choices[0]) }, "choices"},
		{"vote_without_key", voteCard(), func(c *model.Card) { c.Choices[0].Key = "" }, "key"},
		{"vote_without_options", voteCard(), func(c *model.Card) { c.Choices[0].Options = nil }, "options"},
		{"vote_with_21_options", voteCard(), func(c *model.Card) { c.Choices[0].Options = options(21) }, "21 options"},
		{"vote_without_submit", voteCard(), func(c *model.Card) { c.Submit = model.CardButton{Text: "提交"} }, "key"},
		{"vote_with_body", voteCard(), func(c *model.Card) { c.Body = "x" }, "body"},
		{"vote_with_buttons", voteCard(), func(c *model.Card) { c.Buttons = buttons(1) }, "buttons"},
		{"option_without_id", voteCard(), func(c *model.Card) { c.Choices[0].Options[0].ID = "" }, "key"},
		{"option_with_long_id", voteCard(), func(c *model.Card) { c.Choices[0].Options[0].ID = strings.Repeat("x", 129) }, "128"},
		{"option_without_text", voteCard(), func(c *model.Card) { c.Choices[0].Options[0].Text = "" }, "text"},
		{"two_options_of_one_id", voteCard(), func(c *model.Card) {
			c.Choices[0].Options = append(c.Choices[0].Options, c.Choices[0].Options[0])
		}, "same key"},
		{"selects_without_choice", selectCard(), func(c *model.Card) { c.Choices = nil }, "selects"},
		{"four_selects", selectCard(), func(c *model.Card) { c.Choices = make([]model.CardChoice, 4) }, "4 selects"},
		{"two_selects_of_one_key", selectCard(), func(c *model.Card) { c.Choices = append(c.Choices, c.Choices[0]) }, "same key"},
		{"select_with_11_options", selectCard(), func(c *model.Card) { c.Choices[0].Options = options(11) }, "11 options"},
		{"select_of_several", selectCard(), func(c *model.Card) { c.Choices[0].Multi = true }, "vote"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			tt.spoil(tt.card)
			_, err := a.client().Push(t.Context(), account(), model.Push{Receiver: "zhangsan", Kind: model.PushCard, Card: tt.card})
			checkRefused(t, a, err, tt.says)
		})
	}
}

func TestCardsAreFilledToTheirLimits(t *testing.T) {
	t.Parallel()
	full := map[string]*model.Card{
		"buttons": buttonCard(), "vote": voteCard(), "selects": selectCard(), "notice": noticeCard(),
	}
	full["buttons"].Buttons = buttons(6)
	full["buttons"].TaskID = strings.Repeat("x", 128)
	full["vote"].Choices[0].Options = options(20)
	full["selects"].Choices[0].Options = options(10)
	full["notice"].Fields = []model.CardField{{Name: "1"}, {Name: "2"}, {Name: "3"}, {Name: "4"}, {Name: "5"}, {Name: "6"}}
	for name, card := range full {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			a.on("message/send", cardOK)
			if _, err := a.client().Push(t.Context(), account(), model.Push{Receiver: "zhangsan", Kind: model.PushCard, Card: card}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCardTextIsCutWhereWeComWouldCutIt(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 200)
	cut := func(chars int) string { return strings.Repeat("长", chars-1) + "…" }
	card := &model.Card{
		Kind: model.CardButtons, TaskID: "t", Source: long, Title: long, Desc: long, Body: long,
		Fields:  []model.CardField{{Name: long, Value: long}},
		Buttons: []model.CardButton{{Text: long, Key: "k"}},
	}
	a := newAPI(t)
	a.on("message/send", cardOK)
	if _, err := a.client().Push(t.Context(), account(), model.Push{Receiver: "zhangsan", Kind: model.PushCard, Card: card}); err != nil {
		t.Fatal(err)
	}
	want := mustJSON(t, `{"card_type":"button_interaction","source":{"desc":"`+cut(20)+`"},
		"main_title":{"title":"`+cut(36)+`","desc":"`+cut(44)+`"},"sub_title_text":"`+cut(160)+`",
		"horizontal_content_list":[{"keyname":"`+cut(5)+`","value":"`+cut(30)+`"}],
		"task_id":"t","button_list":[{"text":"`+cut(10)+`","key":"k"}]}`)
	got, _ := mustJSON(t, a.last("message/send").body).(map[string]any)
	if diff := cmp.Diff(want, got["template_card"]); diff != "" {
		t.Error(diff)
	}
}
