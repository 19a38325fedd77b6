package bot_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

// attic is what copies are made from.
type attic struct {
	*cellar

	list    map[int]model.MessageMedia
	uploads []string
	refuses error // uploads
	broken  error // the store
}

func newAttic() *attic {
	a := &attic{cellar: newCellar(), list: map[int]model.MessageMedia{}}
	for i, m := range []model.MessageMedia{
		{MediaID: "picture", Kind: model.ContentImage, Type: "image/jpeg", State: model.MediaStored, Name: "p.jpg"},
		{MediaID: "voice", Kind: model.ContentVoice, Type: "audio/amr", State: model.MediaStored},
		{MediaID: "speex", Kind: model.ContentVoice, Type: "application/octet-stream", State: model.MediaStored},
		{MediaID: "video", Kind: model.ContentVideo, Type: "video/mp4", State: model.MediaStored, Size: 9 << 20},
		{MediaID: "long video", Kind: model.ContentVideo, Type: "video/mp4", State: model.MediaStored, Size: 11 << 20},
		{MediaID: "huge video", Kind: model.ContentVideo, Type: "video/mp4", State: model.MediaStored, Size: 21 << 20},
		{MediaID: "waiting", Kind: model.ContentImage, State: model.MediaPending},
		{MediaID: "gone", Kind: model.ContentImage, State: model.MediaGone},
	} {
		m.AccountID, m.SessionID, m.Seq, m.Key = 1, 7, i+1, m.MediaID
		a.list[m.Seq], a.files[m.Key] = m, "what "+m.MediaID+" holds"
	}
	return a
}

func (a *attic) copies() *bot.Copies {
	return bot.NewCopies(bot.CopiesConfig{Store: a, Files: a.cellar, Uploader: a, Now: noon})
}

func (a *attic) MessageMedia(_ context.Context, account, session uint64) (map[int]model.MessageMedia, error) {
	if account != 1 || session != 7 {
		return map[int]model.MessageMedia{}, a.broken
	}
	return a.list, a.broken
}

func (a *attic) SaveMediaAgain(_ context.Context, m model.MessageMedia) error {
	a.list[m.Seq] = m
	return nil
}

func (a *attic) UploadMedia(_ context.Context, _ model.Account, kind, name string, data []byte) (string, error) {
	if a.refuses != nil {
		return "", a.refuses
	}
	a.uploads = append(a.uploads, kind+" "+name+" "+string(data))
	return fmt.Sprint("again", len(a.uploads)), nil
}

func TestCopies(t *testing.T) {
	t.Parallel()
	a := newAttic()
	c, acc := a.copies(), model.Account{ID: 1}
	ask := func(kind model.PushKind, id string) model.Push {
		t.Helper()
		got, err := c.Copy(t.Context(), acc, model.Push{Receiver: "li", Kind: kind, MediaID: id, Session: 7, Author: "wang"})
		if err != nil {
			t.Errorf("copy of %s: %v", id, err)
		}
		return got
	}
	for _, tt := range []struct {
		id        string
		kind, out model.PushKind
		again     string
	}{
		{"picture", model.PushImage, model.PushImage, "again1"},
		{"voice", model.PushVoice, model.PushVoice, "again2"},
		{"picture", model.PushImage, model.PushImage, "again1"}, // for the next receiver
		{"speex", model.PushVoice, model.PushFile, "again3"},
		{"video", model.PushVideo, model.PushVideo, "again4"},
		{"long video", model.PushVideo, model.PushFile, "again5"},
	} {
		want := model.Push{Receiver: "li", Kind: tt.out, MediaID: tt.again, Session: 7, Author: "wang"}
		if diff := cmp.Diff(want, ask(tt.kind, tt.id)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.id, diff)
		}
	}
	want := []string{
		"image p.jpg what picture holds", "voice 语音.amr what voice holds", "file 语音 what speex holds",
		"video 视频.mp4 what video holds", "file 视频.mp4 what long video holds",
	}
	if diff := cmp.Diff(want, a.uploads); diff != "" {
		t.Errorf("uploads (-want +got):\n%s", diff)
	}
	old := a.list[1]
	old.AgainMS = noon().UnixMilli() // WeCom has forgotten that one as well
	a.list[1] = old
	if got := ask(model.PushImage, "picture"); got.MediaID != "again6" || a.list[1].AgainMS != noon().Add(70*time.Hour).UnixMilli() {
		t.Errorf("three days later: %s until %d", got.MediaID, a.list[1].AgainMS)
	}
}

