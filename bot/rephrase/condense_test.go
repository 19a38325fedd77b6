package rephrase_test

import (
	"errors"
	"strings"
	"testing"

	"deskmate/model"
)

func TestCondense(t *testing.T) {
	t.Parallel()
	replies := []string{"您好，稍等我看下", "年假要提前3天在OA提交，主管批完就行", "有事打我手机13800138000"}
	for _, c := range []struct {
		name   string
		acc    model.Account
		model  *fakeModel
		draft  string
		reason string
	}{
		{"draft", account(nil), says("答案：年假要提前3天在OA提交，由主管批准。"), "年假要提前3天在OA提交，由主管批准。", ""},
		{"off", account(func(p *model.LLMPolicy) { p.Mode = model.LLMOff }), says(""), "", "off"},
		{"no answer in it", account(nil), says("无"), "", "empty"},
		{"another number", account(nil), says("年假要提前5天在OA提交。"), "", "facts"},
		{"another system", account(nil), says("年假要提前3天在SAP提交。"), "", "facts"},
		{"a ban of its own", account(nil), says("年假要提前3天在OA提交，不得补假。"), "", "facts"},
		{"a link of its own", account(nil), says("年假要提前3天在 https://oa.example 提交。"), "", "facts"},
		{"model down", account(nil), fails(errors.New("boom")), "", "unavailable"},
		{"used up", account(func(p *model.LLMPolicy) { p.TokensPerDay = 1 }), says(reworded), "", "budget"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			usage := &fakeUsage{days: map[int]model.LLMUsage{20260105: {TokensIn: 1}}}
			r := newRephraser(t, c.model, usage, nil)
			draft, err := r.Condense(t.Context(), c.acc, question, replies)
			if draft != c.draft {
				t.Errorf("Condense = %q, want %q", draft, c.draft)
			}
			got := ""
			if e, ok := errors.AsType[*model.Error](err); ok {
				got = e.Reason
			}
			if got != c.reason {
				t.Errorf("error %v, want %q", err, c.reason)
			}
			if want := int64(len(c.model.prompts)); usage.days[20260105].Calls != want {
				t.Errorf("%d calls counted, %d made", usage.days[20260105].Calls, want)
			}
			for _, p := range c.model.prompts {
				if strings.Contains(p.User, "13800138000") {
					t.Error("the model sees a phone number")
				}
			}
		})
	}
	t.Run("nothing said", func(t *testing.T) {
		t.Parallel()
		r := newRephraser(t, says("年假"), &fakeUsage{}, nil)
		if _, err := r.Condense(t.Context(), account(nil), question, []string{" "}); model.CodeOf(err) != model.CodeUnavailable {
			t.Errorf("Condense: %v", err)
		}
	})
}
