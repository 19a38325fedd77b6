package bot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// Webhooks calls the webhooks of all accounts. Every replica runs one; a webhook is claimed by a
// lease, so that one replica at a time calls it.
type Webhooks struct{ cfg WebhooksConfig }

// WebhooksConfig is what webhooks are called with. Every field but Observe is required.
type WebhooksConfig struct {
	Store WebhookStore
	// Send sends a delivery once, within a time of its own.
	Send    func(ctx context.Context, w model.Webhook, d model.WebhookDelivery) model.Attempt
	Wakes   <-chan struct{} // hints that there are deliveries; losing one costs one Poll
	Poll    time.Duration
	Now     func() time.Time
	Log     *slog.Logger
	Observe func(result string, waited time.Duration) // may be nil; waited: from the event to the receiver's answer
}

// WebhookStore is where webhooks and deliveries are.
type WebhookStore interface {
	// ClaimWebhook is [model.ErrNotFound] where nothing is due.
	ClaimWebhook(ctx context.Context, lease time.Duration) (model.Webhook, error)
	// KeepWebhook is [model.ErrFenced] where somebody else has taken over.
	KeepWebhook(ctx context.Context, w *model.Webhook) error
	DueDeliveries(ctx context.Context, webhookID uint64, limit int) ([]model.WebhookDelivery, error)
	NoteDelivery(ctx context.Context, d model.WebhookDelivery) error
	ExpireDeliveries(ctx context.Context, webhookID uint64, sinceMS int64) (int, error)
}

// How webhooks are called.
const (
	hookWorkers   = 8                // webhooks at once, of one replica
	hookAtOnce    = 8                // deliveries at once to one webhook
	hookBatch     = 32               // deliveries between two looks at the claim
	hookLease     = 90 * time.Second // of a killed replica, a webhook is free again after this; longer than a batch takes
	hookPatience  = 24 * time.Hour   // for which a delivery is tried
	hookRetry     = 5 * time.Second  // until a delivery is tried for the second time; each pause is three times the one before
	hookRetryMax  = time.Hour
	hookRest      = 2 * time.Second // of a webhook that nothing arrives at, after the first round; doubled each time
	hookRestMax   = 5 * time.Minute
	hookDoublings = 7         // of hookRest, until it is hookRestMax
	hookAskedMax  = time.Hour // of what a receiver may ask for
)

// NewWebhooks makes a caller of webhooks.
func NewWebhooks(cfg WebhooksConfig) *Webhooks { return &Webhooks{cfg: cfg} }

// Run calls webhooks until ctx ends, and finishes what it has in hand.
func (w *Webhooks) Run(ctx context.Context) error {
	tick := time.NewTicker(w.cfg.Poll)
	defer tick.Stop()
	var working sync.WaitGroup
	defer working.Wait()
	free, again := make(chan struct{}, hookWorkers), make(chan struct{}, 1)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return nil
		case free <- struct{}{}:
		}
		hook, err := w.cfg.Store.ClaimWebhook(ctx, hookLease)
		if err == nil {
			working.Go(func() {
				w.call(ctx, hook)
				<-free
				select {
				case again <- struct{}{}: // what came while it was held, nobody could claim
				default:
				}
			})
			continue
		}
		<-free
		if !errors.Is(err, model.ErrNotFound) && ctx.Err() == nil {
			w.cfg.Log.WarnContext(ctx, "webhooks not claimed", "err", err.Error())
		}
		select {
		case <-ctx.Done():
		case <-w.cfg.Wakes:
		case <-again:
		case <-tick.C:
		}
	}
	return nil
}

// call sends a webhook what it is due, until nothing is or nothing arrives, and gives it back.
func (w *Webhooks) call(ctx context.Context, hook model.Webhook) {
	err := w.deliver(ctx, &hook)
	if err == nil || ctx.Err() != nil {
		hook.UntilMS = 0 // whoever is free goes on
		err = w.cfg.Store.KeepWebhook(context.WithoutCancel(ctx), &hook)
	}
	if err != nil && !errors.Is(err, model.ErrFenced) {
		// The claim runs out, which is the pause before the next try.
		w.cfg.Log.WarnContext(ctx, "webhook not called", "account_id", hook.AccountID, "webhook_id", hook.ID, "err", err.Error())
	}
}

