-- Accounts, who runs them and who answers for them.
-- Every file is rendered for its dialect (migrate.go) and may be run again after a
-- crash, because MySQL commits each statement by itself.

-- +goose Up
CREATE TABLE IF NOT EXISTS `account` (
  `id` BIGINT NOT NULL,
  `account_key` VARCHAR(40) NOT NULL,
  `corp_id` VARCHAR(64) NOT NULL,
  `corp_fold` VARCHAR(64) NOT NULL,
  `agent_id` BIGINT NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `secret` VARCHAR(512) NOT NULL,
  `token` VARCHAR(512) NOT NULL,
  `encoding_aes_key` VARCHAR(512) NOT NULL,
  `enabled` {{bool}} NOT NULL,
  `policy` {{json}} NOT NULL,
  `profile` {{json}} NOT NULL,
  `version` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- AccountByKey; a key names one account.
  CONSTRAINT account_key UNIQUE (`account_key`),
  -- SaveAccount: one app serves one account.
  CONSTRAINT account_agent UNIQUE (`corp_fold`, `agent_id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `account_owner` (
  `account_id` BIGINT NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  PRIMARY KEY (`account_id`, `user_id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `seat` (
  `account_id` BIGINT NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  `capacity` INT NOT NULL,
  `load` INT NOT NULL,
  `last_assigned_ms` BIGINT NOT NULL,
  `day_no` INT NOT NULL,
  `day` INT NOT NULL,
  `focus_session` BIGINT NOT NULL,
  `focus_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `user_id`)
) {{opts}};

-- One row a thing that others poll for changes.
CREATE TABLE IF NOT EXISTS `revision` (
  `name` VARCHAR(40) NOT NULL,
  `value` BIGINT NOT NULL,
  PRIMARY KEY (`name`)
) {{opts}};
