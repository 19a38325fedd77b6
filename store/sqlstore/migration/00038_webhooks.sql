-- Webhooks: addresses outside that are told what happens, and what is on its way there.

-- +goose Up
CREATE TABLE IF NOT EXISTS `webhook` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `name` VARCHAR(64) NOT NULL,
  `url` VARCHAR(2000) NOT NULL,
  `kinds` {{text}} NOT NULL,
  `enabled` {{bool}} NOT NULL,
  `secret` VARCHAR(400) NOT NULL,
  `old_secret` VARCHAR(400) NOT NULL,
  `old_until_ms` BIGINT NOT NULL,
  `version` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  `fence` BIGINT NOT NULL,
  `until_ms` BIGINT NOT NULL,
  `due_ms` BIGINT NOT NULL,
  `failures` BIGINT NOT NULL,
  `failing_ms` BIGINT NOT NULL,
  `ok_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- Webhooks: an account's.
  {{index webhook_account (`account_id`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `webhook_delivery` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `webhook_id` BIGINT NOT NULL,
  `kind` VARCHAR(32) NOT NULL,
  `session_id` BIGINT NOT NULL,
  `employee` VARCHAR(128) NOT NULL,
  `body` {{text}} NOT NULL,
  `state` VARCHAR(8) NOT NULL,
  `attempts` BIGINT NOT NULL,
  `code` BIGINT NOT NULL,
  `err` VARCHAR(200) NOT NULL,
  `took_ms` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `since_ms` BIGINT NOT NULL,
  `due_ms` BIGINT NOT NULL,
  `done_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- ClaimWebhook, DueDeliveries: what a webhook is to be sent next.
  {{index webhook_delivery_due (`webhook_id`, `state`, `due_ms`)}},
  -- WebhookDeliveries: a webhook's, newest first.
  {{index webhook_delivery_list (`webhook_id`, `id`)}},
  -- PruneDone: an account's that ended, oldest first.
  {{index webhook_delivery_done (`account_id`, `state`, `id`)}},
  -- EraseRest: an employee's.
  {{index webhook_delivery_person (`account_id`, `employee`)}}
) {{opts}};
