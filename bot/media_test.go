package bot_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// shelf keeps blobs and what is known of their uploads, and is WeCom's side as well.
type shelf struct {
	mu      sync.Mutex
	now     time.Time
	blobs   map[uint64]model.Blob
	uploads map[uint64]string // media ids
	expires map[uint64]int64
	calls   []string      // uploads, in order
	slow    chan struct{} // an upload waits for it; nil: none does
	fail    error         // of uploads
	broken  string        // the store's method that fails
}

func newShelf() *shelf {
	return &shelf{
		now: noon(), uploads: map[uint64]string{}, expires: map[uint64]int64{},
		blobs: map[uint64]model.Blob{
			1: {ID: 1, Kind: model.BlobMedia, Name: "地图.png", Type: "image/png"},
			2: {ID: 2, Kind: model.BlobMedia, Name: "制度.pdf", Type: "application/pdf"},
			3: {ID: 3, Kind: model.BlobReport, Name: "report.json", Type: "application/json"},
		},
	}
}

func (s *shelf) media() *bot.Media {
	return bot.NewMedia(bot.MediaConfig{Store: s, Uploader: s, Now: func() time.Time { return s.now }})
}

func (s *shelf) fault(method string) error {
	if s.broken == method {
		return model.ErrUnavailable
	}
	return nil
}

// Blob implements [bot.MediaStore].
func (s *shelf) Blob(_ context.Context, _, id uint64) (model.Blob, error) {
	b, ok := s.blobs[id]
	if !ok {
		return b, model.ErrNotFound
	}
	return b, s.fault("Blob")
}

// BlobData implements [bot.MediaStore].
func (s *shelf) BlobData(_ context.Context, _, id uint64) ([]byte, error) {
	return []byte(s.blobs[id].Name), s.fault("BlobData")
}

// MediaUpload implements [bot.MediaStore].
func (s *shelf) MediaUpload(_ context.Context, _, blob uint64) (string, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.uploads[blob]
	if !ok {
		return "", 0, model.ErrNotFound
	}
	return id, s.expires[blob], s.fault("MediaUpload")
}

// SaveMediaUpload implements [bot.MediaStore].
func (s *shelf) SaveMediaUpload(_ context.Context, _, blob uint64, mediaID string, expiresMS int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads[blob], s.expires[blob] = mediaID, expiresMS
	return s.fault("SaveMediaUpload")
}

// UploadMedia implements [bot.Uploader].
func (s *shelf) UploadMedia(ctx context.Context, _ model.Account, kind, name string, data []byte) (string, error) {
	if s.slow != nil {
		select {
		case <-s.slow:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return "", s.fail
	}
	s.calls = append(s.calls, kind+" "+name+" "+string(data))
	return fmt.Sprint("m", len(s.calls)), nil
}

func TestMediaID(t *testing.T) {
	t.Parallel()
	s := newShelf()
	m, acc := s.media(), model.Account{ID: 1}
	ask := func(blob uint64, want string) {
		t.Helper()
		if got, err := m.MediaID(t.Context(), acc, blob); got != want || err != nil {
			t.Errorf("MediaID(%d) = %q, %v, want %q", blob, got, err, want)
		}
	}
	ask(1, "m1")
	ask(2, "m2")
	ask(1, "m1")
	s.now = s.now.Add(70*time.Hour - time.Millisecond)
	ask(1, "m1")
	s.now = s.now.Add(time.Millisecond) // two hours before WeCom forgets it
	ask(1, "m3")
	want := []string{"image 地图.png 地图.png", "file 制度.pdf 制度.pdf", "image 地图.png 地图.png"}
	if diff := cmp.Diff(want, s.calls); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
}

func TestMediaForget(t *testing.T) {
	t.Parallel()
	s := newShelf()
	m, acc := s.media(), model.Account{ID: 1}
	for i, forgotten := range []string{"none yet", "m1", "m1"} {
		if err := m.Forget(t.Context(), acc, 1, forgotten); err != nil {
			t.Errorf("Forget: %v", err)
		}
		want := []string{"m1", "m2", "m2"}[i] // the second time it is another's news
		if got, err := m.MediaID(t.Context(), acc, 1); got != want || err != nil {
			t.Errorf("MediaID after forgetting %q = %q, %v, want %q", forgotten, got, err, want)
		}
	}
	s.broken = "SaveMediaUpload"
	if err := m.Forget(t.Context(), acc, 1, "m2"); !errors.Is(err, model.ErrUnavailable) {
		t.Errorf("Forget = %v", err)
	}
}

func TestMediaIDFails(t *testing.T) {
	t.Parallel()
	refused := &model.PushError{Class: model.FailDrop, Code: 40004, Err: errors.New("no")}
	tests := []struct {
		name  string
		blob  uint64
		given func(*shelf)
		want  error
	}{
		{"gone", 9, func(*shelf) {}, model.ErrNotFound},
		{"no_media", 3, func(*shelf) {}, model.ErrNotFound},
		{"store_away", 1, func(s *shelf) { s.broken = "Blob" }, model.ErrUnavailable},
		{"data_away", 1, func(s *shelf) { s.broken = "BlobData" }, model.ErrUnavailable},
		{"uploads_away", 1, func(s *shelf) { s.uploads[1], s.broken = "m0", "MediaUpload" }, model.ErrUnavailable},
		{"not_noted", 1, func(s *shelf) { s.broken = "SaveMediaUpload" }, model.ErrUnavailable},
		{"refused", 1, func(s *shelf) { s.fail = refused }, refused},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf()
			tt.given(s)
			if got, err := s.media().MediaID(t.Context(), model.Account{ID: 1}, tt.blob); !errors.Is(err, tt.want) || got != "" {
				t.Errorf("MediaID = %q, %v, want %v", got, err, tt.want)
			}
		})
	}
}

// Those who ask while a blob is being uploaded wait for that upload; one who won't wait any
// longer leaves, and another blob is not held up.
func TestMediaIDOnceAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf()
		s.slow = make(chan struct{})
		m, acc := s.media(), model.Account{ID: 1}
		got := make(chan string, 5)
		for range 5 {
			go func() {
				id, _ := m.MediaID(t.Context(), acc, 1)
				got <- id
			}()
		}
		synctest.Wait()
		hasty, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.MediaID(hasty, acc, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("MediaID = %v, want it cancelled", err)
		}
		close(s.slow)
		for range 5 {
			if id := <-got; id != "m1" {
				t.Errorf("MediaID = %q, want m1", id)
			}
		}
		if len(s.calls) != 1 {
			t.Errorf("uploaded %d times, want once", len(s.calls))
		}
	})
}
