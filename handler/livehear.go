package handler

import (
	"context"
	"encoding/json"
	"time"

	"github.com/coder/websocket"

	"deskmate/model"
)

// Presence is who works in the workbench: such seats are not sent in WeCom what they read there.
type Presence interface {
	// NoteActive notes that a seat does at this moment. Where that can't be kept, lines are sent.
	NoteActive(ctx context.Context, accountID uint64, seat string) error
}

const (
	liveSaid   = 1 << 10          // bytes that a browser may say at once
	livePauses = 10 * time.Second // between two notes that somebody is active
)

// liveWord is what a browser says. What a newer page may say is passed over.
type liveWord struct {
	Type    string `json:"type"` // active
	Account string `json:"account"`
}

// listen hears what the browser says until the stream ends; ctx ends with that, and heard is
// closed then.
func (l *Live) listen(parent context.Context, conn *websocket.Conn, client *liveClient) (ctx context.Context, heard <-chan struct{}) {
	ctx, cancel := context.WithCancel(parent)
	conn.SetReadLimit(liveSaid)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		l.hear(ctx, conn, client)
	}()
	return ctx, done
}

func (l *Live) hear(ctx context.Context, conn *websocket.Conn, client *liveClient) {
	noted := map[string]time.Time{} // by account
	for {
		kind, text, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var word liveWord
		if kind != websocket.MessageText || json.Unmarshal(text, &word) != nil {
			_ = conn.Close(websocket.StatusUnsupportedData, `say {"type":"active","account":"…"}`)
			return
		}
		if now := time.Now(); word.Type == "active" && now.Sub(noted[word.Account]) >= livePauses {
			if acc, ok := l.accountOf(client, word.Account); ok {
				noted[word.Account] = now
				l.cfg.API.noteActive(ctx, acc, client.as(acc.Key))
			}
		}
	}
}

// accountOf is an account that the client is entitled to.
func (l *Live) accountOf(client *liveClient, key string) (model.Account, bool) {
	for _, acc := range l.cfg.Accounts() {
		if acc.Key == key {
			l.mu.Lock()
			defer l.mu.Unlock()
			return acc, l.clients[key][client]
		}
	}
	return model.Account{}, false
}

// as is who looks on, as far as an account is concerned.
func (c *liveClient) as(key string) caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.who.in(key)
}

// noteActive notes that a caller who is a seat works in the workbench. An owner who is a seat
// works as one there, too.
func (a *API) noteActive(ctx context.Context, acc model.Account, who caller) {
	if a.cfg.Presence == nil || who.UserID == "" {
		return
	}
	if err := a.cfg.Presence.NoteActive(ctx, acc.ID, who.UserID); err != nil && a.cfg.Log != nil {
		a.cfg.Log.DebugContext(ctx, "presence not noted", "account_id", acc.ID, "err", err.Error())
	}
}
