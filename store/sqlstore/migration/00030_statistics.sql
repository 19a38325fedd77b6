-- Figures of sessions, rolled up by ten minutes, day and month.

-- +goose Up
CREATE TABLE IF NOT EXISTS `stat_state` (
  `account_id` BIGINT NOT NULL,
  `version` BIGINT NOT NULL,
  `format` INT NOT NULL,
  `zone` VARCHAR(64) NOT NULL,
  `through_ms` BIGINT NOT NULL,
  `since_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `stat_rollup` (
  `account_id` BIGINT NOT NULL,
  `span` VARCHAR(1) NOT NULL,
  `at` BIGINT NOT NULL,
  `total` {{blob}} NOT NULL,
  `seats` {{blob}} NOT NULL,
  PRIMARY KEY (`account_id`, `span`, `at`)
) {{opts}};

-- StatSessions: what the bot was asked in some sessions.
{{addindex question question_session (`account_id`, `session_id`)}};
