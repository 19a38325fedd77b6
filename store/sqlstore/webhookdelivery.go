package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

// hookErrSize is how much is kept of what was wrong with a delivery.
const hookErrSize = 200

// webhooks writes what the account's webhooks are to be told of the step.
func (a *applying) webhooks() error {
	if len(a.step.Webhooks) == 0 {
		return nil
	}
	var hooks []webhookRow
	if err := a.tx.Where("account_id = ? AND enabled = ?", a.accountID, true).Find(&hooks).Error; err != nil || len(hooks) == 0 {
		return err
	}
	var rows []model.WebhookDelivery
	for i, ev := range a.step.Webhooks {
		for _, w := range hooks {
			if !w.Wants(ev.Kind) {
				continue
			}
			row, err := newDelivery(w.Webhook, ev, a.step.At, i)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		a.done.Lanes = append(a.done.Lanes, model.LaneHook)
	}
	return create(a.tx, rows)
}

// newDelivery is an event on its way to a webhook. Ids of one moment are in the order of nth.
func newDelivery(w model.Webhook, ev model.WebhookEvent, atMS int64, nth int) (model.WebhookDelivery, error) {
	d := model.WebhookDelivery{
		ID: model.NewID(model.Time(atMS + int64(nth))), AccountID: w.AccountID, WebhookID: w.ID, Kind: ev.Kind,
		State: model.DeliveryPending, CreatedMS: atMS, SinceMS: atMS, DueMS: atMS,
	}
	if ev.Session != nil {
		if _, err := fmt.Sscan(ev.Session.ID, &d.SessionID); err != nil {
			return d, fmt.Errorf("id of a webhook's session: %w", err)
		}
		d.Employee = ev.Session.Employee
	}
	body, err := json.Marshal(struct {
		Type      model.WebhookKind  `json:"type"`
		Timestamp string             `json:"timestamp"`
		Data      model.WebhookEvent `json:"data"`
	}{ev.Kind, model.Time(atMS).UTC().Format(time.RFC3339Nano), ev})
	d.Body = string(body)
	return d, err
}

// PingWebhook writes a delivery that says nothing but that it arrives.
func (s *Store) PingWebhook(ctx context.Context, acc model.Account, id uint64) (model.WebhookDelivery, error) {
	var d model.WebhookDelivery
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := s.lockWebhook(tx, acc.ID, id)
		if err != nil {
			return err
		}
		ev := model.WebhookEvent{Kind: model.WebhookPing, Account: model.WebhookAccount{Key: acc.Key, Name: acc.Name}}
		if d, err = newDelivery(row.Webhook, ev, s.nowMS(), 0); err != nil {
			return err
		}
		// Whoever asks wants to know now: before all that waits, and not when a pause is over.
		d.DueMS = 0
		if err := tx.Model(&row).Update("due_ms", 0).Error; err != nil {
			return err
		}
		return tx.Create(&d).Error
	})
	return d, s.wrap(err, "ping webhook %d", id)
}

// WebhookDeliveries lists deliveries of a webhook, the newest first.
func (s *Store) WebhookDeliveries(ctx context.Context, f model.DeliveryFilter) ([]model.WebhookDelivery, error) {
	q := s.reader(ctx).Where("webhook_id = ? AND +account_id = ?", f.WebhookID, f.AccountID)
	if f.State != "" {
		q = q.Where("+state = ?", f.State)
	}
	if f.Kind != "" {
		q = q.Where("+kind = ?", f.Kind)
	}
	if f.Before != 0 {
		q = q.Where("id < ?", f.Before)
	}
	var list []model.WebhookDelivery
	err := q.Order("id DESC").Limit(f.Limit).Find(&list).Error
	return list, s.wrap(err, "list deliveries of webhook %d", f.WebhookID)
}

// WebhookLoads counts what webhooks of an account wait for and what was given up on.
func (s *Store) WebhookLoads(ctx context.Context, ids []uint64) ([]model.WebhookLoad, error) {
	loads := make([]model.WebhookLoad, len(ids))
	for i, id := range ids {
		loads[i].WebhookID = id
		for state, into := range map[model.DeliveryState]*int{model.DeliveryPending: &loads[i].Pending, model.DeliveryDead: &loads[i].Dead} {
			var n int64
			of := s.reader(ctx).Model(&model.WebhookDelivery{}).Select("id").Where("webhook_id = ? AND state = ?", id, state).Limit(model.LoadCounted)
			if err := s.reader(ctx).Table("(?) AS some", of).Count(&n).Error; err != nil {
				return nil, s.wrap(err, "count deliveries of webhook %d", id)
			}
			*into = int(n)
		}
	}
	return loads, nil
}

// ReplayDelivery has a delivery sent again, whatever came of it before. One that still waits is
// sent at once.
func (s *Store) ReplayDelivery(ctx context.Context, accountID, webhookID, id uint64, who model.Audit) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := s.lockWebhook(tx, accountID, webhookID)
		if err != nil {
			return err
		}
		if err := one(ofWebhook(tx, webhookID).Where("id = ?", id).Updates(replayed(s.nowMS())), model.ErrNotFound); err != nil {
			return err
		}
		return s.noteReplay(tx, row, who, 1)
	})
	return s.wrap(err, "replay delivery %d", id)
}

