-- How knowledge lives: who changed it and how, drafts, validity, groups, words.

-- +goose Up
{{column entry more {{json}} NOT NULL DEFAULT ''}};
{{column entry draft {{bool}} NOT NULL DEFAULT 0}};
{{column entry valid_from_ms BIGINT NOT NULL DEFAULT 0}};
{{column entry valid_until_ms BIGINT NOT NULL DEFAULT 0}};
{{column entry author VARCHAR(128) NOT NULL DEFAULT ''}};

-- What an older program's import left when it broke off is cleared away by the next
-- change: see knowledgeRow.
UPDATE `knowledge` SET `import_until_ms` = 1 WHERE `import_until_ms` = 0;

CREATE TABLE IF NOT EXISTS `knowledge_change` (
  `account_id` BIGINT NOT NULL,
  `version` BIGINT NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `author` VARCHAR(128) NOT NULL,
  `entries` INT NOT NULL,
  `import_id` BIGINT NOT NULL,
  `at_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `version`)
) {{opts}};

-- The order of groups among their siblings, and groups without entries.
CREATE TABLE IF NOT EXISTS `entry_group` (
  `account_id` BIGINT NOT NULL,
  `path` VARCHAR(191) NOT NULL,
  `position` INT NOT NULL,
  PRIMARY KEY (`account_id`, `path`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `synonym` (
  `account_id` BIGINT NOT NULL,
  `n` INT NOT NULL,
  `words` {{text}} NOT NULL,
  PRIMARY KEY (`account_id`, `n`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `golden` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `question` VARCHAR(400) NOT NULL,
  `entry_id` BIGINT NOT NULL,
  `author` VARCHAR(128) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- GoldenQuestions: an account's, in the order they were made.
  {{index golden_account (`account_id`, `id`)}}
) {{opts}};
