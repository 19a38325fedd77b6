-- How long what was said is kept, and the files that go with it.

-- +goose Up
{{column stat_state kept_ms BIGINT NOT NULL DEFAULT 0}};
{{column stat_state refold_ms BIGINT NOT NULL DEFAULT 0}};

-- Who deletes what is past its time in an account, and how much that was so far.
CREATE TABLE IF NOT EXISTS `retention` (
  `account_id` BIGINT NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `until_ms` BIGINT NOT NULL,
  `due_ms` BIGINT NOT NULL,
  `ran_ms` BIGINT NOT NULL,
  `unindex_id` BIGINT NOT NULL,
  `deleted` {{text}} NOT NULL,
  `audited` {{text}} NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

-- Files whose last line is gone. A row stays for a while after its file, for whoever stores the
-- same bytes at that moment.
CREATE TABLE IF NOT EXISTS `file_removal` (
  `blob_key` VARCHAR(191) NOT NULL,
  `account_id` BIGINT NOT NULL,
  `begun_ms` BIGINT NOT NULL,
  `done_ms` BIGINT NOT NULL,
  PRIMARY KEY (`blob_key`),
  -- FilesToRemove: an account's, those to do first.
  {{index file_removal_account (`account_id`, `done_ms`)}}
) {{opts}};

-- BeginFileRemoval: is the same file some other line's.
{{addindex message_media message_media_key (`blob_key`)}};
-- ExpireMedia: an account's files, oldest first.
{{addindex message_media message_media_age (`account_id`, `state`, `sent_ms`)}};

-- Requests to erase what is stored of somebody, and what came of them. The person is named until
-- it is done, and not afterwards.
CREATE TABLE IF NOT EXISTS `erasure` (
  `id` BIGINT NOT NULL,
  `corp_id` VARCHAR(64) NOT NULL,
  `accounts` {{text}} NOT NULL,
  `whole` {{bool}} NOT NULL,
  `employee` VARCHAR(128) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `subject` VARCHAR(64) NOT NULL,
  `pseudonym` VARCHAR(64) NOT NULL,
  `reason` VARCHAR(500) NOT NULL,
  `stage` VARCHAR(16) NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `until_ms` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `created_by` VARCHAR(160) NOT NULL,
  `done_ms` BIGINT NOT NULL,
  `counts` {{text}} NOT NULL,
  `waits` VARCHAR(64) NOT NULL,
  `report` {{text}} NOT NULL,
  `sum` VARCHAR(64) NOT NULL,
  PRIMARY KEY (`id`),
  -- ClaimErasure: those that are not done.
  {{index erasure_open (`done_ms`, `until_ms`)}}
) {{opts}};
