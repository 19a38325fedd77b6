package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"time"

	"gorm.io/gorm"

	"deskmate/model"
)

const webhookTable = "webhook"

// webhookRow is a webhook with its secrets sealed.
type webhookRow struct {
	model.Webhook `gorm:"embedded"`

	Sealed    string `gorm:"column:secret;size:400;not null"`
	OldSealed string `gorm:"column:old_secret;size:400;not null"`
}

// TableName implements gorm's Tabler.
func (webhookRow) TableName() string { return webhookTable }

// webhook opens the secrets of a row.
func (s *Store) webhook(r webhookRow) (model.Webhook, error) {
	var err error
	if r.Secret, err = s.seals.open(r.Sealed, webhookTable, "secret", r.ID); err != nil {
		return r.Webhook, err
	}
	r.OldSecret, err = s.seals.open(r.OldSealed, webhookTable, "old_secret", r.ID)
	return r.Webhook, err
}

// webhookRow is the way back of webhook.
func (s *Store) webhookRow(w model.Webhook) webhookRow {
	return webhookRow{
		Webhook: w, Sealed: s.seals.seal(w.Secret, webhookTable, "secret", w.ID),
		OldSealed: s.seals.seal(w.OldSecret, webhookTable, "old_secret", w.ID),
	}
}

// Webhooks lists an account's, the oldest first.
func (s *Store) Webhooks(ctx context.Context, accountID uint64) ([]model.Webhook, error) {
	var rows []webhookRow
	err := s.reader(ctx).Where("account_id = ?", accountID).Order("id").Find(&rows).Error
	list := make([]model.Webhook, len(rows))
	for i, r := range rows {
		if err == nil {
			list[i], err = s.webhook(r)
		}
	}
	return list, s.wrap(err, "list webhooks of account %d", accountID)
}

// Webhook is one of an account; [model.ErrNotFound] where it isn't its.
func (s *Store) Webhook(ctx context.Context, accountID, id uint64) (model.Webhook, error) {
	r, ok, err := find[webhookRow](s.reader(ctx).Where("account_id = ? AND id = ?", accountID, id))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	if err != nil {
		return model.Webhook{}, s.wrap(err, "read webhook %d", id)
	}
	w, err := s.webhook(r)
	return w, s.wrap(err, "read webhook %d", id)
}

// AddWebhook makes a webhook, and says so in the audit log. One more than [model.MaxWebhooks] is
// invalid.
func (s *Store) AddWebhook(ctx context.Context, w model.Webhook, who model.Audit) (model.Webhook, error) {
	now := s.now()
	w.ID, w.Version, w.CreatedMS, w.UpdatedMS = cmp.Or(w.ID, model.NewID(now)), 1, model.MS(now), model.MS(now)
	err := s.write(ctx, func(tx *gorm.DB) error {
		if _, err := lockAccount(tx, w.AccountID, 0); err != nil {
			return err
		}
		var have int64
		if err := tx.Model(&webhookRow{}).Where("account_id = ?", w.AccountID).Count(&have).Error; err != nil {
			return err
		}
		if have >= model.MaxWebhooks {
			return model.Invalid("webhook_limit", "每个账号最多 %d 个 Webhook", model.MaxWebhooks)
		}
		row := s.webhookRow(w)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{by(who, w.AccountID, "webhook.created", w.Name, nil, webhookText(w))}, model.MS(now))
	})
	return w, s.wrap(err, "add a webhook to account %d", w.AccountID)
}

// ChangeWebhook changes what people say of a webhook, and says so in the audit log. Where expect
// isn't 0 it must be the version that is stored, else it is [model.ErrStale].
func (s *Store) ChangeWebhook(
	ctx context.Context, accountID, id, expect uint64, who model.Audit, change func(*model.Webhook),
) (model.Webhook, error) {
	var w model.Webhook
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := s.lockWebhook(tx, accountID, id)
		if err != nil {
			return err
		}
		if expect != 0 && row.Version != expect {
			return model.ErrStale
		}
		if w, err = s.webhook(row); err != nil {
			return err
		}
		was := w
		change(&w)
		w.Version, w.UpdatedMS = w.Version+1, s.nowMS()
		if w.URL != was.URL || w.Enabled != was.Enabled || w.Secret != was.Secret {
			w.DueMS, w.Failures, w.FailingMS = 0, 0, 0 // somebody mended it: try at once
		}
		// Whoever calls it at this moment knows it as it was, and loses it.
		w.Fence, w.UntilMS = w.Fence+1, 0
		next := s.webhookRow(w)
		if err = tx.Model(&next).Select("*").Omit("id", "account_id", "created_ms", "ok_ms").Updates(&next).Error; err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{by(who, accountID, cmp.Or(who.Action, "webhook.changed"), w.Name, webhookText(was), webhookText(w))}, w.UpdatedMS)
	})
	return w, s.wrap(err, "change webhook %d", id)
}

