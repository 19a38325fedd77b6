package handler_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"

	"deskmate/model"
)

// busyFloor is a floor whose session gets a line whenever it has been read, before its lines are.
type busyFloor struct {
	liveFloor
	lines *atomic.Int64
}

func (f busyFloor) WorkSession(ctx context.Context, acc model.Account, id uint64) (model.WorkSession, error) {
	w, err := f.liveFloor.WorkSession(ctx, acc, id)
	n := int(f.lines.Add(1)) - 1
	w.Session.Version, w.Session.MessageCount = uint64(n), n
	return w, err
}

func (f busyFloor) Messages(_ context.Context, session uint64, after, limit int) ([]model.Message, error) {
	var list []model.Message
	for seq := after + 1; seq <= min(int(f.lines.Load()), after+limit); seq++ {
		list = append(list, model.Message{SessionID: session, Seq: seq, From: model.FromEmployee})
	}
	return list, nil
}

// always finds session 1 changed.
type always struct{ busyFloor }

func (a always) ChangedSessions(_ context.Context, accountID uint64, _ int64) ([]model.Session, error) {
	if accountID != 7 {
		return nil, nil
	}
	return []model.Session{{ID: 1, AccountID: 7, Version: uint64(a.lines.Load())}}, nil
}

// A line that comes between reading a session and reading its lines is told once: with the session
// that counts it.
func TestLiveTellsEachLineOnce(t *testing.T) {
	t.Parallel()
	f := busyFloor{liveFloor{&floor{}}, &atomic.Int64{}}
	f.lines.Store(2)
	conn, live := openStream(t, f.floor, "li", f, always{f})
	go func() { _ = live.Run(t.Context()) }()
	var told []int
	for len(told) < 4 {
		_, text, err := conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var event struct {
			Type    string
			Message struct{ Seq int }
		}
		if err := json.Unmarshal(text, &event); err != nil {
			t.Fatal(err)
		}
		if event.Type == "message" {
			told = append(told, event.Message.Seq)
		}
	}
	if want := []int{1, 2, 3, 4}; !slices.Equal(told, want) {
		t.Errorf("told lines %v, want %v", told, want)
	}
}
