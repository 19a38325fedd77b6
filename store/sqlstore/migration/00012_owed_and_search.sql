-- Since when a seat owes an answer, and the words by which members are found.

-- +goose Up
{{column session owed_ms BIGINT NOT NULL DEFAULT 0}};

-- Who has written to a seat and not been answered is owed one.
UPDATE `session` SET `owed_ms` = `last_employee_ms`
  WHERE `state` = 'serving' AND `owed_ms` = 0 AND `last_seat_ms` < `last_employee_ms`;

-- Filled whenever members are saved; for those who are there by the first reading of the directory.
-- FindMembers: the primary key in order, from a prefix on.
CREATE TABLE IF NOT EXISTS `member_word` (
  `corp_id` VARCHAR(64) NOT NULL,
  `word` VARCHAR(64) NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  PRIMARY KEY (`corp_id`, `word`, `user_id`),
  -- SaveDirectory, DeleteMember: all words of a member.
  {{index member_word_user (`corp_id`, `user_id`)}}
) {{opts}};
