package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Thresholds shows what thresholds do and proposes some.
type Thresholds interface {
	// Effect asks the last 1,000 questions again.
	Effect(ctx context.Context, acc model.Account, answer, suggest float64) (ThresholdEffect, error)
	SuggestThresholds(ctx context.Context, acc model.Account) (ThresholdAdvice, error)
}

// thresholdsBody are the probabilities from which the bot answers and suggests.
type thresholdsBody struct {
	Answer  float64 `json:"answer" minimum:"0" maximum:"1"`
	Suggest float64 `json:"suggest" minimum:"0" maximum:"1"`
}

// ThresholdEffect is what other thresholds would have done to the last questions.
type ThresholdEffect struct {
	Questions int             `json:"questions" doc:"How many were asked again"`
	Before    ThresholdCounts `json:"before"`
	After     ThresholdCounts `json:"after"`
	Moved     int             `json:"moved" doc:"Questions that would be treated differently"`
	Shifts    []QuestionShift `json:"shifts" doc:"Of those, the most frequent"`
}

// ThresholdCounts is what thresholds make of questions.
type ThresholdCounts struct {
	Answered  int `json:"answered"`
	Suggested int `json:"suggested"`
	Missed    int `json:"missed"`
	Right     int `json:"right" doc:"Answers that people confirmed"`
	Wrong     int `json:"wrong" doc:"Answers that people denied"`
}

// QuestionShift is a question that other thresholds would treat differently.
type QuestionShift struct {
	Question      string           `json:"question"`
	Times         int              `json:"times" doc:"How often it was asked"`
	Before        model.AnswerKind `json:"before" enum:"hit,suggest,miss,small_talk"`
	After         model.AnswerKind `json:"after" enum:"hit,suggest,miss,small_talk"`
	EntryID       ID               `json:"entry_id,omitempty" doc:"The first candidate"`
	EntryQuestion string           `json:"entry_question,omitempty"`
	Score         float64          `json:"score"`
	Right         *bool            `json:"right,omitempty" doc:"What people said of that candidate; missing: nothing"`
}

// ThresholdAdvice is thresholds proposed for an account.
type ThresholdAdvice struct {
	Enough    bool    `json:"enough" doc:"There were questions enough to tell; else the thresholds are the default ones"`
	Answer    float64 `json:"answer"`
	Suggest   float64 `json:"suggest"`
	Precision float64 `json:"precision" doc:"Expected share of right answers among those given"`
	Coverage  float64 `json:"coverage" doc:"Expected share of known questions that are answered"`
	Suggested float64 `json:"suggested" doc:"Expected share that gets a suggestion"`
	Questions int     `json:"questions" doc:"That were asked of the others"`
}

func (a *API) registerThresholds(s surface) {
	const tag = "thresholds"
	type previewThresholds struct {
		AccountPath
		Body thresholdsBody
	}
	within(s, call(http.MethodPost, "previewThresholds", account+"/threshold-previews", tag, "What these thresholds would have done to the last 1,000 questions"),
		func(ctx context.Context, acc model.Account, in *previewThresholds) (*body[ThresholdEffect], error) {
			effect, err := a.cfg.Thresholds.Effect(ctx, acc, in.Body.Answer, in.Body.Suggest)
			effect.Shifts = notNil(effect.Shifts)
			return reply(effect, err)
		})
	within(s, call(http.MethodGet, "suggestThresholds", account+"/threshold-suggestion", tag, "Thresholds proposed from the account's own questions"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[ThresholdAdvice], error) {
			return reply(a.cfg.Thresholds.SuggestThresholds(ctx, acc))
		})
}
