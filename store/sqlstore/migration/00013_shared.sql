-- Sessions that go to all seats.

-- +goose Up
{{column session replied_by VARCHAR(128) NOT NULL DEFAULT ''}};
{{column seat joined_ms BIGINT NOT NULL DEFAULT 0}};
{{column seat shared_ms BIGINT NOT NULL DEFAULT 0}};

-- The last number of a session for all seats.
CREATE TABLE IF NOT EXISTS `shared_no` (
  `account_id` BIGINT NOT NULL,
  `day` INT NOT NULL,
  `no` INT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

-- LoadCase: the session for all seats that closed last.
{{addindex session session_shared (`account_id`, `shared`, `state`, `closed_ms`)}};
-- CardCode, LoadCase: the card by which a seat was shown a session.
{{addindex outbox outbox_card (`lane`, `session_id`, `task_id`)}};
