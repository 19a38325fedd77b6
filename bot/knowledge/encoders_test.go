package knowledge_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"deskmate/model"
)

// encoders is a store of encoders in memory. It reads the clock of time.Now, which in a
// bubble is the test's.
type encoders struct {
	mu      sync.Mutex
	states  map[uint64]model.EncoderState
	blobs   map[uint64][]byte
	pairs   []model.TrainingPair
	polls   int                       // calls of EncoderStates
	claims  int                       // calls of ClaimTraining
	saved   []string                  // owner of each stored encoder
	reads   int                       // calls of EncoderData
	fail    error                     // returned by every method while set
	failing func(what string) error   // may fail a single method; nil: none
	learn   func(ctx context.Context) // runs in TrainingPairs, for a training that takes long; nil: nothing
}

func newEncoders() *encoders {
	return &encoders{states: map[uint64]model.EncoderState{}, blobs: map[uint64][]byte{}}
}

func (s *encoders) with(what func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	what()
}

// tally is what the store was asked for.
type tally struct {
	polls, claims, reads int
	saved                []string // owners
}

func (s *encoders) tally() tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return tally{s.polls, s.claims, s.reads, slices.Clone(s.saved)}
}

func (s *encoders) err(what string) error {
	if s.fail == nil && s.failing != nil {
		return s.failing(what)
	}
	return s.fail
}

func (s *encoders) state() model.EncoderState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.states[1]
}

func (s *encoders) EncoderStates(context.Context) (map[uint64]model.EncoderState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.polls++
	return maps.Clone(s.states), s.err("states")
}

func (s *encoders) ClaimTraining(_ context.Context, id uint64, owner string, lease time.Duration) (model.EncoderState, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims++
	if err := s.err("claim"); err != nil {
		return model.EncoderState{}, false, err
	}
	state, now := s.states[id], time.Now()
	if state.Owner != "" && state.Owner != owner && now.UnixMilli() < state.UntilMS {
		return state, false, nil
	}
	state.AccountID, state.Owner, state.UntilMS = id, owner, now.Add(lease).UnixMilli()
	s.states[id] = state
	return state, true, nil
}

func (s *encoders) SaveEncoder(_ context.Context, id uint64, owner string, version uint64, data []byte) (model.EncoderState, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.err("save"); err != nil {
		return model.EncoderState{}, err
	}
	state := s.states[id]
	if state.Owner != owner {
		return model.EncoderState{}, model.ErrFenced
	}
	blob := uint64(len(s.blobs) + 1)
	s.blobs[blob] = data
	s.saved = append(s.saved, owner)
	s.states[id] = model.EncoderState{AccountID: id, Seq: state.Seq + 1, BlobID: blob, Version: version, TrainedMS: time.Now().UnixMilli()}
	return s.states[id], nil
}

func (s *encoders) EncoderData(_ context.Context, _, blobID uint64) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	data, ok := s.blobs[blobID]
	if !ok {
		return nil, model.ErrNotFound
	}
	return data, s.err("data")
}

func (s *encoders) TrainingPairs(ctx context.Context, _ uint64, _ int) ([]model.TrainingPair, error) {
	s.mu.Lock()
	learn := s.learn
	pairs, err := s.pairs, s.err("pairs")
	s.mu.Unlock()
	if learn != nil {
		learn(ctx)
	}
	return pairs, err
}
