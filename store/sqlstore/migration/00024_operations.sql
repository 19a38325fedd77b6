-- What operators look at: the audit log by time, pushes that were given up on, who runs.

-- +goose Up
{{column outbox dead_ms BIGINT NOT NULL DEFAULT 0}};
{{column outbox retried_ms BIGINT NOT NULL DEFAULT 0}};

-- Audits: an account's log by time, and who did what to whom in it.
{{addindex audit audit_time (`account_id`, `at_ms`, `id`)}};
{{addindex audit audit_actor (`account_id`, `actor`, `at_ms`, `id`)}};
{{addindex audit audit_action (`account_id`, `action`, `at_ms`, `id`)}};
{{addindex audit audit_target (`account_id`, `target`, `at_ms`, `id`)}};
{{dropindex audit audit_account}};

CREATE TABLE IF NOT EXISTS `replica` (
  `name` VARCHAR(64) NOT NULL,
  `info` {{text}} NOT NULL,
  `started_ms` BIGINT NOT NULL,
  `seen_ms` BIGINT NOT NULL,
  PRIMARY KEY (`name`)
) {{opts}};
