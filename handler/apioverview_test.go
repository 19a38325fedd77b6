package handler_test

import (
	"context"
	"net/http"

	"deskmate/model"
)

// AccountFigures implements [handler.Figures].
func (f fakeOps) AccountFigures(_ context.Context, id uint64, dayMS int64) (model.AccountFigures, error) {
	return model.AccountFigures{
		Bot: 1, Queued: 2, Serving: 3, OldestMS: 1, Seats: 5, Online: 4, Misses: 6, Questions: 7, Sessions: 8, Entries: true,
	}, f.done("figures %d since %s", id, model.Time(dayMS).UTC().Format("2006-01-02T15:04"))
}

// overviewOperations are those of accounts at a glance, as TestAPIOperations has them.
func overviewOperations() []apiOperation {
	return []apiOperation{
		{
			"overview", http.MethodGet, "overview", "", http.StatusOK,
			`{"at":"2026-11-23T02:24:00Z","enabled":true,"bot":1,"queued":2,"serving":3,"oldest_at":"1970-01-01T00:00:00.001Z","seats":5,"online":4,` +
				`"sessions":8,"questions":7,"misses":6,"knowledge":true,"tried":false}`,
			[]string{"figures 7 since 2026-11-22T16:00"},
		},
		{
			"account_cards", http.MethodGet, "/account-cards", "", http.StatusOK,
			`{"items":[{"key":"it","name":"IT","enabled":true,"seats":5,"online":4,"open":6,"queued":2,"connected":false,"removing":false}]}`,
			[]string{"figures 7 since 2026-11-22T16:00"},
		},
	}
}
