-- What seats send again and again, and for whom a token acts.

-- +goose Up
{{column token user_id VARCHAR(128) NOT NULL DEFAULT ''}};

CREATE TABLE IF NOT EXISTS `quick_reply` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `owner` VARCHAR(128) NOT NULL,
  `group_name` VARCHAR(64) NOT NULL,
  `shortcut` VARCHAR(64) NOT NULL,
  `folded` VARCHAR(64) NOT NULL,
  `title` VARCHAR(64) NOT NULL,
  `reply` {{text}} NOT NULL,
  `position` INT NOT NULL,
  `version` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- SaveQuickReply: a shortcut is one quick reply's of its owner.
  CONSTRAINT quick_reply_shortcut UNIQUE (`account_id`, `owner`, `folded`),
  -- QuickReplies: an owner's in their order, page by page.
  {{index quick_reply_order (`account_id`, `owner`, `position`, `id`)}}
) {{opts}};
