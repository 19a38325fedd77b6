-- Group chats: the AI bot of an account, who holds its connection, and where it was mentioned.

-- +goose Up
{{column account bot_id VARCHAR(128) NOT NULL DEFAULT ''}};
{{column account group_bot {{text}} NOT NULL DEFAULT ''}};

CREATE TABLE IF NOT EXISTS `group_chat` (
  `account_id` BIGINT NOT NULL,
  `peer` VARCHAR(128) NOT NULL,
  `chat_id` VARCHAR(191) NOT NULL,
  `bot_id` VARCHAR(128) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `single` {{bool}} NOT NULL,
  `req_id` VARCHAR(191) NOT NULL,
  `response_url` {{text}} NOT NULL,
  `until_ms` BIGINT NOT NULL,
  `last_from` VARCHAR(128) NOT NULL,
  `notice_day` INT NOT NULL,
  `kept` {{json}} NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `peer`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `group_lease` (
  `account_id` BIGINT NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `until_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};
