package survey_test

import (
	"testing"

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
	}{
		{"ended_by_the_seat", on, model.ClosedBySeat, "lin", true},
		{"ended_by_the_employee", on, model.ClosedByEmployee, "lin", true},
		{"went_idle", on, model.ClosedIdle, "lin", false},
		{"went_idle_and_that_counts", afterIdle, model.ClosedIdle, "lin", true},
		{"waited_too_long", afterIdle, model.ClosedQueue, "lin", false},
		{"off_hours", afterIdle, model.ClosedOffHours, "lin", false},
		{"account_disabled", afterIdle, model.ClosedDisabled, "lin", false},
		{"nobody_served", afterIdle, model.ClosedIdle, "", false},
		{"switched_off", model.SurveyRule{AfterIdle: true}, model.ClosedBySeat, "lin", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := model.Session{State: model.StateClosed, CloseReason: tt.reason, Seat: tt.seat}
			if got := (survey.Rules{}).Due(tt.rule, s); got != tt.want {
				t.Errorf("Due = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCard(t *testing.T) {
	t.Parallel()
	want := model.Card{
		Kind: model.CardButtons, Source: "IT 服务台", Title: "请评价本次服务", Desc: "坐席：林一", Body: "您的评价会帮助我们改进。",
		Buttons: []model.CardButton{
			{Text: "满意", Key: "rate:7:good", Style: model.StyleStrong},
			{Text: "一般", Key: "rate:7:fair", Style: model.StyleSecond},
			{Text: "不满意", Key: "rate:7:bad", Style: model.StyleNeutral},
		},
	}
	got := survey.Rules{}.Card("IT 服务台", model.Session{ID: 7}, "林一")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Card (-want +got):\n%s", diff)
	}
	if desc := (survey.Rules{}).Card("IT", model.Session{ID: 7}, "").Desc; desc != "" {
		t.Errorf("a seat without a name is shown as %q", desc)
	}
}

func TestReasonCard(t *testing.T) {
	t.Parallel()
	rule := model.SurveyRule{AskReason: true, Reasons: []string{"回复太慢", "态度不好"}}
	got, ok := survey.Rules{}.ReasonCard("IT", rule, model.Session{ID: 7})
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
		if _, ok := (survey.Rules{}).ReasonCard("IT", none, model.Session{ID: 7}); ok {
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
	for _, b := range r.Card("IT", model.Session{ID: 7}, "").Buttons {
		answer, ok := r.Read(model.Click{Key: b.Key})
		if !ok || r.Words(answer.Rating) != b.Text {
			t.Errorf("button %q is read as %q, %v", b.Text, answer.Rating, ok)
		}
	}
	if got := r.Words("best"); got != "" {
		t.Errorf("Words of no rating = %q", got)
	}
}