func (w *Webhooks) deliver(ctx context.Context, hook *model.Webhook) error {
	dead, err := w.cfg.Store.ExpireDeliveries(ctx, hook.ID, w.cfg.Now().Add(-hookPatience).UnixMilli())
	if err != nil {
		return err
	}
	for range dead {
		w.observe("dead", 0)
	}
	if dead > 0 {
		w.cfg.Log.ErrorContext(ctx, "deliveries to a webhook given up", "account_id", hook.AccountID, "webhook_id", hook.ID, "deliveries", dead)
	}
	for ctx.Err() == nil {
		limit := hookBatch
		if hook.Failures > 0 {
			limit = 1 // one tells whether it is back
		}
		due, err := w.cfg.Store.DueDeliveries(ctx, hook.ID, limit)
		if err != nil || len(due) == 0 {
			return err
		}
		tried, arrived, asked, err := w.round(ctx, *hook, due)
		if err != nil || tried == 0 {
			return err
		}
		w.learn(hook, arrived, asked)
		if hook.Failures > 0 || asked > 0 || len(due) < limit {
			return nil
		}
		hook.UntilMS = w.cfg.Now().Add(hookLease).UnixMilli()
		if err := w.cfg.Store.KeepWebhook(ctx, hook); err != nil {
			return err
		}
	}
	return nil
}

// learn notes how the webhook is after a round.
func (w *Webhooks) learn(hook *model.Webhook, arrived bool, asked time.Duration) {
	now := w.cfg.Now()
	if arrived {
		hook.Failures, hook.FailingMS, hook.OkMS, hook.DueMS = 0, 0, now.UnixMilli(), 0
	} else {
		if hook.FailingMS == 0 {
			hook.FailingMS = now.UnixMilli()
		}
		rest := hookRestMax
		if hook.Failures < hookDoublings {
			rest = hookRest << hook.Failures
		}
		hook.Failures++
		hook.DueMS = now.Add(rest/2 + jitter(rest/2)).UnixMilli()
	}
	if asked > 0 {
		hook.DueMS = max(hook.DueMS, now.Add(min(asked, hookAskedMax)).UnixMilli())
	}
}

// round sends some deliveries, a few at once, and notes what came of them. tried are fewer where we are
// being stopped; arrived: any did; asked is for how long the receiver wants to be left alone.
func (w *Webhooks) round(
	ctx context.Context, hook model.Webhook, due []model.WebhookDelivery,
) (tried int, arrived bool, asked time.Duration, err error) {
	var mu sync.Mutex
	var sending sync.WaitGroup
	var failures []error
	free := make(chan struct{}, hookAtOnce)
	for _, d := range due {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		tried++
		sending.Go(func() {
			defer func() { <-free }()
			// What is on its way is finished and noted even if we are being stopped.
			ctx := context.WithoutCancel(ctx)
			got := w.cfg.Send(ctx, hook, d)
			noteErr := w.cfg.Store.NoteDelivery(ctx, w.after(d, got))
			mu.Lock()
			defer mu.Unlock()
			arrived = arrived || got.Arrived()
			asked = max(asked, time.Duration(got.After)*time.Millisecond)
			failures = append(failures, noteErr)
		})
	}
	sending.Wait()
	return tried, arrived, asked, errors.Join(failures...)
}

// after is a delivery after an attempt.
func (w *Webhooks) after(d model.WebhookDelivery, got model.Attempt) model.WebhookDelivery {
	now := w.cfg.Now()
	d.Attempts, d.Code, d.Err, d.TookMS = d.Attempts+1, got.Code, got.Err, got.Took
	if got.Arrived() {
		d.State, d.DoneMS = model.DeliveryDone, now.UnixMilli()
		w.observe("delivered", now.Sub(model.Time(d.CreatedMS)))
		return d
	}
	pause := hookRetry
	for i := 1; i < d.Attempts && pause < hookRetryMax; i++ {
		pause *= 3
	}
	pause = min(pause, hookRetryMax)
	next := now.Add(pause/2 + jitter(pause/2))
	if next.Sub(model.Time(d.SinceMS)) >= hookPatience {
		d.State, d.DoneMS = model.DeliveryDead, now.UnixMilli()
		w.observe("dead", 0)
		return d
	}
	d.DueMS = next.UnixMilli()
	w.observe("repeated", 0)
	return d
}

func (w *Webhooks) observe(result string, waited time.Duration) {
	if w.cfg.Observe != nil {
		w.cfg.Observe(result, waited)
	}
}
