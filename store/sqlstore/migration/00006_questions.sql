-- What the bot was asked and what came of it, and what a session remembers of it.

-- +goose Up
{{column session suggested_for BIGINT NOT NULL DEFAULT 0}};
{{column session topic_entry BIGINT NOT NULL DEFAULT 0}};
{{column session topic_ms BIGINT NOT NULL DEFAULT 0}};

CREATE TABLE IF NOT EXISTS `question` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `session_id` BIGINT NOT NULL,
  `employee` VARCHAR(128) NOT NULL,
  `text` VARCHAR(2000) NOT NULL,
  `folded` VARCHAR(400) NOT NULL,
  `outcome` VARCHAR(16) NOT NULL,
  `score` DOUBLE NOT NULL,
  `threshold` DOUBLE NOT NULL,
  `topic` BIGINT NOT NULL,
  `entry_id` BIGINT NOT NULL,
  `suggested` {{text}} NOT NULL,
  `picked` BIGINT NOT NULL,
  `feedback` VARCHAR(8) NOT NULL,
  `miss` VARCHAR(8) NOT NULL,
  `solved_by` BIGINT NOT NULL,
  `model` VARCHAR(64) NOT NULL,
  `at_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- RecentQuestions, TrainingPairs: an account's questions, newest first.
  {{index question_recent (`account_id`, `at_ms`, `id`)}},
  -- OpenMisses, SettleMisses: an account's open misses, newest first.
  {{index question_miss (`account_id`, `miss`, `at_ms`, `id`)}},
  -- HotEntries: which entries answered since a time.
  {{index question_hot (`account_id`, `at_ms`, `outcome`, `feedback`, `picked`, `entry_id`)}}
) {{opts}};

-- Questions that are no misses, for good.
CREATE TABLE IF NOT EXISTS `ignored_question` (
  `account_id` BIGINT NOT NULL,
  `folded` VARCHAR(400) NOT NULL,
  `at_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `folded`)
) {{opts}};
