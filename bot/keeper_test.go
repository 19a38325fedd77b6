package bot_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// cellar is what a keeper works with: lines with media, WeCom, and the file store.
type cellar struct {
	mu       sync.Mutex
	lines    []model.MessageMedia
	claims   int
	wecom    map[string]string // what WeCom keeps: content by media id
	fail     map[string]error  // of downloads
	stall    bool              // downloads wait for their context
	full     error             // of the file store
	files    map[string]string
	puts     int
	results  []string
	backlogs []int
}

func newCellar(lines ...string) *cellar {
	c := &cellar{wecom: map[string]string{}, fail: map[string]error{}, files: map[string]string{}}
	for i, id := range lines {
		c.lines = append(c.lines, model.MessageMedia{
			AccountID: 1, SessionID: 7, Seq: i + 1, MediaID: id, Kind: model.ContentImage, State: model.MediaPending,
			SentMS: time.Now().UnixMilli(), DueMS: time.Now().UnixMilli(),
		})
		c.wecom[id] = "\xff\xd8\xff\xe0 picture " + id
	}
	return c
}

func (c *cellar) keeper() *bot.Keeper {
	return bot.NewKeeper(bot.KeeperConfig{
		Store: c, Accounts: c, Downloader: c, Files: c, Most: 1000, Poll: time.Second, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Observe: func(result string) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.results = append(c.results, result)
		},
		Backlog: func(n int) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.backlogs = append(c.backlogs, n)
		},
	})
}

func (c *cellar) Account(_ context.Context, id uint64) (model.Account, error) {
	return model.Account{ID: id}, nil
}

func (c *cellar) ClaimMedia(_ context.Context, limit int, lease time.Duration) ([]model.MessageMedia, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claims++
	var list []model.MessageMedia
	for i := range c.lines {
		if m := &c.lines[i]; m.State == model.MediaPending && m.DueMS <= time.Now().UnixMilli() && len(list) < limit {
			m.Attempts, m.DueMS = m.Attempts+1, time.Now().Add(lease).UnixMilli()
			list = append(list, *m)
		}
	}
	return list, nil
}

func (c *cellar) DelayMedia(_ context.Context, m model.MessageMedia, until time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if line := &c.lines[m.Seq-1]; line.State == model.MediaPending && line.DueMS == m.DueMS {
		line.DueMS = until.UnixMilli()
		return nil
	}
	return model.ErrFenced
}

func (c *cellar) FinishMedia(_ context.Context, m model.MessageMedia) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lines[m.Seq-1].State != model.MediaPending {
		return model.ErrStale
	}
	c.lines[m.Seq-1] = m
	return nil
}

func (c *cellar) PendingMedia(context.Context) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, m := range c.lines {
		if m.State == model.MediaPending {
			n++
		}
	}
	return n, nil
}

func (c *cellar) DownloadMedia(ctx context.Context, _ model.Account, id string) (string, io.ReadCloser, error) {
	if c.stall {
		<-ctx.Done()
		return "", nil, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fail[id]; err != nil {
		return "", nil, err
	}
	content, ok := c.wecom[id]
	if !ok {
		return "", nil, model.ErrNotFound
	}
	return id + ".jpg", io.NopCloser(strings.NewReader(content)), nil
}

func (c *cellar) Put(_ context.Context, account uint64, data io.Reader) (model.StoredFile, error) {
	content, err := io.ReadAll(data)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		err = c.full
	}
	if err != nil {
		return model.StoredFile{}, err
	}
	c.puts++
	sum := sha256.Sum256(content)
	file := model.StoredFile{Key: fmt.Sprintf("%d/%x", account, sum), Size: int64(len(content)), Sum: hex.EncodeToString(sum[:])}
	c.files[file.Key] = string(content)
	return file, nil
}

type nopSeekCloser struct{ io.ReadSeeker }

func (nopSeekCloser) Close() error { return nil }

func (c *cellar) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	content, ok := c.files[key]
	if !ok {
		return nil, model.ErrNotFound
	}
	return nopSeekCloser{bytes.NewReader([]byte(content))}, nil
}

// run keeps for so long and then ends the keeper.
func (c *cellar) run(t testing.TB, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	if err := c.keeper().Run(ctx); err != nil {
		t.Errorf("Run: %v", err)
	}
	synctest.Wait()
}

func (c *cellar) states() []model.MediaState {
	var list []model.MediaState
	for _, m := range c.lines {
		list = append(list, m.State)
	}
	return list
}

