package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Explainer answers as the bot does and says why.
type Explainer interface {
	Explain(ctx context.Context, accountID uint64, ask model.Ask) (model.Explanation, error)
}

// Questions are what the bot was asked.
type Questions interface {
	// RecentQuestions lists the last ones, the newest first.
	RecentQuestions(ctx context.Context, accountID uint64, limit int) ([]model.Question, error)
}

// explanationView shows how an answer came about.
type explanationView struct {
	Kind       model.AnswerKind `json:"kind" enum:"hit,suggest,miss,small_talk"`
	Text       string           `json:"text,omitempty" doc:"What is said to small talk"`
	Exact      bool             `json:"exact" doc:"The question is a variant, letter for letter after folding"`
	Score      float64          `json:"score" doc:"Probability that the first candidate is right"`
	Threshold  float64          `json:"threshold" doc:"The one that decided"`
	Thresholds thresholdsBody   `json:"thresholds"`
	Topic      bool             `json:"topic" doc:"Understood as a follow-up about the topic"`
	Folded     string           `json:"folded" doc:"The question as matching saw it"`
	Expanded   []string         `json:"expanded" doc:"The same with the account's synonyms put in"`
	Candidates []candidateView  `json:"candidates" doc:"The best first"`
	Model      string           `json:"model" doc:"Version of the weights and, behind a +, of the account's encoder"`
	Encoder    bool             `json:"encoder" doc:"The account's encoder took part"`
	Embedding  bool             `json:"embedding" doc:"Vectors of an embedding service took part"`
	TookMS     float64          `json:"took_ms"`
}

// candidateView is an entry that may be meant.
type candidateView struct {
	EntryID  ID                 `json:"entry_id"`
	Question string             `json:"question"`
	Answer   string             `json:"answer"`
	More     []string           `json:"more"`
	Variant  string             `json:"variant" doc:"The question of the entry that matched best"`
	Score    float64            `json:"score" doc:"Probability that it is right"`
	Rank     float64            `json:"rank" doc:"The same before the other candidates were looked at"`
	Features map[string]float64 `json:"features" doc:"What spoke for and against it"`
}

func viewCandidate(c model.ExplainedCandidate) candidateView {
	features := c.Features
	if features == nil {
		features = map[string]float64{}
	}
	return candidateView{
		EntryID: NewID(c.EntryID), Question: c.Question, Answer: c.Answer, More: notNil(c.More), Variant: c.Variant,
		Score: c.Score, Rank: c.Rank, Features: features,
	}
}

func viewExplanation(x model.Explanation) explanationView {
	a := x.Answer
	return explanationView{
		Kind: a.Kind, Text: a.Text, Exact: a.Exact, Score: a.Score, Threshold: a.Threshold, Topic: a.Topic, Model: a.Model,
		Thresholds: thresholdsBody{Answer: x.Thresholds[0], Suggest: x.Thresholds[1]},
		Folded:     x.Folded, Expanded: notNil(x.Expanded), Candidates: views(x.Candidates, viewCandidate),
		Encoder: x.Encoder, Embedding: x.Embedding, TookMS: x.TookMS,
	}
}

// questionView is a question that the bot was asked and what came of it.
type questionView struct {
	ID        ID              `json:"id"`
	SessionID ID              `json:"session_id,omitempty"`
	Text      string          `json:"text"`
	Outcome   model.Outcome   `json:"outcome" enum:"answered,suggested,missed"`
	Score     float64         `json:"score"`
	Threshold float64         `json:"threshold"`
	EntryID   ID              `json:"entry_id,omitempty" doc:"The first candidate"`
	Suggested []ID            `json:"suggested" doc:"As shown"`
	Picked    ID              `json:"picked,omitempty" doc:"The suggestion that was tapped"`
	Feedback  model.Feedback  `json:"feedback,omitempty" enum:"up,down"`
	Miss      model.MissState `json:"miss,omitempty" enum:"open,solved,ignored"`
	SolvedBy  ID              `json:"solved_by,omitempty" doc:"The entry that was made or extended"`
	At        Instant         `json:"at"`
}

func viewQuestion(q model.Question) questionView {
	return questionView{
		ID: NewID(q.ID), SessionID: NewID(q.SessionID), Text: q.Text, Outcome: q.Outcome, Score: q.Score, Threshold: q.Threshold,
		EntryID: NewID(q.EntryID), Suggested: NewIDs(q.Suggested), Picked: NewID(q.Picked), Feedback: q.Feedback, Miss: q.Miss,
		SolvedBy: NewID(q.SolvedBy), At: NewInstant(q.AtMS),
	}
}

func (a *API) registerAsking(s surface) {
	const tag = "asking"
	type askBot struct {
		AccountPath
		Body struct {
			Question string `json:"question" minLength:"1" maxLength:"2000"`
			Topic    ID     `json:"topic,omitempty" doc:"The entry that answered just before"`
		}
	}
	within(s, call(http.MethodPost, "ask", account+"/ask", tag, "Ask as an employee would, and see why the bot answers so; nothing is recorded"),
		func(ctx context.Context, acc model.Account, in *askBot) (*body[explanationView], error) {
			x, err := a.cfg.Base.Explain(ctx, acc.ID, model.Ask{
				Question: in.Body.Question, Topic: in.Body.Topic.number(), Policy: acc.Policy.Bot,
			})
			return reply(viewExplanation(x), err)
		})
	type recentQuestions struct {
		AccountPath
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	within(s, call(http.MethodGet, "listQuestions", account+"/questions", tag, "What the bot was asked last, the newest first"),
		func(ctx context.Context, acc model.Account, in *recentQuestions) (*body[Listed[questionView]], error) {
			list, err := a.cfg.Questions.RecentQuestions(ctx, acc.ID, in.Limit)
			return listed(list, err, viewQuestion)
		})
}
