package redisstore

import (
	"context"
	"strconv"
	"strings"

	"deskmate/model"
)

// changeWord begins what a message says of a change, as no kind of lane does.
const changeWord = "change:"

// Tell tells those who look on, in every process, that something changed. It is a hint, as
// [Store.Wake] is.
func (s *Store) Tell(ctx context.Context, changes ...model.Change) {
	if len(changes) == 0 {
		return
	}
	s.changes.add(changes...)
	words := []string{s.process}
	for _, c := range changes {
		words = append(words, changeWord+strconv.FormatUint(c.AccountID, 10)+":"+strconv.FormatUint(c.Session, 10)+":"+c.Seat)
	}
	message := strings.Join(words, " ")
	// The log has been told; nothing else can be done about a lost hint.
	_ = s.call(ctx, "tell of changes", func(ctx context.Context) error {
		return s.client.Publish(ctx, s.keys.wake(), message).Err()
	})
}

// Changes delivers what was told, while Run runs. Equal changes that wait are one. There is
// one channel: of several readers one gets a change.
func (s *Store) Changes() <-chan model.Change { return s.changes.out }

// parseChange is the way back of Tell; a userid has no spaces, and may have colons.
func parseChange(word string) (model.Change, bool) {
	parts := strings.SplitN(strings.TrimPrefix(word, changeWord), ":", 3)
	if !strings.HasPrefix(word, changeWord) || len(parts) != 3 {
		return model.Change{}, false
	}
	account, err := strconv.ParseUint(parts[0], 10, 64)
	session, err2 := strconv.ParseUint(parts[1], 10, 64)
	return model.Change{AccountID: account, Session: session, Seat: parts[2]}, err == nil && err2 == nil
}
