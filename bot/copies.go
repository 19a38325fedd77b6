package bot

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"deskmate/model"
)

// Copies gives WeCom what people sent and it has forgotten since, from what was stored.
type Copies struct{ cfg CopiesConfig }

// CopiesConfig is what copies work with. Every field is required.
type CopiesConfig struct {
	Store    CopyStore
	Files    FileStore
	Uploader Uploader
	Now      func() time.Time
}

// CopyStore knows what was stored.
type CopyStore interface {
	MessageMedia(ctx context.Context, accountID, sessionID uint64) (map[int]model.MessageMedia, error)
	SaveMediaAgain(ctx context.Context, m model.MessageMedia) error
}

// NewCopies makes copies.
func NewCopies(cfg CopiesConfig) *Copies { return &Copies{cfg: cfg} }

// Copy makes of a push that names a forgotten media_id one that names another with the same
// content. What WeCom can't show in its own form goes out as a file. It is
// [model.ErrNotFound] where nothing was stored.
func (c *Copies) Copy(ctx context.Context, acc model.Account, p model.Push) (model.Push, error) {
	m, err := c.find(ctx, acc, p)
	if err != nil {
		return p, err
	}
	kind := copyKind(m)
	p.Kind = kind
	if m.AgainID != "" && m.AgainMS > c.cfg.Now().UnixMilli() {
		p.MediaID = m.AgainID
		return p, nil
	}
	data, err := c.read(ctx, m)
	if err != nil {
		return p, fmt.Errorf("read stored media: %w", err)
	}
	now := c.cfg.Now()
	// The kinds have the names of WeCom's media types.
	if m.AgainID, err = c.cfg.Uploader.UploadMedia(ctx, acc, string(kind), copyName(m), data); err != nil {
		return p, fmt.Errorf("upload stored media: %w", err)
	}
	m.AgainMS = now.Add(mediaLife).UnixMilli()
	if err := c.cfg.Store.SaveMediaAgain(ctx, m); err != nil {
		return p, fmt.Errorf("note upload of stored media: %w", err)
	}
	p.MediaID = m.AgainID
	return p, nil
}

func (c *Copies) find(ctx context.Context, acc model.Account, p model.Push) (model.MessageMedia, error) {
	list, err := c.cfg.Store.MessageMedia(ctx, acc.ID, p.Session)
	if err != nil {
		return model.MessageMedia{}, fmt.Errorf("find stored media: %w", err)
	}
	for _, m := range list {
		if m.MediaID == p.MediaID && m.State == model.MediaStored {
			return m, nil
		}
	}
	return model.MessageMedia{}, model.ErrNotFound
}

func (c *Copies) read(ctx context.Context, m model.MessageMedia) ([]byte, error) {
	if m.Size > mostSent {
		return nil, model.Invalid("media_too_large", "WeCom takes no more than %d MB", mostSent>>20)
	}
	file, err := c.cfg.Files.Open(ctx, m.Key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(file)
}

// What WeCom takes of each form (doc path/90253), in bytes.
const (
	mostSent    = 20 << 20
	mostPicture = 10 << 20
	mostVoice   = 2 << 20
)

// copyKind is the form in which WeCom takes a file back.
func copyKind(m model.MessageMedia) model.PushKind {
	switch {
	case (m.Type == "image/jpeg" || m.Type == "image/png") && m.Size <= mostPicture:
		return model.PushImage
	case m.Type == "audio/amr" && m.Size <= mostVoice:
		return model.PushVoice
	case m.Type == "video/mp4" && m.Size <= mostPicture:
		return model.PushVideo
	}
	return model.PushFile
}

// copyName is the name under which receivers see a file.
func copyName(m model.MessageMedia) string {
	if m.Name != "" {
		return m.Name
	}
	ending := map[string]string{
		"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "audio/amr": ".amr", "video/mp4": ".mp4",
	}[m.Type]
	return strings.Trim(model.Content{Type: m.Kind}.Words(), "[]") + ending
}