// ReplayDeliveries has deliveries sent again that are in a state and were created since a time, all
// of them, some at a time; it tells how many.
func (s *Store) ReplayDeliveries(ctx context.Context, accountID, webhookID uint64, state model.DeliveryState, sinceMS int64, who model.Audit) (int, error) {
	now, total := s.nowMS(), 0
	for {
		var ids []uint64
		// What was replayed in this run waits, and is not found again.
		q := s.reader(ctx).Model(&model.WebhookDelivery{}).Where("webhook_id = ? AND +account_id = ? AND state = ? AND created_ms >= ? AND since_ms < ?", webhookID, accountID, state, sinceMS, now)
		err := q.Order("due_ms, id").Limit(purgeRows).Pluck("id", &ids).Error
		if err == nil && len(ids) > 0 {
			err = s.write(ctx, func(tx *gorm.DB) error {
				return ofWebhook(tx, webhookID).Where("id IN ?", ids).Updates(replayed(now)).Error
			})
		}
		if err != nil {
			return total, s.wrap(err, "replay deliveries of webhook %d", webhookID)
		}
		if total += len(ids); len(ids) < purgeRows {
			break
		}
	}
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := s.lockWebhook(tx, accountID, webhookID)
		if err != nil {
			return err
		}
		return s.noteReplay(tx, row, who, total)
	})
	return total, s.wrap(err, "replay deliveries of webhook %d", webhookID)
}

func ofWebhook(tx *gorm.DB, webhookID uint64) *gorm.DB {
	return tx.Model(&model.WebhookDelivery{}).Where("webhook_id = ?", webhookID)
}

// replayed is what a delivery is set to that goes out again.
func replayed(nowMS int64) map[string]any {
	return map[string]any{"state": model.DeliveryPending, "since_ms": nowMS, "due_ms": nowMS, "done_ms": 0, "attempts": 0}
}

// noteReplay puts a replay into the audit log, and has the webhook tried at once.
func (s *Store) noteReplay(tx *gorm.DB, row webhookRow, who model.Audit, n int) error {
	if err := tx.Model(&row).Update("due_ms", 0).Error; err != nil {
		return err
	}
	return saveAudits(tx, []model.Audit{by(who, row.AccountID, "webhook.replayed", row.Name, nil, map[string]any{"deliveries": n})}, s.nowMS())
}

// DueDeliveries are what a webhook is to be sent now, the longest due first.
func (s *Store) DueDeliveries(ctx context.Context, webhookID uint64, limit int) ([]model.WebhookDelivery, error) {
	var list []model.WebhookDelivery
	err := s.reader(ctx).Where("webhook_id = ? AND state = ? AND due_ms <= ?", webhookID, model.DeliveryPending, s.nowMS()).
		Order("due_ms, id").Limit(limit).Find(&list).Error
	return list, s.wrap(err, "read what webhook %d is to be sent", webhookID)
}

// NoteDelivery writes down what came of an attempt: State, DueMS and what was said. The delivery is
// as it was read, but for these; one that was replayed or deleted meanwhile is left alone.
func (s *Store) NoteDelivery(ctx context.Context, d model.WebhookDelivery) error {
	d.Err = clip(d.Err, hookErrSize)
	err := s.write(ctx, func(tx *gorm.DB) error {
		return tx.Model(&model.WebhookDelivery{}).Where("id = ? AND state = ? AND since_ms = ?", d.ID, model.DeliveryPending, d.SinceMS).
			Select("state", "attempts", "code", "err", "took_ms", "due_ms", "done_ms").Updates(&d).Error
	})
	return s.wrap(err, "note delivery %d", d.ID)
}

// ExpireDeliveries gives up on what a webhook has not taken since a time, and tells how many.
func (s *Store) ExpireDeliveries(ctx context.Context, webhookID uint64, sinceMS int64) (int, error) {
	total := 0
	for {
		var ids []uint64
		err := s.reader(ctx).Model(&model.WebhookDelivery{}).Where("webhook_id = ? AND state = ? AND since_ms < ?", webhookID, model.DeliveryPending, sinceMS).
			Limit(purgeRows).Pluck("id", &ids).Error
		if err == nil && len(ids) > 0 {
			slices.Sort(ids)
			err = s.write(ctx, func(tx *gorm.DB) error {
				return tx.Model(&model.WebhookDelivery{}).Where("id IN ? AND state = ? AND since_ms < ?", ids, model.DeliveryPending, sinceMS).
					Updates(map[string]any{"state": model.DeliveryDead, "done_ms": s.nowMS()}).Error
			})
		}
		if total += len(ids); err != nil || len(ids) < purgeRows {
			return total, s.wrap(err, "expire deliveries of webhook %d", webhookID)
		}
	}
}
