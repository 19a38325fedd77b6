package sqlstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"deskmate/model"
)

func (d *desk) importing(t *testing.T, state model.ImportState) model.Import {
	t.Helper()
	d.events++
	imp := model.Import{
		ID: model.NewID(d.clock.Now()) + uint64(d.events), AccountID: d.acc.ID, FileName: "知识.xlsx", Replace: true, State: state,
		Author: "li", FileBlob: 5, Counts: model.ImportCounts{New: 3, Kept: 1}, CreatedMS: d.nowMS(), UpdatedMS: d.nowMS(),
	}
	if err := d.CreateImport(t.Context(), imp); err != nil {
		t.Fatal(err)
	}
	return imp
}

func TestImports(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		first := d.importing(t, model.ImportReady)
		d.clock.advance(time.Second)
		second := d.importing(t, model.ImportChecking)
		got, err := d.Import(ctx, d.acc.ID, first.ID)
		if diff := cmp.Diff(first, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err := d.Import(ctx, 1, first.ID); !isNotFound(err) {
			t.Errorf("of another account: %v", err)
		}
		list, err := d.Imports(ctx, d.acc.ID, 0, 10)
		if diff := cmp.Diff([]model.Import{second, first}, list); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		list, err = d.Imports(ctx, d.acc.ID, second.ID, 10)
		if diff := cmp.Diff([]model.Import{first}, list); err != nil || diff != "" {
			t.Errorf("the second page: %v (-want +got):\n%s", err, diff)
		}
	})
}

// One import from the upload to its end, with a worker that dies on the way.
func TestImport_is_worked_on(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if _, err := d.ClaimImport(ctx, "w1", lease); !isNotFound(err) {
			t.Errorf("nothing to claim: %v", err)
		}
		d.importing(t, model.ImportReady)
		created := d.importing(t, model.ImportChecking)

		imp, err := d.ClaimImport(ctx, "w1", lease)
		if err != nil || imp.ID != created.ID || imp.Owner != "w1" || imp.UntilMS != d.nowMS()+lease.Milliseconds() {
			t.Fatalf("claimed %+v, %v", imp, err)
		}
		if _, err := d.ClaimImport(ctx, "w2", lease); !isNotFound(err) {
			t.Errorf("claimed twice: %v", err)
		}
		d.clock.advance(lease / 2)
		if err := d.KeepImport(ctx, imp, 10, 100, lease); err != nil {
			t.Fatal(err)
		}
		d.clock.advance(lease - time.Second) // the lease began anew
		if _, err := d.ClaimImport(ctx, "w2", lease); !isNotFound(err) {
			t.Errorf("claimed in spite of the lease: %v", err)
		}
		d.clock.advance(time.Second)
		taken, err := d.ClaimImport(ctx, "w2", lease)
		if err != nil || taken.ID != imp.ID || taken.Done != 10 || taken.Total != 100 {
			t.Fatalf("taken over: %+v, %v", taken, err)
		}
		if err := d.KeepImport(ctx, imp, 20, 100, lease); !errors.Is(err, model.ErrFenced) {
			t.Errorf("the dead worker keeps it: %v", err)
		}
		imp.State = model.ImportFailed
		if err := d.MoveImport(ctx, imp, model.ImportChecking); !errors.Is(err, model.ErrStale) {
			t.Errorf("the dead worker moves it: %v", err)
		}

		taken.State, taken.ReportBlob, taken.Counts = model.ImportReady, 9, model.ImportCounts{New: 7}
		if err := d.MoveImport(ctx, taken, model.ImportChecking); err != nil {
			t.Fatal(err)
		}
		ready, err := d.Import(ctx, d.acc.ID, imp.ID)
		if err != nil || ready.ReportBlob != 9 || ready.Counts.New != 7 || ready.Owner != "" || ready.UntilMS != 0 || ready.CreatedMS != created.CreatedMS {
			t.Errorf("ready: %+v, %v", ready, err)
		}
		ready.State = model.ImportApplying
		n := together(5, func(int) error { return d.MoveImport(ctx, ready, model.ImportReady) }).succeeded(t, model.ErrStale)
		if n != 1 {
			t.Errorf("applied %d times", n)
		}
		if again, err := d.ClaimImport(ctx, "w3", lease); err != nil || again.ID != imp.ID || again.State != model.ImportApplying {
			t.Errorf("claimed at once: %+v, %v", again, err)
		}
	})
}

