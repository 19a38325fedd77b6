package survey_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot/survey"
	"deskmate/model"
)

func TestDue(t *testing.T) {
	t.Parallel()
	on := model.SurveyRule{Enabled: true}
	afterIdle := model.SurveyRule{Enabled: true, AfterIdle: true}
	tests := []struct {
		name   string
		rule   model.SurveyRule
		reason model.CloseReason
		seat   string
		want   bool
		topic  uint64
		queued int64
	}{
		{"ended_by_the_seat", on, model.ClosedBySeat, "lin", true, 0, 0},
		{"ended_by_the_employee", on, model.ClosedByEmployee, "lin", true, 0, 0},
		{"went_idle", on, model.ClosedIdle, "lin", false, 0, 0},
		{"went_idle_and_that_counts", afterIdle, model.ClosedIdle, "lin", true, 0, 0},
		{"waited_too_long", afterIdle, model.ClosedQueue, "lin", false, 0, 0},
		{"off_hours", afterIdle, model.ClosedOffHours, "lin", false, 0, 0},
		{"account_disabled", afterIdle, model.ClosedDisabled, "lin", false, 0, 0},
		{"nobody_served", afterIdle, model.ClosedIdle, "", false, 0, 0},
		{"the_bot_served_and_that_counts", model.SurveyRule{Enabled: true, AfterBot: true}, model.ClosedIdle, "", true, 9, 0},
		{"the_bot_served", afterIdle, model.ClosedIdle, "", false, 9, 0},
		{"the_bot_had_no_answer", model.SurveyRule{Enabled: true, AfterBot: true}, model.ClosedIdle, "", false, 0, 0},
		{"nobody_came", model.SurveyRule{Enabled: true, AfterBot: true}, model.ClosedIdle, "", false, 9, 1},
		{"switched_off", model.SurveyRule{AfterIdle: true}, model.ClosedBySeat, "lin", false, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := model.Session{State: model.StateClosed, CloseReason: tt.reason, Seat: tt.seat, TopicEntry: tt.topic, QueuedMS: tt.queued}
			if got := (survey.Rules{}).Due(tt.rule, s); got != tt.want {
				t.Errorf("Due = %v, want %v", got, tt.want)
			}
		})
	}
}

func until() time.Time { return time.Date(2026, time.January, 8, 9, 5, 0, 0, time.UTC) }

func TestCard(t *testing.T) {
	t.Parallel()
	want := model.Card{
		Kind: model.CardButtons, Source: "IT 服务台", Title: "请评价本次服务", Desc: "坐席：林一", Body: "您的评价会帮助我们改进。\n请在 1月8日 09:05 前评价。",
		Buttons: []model.CardButton{
			{Text: "满意", Key: "rate:7:good", Style: model.StyleStrong},
			{Text: "一般", Key: "rate:7:fair", Style: model.StyleSecond},
			{Text: "不满意", Key: "rate:7:bad", Style: model.StyleNeutral},
		},
	}
	ask := model.SurveyAsk{Account: "IT 服务台", Session: 7, SeatName: "林一", Until: until()}
	if diff := cmp.Diff(want, survey.Rules{}.Card(ask)); diff != "" {
		t.Errorf("Card (-want +got):\n%s", diff)
	}
	ask.SeatName, ask.Rating = "", model.RatingFair
	ask.Rule.Words = model.SurveyWords{Title: "打个分", Body: "谢谢", Good: "很好", Fair: "还行", Bad: "不好"}
	want.Title, want.Desc, want.Body = "已评价：还行", "", "在 1月8日 09:05 前可以修改。"
	for i, text := range []string{"很好", "还行", "不好"} {
		want.Buttons[i].Text = text
	}
	if diff := cmp.Diff(want, survey.Rules{}.Card(ask)); diff != "" {
		t.Errorf("Card of a rating, in words of its own (-want +got):\n%s", diff)
	}
	ask.Rating = ""
	if got := (survey.Rules{}).Card(ask); got.Title != "打个分" || got.Body != "谢谢\n请在 1月8日 09:05 前评价。" {
		t.Errorf("%q, %q", got.Title, got.Body)
	}
}

func TestReasonCard(t *testing.T) {
	t.Parallel()
	rule := model.SurveyRule{AskReason: true, Reasons: []string{"回复太慢", "态度不好"}}
	got, ok := survey.Rules{}.ReasonCard(model.SurveyAsk{Account: "IT", Rule: rule, Session: 7})
	want := model.Card{
		Kind: model.CardVote, Source: "IT", Title: "哪里没有做好？", Desc: "可多选",
		Choices: []model.CardChoice{{Key: "reasons", Multi: true, Options: []model.CardOption{
			{ID: "回复太慢", Text: "回复太慢"}, {ID: "态度不好", Text: "态度不好"},
		}}},
		Submit: model.CardButton{Text: "提交", Key: "reason:7"},
	}
	if diff := cmp.Diff(want, got); diff != "" || !ok {
		t.Errorf("ReasonCard, %v (-want +got):\n%s", ok, diff)
	}
	for name, none := range map[string]model.SurveyRule{
		"not asked": {Reasons: rule.Reasons}, "no reasons": {AskReason: true},
	} {
		if _, ok := (survey.Rules{}).ReasonCard(model.SurveyAsk{Account: "IT", Rule: none, Session: 7}); ok {
			t.Errorf("%s: there is a card", name)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	chosen := map[string][]string{"reasons": {"回复太慢"}, "other": {"x"}}
	tests := []struct {
		key  string
		want model.SurveyAnswer
		ok   bool
	}{
		{"rate:7:good", model.SurveyAnswer{Rating: model.RatingGood}, true},
		{"rate:7:fair", model.SurveyAnswer{Rating: model.RatingFair}, true},
		{"rate:7:bad", model.SurveyAnswer{Rating: model.RatingBad}, true},
		{"reason:7", model.SurveyAnswer{Reasons: []string{"回复太慢"}}, true},
		{"rate:7:best", model.SurveyAnswer{}, false},
		{"rate:7", model.SurveyAnswer{}, false},
		{"rate:7:good:x", model.SurveyAnswer{}, false},
		{"reason", model.SurveyAnswer{}, false},
		{"focus:7", model.SurveyAnswer{}, false},
		{"", model.SurveyAnswer{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			t.Parallel()
			got, ok := survey.Rules{}.Read(model.Click{Key: tt.key, Selected: chosen})
			if diff := cmp.Diff(tt.want, got); diff != "" || ok != tt.ok {
				t.Errorf("Read = %v, want %v (-want +got):\n%s", ok, tt.ok, diff)
			}
		})
	}
	t.Run("nothing_chosen", func(t *testing.T) {
		t.Parallel()
		got, ok := survey.Rules{}.Read(model.Click{Key: "reason:7"})
		if !ok || got.Rating != "" || len(got.Reasons) != 0 {
			t.Errorf("Read = %+v, %v, want no reasons", got, ok)
		}
	})
}

// A card's own buttons are read back as what they say.
func TestReadsItsOwnCards(t *testing.T) {
	t.Parallel()
	r := survey.Rules{}
	for _, b := range r.Card(model.SurveyAsk{Account: "IT", Session: 7}).Buttons {
		answer, ok := r.Read(model.Click{Key: b.Key})
		if !ok || r.Words(model.SurveyWords{}, answer.Rating) != b.Text {
			t.Errorf("button %q is read as %q, %v", b.Text, answer.Rating, ok)
		}
	}
	if got := r.Words(model.SurveyWords{}, "best"); got != "" {
		t.Errorf("Words of no rating = %q", got)
	}
}
