package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// GoldenQuestions are the questions whose right answers are known.
type GoldenQuestions interface {
	List(ctx context.Context, accountID uint64) ([]model.Golden, error)
	// Add adds one; entryID 0 where the bot must not answer.
	Add(ctx context.Context, accountID uint64, question string, entryID uint64, author string) (model.Golden, error)
	Delete(ctx context.Context, accountID, id uint64) error
	// Run asks all of them.
	Run(ctx context.Context, acc model.Account) (Exam, error)
}

// GoldenPreview is what a change would do to an account's golden questions.
type GoldenPreview struct {
	Asked  int          `json:"asked"`
	Worse  int          `json:"worse" doc:"Moves that spoil an answer"`
	Better int          `json:"better" doc:"Moves that mend one"`
	Moves  []GoldenMove `json:"moves"`
}

// whole is p with a list that is not nil.
func (p GoldenPreview) whole() GoldenPreview {
	p.Moves = notNil(p.Moves)
	return p
}

// GoldenMove is a golden question that a change would answer differently.
type GoldenMove struct {
	GoldenID ID            `json:"golden_id"`
	Question string        `json:"question"`
	EntryID  ID            `json:"entry_id,omitempty" doc:"The right one; missing: the bot must not answer"`
	Before   GoldenOutcome `json:"before"`
	After    GoldenOutcome `json:"after"`
}

// GoldenOutcome is what the bot makes of a golden question.
type GoldenOutcome struct {
	Verdict  string           `json:"verdict" enum:"right,suggested,missed,wrong"`
	Kind     model.AnswerKind `json:"kind" enum:"hit,suggest,miss,small_talk"`
	EntryID  ID               `json:"entry_id,omitempty" doc:"The first candidate; missing for none, and for an entry that is not stored yet"`
	Question string           `json:"question,omitempty" doc:"Its standard question"`
	Score    float64          `json:"score" doc:"Its probability"`
}

// Exam is what all golden questions of an account give now.
type Exam struct {
	Items     []ExamItem `json:"items"`
	Right     int        `json:"right"`
	Suggested int        `json:"suggested"`
	Missed    int        `json:"missed"`
	Wrong     int        `json:"wrong"`
}

// ExamItem is a golden question and what came of it.
type ExamItem struct {
	Golden   GoldenView    `json:"golden"`
	Expected string        `json:"expected,omitempty" doc:"Standard question of the right entry; missing for none, and for one that does not answer"`
	Outcome  GoldenOutcome `json:"outcome"`
}

// GoldenView is a golden question.
type GoldenView struct {
	ID        ID      `json:"id"`
	Question  string  `json:"question"`
	EntryID   ID      `json:"entry_id,omitempty" doc:"The entry that must answer; missing: the bot must not answer"`
	Author    string  `json:"author"`
	CreatedAt Instant `json:"created_at,omitempty"`
}

// ViewGolden makes the view of a golden question.
func ViewGolden(g model.Golden) GoldenView {
	return GoldenView{ID: NewID(g.ID), Question: g.Question, EntryID: NewID(g.EntryID), Author: g.Author, CreatedAt: NewInstant(g.CreatedMS)}
}

func (a *API) registerGolden(s surface) {
	const tag = "golden questions"
	const path = account + "/golden"
	within(s, call(http.MethodGet, "listGolden", path, tag, "The questions whose right answers are known"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[GoldenView]], error) {
			list, err := a.cfg.Golden.List(ctx, acc.ID)
			return listed(list, err, ViewGolden)
		})
	type createGolden struct {
		AccountPath
		Body struct {
			Question string `json:"question"`
			EntryID  ID     `json:"entry_id,omitempty" doc:"The entry that must answer; missing: the bot must not answer"`
		}
	}
	within(s, call(http.MethodPost, "createGolden", path, tag, "Add a golden question"),
		func(ctx context.Context, acc model.Account, in *createGolden) (*body[GoldenView], error) {
			g, err := a.cfg.Golden.Add(ctx, acc.ID, in.Body.Question, in.Body.EntryID.number(), author(ctx))
			return reply(ViewGolden(g), err)
		})
	within(s, call(http.MethodDelete, "deleteGolden", path+"/{id}", tag, "Take a golden question away"),
		func(ctx context.Context, acc model.Account, in *EntryPath) (*nothing, error) {
			return replyNothing(a.cfg.Golden.Delete(ctx, acc.ID, in.ID.number()))
		})
	within(s, call(http.MethodPost, "runGolden", account+"/golden-runs", tag, "Ask all golden questions now"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Exam], error) {
			exam, err := a.cfg.Golden.Run(ctx, acc)
			exam.Items = notNil(exam.Items)
			return reply(exam, err)
		})
}
