package handler

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// CallbackWitness remembers what happens on WeCom's way to accounts, for whoever sets them up.
type CallbackWitness interface {
	NoteCallback(ctx context.Context, accountID uint64, news model.CallbackNews, reason string) error
}

// CallbackNotes tell a witness, and not too often: a callback is noted once a minute, a refused
// one once in two seconds, each for its account. WeCom doesn't wait for it.
type CallbackNotes struct {
	witness CallbackWitness
	log     *slog.Logger

	mu   sync.Mutex
	last map[callbackNote]time.Time
}

type callbackNote struct {
	account uint64
	news    model.CallbackNews
}

// NewCallbackNotes makes notes for a witness.
func NewCallbackNotes(witness CallbackWitness, log *slog.Logger) *CallbackNotes {
	return &CallbackNotes{witness: witness, log: log, last: map[callbackNote]time.Time{}}
}

func pauseAfter(news model.CallbackNews) time.Duration {
	switch news {
	case model.CallbackReceived:
		return time.Minute
	case model.CallbackRefused:
		return 2 * time.Second
	case model.CallbackVerified:
	}
	return 0
}

// note tells the witness, if it is time. A nil *CallbackNotes has none.
func (n *CallbackNotes) note(ctx context.Context, accountID uint64, news model.CallbackNews, reason string) {
	if n == nil || accountID == 0 {
		return
	}
	what, now := callbackNote{accountID, news}, time.Now()
	n.mu.Lock()
	if last, ok := n.last[what]; ok && now.Sub(last) < pauseAfter(news) {
		n.mu.Unlock()
		return
	}
	n.last[what] = now
	if news == model.CallbackRefused { // the next good one is news again
		delete(n.last, callbackNote{accountID, model.CallbackReceived})
	}
	n.mu.Unlock()
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := n.witness.NoteCallback(ctx, accountID, news, reason); err != nil {
		n.log.WarnContext(ctx, "callback not noted", "account_id", accountID, "err", err.Error())
	}
}
