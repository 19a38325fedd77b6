package sqlstore_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

// sends applies a step in which Wang sends these in one session.
func (d *desk) sends(t *testing.T, sessionID uint64, contents ...model.Content) {
	t.Helper()
	step := d.step(t, "wang")
	step.Session = &model.Session{
		ID: sessionID, AccountID: d.acc.ID, Employee: "wang", State: model.StateBot, MessageCount: len(contents), OpenedMS: step.At,
	}
	for i, c := range contents {
		step.Messages = append(step.Messages, model.Message{Seq: i + 1, From: model.FromEmployee, Sender: "wang", Content: c, AtMS: step.At})
	}
	d.apply(t, step)
}

func picture(id string) model.Content { return model.Content{Type: model.ContentImage, MediaID: id} }

func (d *desk) media(t *testing.T, sessionID uint64) map[int]model.MessageMedia {
	t.Helper()
	list, err := d.MessageMedia(t.Context(), d.acc.ID, sessionID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (d *desk) claimsMedia(t *testing.T, limit int) []model.MessageMedia {
	t.Helper()
	list, err := d.ClaimMedia(t.Context(), limit, lease)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestApply_notes_media(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		at := d.nowMS()
		voice := model.Content{Type: model.ContentVoice, MediaID: strings.Repeat("v", 600), Format: "amr"}
		d.sends(t, 77, text("你好"), picture("m1"), voice)
		base := model.MessageMedia{SessionID: 77, AccountID: d.acc.ID, SentMS: at, DueMS: at, State: model.MediaPending}
		first, second := base, base
		first.Seq, first.MediaID, first.Kind = 2, "m1", model.ContentImage
		second.Seq, second.MediaID, second.Kind = 3, voice.MediaID[:500], model.ContentVoice
		if diff := cmp.Diff(map[int]model.MessageMedia{2: first, 3: second}, d.media(t, 77)); diff != "" {
			t.Errorf("noted (-want +got):\n%s", diff)
		}
		other, err := d.MessageMedia(t.Context(), d.acc.ID+1, 77)
		if err != nil || len(other) != 0 {
			t.Errorf("another account sees %v, %v", other, err)
		}
	})
}

func TestClaimMedia(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		d.sends(t, 77, picture("m1"), picture("m2"))
		first := d.claimsMedia(t, 1)
		second := d.claimsMedia(t, 5)
		if len(first) != 1 || len(second) != 1 || first[0].Seq == second[0].Seq || len(d.claimsMedia(t, 5)) != 0 {
			t.Fatalf("claimed %+v and %+v", first, second)
		}
		if m := first[0]; m.Attempts != 1 || m.DueMS != d.nowMS()+lease.Milliseconds() || m.MediaID == "" {
			t.Errorf("claimed %+v", m)
		}

		// One is stored; who was slower changes nothing.
		done := first[0]
		done.State, done.Key, done.Name, done.Type, done.Size, done.Sum = model.MediaStored, "1/aa/bb", "照片.jpg", "image/jpeg", 9, "aabb"
		if err := d.FinishMedia(ctx, done); err != nil {
			t.Fatal(err)
		}
		late := done
		late.State, late.Key = model.MediaGone, ""
		if err := d.FinishMedia(ctx, late); !errors.Is(err, model.ErrStale) {
			t.Errorf("finished twice: %v", err)
		}
		if diff := cmp.Diff(done, d.media(t, 77)[done.Seq]); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		if err := d.DelayMedia(ctx, done, d.clock.Now()); !errors.Is(err, model.ErrFenced) {
			t.Errorf("what is stored was put back: %v", err)
		}

		// The other one is put back, then its worker dies.
		if n, err := d.PendingMedia(ctx); n != 1 || err != nil {
			t.Errorf("%d wait, %v", n, err)
		}
		if err := d.DelayMedia(ctx, second[0], d.clock.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := d.DelayMedia(ctx, second[0], d.clock.Now()); !errors.Is(err, model.ErrFenced) {
			t.Errorf("put back twice: %v", err)
		}
		if got := d.claimsMedia(t, 5); len(got) != 0 {
			t.Errorf("claimed before its time: %+v", got)
		}
		d.clock.advance(time.Second)
		if got := d.claimsMedia(t, 5); len(got) != 1 || got[0].Attempts != 2 {
			t.Errorf("claimed %+v", got)
		}
		d.clock.advance(lease)
		if got := d.claimsMedia(t, 5); len(got) != 1 || got[0].Attempts != 3 {
			t.Errorf("after the lease: %+v", got)
		}
	})
}

// Any number of replicas claim at once, and no two the same.
func TestClaimMedia_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const files, workers = 24, 6
		var contents []model.Content
		for range files {
			contents = append(contents, picture("m"))
		}
		d.sends(t, 77, contents...)
		var mu sync.Mutex
		seen := map[int]int{}
		var all sync.WaitGroup
		for range workers {
			all.Go(func() {
				for {
					list, err := d.ClaimMedia(t.Context(), 2, lease)
					if err != nil {
						t.Error(err)
						return
					}
					if len(list) == 0 {
						n, err := d.PendingMedia(t.Context())
						if err != nil || n != files {
							t.Errorf("%d wait, %v", n, err)
						}
						return
					}
					mu.Lock()
					for _, m := range list {
						seen[m.Seq]++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for seq := 1; seq <= files; seq++ {
			if seen[seq] > 1 {
				t.Errorf("line %d was claimed %d times", seq, seen[seq])
			}
		}
		// What was locked by others at the last look is still there.
		for range d.claimsMedia(t, files) {
			seen[-1]++
		}
		if got := len(seen); got < files && seen[-1] == 0 {
			t.Errorf("%d of %d were claimed", got, files)
		}
	})
}

func TestSaveMediaAgain(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		d.sends(t, 77, picture("m1"))
		want := d.media(t, 77)[1]
		want.AgainID, want.AgainMS = "m9", 12
		if err := d.SaveMediaAgain(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, d.media(t, 77)[1]); diff != "" {
			t.Errorf("saved (-want +got):\n%s", diff)
		}
	})
}
