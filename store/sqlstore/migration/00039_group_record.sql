-- How it goes with the AI bot of each account, and group chats by when they changed.

-- +goose Up
CREATE TABLE IF NOT EXISTS `group_record` (
  `account_id` BIGINT NOT NULL,
  `up_ms` BIGINT NOT NULL,
  `down_ms` BIGINT NOT NULL,
  `reason` VARCHAR(64) NOT NULL,
  `code` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

-- GroupChats: an account's that changed last.
{{addindex group_chat group_chat_updated (`account_id`, `updated_ms`, `peer`)}};
