-- What seats do to sessions, and who did what.

-- +goose Up
{{column session shared INT NOT NULL DEFAULT 0}};
{{column session keep_open INT NOT NULL DEFAULT 0}};
{{column session warned_ms BIGINT NOT NULL DEFAULT 0}};
{{column session reminded_ms BIGINT NOT NULL DEFAULT 0}};
{{column message recalled_ms BIGINT NOT NULL DEFAULT 0}};
{{column seat priority INT NOT NULL DEFAULT 0}};
{{column seat hours {{text}} NOT NULL DEFAULT ''}};
{{column seat permissions {{text}} NOT NULL DEFAULT ''}};
{{column seat left_ms BIGINT NOT NULL DEFAULT 0}};
{{column seat active_ms BIGINT NOT NULL DEFAULT 0}};
{{column outbox task_id VARCHAR(128) NOT NULL DEFAULT ''}};

CREATE TABLE IF NOT EXISTS `audit` (
  `id` {{pk}},
  `account_id` BIGINT NOT NULL,
  `at_ms` BIGINT NOT NULL,
  `actor` VARCHAR(160) NOT NULL,
  `action` VARCHAR(64) NOT NULL,
  `target` VARCHAR(191) NOT NULL,
  `before` {{text}} NOT NULL,
  `after` {{text}} NOT NULL,
  `origin` VARCHAR(64) NOT NULL,
  -- Audits: an account's log, page by page.
  {{index audit_account (`account_id`, `id`)}}
) {{opts}};
