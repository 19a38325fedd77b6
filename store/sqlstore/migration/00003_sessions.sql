-- What employees and seats talk about.

-- +goose Up
CREATE TABLE IF NOT EXISTS `conversation` (
  `account_id` BIGINT NOT NULL,
  `peer` VARCHAR(128) NOT NULL,
  `last_seat` VARCHAR(128) NOT NULL,
  `last_session` BIGINT NOT NULL,
  `welcomed_ms` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `peer`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `session` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `employee` VARCHAR(128) NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  `version` BIGINT NOT NULL,
  `seat` VARCHAR(128) NOT NULL,
  `seat_no` INT NOT NULL,
  `handoff_reason` VARCHAR(16) NOT NULL,
  `close_reason` VARCHAR(24) NOT NULL,
  `misses` INT NOT NULL,
  `suggested` {{text}} NOT NULL,
  `message_count` INT NOT NULL,
  `handoff_seq` INT NOT NULL,
  `opened_ms` BIGINT NOT NULL,
  `queued_ms` BIGINT NOT NULL,
  `assigned_ms` BIGINT NOT NULL,
  `closed_ms` BIGINT NOT NULL,
  `last_employee_ms` BIGINT NOT NULL,
  `last_seat_ms` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- LoadCase, OpenSession: an employee's open session.
  {{index session_open (`account_id`, `employee`, `state`)}},
  -- LoadCase, Apply, WakeQueues: the queue in order, and how many wait before one.
  {{index session_queue (`account_id`, `state`, `queued_ms`, `id`)}},
  -- LoadCase, CheckLoads: what a seat serves, and what it served last.
  {{index session_seat (`account_id`, `seat`, `state`, `closed_ms`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `message` (
  `session_id` BIGINT NOT NULL,
  `seq` INT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `sender_kind` VARCHAR(16) NOT NULL,
  `sender` VARCHAR(128) NOT NULL,
  `content` {{text}} NOT NULL,
  `at_ms` BIGINT NOT NULL,
  PRIMARY KEY (`session_id`, `seq`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `survey` (
  `session_id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `employee` VARCHAR(128) NOT NULL,
  `seat` VARCHAR(128) NOT NULL,
  `rating` VARCHAR(8) NOT NULL,
  `reasons` {{text}} NOT NULL,
  `sent_ms` BIGINT NOT NULL,
  `rated_ms` BIGINT NOT NULL,
  `reason_ms` BIGINT NOT NULL,
  PRIMARY KEY (`session_id`)
) {{opts}};

-- A seat's texts that wait for a receiver.
CREATE TABLE IF NOT EXISTS `held` (
  `id` {{pk}},
  `account_id` BIGINT NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `event` {{json}} NOT NULL,
  `created_ms` BIGINT NOT NULL,
  -- LoadCase: a seat's held texts, oldest first.
  {{index held_seat (`account_id`, `user_id`, `id`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `fact` (
  `id` {{pk}},
  `account_id` BIGINT NOT NULL,
  `session_id` BIGINT NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `seat` VARCHAR(128) NOT NULL,
  `reason` VARCHAR(64) NOT NULL,
  `value` BIGINT NOT NULL,
  `at_ms` BIGINT NOT NULL
) {{opts}};