func TestKeeper(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCellar("a", "b", "c", "d", "e", "f")
		c.wecom["b"] = c.wecom["a"]
		c.wecom["v"], c.lines[2].MediaID, c.lines[2].Kind = "#!AMR\n a word", "v", model.ContentVoice
		delete(c.wecom, "d")
		c.run(t, time.Second/2)
		want := []model.MediaState{
			model.MediaStored, model.MediaStored, model.MediaStored, model.MediaGone, model.MediaStored, model.MediaStored,
		}
		if diff := cmp.Diff(want, c.states()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
		first, voice := c.lines[0], c.lines[2]
		if first.Key != c.lines[1].Key || len(c.files) != 4 {
			t.Errorf("the same picture is there twice: %q", c.files)
		}
		if first.Name != "a.jpg" || first.Type != "image/jpeg" || first.Size != int64(len(c.wecom["a"])) || first.Sum == "" {
			t.Errorf("kept %+v", first)
		}
		if voice.Type != "audio/amr" {
			t.Errorf("the voice is %s", voice.Type)
		}
		slices.Sort(c.results)
		if diff := cmp.Diff([]string{"gone", "kept", "kept", "kept", "kept", "kept"}, c.results); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
	})
}

// A file of exactly the limit is kept; one that is larger is given up at once, for it will not
// get smaller.
func TestKeeper_large_files(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCellar("a", "b")
		c.wecom["a"], c.wecom["b"] = strings.Repeat("x", 1000), strings.Repeat("x", 1001)
		c.run(t, time.Hour)
		want := []model.MediaState{model.MediaStored, model.MediaFailed}
		if diff := cmp.Diff(want, c.states()); diff != "" || c.lines[1].Attempts != 1 {
			t.Errorf("%d attempts (-want +got):\n%s", c.lines[1].Attempts, diff)
		}
	})
}

// What can't be fetched now is tried again, less and less often, until WeCom has forgotten
// it for sure.
func TestKeeper_tries_again(t *testing.T) {
	t.Parallel()
	tests := map[string]func(c *cellar, err error){
		"wecom is away":       func(c *cellar, err error) { c.fail["a"] = err },
		"the storage is full": func(c *cellar, err error) { c.full = err },
	}
	for name, fails := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCellar("a")
				fails(c, errors.New("no"))
				c.run(t, 20*time.Second)
				if m := c.lines[0]; m.State != model.MediaPending || m.Attempts != 2 {
					t.Errorf("after 20 s: %+v", m)
				}
				c.run(t, 2*time.Hour)
				fails(c, nil)
				c.run(t, 31*time.Minute)
				if m := c.lines[0]; m.State != model.MediaStored || m.Attempts > 15 {
					t.Errorf("after it came back: %+v", m)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				c := newCellar("a")
				fails(c, errors.New("no"))
				c.run(t, 73*time.Hour)
				if m := c.lines[0]; m.State != model.MediaFailed || m.Attempts < 100 || c.results[len(c.results)-1] != "failed" {
					t.Errorf("after three days: %+v, %q", m, c.results[len(c.results)-1])
				}
			})
		})
	}
}

// A server that ends gives back what it has in hand; another one goes on at once.
func TestKeeper_stops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCellar("a")
		c.stall = true
		c.run(t, 10*time.Second)
		if m := c.lines[0]; m.State != model.MediaPending || m.DueMS != time.Now().UnixMilli() {
			t.Errorf("left behind: %+v", m)
		}
		c.stall = false
		c.run(t, time.Second/2)
		if m := c.lines[0]; m.State != model.MediaStored {
			t.Errorf("gone on with: %+v", m)
		}
	})
}

// A server that was killed left a lease; what it had done by then is done once.
func TestKeeper_after_a_kill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCellar("a")
		list, err := c.ClaimMedia(t.Context(), 1, time.Minute)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if _, err := c.Put(t.Context(), 1, strings.NewReader(c.wecom["a"])); err != nil {
			t.Fatal(err)
		}
		c.run(t, 30*time.Second)
		if m := c.lines[0]; m.State != model.MediaPending {
			t.Errorf("taken before its lease ended: %+v", m)
		}
		c.run(t, 2*time.Minute)
		if m := c.lines[0]; m.State != model.MediaStored || len(c.files) != 1 {
			t.Errorf("%+v, files %d", m, len(c.files))
		}
		if len(c.backlogs) < 2 || c.backlogs[0] != 1 || c.backlogs[len(c.backlogs)-1] != 0 {
			t.Errorf("waiting: %v", c.backlogs)
		}
	})
}
