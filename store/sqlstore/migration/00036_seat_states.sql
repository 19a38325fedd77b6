-- What state each seat was in, and from when to when.

-- +goose Up
CREATE TABLE IF NOT EXISTS `seat_spell` (
  `account_id` BIGINT NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `from_ms` BIGINT NOT NULL,
  `to_ms` BIGINT NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  PRIMARY KEY (`account_id`, `user_id`, `from_ms`),
  -- SeatSpells: an account's that end after a time, and those that go on.
  {{index seat_spell_end (`account_id`, `to_ms`)}},
  -- SpellsSince: an account's first.
  {{index seat_spell_begin (`account_id`, `from_ms`)}}
) {{opts}};
