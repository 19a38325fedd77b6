package sqlstore_test

import (
	"errors"
	"sync"
	"testing"

	"deskmate/model"
)

// outcomes are the errors of things done at the same time, nil among them.
type outcomes []error

// together runs f n times at the same time.
func together(n int, f func(i int) error) outcomes {
	errs := make(outcomes, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// mustAll fails the test unless everything succeeded.
func (o outcomes) mustAll(t testing.TB) {
	t.Helper()
	if err := errors.Join(o...); err != nil {
		t.Fatal(err)
	}
}

// succeeded counts what succeeded; everything else must have failed with one of these.
func (o outcomes) succeeded(t testing.TB, but ...error) int {
	t.Helper()
	n := 0
	for _, err := range o {
		expected := err == nil
		for _, b := range but {
			expected = expected || errors.Is(err, b)
		}
		if !expected {
			t.Fatal(err)
		}
		if err == nil {
			n++
		}
	}
	return n
}

func isNotFound(err error) bool { return errors.Is(err, model.ErrNotFound) }