// webhookText is a webhook for the audit log. Of the address it has the host, for the rest may hold a
// secret, and a sum by which a change is seen.
func webhookText(w model.Webhook) map[string]any {
	host := ""
	if u, err := url.Parse(w.URL); err == nil {
		host = u.Scheme + "://" + u.Host
	}
	sum := sha256.Sum256([]byte(w.URL))
	return map[string]any{"name": w.Name, "url": host, "sum": hex.EncodeToString(sum[:4]), "events": w.Kinds, "enabled": w.Enabled}
}

func (s *Store) lockWebhook(tx *gorm.DB, accountID, id uint64) (webhookRow, error) {
	row, ok, err := find[webhookRow](tx.Clauses(forUpdate()).Where("account_id = ? AND id = ?", accountID, id))
	if err == nil && !ok {
		err = model.ErrNotFound
	}
	return row, err
}

// DeleteWebhook takes a webhook away, with what was on its way there, and says so in the audit log. It
// goes last: where this is cut off it is still there, disabled, and can be deleted again.
func (s *Store) DeleteWebhook(ctx context.Context, accountID, id uint64, who model.Audit) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		row, err := s.lockWebhook(tx, accountID, id)
		if err != nil {
			return err
		}
		return tx.Model(&row).Updates(map[string]any{"enabled": false, "fence": row.Fence + 1}).Error
	})
	for n := purgeRows; err == nil && n == purgeRows; {
		n, err = s.purge(ctx, "webhook_delivery", purgeRows, "webhook_id = ?", id)
	}
	if err != nil {
		return s.wrap(err, "delete deliveries of webhook %d", id)
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		row, err := s.lockWebhook(tx, accountID, id)
		if err != nil {
			return err
		}
		if err := tx.Where("id = ?", id).Delete(&webhookRow{}).Error; err != nil {
			return err
		}
		return saveAudits(tx, []model.Audit{by(who, accountID, "webhook.deleted", row.Name, webhookText(row.Webhook), nil)}, s.nowMS())
	})
	return s.wrap(err, "delete webhook %d", id)
}

// ClaimWebhook takes a webhook that something is due for, for the time of a lease;
// [model.ErrNotFound] where there is none.
func (s *Store) ClaimWebhook(ctx context.Context, lease time.Duration) (model.Webhook, error) {
	now := s.nowMS()
	row, due, err := find[webhookRow](s.reader(ctx).
		Where("enabled = ? AND due_ms <= ? AND until_ms <= ?", true, now, now).
		Where("EXISTS (SELECT 1 FROM webhook_delivery AS d WHERE d.webhook_id = webhook.id AND d.state = ? AND d.due_ms <= ?)", model.DeliveryPending, now).
		Order("due_ms, until_ms, id"))
	if err == nil && !due {
		err = model.ErrNotFound
	}
	if err != nil {
		return model.Webhook{}, s.wrap(err, "look for webhooks to call")
	}
	err = s.write(ctx, func(tx *gorm.DB) error {
		return one(tx.Model(&webhookRow{}).Where("id = ? AND fence = ?", row.ID, row.Fence).
			Updates(map[string]any{"fence": row.Fence + 1, "until_ms": now + lease.Milliseconds()}), model.ErrNotFound) // another replica was first
	})
	if err != nil {
		return model.Webhook{}, s.wrap(err, "claim webhook %d", row.ID)
	}
	row.Fence, row.UntilMS = row.Fence+1, now+lease.Milliseconds()
	w, err := s.webhook(row)
	return w, s.wrap(err, "claim webhook %d", row.ID)
}

// KeepWebhook writes down how the holder of a claim finds a webhook, and holds it until UntilMS; a
// time that has passed gives it back. [model.ErrFenced] where somebody else has taken over.
func (s *Store) KeepWebhook(ctx context.Context, w *model.Webhook) error {
	err := s.write(ctx, func(tx *gorm.DB) error {
		return one(tx.Model(&webhookRow{}).Where("id = ? AND fence = ?", w.ID, w.Fence).Updates(map[string]any{
			"until_ms": w.UntilMS, "due_ms": w.DueMS, "failures": w.Failures, "failing_ms": w.FailingMS, "ok_ms": w.OkMS,
			"fence": w.Fence + 1, // so that something changes always, which is what MySQL counts
		}), model.ErrFenced)
	})
	if err == nil {
		w.Fence++
	}
	return s.wrap(err, "keep webhook %d", w.ID)
}
