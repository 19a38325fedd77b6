package handler

import (
	"context"
	"net/http"

	"deskmate/model"
)

// Synonyms are the words that mean the same to accounts.
type Synonyms interface {
	Synonyms(ctx context.Context, accountID uint64) ([]model.Synonym, error)
	// ReplaceSynonyms returns them as stored.
	ReplaceSynonyms(ctx context.Context, accountID uint64, words []model.Synonym, author string) ([]model.Synonym, error)
	CheckSynonyms(ctx context.Context, acc model.Account, words []model.Synonym) (GoldenPreview, error)
}

type synonymView struct {
	Words []string `json:"words" doc:"Two or more that mean the same"`
}

func viewSynonym(s model.Synonym) synonymView { return synonymView{notNil(s.Words)} }

// synonymsIn is all synonyms of an account.
type synonymsIn struct {
	AccountPath
	Body struct {
		Items []synonymView `json:"items" maxItems:"1000"`
	}
}

func (in *synonymsIn) words() []model.Synonym {
	return views(in.Body.Items, func(v synonymView) model.Synonym { return model.Synonym{Words: v.Words} })
}

func (a *API) registerSynonyms(s surface) {
	const tag = "synonyms"
	const path = account + "/synonyms"
	within(s, call(http.MethodGet, "getSynonyms", path, tag, "The words that mean the same to the account"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*body[Listed[synonymView]], error) {
			words, err := a.cfg.Synonyms.Synonyms(ctx, acc.ID)
			return listed(words, err, viewSynonym)
		})
	within(s, call(http.MethodPut, "setSynonyms", path, tag, "Make these the account's words, all of them"),
		func(ctx context.Context, acc model.Account, in *synonymsIn) (*body[Listed[synonymView]], error) {
			words, err := a.cfg.Synonyms.ReplaceSynonyms(ctx, acc.ID, in.words(), author(ctx))
			return listed(words, err, viewSynonym)
		})
	within(s, call(http.MethodPost, "checkSynonyms", account+"/synonym-checks", tag, "Say which golden questions would move with these words"),
		func(ctx context.Context, acc model.Account, in *synonymsIn) (*body[GoldenPreview], error) {
			golden, err := a.cfg.Synonyms.CheckSynonyms(ctx, acc, in.words())
			return reply(golden.whole(), err)
		})
}
