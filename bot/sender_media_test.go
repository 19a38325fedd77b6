package bot_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/bot"
	"deskmate/model"
)

func stored(kind model.PushKind, blob uint64) model.Push {
	return model.Push{Kind: kind, Blob: blob, Session: 7}
}

// mediaSent is what WeCom got, media by their ids.
func (w *world) mediaSent() []string {
	var list []string
	for _, p := range w.pushed {
		list = append(list, string(p.Kind)+" "+p.MediaID+p.Text)
	}
	return list
}

func TestSenderMedia(t *testing.T) {
	t.Parallel()
	refuse := func(code int64, times int) func(*world) {
		return func(w *world) {
			w.onPush = func(p model.Push) error {
				if times--; p.Blob == 0 || times < 0 {
					return nil
				}
				return &model.PushError{Class: model.FailDrop, Code: code, Err: errors.New("no")}
			}
		}
	}
	tests := []struct {
		name   string
		pushes []model.Push
		given  func(*world)
		want   []string
		states []model.OutboxState
	}{
		{
			"in_its_place",
			[]model.Push{notice("a"), stored(model.PushImage, 31), stored(model.PushFile, 33), notice("b")},
			func(*world) {},
			[]string{"text a", "image media31-0", "file media33-0", "text b"},
			[]model.OutboxState{model.OutSent, model.OutSent, model.OutSent, model.OutSent},
		},
		{
			"gone",
			[]model.Push{stored(model.PushImage, 32), stored(model.PushFile, 32)},
			func(*world) {},
			[]string{"text （图片已删除）", "text （文件已删除）"},
			[]model.OutboxState{model.OutSent, model.OutSent},
		},
		{
			"forgotten_by_wecom",
			[]model.Push{stored(model.PushImage, 31), notice("a")},
			refuse(40007, 1),
			[]string{"image media31-1", "text a"},
			[]model.OutboxState{model.OutSent, model.OutSent},
		},
		{
			"never_taken",
			[]model.Push{stored(model.PushImage, 31), notice("a")},
			refuse(40007, 9),
			[]string{"text a"},
			[]model.OutboxState{model.OutDead, model.OutSent},
		},
		{
			"refused_for_another_reason",
			[]model.Push{stored(model.PushImage, 31), notice("a")},
			refuse(81013, 1),
			[]string{"text a"},
			[]model.OutboxState{model.OutDead, model.OutSent},
		},
		{
			"a_relayed_picture_is_not_ours_to_upload",
			[]model.Push{{Kind: model.PushImage, MediaID: "m1", Session: 7}},
			func(w *world) {
				w.onPush = func(model.Push) error {
					return &model.PushError{Class: model.FailDrop, Code: 40007, Err: errors.New("too old")}
				}
			},
			nil,
			[]model.OutboxState{model.OutDead},
		},
		{
			"a_file_that_wecom_can_not_take",
			[]model.Push{stored(model.PushFile, 31), notice("a")},
			func(w *world) { w.onMedia = func(uint64) error { return model.Invalid("bad_media", "too large") } },
			[]string{"text a"},
			[]model.OutboxState{model.OutDead, model.OutSent},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := outbound(t, tt.pushes...)
			tt.given(w)
			if err := w.send(); err != nil {
				t.Fatalf("Handle: %v", err)
			}
			if diff := cmp.Diff(tt.want, w.mediaSent()); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.states, w.states()); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
		})
	}
}

// A media id that can't be had is asked for again, later and later, without a send being
// counted; nothing overtakes it, and it counts as not sent.
func TestSenderMediaAway(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{
		model.ErrUnavailable,
		&model.PushError{Class: model.FailRetry, After: time.Minute, Err: errors.New("busy")},
		&model.PushError{Class: model.FailUncertain, Err: errors.New("timeout")},
	} {
		t.Run(cause.Error(), func(t *testing.T) {
			t.Parallel()
			w := outbound(t, stored(model.PushImage, 31), notice("a"))
			w.onMedia = func(uint64) error { return cause }
			taken := 0
			w.budget = func() (time.Duration, error) { taken++; return 0, nil }
			var waits []time.Duration
			for range 4 {
				if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
					t.Fatalf("Handle = %v, want it delayed", err)
				}
				waits = append(waits, w.waits())
			}
			row := w.outbox[model.OutLane(1, zhang)][0]
			if taken != 0 || row.Attempts != 4 || row.Uncertain != 0 || len(w.pushed) != 0 {
				t.Errorf("%d sends counted, %d attempts, %d uncertain, %d sent", taken, row.Attempts, row.Uncertain, len(w.pushed))
			}
			if waits[0] <= 0 || waits[3] < waits[0] {
				t.Errorf("waits %s", waits)
			}
			w.onMedia = nil
			if err := w.send(); err != nil {
				t.Fatalf("Handle: %v", err)
			}
			if diff := cmp.Diff([]string{"image media31-0", "text a"}, w.mediaSent()); diff != "" || taken != 2 {
				t.Errorf("%d sends counted, sent (-want +got):\n%s", taken, diff)
			}
		})
	}
}

// Nobody is sent a picture under an id that WeCom refuses, even if that can't be noted.
func TestSenderMediaNotForgotten(t *testing.T) {
	t.Parallel()
	w := outbound(t, stored(model.PushImage, 31))
	w.onForget = func() error { return model.ErrUnavailable }
	w.onPush = func(model.Push) error {
		return &model.PushError{Class: model.FailDrop, Code: 40007, Err: errors.New("no")}
	}
	if err := w.send(); !errors.Is(err, bot.ErrLetGo) {
		t.Errorf("Handle = %v, want it delayed", err)
	}
	if diff := cmp.Diff([]model.OutboxState{model.OutPending}, w.states()); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}
