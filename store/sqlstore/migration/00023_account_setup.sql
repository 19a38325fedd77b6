-- Setting an account up and taking it away.

-- +goose Up
-- What is known of WeCom's way to each account.
CREATE TABLE IF NOT EXISTS `account_callback` (
  `account_id` BIGINT NOT NULL,
  `verified_ms` BIGINT NOT NULL,
  `received_ms` BIGINT NOT NULL,
  `refused_ms` BIGINT NOT NULL,
  `refusal` VARCHAR(64) NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

-- Files that WeCom looks for below the domain; they are the installation's.
CREATE TABLE IF NOT EXISTS `domain_file` (
  `name` VARCHAR(80) NOT NULL,
  `content` VARCHAR(1024) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `created_by` VARCHAR(160) NOT NULL,
  PRIMARY KEY (`name`)
) {{opts}};

-- Accounts that are being deleted: a row each, until nothing is left.
CREATE TABLE IF NOT EXISTS `account_removal` (
  `account_id` BIGINT NOT NULL,
  `account_key` VARCHAR(40) NOT NULL,
  `name` VARCHAR(64) NOT NULL,
  `stage` VARCHAR(16) NOT NULL,
  `due_ms` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `created_by` VARCHAR(160) NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};
