package knowledge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

const (
	lease       = 30 * time.Second // after which a trainer that keeps quiet counts as dead
	variantsMin = 20               // fewer teach nothing
	pairsMax    = 20_000           // confirmed and denied questions that are learned from
)

var (
	errTaken  = errors.New("another replica trains")
	errBarren = errors.New("too few entries to learn from")
)

// train trains what is due, one account after the other. It holds no lock that an answer
// needs, and only one of the replicas trains an account.
func (b *Base) train(ctx context.Context) {
	for {
		id, ok := b.training.due(b.now())
		if !ok || ctx.Err() != nil {
			return
		}
		start := b.now()
		var t training
		err := safely(func() (err error) { t, err = b.trainOne(ctx, id); return err })
		if ctx.Err() != nil {
			return
		}
		b.conclude(ctx, id, start, t, err)
	}
}

// training is a training that took place.
type training struct {
	state    model.EncoderState
	variants int
	version  uint64 // of the entries, as read
}

// conclude plans what comes next.
func (b *Base) conclude(ctx context.Context, id uint64, start time.Time, t training, err error) {
	took := b.now().Sub(start)
	account := slog.Uint64("account_id", id)
	var wait time.Duration
	b.training.note(id, func(p *plan) {
		p.since = time.Time{} // until it is seen to be behind again
		switch {
		case err == nil:
			p.number, p.own = t.state.Seq, t.state.Seq
			if p.forced { // where encoders can't be read, the next may not help either
				p.retry.fail(b.now())
			} else {
				p.retry = pause{}
			}
			p.forced = false
			p.after = start.Add(max(min(3*took, restMax), took+took/2))
		case errors.Is(err, errTaken):
			p.after = b.now().Add(retake)
		case errors.Is(err, errBarren):
			p.barren, p.forced = t.version, false
		default:
			wait = p.retry.fail(b.now())
		}
	})
	switch {
	case err == nil:
		b.account(id).note(func(h *holding) { h.wanted, h.retry = t.state.Seq, pause{} })
		b.swaps.raise()
		b.log.InfoContext(ctx, "encoder trained", account, slog.Uint64("encoder", t.state.Seq), slog.Uint64("version", t.version),
			slog.Int("variants", t.variants), slog.Int64("took_ms", took.Milliseconds()))
	case wait > 0:
		b.log.WarnContext(ctx, "encoder not trained", account, slog.Duration("again_in", wait), slog.Any("err", err))
	}
}

// trainOne trains and stores the account's next encoder.
func (b *Base) trainOne(ctx context.Context, id uint64) (training, error) {
	state, ok, err := b.encoders.ClaimTraining(ctx, id, b.owner, lease)
	if err != nil {
		return training{}, fmt.Errorf("claim training of %d: %w", id, err)
	}
	if !ok || state.Seq != b.training.number(id) {
		return training{}, errTaken
	}
	state.AccountID = id
	var t training
	var data []byte
	err = b.leased(ctx, id, func(ctx context.Context) (err error) {
		t, data, err = b.learn(ctx, state)
		return err
	})
	if err != nil {
		return t, err
	}
	if t.state, err = b.encoders.SaveEncoder(ctx, id, b.owner, t.version, data); err != nil {
		return t, fmt.Errorf("store encoder %d: %w", id, err)
	}
	return t, nil
}

// leased works while it keeps the lease.
func (b *Base) leased(ctx context.Context, id uint64, work func(context.Context) error) error {
	ctx, end := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	defer keeper.Wait() // a lease renewed after the encoder was stored would keep the others off
	defer end(nil)
	keeper.Go(func() { b.keep(ctx, id, end) })
	if err := work(ctx); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return nil
}

// keep renews the lease until ctx ends. Somebody else's claim ends the training; a store
// that fails does not, for it may be back when the encoder is done.
func (b *Base) keep(ctx context.Context, id uint64, end context.CancelCauseFunc) {
	ticker := time.NewTicker(lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, ok, err := b.encoders.ClaimTraining(ctx, id, b.owner, lease); err == nil && !ok {
			end(errTaken)
			return
		}
	}
}

// learn trains an encoder on what is stored, beginning with the one before.
func (b *Base) learn(ctx context.Context, state model.EncoderState) (t training, data []byte, err error) {
	id := state.AccountID
	entries, version, err := b.source.Entries(ctx, id)
	if err != nil {
		return t, nil, fmt.Errorf("read knowledge %d to train: %w", id, err)
	}
	t = training{variants: variants(entries), version: version}
	if t.variants < variantsMin {
		return t, nil, errBarren
	}
	cfg := match.TrainConfig{Threads: 1, Seed: state.Seq + 1}
	if cfg.Synonyms, err = b.source.Synonyms(ctx, id); err != nil {
		return t, nil, fmt.Errorf("read synonyms of knowledge %d to train: %w", id, err)
	}
	if cfg.Pairs, err = b.encoders.TrainingPairs(ctx, id, pairsMax); err != nil {
		return t, nil, fmt.Errorf("read training pairs of %d: %w", id, err)
	}
	if state.Seq > 0 {
		if cfg.Warm, err = b.decode(ctx, state); err != nil {
			b.log.WarnContext(ctx, "encoder trained from nothing", slog.Uint64("account_id", id), slog.Any("err", err))
		}
	}
	encoder, err := match.Train(ctx, entries, cfg)
	if err != nil {
		return t, nil, fmt.Errorf("train encoder %d: %w", id, err)
	}
	if data, err = encoder.MarshalBinary(); err != nil {
		return t, nil, fmt.Errorf("encode encoder %d: %w", id, err)
	}
	return t, data, nil
}

// variants counts the questions that answer, now or at some time.
func variants(entries []model.Entry) int {
	n := 0
	for i := range entries {
		if e := &entries[i]; e.State == model.EntryOn && !e.Draft {
			n += 1 + len(e.Similar)
		}
	}
	return n
}