func TestClaimImport_by_many_at_once(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		const waiting, workers = 3, 8
		for range waiting {
			d.importing(t, model.ImportApplying)
		}
		var claimed [workers]model.Import
		n := together(workers, func(i int) (err error) {
			for { // whoever loses a race looks again, as a worker does at its next poll
				claimed[i], err = d.ClaimImport(t.Context(), string(rune('a'+i)), lease)
				if err == nil || isNotFound(err) {
					return err
				}
			}
		}).succeeded(t, model.ErrNotFound)
		ids := map[uint64]bool{}
		for _, imp := range claimed {
			if imp.ID != 0 {
				ids[imp.ID] = true
			}
		}
		if n != waiting || len(ids) != waiting {
			t.Errorf("%d claims of %d imports", n, len(ids))
		}
	})
}

func TestPutBlob(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		for name, data := range map[string][]byte{
			"nothing":           {},
			"one byte":          {0},
			"a chunk":           bytes.Repeat([]byte{0, '\'', '\\', 255}, 125<<10+0),
			"a chunk and a bit": bytes.Repeat([]byte("\x00\xffab"), 125<<10+1),
			"some MiB":          bytes.Repeat([]byte{0, '\'', 1, 2, 3}, 600_000),
		} {
			b, err := d.PutBlob(ctx, model.Blob{AccountID: d.acc.ID, Kind: model.BlobMedia, Name: name, Type: "image/png"}, iotest.HalfReader(bytes.NewReader(data)))
			if err != nil || b.ID == 0 || b.Size != int64(len(data)) || len(b.Sum) != 64 || b.CreatedMS != d.nowMS() {
				t.Fatalf("%s: %+v, %v", name, b, err)
			}
			if got, err := d.Blob(ctx, d.acc.ID, b.ID); err != nil || got != b {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if got, err := d.BlobData(ctx, d.acc.ID, b.ID); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%s: %d bytes came back, %v", name, len(got), err)
			}
			if _, err := d.BlobData(ctx, 1, b.ID); !isNotFound(err) {
				t.Errorf("%s: of another account: %v", name, err)
			}
			if err := d.DeleteBlob(ctx, 1, b.ID); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if _, err := d.Blob(ctx, d.acc.ID, b.ID); err != nil {
				t.Errorf("%s: another account deleted it: %v", name, err)
			}
			for range 2 { // the second time it isn't there
				if err := d.DeleteBlob(ctx, d.acc.ID, b.ID); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := d.Blob(ctx, d.acc.ID, b.ID); !isNotFound(err) {
				t.Errorf("%s: after deleting: %v", name, err)
			}
		}
		if n := d.count(t, "blob_chunk"); n != 0 {
			t.Errorf("%d chunks are left", n)
		}
	})
}

func TestPutBlob_leaves_nothing_half(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		broken := errors.New("the line broke")
		data := io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), iotest.ErrReader(broken))
		if _, err := d.PutBlob(ctx, model.Blob{AccountID: d.acc.ID, Kind: model.BlobFile}, data); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		if d.count(t, "blob") != 0 || d.count(t, "blob_chunk") != 0 {
			t.Error("something is left")
		}
		// As a kill leaves it.
		b, err := d.PutBlob(ctx, model.Blob{AccountID: d.acc.ID, Kind: model.BlobFile}, strings.NewReader("half"))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Raw().Exec("UPDATE `blob` SET `sum` = ''").Error; err != nil {
			t.Fatal(err)
		}
		if _, err := d.BlobData(ctx, d.acc.ID, b.ID); !isNotFound(err) {
			t.Errorf("a half blob: %v", err)
		}
		d.clock.advance(25 * time.Hour)
		if b, err = d.PutBlob(ctx, model.Blob{AccountID: d.acc.ID, Kind: model.BlobFile}, strings.NewReader("whole")); err != nil {
			t.Fatal(err)
		}
		if d.count(t, "blob") != 1 || d.count(t, "blob_chunk") != 1 {
			t.Error("the half blob was not swept away")
		}
		if err := d.Raw().Exec("UPDATE blob_chunk SET data = 'wh0le'").Error; err != nil {
			t.Fatal(err)
		}
		if _, err := d.BlobData(ctx, d.acc.ID, b.ID); reason(err) != "blob_damaged" {
			t.Errorf("damaged data: %v", err)
		}
		if err := d.Raw().Exec("DELETE FROM blob_chunk").Error; err != nil {
			t.Fatal(err)
		}
		if _, err := d.BlobData(ctx, d.acc.ID, b.ID); reason(err) != "blob_damaged" {
			t.Errorf("lost data: %v", err)
		}
	})
}

