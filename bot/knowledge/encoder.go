package knowledge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"deskmate/bot/knowledge/match"
	"deskmate/model"
)

// compare finds out whether a loaded account's encoder is not the one stored.
func (b *Base) compare(loaded []uint64, states map[uint64]model.EncoderState) {
	for _, id := range loaded {
		a := b.account(id)
		a.note(func(h *holding) {
			h.wanted = states[id].Seq
			if h.behind(b.now()) {
				b.swaps.raise()
			}
		})
	}
}

// behind reports whether there is another encoder to take over, and it is time to try.
func (h *holding) behind(now time.Time) bool {
	return h.index != nil && !h.asleep && h.encoder != h.wanted && !now.Before(h.retry.until)
}

// swap takes over the encoders that are not the ones in memory.
func (b *Base) swap(ctx context.Context) {
	for _, id := range b.loaded() {
		a := b.account(id)
		if h := a.get(); !h.behind(b.now()) {
			continue
		}
		err := safely(func() error { return b.equip(ctx, id, a) })
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.complain(ctx, id, a, err)
		}
	}
}

// errUnreadable is the error for an encoder of another release, or a damaged one.
var errUnreadable = errors.New("encoder can't be read")

// gone is how many failures make an encoder one that is gone for good.
const gone = 3

// complain notes that an encoder could not be taken over.
func (b *Base) complain(ctx context.Context, id uint64, a *account, cause error) {
	var wait time.Duration
	var failures int
	a.note(func(h *holding) {
		h.asleep = false
		wait, failures = h.retry.fail(b.now()), h.retry.failures
	})
	if errors.Is(cause, errUnreadable) || failures >= gone {
		b.training.note(id, func(p *plan) { p.forced = true })
	}
	b.log.WarnContext(ctx, "encoder not loaded", slog.Uint64("account_id", id), slog.Duration("again_in", wait), slog.Any("err", cause))
}

// equip takes over the encoder that is stored, unless it is the one in memory.
func (b *Base) equip(ctx context.Context, id uint64, a *account) error {
	if err := a.bench.take(ctx); err != nil {
		return err
	}
	defer a.bench.give()
	h := a.get()
	if h.index == nil {
		return nil
	}
	encoder, number, err := b.stored(ctx, id, h.encoder)
	if err != nil {
		return err
	}
	if number == h.encoder {
		a.note(func(h *holding) { h.asleep = false })
		return nil
	}
	start := b.now()
	err = a.rebuild(ctx, func(x *match.Index) *match.Index { return x.WithEncoder(encoder) }, func(h *holding) {
		h.encoder, h.asleep, h.retry = number, false, pause{}
	})
	if err == nil {
		b.training.note(id, func(p *plan) { p.retry = pause{} })
		b.log.DebugContext(ctx, "encoder loaded", slog.Uint64("account_id", id), slog.Uint64("encoder", number),
			slog.Int64("took_ms", b.now().Sub(start).Milliseconds()))
	}
	return err
}

// stored reads the account's encoder and its number, unless it is the one that the caller
// has. Both are zero where there is none.
func (b *Base) stored(ctx context.Context, id, have uint64) (*match.Encoder, uint64, error) {
	if b.encoders == nil {
		return nil, 0, nil
	}
	states, err := b.encoders.EncoderStates(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("read state of encoder %d: %w", id, err)
	}
	state := states[id]
	state.AccountID = id
	if state.Seq == 0 || state.Seq == have {
		return nil, state.Seq, nil
	}
	encoder, err := b.decode(ctx, state)
	return encoder, state.Seq, err
}

func (b *Base) decode(ctx context.Context, state model.EncoderState) (*match.Encoder, error) {
	data, err := b.encoders.EncoderData(ctx, state.AccountID, state.BlobID)
	if err != nil {
		return nil, fmt.Errorf("read encoder %d: %w", state.AccountID, err)
	}
	encoder, err := match.UnmarshalEncoder(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %d: %w", errUnreadable, state.AccountID, err)
	}
	return encoder, nil
}

// sleep puts the encoder away and leaves the entries.
func (b *Base) sleep(ctx context.Context, id uint64, a *account) {
	select {
	case a.bench <- struct{}{}:
	default:
		return // something is being built
	}
	defer a.bench.give()
	err := a.rebuild(ctx, func(x *match.Index) *match.Index { return x.WithEncoder(nil) }, func(h *holding) {
		h.encoder, h.asleep = 0, true
	})
	if err == nil {
		b.log.DebugContext(ctx, "encoder unloaded", slog.Uint64("account_id", id))
	}
}

// awake fetches back what sleep put away. Where that fails the question does without, and
// swap tries again.
func (b *Base) awake(ctx context.Context, id uint64, a *account) {
	err := b.equip(ctx, id, a)
	if err != nil && ctx.Err() == nil {
		b.complain(ctx, id, a, err)
	}
}
