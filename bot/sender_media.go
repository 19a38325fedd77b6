package bot

import (
	"context"
	"errors"
	"fmt"

	"deskmate/model"
)

// MediaIDs knows the ids under which WeCom sends stored pictures and files; see [Media].
type MediaIDs interface {
	// MediaID is [model.ErrNotFound] for a blob that is gone.
	MediaID(ctx context.Context, acc model.Account, blobID uint64) (string, error)
	// Forget says that WeCom doesn't take mediaID for the blob.
	Forget(ctx context.Context, acc model.Account, blobID uint64, mediaID string) error
}

// Copier replaces a media id of what people sent, once WeCom has forgotten it; see [Copies].
type Copier interface {
	// Copy is [model.ErrNotFound] where nothing was stored.
	Copy(ctx context.Context, acc model.Account, p model.Push) (model.Push, error)
}

// mediaRefused is WeCom's errcode for a media_id that is wrong or too old (doc path/90313).
const mediaRefused = 40007

// ready makes a push fit to be sent: a stored picture or file gets its media id; where it
// is gone, a text says so in its place. The error is a [model.PushError].
func (s *Sender) ready(ctx context.Context, acc model.Account, push model.Push) (model.Push, error) {
	if push.Blob == 0 {
		return push, nil
	}
	id, err := s.cfg.Media.MediaID(ctx, acc, push.Blob)
	switch {
	case errors.Is(err, model.ErrNotFound):
		text := textFileGone
		if push.Kind == model.PushImage {
			text = textImageGone
		}
		push.Kind, push.Blob, push.Text = model.PushText, 0, text
		return push, nil
	case err != nil:
		return push, mediaError(err)
	}
	push.MediaID = id
	return push, nil
}

// mediaError classes what went wrong with a media id. No message was sent, so that trying
// again does no harm.
func mediaError(err error) error {
	if pe, classed := errors.AsType[*model.PushError](err); classed && pe.Class != model.FailUncertain {
		return err
	}
	class := model.FailRetry
	if model.CodeOf(err) == model.CodeInvalid {
		class = model.FailDrop
	}
	return &model.PushError{Class: class, Err: err}
}

// hand gives a message to WeCom. A media id that WeCom does not take is replaced once.
func (s *Sender) hand(ctx context.Context, acc model.Account, push model.Push) (model.Receipt, error) {
	receipt, err := s.cfg.Pusher.Push(ctx, acc, push)
	pe, ok := errors.AsType[*model.PushError](err)
	if push.MediaID == "" || !ok || pe.Code != mediaRefused {
		return receipt, err
	}
	if push.Blob == 0 {
		return s.handCopy(ctx, acc, push, err)
	}
	if err := s.cfg.Media.Forget(ctx, acc, push.Blob, push.MediaID); err != nil {
		return model.Receipt{}, mediaError(fmt.Errorf("forget a media id: %w", err))
	}
	if push, err = s.ready(ctx, acc, push); err != nil {
		return model.Receipt{}, err
	}
	return s.cfg.Pusher.Push(ctx, acc, push)
}

// handCopy gives WeCom a stored copy of what it has forgotten; without one, refusal stands.
func (s *Sender) handCopy(ctx context.Context, acc model.Account, push model.Push, refusal error) (model.Receipt, error) {
	again, err := s.cfg.Copies.Copy(ctx, acc, push)
	switch {
	case errors.Is(err, model.ErrNotFound):
		return model.Receipt{}, refusal
	case err != nil:
		return model.Receipt{}, mediaError(err)
	}
	return s.cfg.Pusher.Push(ctx, acc, again)
}
