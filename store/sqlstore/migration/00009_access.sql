-- Programs that use the API, and what language models cost.

-- +goose Up
CREATE TABLE IF NOT EXISTS `token` (
  `id` BIGINT NOT NULL,
  `name` VARCHAR(64) NOT NULL,
  `hash` VARCHAR(64) NOT NULL,
  `role` VARCHAR(16) NOT NULL,
  `accounts` {{text}} NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `expires_ms` BIGINT NOT NULL,
  `last_used_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- SaveToken, RevokeToken, Tokens: a name is one token's.
  CONSTRAINT token_name UNIQUE (`name`),
  -- TokenByHash: every call of the API.
  CONSTRAINT token_hash UNIQUE (`hash`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `llm_usage` (
  `account_id` BIGINT NOT NULL,
  `day` INT NOT NULL,
  `calls` BIGINT NOT NULL,
  `tokens_in` BIGINT NOT NULL,
  `tokens_out` BIGINT NOT NULL,
  `verbatim` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `day`)
) {{opts}};