func TestEncoder(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		if states, err := d.EncoderStates(ctx); err != nil || len(states) != 0 {
			t.Errorf("%v, %v", states, err)
		}
		var blobs []uint64
		for seq := uint64(1); seq <= 4; seq++ {
			if _, ok, err := d.ClaimTraining(ctx, d.acc.ID, "w1", lease); !ok || err != nil {
				t.Fatal(ok, err)
			}
			data := bytes.Repeat([]byte{byte(seq)}, 1<<20)
			state, err := d.SaveEncoder(ctx, d.acc.ID, "w1", 10*seq, data)
			want := model.EncoderState{AccountID: d.acc.ID, Seq: seq, BlobID: state.BlobID, Version: 10 * seq, TrainedMS: d.nowMS()}
			if diff := cmp.Diff(want, state); err != nil || diff != "" {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
			states, err := d.EncoderStates(ctx)
			if diff := cmp.Diff(map[uint64]model.EncoderState{d.acc.ID: want}, states); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if got, err := d.EncoderData(ctx, d.acc.ID, state.BlobID); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes came back, %v", len(got), err)
			}
			blobs = append(blobs, state.BlobID)
			d.clock.advance(time.Second)
		}
		for i, id := range blobs { // the one before the present one may still be read
			if _, err := d.Blob(ctx, d.acc.ID, id); (err == nil) != (i >= 2) {
				t.Errorf("encoder %d: %v", i+1, err)
			}
		}
	})
}

// The clocks of two replicas may differ, and ids grow with the clock.
func TestSaveEncoder_keeps_the_present_one(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		var state model.EncoderState
		for seq, ahead := range []time.Duration{time.Minute, time.Minute, -2 * time.Minute} {
			d.clock.advance(ahead)
			d.clock.advance(time.Second)
			owner := fmt.Sprint("w", seq)
			if _, ok, err := d.ClaimTraining(t.Context(), d.acc.ID, owner, lease); !ok || err != nil {
				t.Fatal(ok, err)
			}
			var err error
			if state, err = d.SaveEncoder(t.Context(), d.acc.ID, owner, 1, []byte(owner)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.EncoderData(t.Context(), d.acc.ID, state.BlobID); err != nil || string(got) != "w2" {
			t.Errorf("%q came back, %v", got, err)
		}
	})
}

func TestClaimTraining_is_one_worker_s(t *testing.T) {
	t.Parallel()
	eachDesk(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		const workers = 6
		name := func(i int) string { return string(rune('a' + i)) }
		var winner atomic.Int64
		var claims atomic.Int64
		together(workers, func(i int) error {
			_, ok, err := d.ClaimTraining(ctx, d.acc.ID, name(i), lease)
			if ok {
				claims.Add(1)
				winner.Store(int64(i))
			}
			return err
		}).mustAll(t)
		if claims.Load() != 1 {
			t.Fatalf("%d workers train", claims.Load())
		}
		old := name(int(winner.Load()))
		if state, ok, err := d.ClaimTraining(ctx, d.acc.ID, old, lease); !ok || err != nil || state.Owner != old {
			t.Errorf("the worker itself claims again: %+v, %v, %v", state, ok, err)
		}
		d.clock.advance(lease)
		if state, ok, err := d.ClaimTraining(ctx, d.acc.ID, "heir", lease); !ok || err != nil || state.Owner != "heir" {
			t.Errorf("after the lease: %+v, %v, %v", state, ok, err)
		}
		if _, err := d.SaveEncoder(ctx, d.acc.ID, old, 1, []byte("late")); !errors.Is(err, model.ErrFenced) {
			t.Errorf("the late one saves: %v", err)
		}
		if n := d.count(t, "blob_chunk"); n != 0 {
			t.Errorf("%d chunks of it are left", n)
		}
		if _, _, err := d.ClaimTraining(ctx, d.acc.ID, "", lease); reason(err) != "owner" {
			t.Errorf("nobody claims: %v", err)
		}
	})
}
