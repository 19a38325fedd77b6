package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"deskmate/model"
)

// Media gives stored pictures and files the ids under which WeCom sends them. WeCom keeps
// what it is given for three days, so an upload serves many pushes.
type Media struct {
	cfg MediaConfig

	mu      sync.Mutex
	flights map[mediaKey]*flight
}

// MediaConfig is what a media works with. Every field is required.
type MediaConfig struct {
	Store    MediaStore
	Uploader Uploader
	Now      func() time.Time
}

// MediaStore keeps the files and what is known of their uploads.
type MediaStore interface {
	Blob(ctx context.Context, accountID, id uint64) (model.Blob, error)
	BlobData(ctx context.Context, accountID, id uint64) ([]byte, error)
	// MediaUpload is [model.ErrNotFound] for a blob that was never uploaded.
	MediaUpload(ctx context.Context, accountID, blobID uint64) (mediaID string, expiresMS int64, err error)
	SaveMediaUpload(ctx context.Context, accountID, blobID uint64, mediaID string, expiresMS int64) error
}

// Uploader gives WeCom a file for three days; kind is image, voice, video or file. Where WeCom refuses,
// its error is a [model.PushError], which says whether trying again helps.
type Uploader interface {
	UploadMedia(ctx context.Context, acc model.Account, kind, name string, data []byte) (mediaID string, err error)
}

// NewMedia makes a media.
func NewMedia(cfg MediaConfig) *Media { return &Media{cfg: cfg, flights: map[mediaKey]*flight{}} }

// mediaLife is how long an upload is used: three days, less the time that a push may take.
const mediaLife = 3*24*time.Hour - 2*time.Hour

type mediaKey struct{ account, blob uint64 }

// flight is an upload that others wait for.
type flight struct {
	done chan struct{} // closed when id and err are final
	id   string
	err  error
}

// MediaID gives the media_id of a blob, uploading it unless that was done. It is
// [model.ErrNotFound] where the blob is gone, or is nothing to be sent. Who asks while it
// is being uploaded waits for that.
func (m *Media) MediaID(ctx context.Context, acc model.Account, blobID uint64) (string, error) {
	key := mediaKey{acc.ID, blobID}
	m.mu.Lock()
	f, underway := m.flights[key]
	if !underway {
		f = &flight{done: make(chan struct{}), err: model.ErrUnavailable}
		m.flights[key] = f
	}
	m.mu.Unlock()
	if underway {
		select {
		case <-f.done:
			return f.id, f.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	defer func() {
		m.mu.Lock()
		delete(m.flights, key)
		m.mu.Unlock()
		close(f.done)
	}()
	f.id, f.err = m.find(ctx, acc, blobID)
	return f.id, f.err
}

func (m *Media) find(ctx context.Context, acc model.Account, blobID uint64) (string, error) {
	blob, err := m.cfg.Store.Blob(ctx, acc.ID, blobID)
	if err != nil {
		return "", fmt.Errorf("read blob %d: %w", blobID, err)
	}
	if blob.Kind != model.BlobMedia { // a report, an encoder: nothing for employees
		return "", fmt.Errorf("blob %d is no media: %w", blobID, model.ErrNotFound)
	}
	mediaID, expires, err := m.cfg.Store.MediaUpload(ctx, acc.ID, blobID)
	switch {
	case err == nil && expires > m.cfg.Now().UnixMilli():
		return mediaID, nil
	case err != nil && !errors.Is(err, model.ErrNotFound):
		return "", fmt.Errorf("read upload of blob %d: %w", blobID, err)
	}
	data, err := m.cfg.Store.BlobData(ctx, acc.ID, blobID)
	if err != nil {
		return "", fmt.Errorf("read data of blob %d: %w", blobID, err)
	}
	now := m.cfg.Now()
	mediaID, err = m.cfg.Uploader.UploadMedia(ctx, acc, uploadKind(blob), blob.Name, data)
	if err != nil {
		return "", fmt.Errorf("upload blob %d: %w", blobID, err)
	}
	if err := m.cfg.Store.SaveMediaUpload(ctx, acc.ID, blobID, mediaID, now.Add(mediaLife).UnixMilli()); err != nil {
		return "", fmt.Errorf("note upload of blob %d: %w", blobID, err)
	}
	return mediaID, nil
}

// uploadKind is what WeCom can show of a blob: JPG and PNG as pictures, all else as files.
func uploadKind(b model.Blob) string {
	if b.Type == "image/jpeg" || b.Type == "image/png" {
		return "image"
	}
	return "file"
}

// Forget makes the next MediaID upload the blob anew: WeCom doesn't know mediaID any more.
// A newer upload stays.
func (m *Media) Forget(ctx context.Context, acc model.Account, blobID uint64, mediaID string) error {
	known, _, err := m.cfg.Store.MediaUpload(ctx, acc.ID, blobID)
	if errors.Is(err, model.ErrNotFound) || (err == nil && known != mediaID) {
		return nil
	}
	if err == nil {
		err = m.cfg.Store.SaveMediaUpload(ctx, acc.ID, blobID, mediaID, 0)
	}
	if err != nil {
		return fmt.Errorf("forget upload of blob %d: %w", blobID, err)
	}
	return nil
}
