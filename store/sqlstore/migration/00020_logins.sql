-- Who is signed in, and who may do everything.

-- +goose Up
CREATE TABLE IF NOT EXISTS `login` (
  `id` BIGINT NOT NULL,
  `hash` VARCHAR(64) NOT NULL,
  `corp_id` VARCHAR(64) NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `agent` VARCHAR(256) NOT NULL,
  `address` VARCHAR(64) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `seen_ms` BIGINT NOT NULL,
  `expires_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- LoginByHash: every request of a signed-in browser.
  CONSTRAINT login_hash UNIQUE (`hash`),
  -- Logins, EndLogins: somebody's.
  {{index login_person (`corp_id`, `user_id`, `id`)}},
  -- AddLogin: those that have ended.
  {{index login_expiry (`expires_ms`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `login_link` (
  `hash` VARCHAR(64) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `expires_ms` BIGINT NOT NULL,
  -- UseLoginLink: by its secret.
  PRIMARY KEY (`hash`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `login_start` (
  `hash` VARCHAR(64) NOT NULL,
  `browser` VARCHAR(64) NOT NULL,
  `account_id` BIGINT NOT NULL,
  `target` {{text}} NOT NULL,
  `expires_ms` BIGINT NOT NULL,
  -- TakeLoginStart: by the state that WeCom brings back.
  PRIMARY KEY (`hash`),
  -- AddLoginStart: those that came to nothing.
  {{index login_start_expiry (`expires_ms`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `super_admin` (
  `corp_id` VARCHAR(64) NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `created_by` VARCHAR(160) NOT NULL,
  -- Standing: is a member one.
  PRIMARY KEY (`corp_id`, `user_id`)
) {{opts}};
