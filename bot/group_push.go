package bot

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"deskmate/model"
)

// GroupPusher sends to the group chats of one account.
type GroupPusher struct {
	Store GroupPushStore
	Line  GroupLine // nil: the bot has a callback URL, and answers is all there is
	// Answer uses the one answer that a mention takes; asking twice does no harm.
	Answer func(ctx context.Context, responseURL, text string) error
	// Download reads a file that WeCom keeps for the account's app.
	Download func(ctx context.Context, acc model.Account, mediaID string) (name string, data []byte, err error)
}

// GroupPushStore knows the groups and the files.
type GroupPushStore interface {
	GroupChat(ctx context.Context, accountID uint64, peer string) (model.GroupChat, error)
	Blob(ctx context.Context, accountID, id uint64) (model.Blob, error)
	BlobData(ctx context.Context, accountID, id uint64) ([]byte, error)
}

// GroupLine is the long connection of a bot. Its errors are [model.PushError].
type GroupLine interface {
	Send(ctx context.Context, chat model.GroupChat, p model.Push) (model.Receipt, error)
	Upload(ctx context.Context, kind, name string, data []byte) (mediaID string, err error)
}

// Push sends one message; it implements [Pusher].
func (g GroupPusher) Push(ctx context.Context, acc model.Account, p model.Push) (model.Receipt, error) {
	if p.URL != "" {
		return model.Receipt{}, g.Answer(ctx, p.URL, p.Text)
	}
	if g.Line == nil {
		return model.Receipt{}, &model.PushError{Class: model.FailDrop, Err: errors.New("the bot has no connection")}
	}
	chat, err := g.Store.GroupChat(ctx, acc.ID, p.Receiver)
	if err != nil {
		return model.Receipt{}, notSent(err)
	}
	if p.Blob != 0 || p.MediaID != "" {
		if p, err = g.upload(ctx, acc, p); err != nil {
			return model.Receipt{}, notSent(err)
		}
	}
	return g.Line.Send(ctx, chat, p)
}

// upload gives the bot a file that we or the account's app have.
func (g GroupPusher) upload(ctx context.Context, acc model.Account, p model.Push) (model.Push, error) {
	var name string
	var data []byte
	var err error
	if p.Blob != 0 {
		var blob model.Blob
		if blob, err = g.Store.Blob(ctx, acc.ID, p.Blob); err == nil {
			name = blob.Name
			data, err = g.Store.BlobData(ctx, acc.ID, p.Blob)
		}
	} else {
		name, data, err = g.Download(ctx, acc, p.MediaID)
	}
	if err != nil {
		return p, fmt.Errorf("read a file for a group: %w", err)
	}
	if kind := http.DetectContentType(data); p.Kind == model.PushImage && kind != "image/jpeg" && kind != "image/png" {
		p.Kind = model.PushFile
	}
	p.MediaID, err = g.Line.Upload(ctx, string(p.Kind), name, data)
	return p, err
}

// notSent classes what went wrong before anything was sent.
func notSent(err error) error {
	if pe, classed := errors.AsType[*model.PushError](err); classed && pe.Class != model.FailUncertain {
		return err
	}
	class := model.FailRetry
	if code := model.CodeOf(err); code == model.CodeInvalid || code == model.CodeNotFound {
		class = model.FailDrop
	}
	return &model.PushError{Class: class, Err: err}
}

// StoredAsTheyAre leaves stored files to the pusher: a bot doesn't share the app's media ids. It
// implements [MediaIDs].
type StoredAsTheyAre struct{}

// MediaID implements [MediaIDs].
func (StoredAsTheyAre) MediaID(context.Context, model.Account, uint64) (string, error) {
	return "", nil
}

// Forget implements [MediaIDs].
func (StoredAsTheyAre) Forget(context.Context, model.Account, uint64, string) error { return nil }
