package bot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"deskmate/model"
)

// StoredFile is a file that was kept; the zero value is one that could not be had.
type StoredFile struct {
	Blob uint64
	Name string
	Size int64
}

// GroupFiles fetches the files of mentions and keeps them, for seats to see.
type GroupFiles struct {
	Source interface {
		// BotFile fetches and opens a file, within five minutes of its message.
		BotFile(ctx context.Context, acc model.Account, file model.Content) (name string, data []byte, err error)
	}
	Store interface {
		PutBlob(ctx context.Context, b model.Blob, data io.Reader) (model.Blob, error)
	}
}

// Keep fetches a file and stores it.
func (g GroupFiles) Keep(ctx context.Context, acc model.Account, file model.Content) (StoredFile, error) {
	name, data, err := g.Source.BotFile(ctx, acc, file)
	if err != nil {
		return StoredFile{}, fmt.Errorf("fetch a file of a group chat: %w", err)
	}
	blob, err := g.Store.PutBlob(ctx, model.Blob{
		AccountID: acc.ID, Kind: model.BlobMedia, Name: name, Type: http.DetectContentType(data),
	}, bytes.NewReader(data))
	if err != nil {
		return StoredFile{}, fmt.Errorf("keep a file of a group chat: %w", err)
	}
	return StoredFile{Blob: blob.ID, Name: blob.Name, Size: blob.Size}, nil
}

// fileTries is how often a file is tried for: the message shall not wait long for it.
const fileTries = 3

// askFiles fetches the files of a mention. One that can't be had doesn't hold the message up: its
// line says so.
func (e *Engine) askFiles(ctx context.Context, in *Input, so soFar) {
	ctx, cancel := context.WithTimeout(ctx, groupFileTime)
	defer cancel()
	in.Files = []StoredFile{}
	for _, file := range filesOf(in.Event) {
		kept, known := so.files[file.URL]
		if !known {
			kept = e.keepFile(ctx, in.Case.Account, file)
			so.files[file.URL] = kept
		}
		in.Files = append(in.Files, kept)
	}
}

func (e *Engine) keepFile(ctx context.Context, acc model.Account, file model.Content) StoredFile {
	if e.cfg.Files == nil {
		return StoredFile{}
	}
	for attempt := range fileTries {
		kept, err := e.cfg.Files.Keep(ctx, acc, file)
		if err == nil {
			return kept
		}
		e.cfg.Log.WarnContext(ctx, "file of a group chat not kept", "account_id", acc.ID, "attempt", attempt+1, "err", err.Error())
		if model.CodeOf(err) != model.CodeUnavailable {
			break
		}
		select {
		case <-time.After(backoff(attempt)):
		case <-ctx.Done():
		}
	}
	return StoredFile{}
}
