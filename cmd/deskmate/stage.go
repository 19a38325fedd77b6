package main

import (
	"context"
	"fmt"
	"sync"
)

// stage is a group of parts that start together and are stopped together.
type stage struct {
	name   string
	cancel context.CancelFunc
	done   sync.WaitGroup
	failed chan struct{} // closed when a part ends by itself

	mu  sync.Mutex
	err error // why the first of them did
}

// newStage starts the parts. They don't end with ctx but when the stage is stopped.
func newStage(ctx context.Context, name string, parts ...func(context.Context) error) *stage {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &stage{name: name, cancel: cancel, failed: make(chan struct{})}
	for _, part := range parts {
		s.done.Go(func() {
			err := part(ctx)
			if err != nil || ctx.Err() == nil {
				s.fail(err)
			}
		})
	}
	return s
}

func (s *stage) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = fmt.Errorf("%s: a part ended: %w", s.name, err)
		close(s.failed)
	}
}

// stop ends the parts, waits for them, and gives the first error.
func (s *stage) stop() error {
	s.cancel()
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
