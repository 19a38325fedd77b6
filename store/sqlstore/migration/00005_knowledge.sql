-- Knowledge bases. A row of entry holds from from_version until just before
-- to_version of its account's knowledge row; 9223372036854775807 means still.

-- +goose Up
CREATE TABLE IF NOT EXISTS `knowledge` (
  `account_id` BIGINT NOT NULL,
  `version` BIGINT NOT NULL,
  `import_no` BIGINT NOT NULL,
  `import_until_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `entry` (
  `account_id` BIGINT NOT NULL,
  `entry_id` BIGINT NOT NULL,
  `from_version` BIGINT NOT NULL,
  `to_version` BIGINT NOT NULL,
  `ref` VARCHAR(128) NOT NULL,
  `group_path` VARCHAR(191) NOT NULL,
  `question` VARCHAR(200) NOT NULL,
  `folded` VARCHAR(400) NOT NULL,
  `answer` {{text}} NOT NULL,
  `state` VARCHAR(8) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `entry_id`, `from_version`),
  -- ImportEntries: the entry that asks the same.
  {{index entry_folded (`account_id`, `folded`)}},
  -- EntriesSince: what came, and clean-up of an import that broke off.
  {{index entry_from (`account_id`, `from_version`)}},
  -- EntriesSince: what went, and clean-up of an import that broke off.
  {{index entry_to (`account_id`, `to_version`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `entry_similar` (
  `account_id` BIGINT NOT NULL,
  `entry_id` BIGINT NOT NULL,
  `from_version` BIGINT NOT NULL,
  `n` INT NOT NULL,
  `question` VARCHAR(200) NOT NULL,
  PRIMARY KEY (`account_id`, `entry_id`, `from_version`, `n`)
) {{opts}};