func TestCopies_fails(t *testing.T) {
	t.Parallel()
	refused := &model.PushError{Class: model.FailDrop, Code: 40009, Err: errors.New("no")}
	tests := []struct {
		name  string
		push  model.Push
		given func(*attic)
		want  error
	}{
		{"never stored", model.Push{MediaID: "other", Session: 7}, func(*attic) {}, model.ErrNotFound},
		{"still waiting", model.Push{MediaID: "waiting", Session: 7}, func(*attic) {}, model.ErrNotFound},
		{"gone", model.Push{MediaID: "gone", Session: 7}, func(*attic) {}, model.ErrNotFound},
		{"of no session", model.Push{MediaID: "picture"}, func(*attic) {}, model.ErrNotFound},
		{"the database is away", model.Push{MediaID: "picture", Session: 7}, func(a *attic) { a.broken = model.ErrUnavailable }, model.ErrUnavailable},
		{"the file was lost", model.Push{MediaID: "picture", Session: 7}, func(a *attic) { delete(a.files, "picture") }, model.ErrNotFound},
		{"wecom refuses", model.Push{MediaID: "picture", Session: 7}, func(a *attic) { a.refuses = refused }, refused},
		{"too large", model.Push{MediaID: "huge video", Session: 7}, func(*attic) {}, model.Invalid("media_too_large", "")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := newAttic()
			tt.given(a)
			if _, err := a.copies().Copy(t.Context(), model.Account{ID: 1}, tt.push); !errors.Is(err, tt.want) {
				t.Errorf("Copy: %v, want %v", err, tt.want)
			}
		})
	}
}

// What waited for so long that WeCom has forgotten it goes out from what was stored.
func TestSenderCopies(t *testing.T) {
	t.Parallel()
	forgotten := &model.PushError{Class: model.FailDrop, Code: 40007, Err: errors.New("invalid media_id")}
	relayed := func(id string) model.Push {
		return model.Push{Kind: model.PushImage, MediaID: id, Session: 7, Author: "wang"}
	}
	tests := []struct {
		name   string
		push   model.Push
		copied error
		want   []string
		state  model.OutboxState
	}{
		{"a copy", relayed("old"), nil, []string{"image old again"}, model.OutSent},
		{"no copy", relayed("old"), model.ErrNotFound, nil, model.OutDead},
		{"the storage is away", relayed("old"), model.ErrUnavailable, nil, model.OutPending},
		{"wecom doesn't take the copy", relayed("old old"), nil, nil, model.OutDead},
		{"not forgotten", relayed("new"), errors.New("not asked"), []string{"image new"}, model.OutSent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := outbound(t, tt.push)
			w.onPush = func(p model.Push) error {
				if p.MediaID == "old" || p.MediaID == "old old" || p.MediaID == "old old again" {
					return forgotten
				}
				return nil
			}
			w.onCopy = func() error { return tt.copied }
			if err := w.send(); err != nil && !errors.Is(err, bot.ErrLetGo) {
				t.Fatalf("Handle: %v", err)
			}
			if diff := cmp.Diff(tt.want, w.mediaSent()); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]model.OutboxState{tt.state}, w.states()); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

// Copy implements [bot.Copier].
func (w *world) Copy(_ context.Context, _ model.Account, p model.Push) (model.Push, error) {
	if w.onCopy == nil {
		return p, model.ErrNotFound
	}
	if err := w.onCopy(); err != nil {
		return p, err
	}
	p.MediaID += " again"
	return p, nil
}
