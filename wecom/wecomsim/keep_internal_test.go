package wecomsim

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestRecentForgetsTheOldest(t *testing.T) {
	t.Parallel()
	var r recent[int, string]
	if r.has(0) {
		t.Error("an empty one has something")
	}
	for i := range 2 * keepMessages {
		r.put(i, "a")
	}
	r.put(0, "b")
	if v, ok := r.get(0); !ok || v != "b" || len(r.order) != 2*keepMessages {
		t.Errorf("before the cut: %q, %t, %d entries", v, ok, len(r.order))
	}
	r.put(-1, "c")
	if r.has(0) || r.has(keepMessages-1) || !r.has(keepMessages) || !r.has(-1) {
		t.Error("the cut took others than the oldest")
	}
	if len(r.order) != keepMessages+1 || len(r.entries) != keepMessages+1 {
		t.Errorf("%d and %d entries after the cut", len(r.order), len(r.entries))
	}
}

func TestMediaForgetsTheOldest(t *testing.T) {
	t.Parallel()
	s := New(Config{Seed: 1})
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var ids []string
	for i := range 4 {
		ids = append(ids, s.keepMedia("file", fmt.Sprint(i), bytes.Repeat([]byte("x"), 100), now.Add(time.Duration(i)*time.Hour)).id)
	}
	s.forgetMedia(now.Add(4*time.Hour), 250)
	kept := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return s.media[id] == nil })
	if !slices.Equal(kept, ids[2:]) {
		t.Errorf("kept %d files, want the last two", len(kept))
	}
	s.forgetMedia(now.Add(2*time.Hour+mediaLife), 250)
	if len(s.media) != 1 {
		t.Errorf("%d files after three days, want the one that is younger", len(s.media))
	}
}

func TestAdmit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	ago := func(d ...time.Duration) []time.Time {
		var times []time.Time
		for _, x := range d {
			times = append(times, now.Add(-x))
		}
		return times
	}
	limits := []limit{{most: 4, within: time.Hour}, {most: 2, within: time.Minute}}
	tests := []struct {
		name  string
		times []time.Time
		n     int
		kept  int
		fits  bool
	}{
		{"nothing yet", nil, 1, 0, true},
		{"one left", ago(time.Second), 1, 1, true},
		{"not for two", ago(time.Second), 2, 1, false},
		{"minute is full", ago(59*time.Second, 0), 1, 2, false},
		{"minute is over", ago(time.Minute, 0), 1, 2, true},
		{"hour is full", ago(59*time.Minute, 9*time.Minute, 8*time.Minute, 7*time.Minute), 1, 4, false},
		{"hour is over", ago(time.Hour, 9*time.Minute, 8*time.Minute, 7*time.Minute), 1, 3, true},
		{"all of one time", ago(time.Hour, time.Hour, time.Minute, time.Minute), 2, 2, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			kept, fits := admit(tt.times, now, tt.n, limits)
			if len(kept) != tt.kept || fits != tt.fits {
				t.Errorf("kept %d, fits %t, want %d, %t", len(kept), fits, tt.kept, tt.fits)
			}
		})
	}
}
