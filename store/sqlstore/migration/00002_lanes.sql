-- Lines of work: what came in, what goes out, what is due.

-- +goose Up
CREATE TABLE IF NOT EXISTS `lane` (
  `lane` VARCHAR(160) NOT NULL,
  `kind` VARCHAR(8) NOT NULL,
  `account_id` BIGINT NOT NULL,
  `ready` {{bool}} NOT NULL,
  `run_at_ms` BIGINT NOT NULL,
  `fence` BIGINT NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `next_seq` BIGINT NOT NULL,
  PRIMARY KEY (`lane`),
  -- ClaimLanes: the ready lanes of a kind, longest due first.
  {{index lane_claim (`kind`, `ready`, `run_at_ms`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `inbox` (
  `id` {{pk}},
  `account_id` BIGINT NOT NULL,
  `lane` VARCHAR(160) NOT NULL,
  `seq` BIGINT NOT NULL,
  `dedupe` VARCHAR(191) NOT NULL,
  `event` {{json}} NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `arrived_ms` BIGINT NOT NULL,
  `state` VARCHAR(8) NOT NULL,
  `attempts` INT NOT NULL,
  `outcome` VARCHAR(16) NOT NULL,
  `reason` VARCHAR(64) NOT NULL,
  `session_id` BIGINT NOT NULL,
  `detail` {{text}} NOT NULL,
  `done_ms` BIGINT NOT NULL,
  `err` VARCHAR(500) NOT NULL,
  -- Accept: a repeated delivery is known by this key.
  CONSTRAINT inbox_dedupe UNIQUE (`account_id`, `dedupe`),
  -- PendingInbox, ReleaseLane: what a lane has left, in order.
  {{index inbox_pending (`lane`, `state`, `seq`)}},
  -- DeadInbox: an account's dead rows, page by page.
  {{index inbox_dead (`account_id`, `state`, `id`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `outbox` (
  `id` {{pk}},
  `account_id` BIGINT NOT NULL,
  `lane` VARCHAR(160) NOT NULL,
  `seq` BIGINT NOT NULL,
  `dedupe` VARCHAR(191) NOT NULL,
  `session_id` BIGINT NOT NULL,
  `line` {{bool}} NOT NULL,
  `push` {{json}} NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  `attempts` INT NOT NULL,
  `uncertain` INT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `sent_ms` BIGINT NOT NULL,
  `msgid` VARCHAR(191) NOT NULL,
  `response_code` VARCHAR(191) NOT NULL,
  `errcode` BIGINT NOT NULL,
  `err` VARCHAR(500) NOT NULL,
  -- Apply: a step's pushes are written once.
  CONSTRAINT outbox_dedupe UNIQUE (`account_id`, `dedupe`),
  -- PendingOutbox, ReleaseLane: what a lane has left, in order.
  {{index outbox_pending (`lane`, `state`, `seq`)}},
  -- LoadCase: when a seat was last shown a line of each session.
  {{index outbox_shown (`lane`, `line`, `sent_ms`, `session_id`)}},
  -- DeadOutbox: an account's dead rows, page by page.
  {{index outbox_dead (`account_id`, `state`, `id`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `timer` (
  `lane` VARCHAR(160) NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `account_id` BIGINT NOT NULL,
  `due_ms` BIGINT NOT NULL,
  `gen` BIGINT NOT NULL,
  PRIMARY KEY (`lane`, `kind`),
  -- SweepTimers: what is due, longest first.
  {{index timer_due (`due_ms`)}}
) {{opts}};
