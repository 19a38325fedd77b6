-- Service records, the text index of transcripts, and what a session's decisions are found by.

-- +goose Up
{{column session unindexed INT NOT NULL DEFAULT 0}};

-- What was written before is indexed after the start, in the background.
UPDATE `session` SET `unindexed` = 1 WHERE `message_count` > 0 AND `unindexed` = 0;

-- RecordIDs: an account's sessions, newest first.
{{addindex session session_records (`account_id`, `id`)}};
-- UnindexedSessions, UnindexedIDs: those that the text index doesn't know whole.
{{addindex session session_unindexed (`account_id`, `unindexed`, `id`)}};
-- RecordIDs: the sessions that were rated so, newest first.
{{addindex survey survey_rating (`account_id`, `rating`, `session_id`)}};
-- Decisions: the events of a session, in order.
{{addindex inbox inbox_session (`session_id`, `id`)}};
-- Decisions: what was sent because of a session.
{{addindex outbox outbox_session (`session_id`, `id`)}};

CREATE TABLE IF NOT EXISTS `seat_session` (
  `session_id` BIGINT NOT NULL,
  `seat` VARCHAR(128) NOT NULL,
  `account_id` BIGINT NOT NULL,
  `employee` VARCHAR(128) NOT NULL,
  `joined_ms` BIGINT NOT NULL,
  `first_ms` BIGINT NOT NULL,
  `last_ms` BIGINT NOT NULL,
  `messages` INT NOT NULL,
  PRIMARY KEY (`session_id`, `seat`),
  -- RecordIDs: the sessions of a seat, newest first.
  {{index seat_session_seat (`account_id`, `seat`, `session_id`)}},
  -- EmployeeSeats: the seats that served an employee.
  {{index seat_session_employee (`account_id`, `employee`, `seat`)}}
) {{opts}};

INSERT INTO `seat_session` (`session_id`, `seat`, `account_id`, `employee`, `joined_ms`, `first_ms`, `last_ms`, `messages`)
SELECT s.`id`, m.`sender`, s.`account_id`, s.`employee`, MIN(m.`at_ms`), MIN(m.`at_ms`), MAX(m.`at_ms`), COUNT(*)
FROM `message` AS m INNER JOIN `session` AS s ON s.`id` = m.`session_id`
WHERE m.`sender_kind` = 'seat' AND m.`sender` <> ''
  AND NOT EXISTS (SELECT 1 FROM `seat_session` AS h WHERE h.`session_id` = m.`session_id` AND h.`seat` = m.`sender`)
GROUP BY s.`id`, m.`sender`, s.`account_id`, s.`employee`;

INSERT INTO `seat_session` (`session_id`, `seat`, `account_id`, `employee`, `joined_ms`, `first_ms`, `last_ms`, `messages`)
SELECT s.`id`, s.`seat`, s.`account_id`, s.`employee`, s.`assigned_ms`, 0, 0, 0
FROM `session` AS s
WHERE s.`seat` <> '' AND s.`assigned_ms` > 0
  AND NOT EXISTS (SELECT 1 FROM `seat_session` AS h WHERE h.`session_id` = s.`id` AND h.`seat` = s.`seat`);

-- Who indexes an account's text now.
CREATE TABLE IF NOT EXISTS `text_index` (
  `account_id` BIGINT NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `until_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

-- Segments that are in use; their parts are written first and removed last.
CREATE TABLE IF NOT EXISTS `text_segment` (
  `account_id` BIGINT NOT NULL,
  `id` BIGINT NOT NULL,
  `docs` INT NOT NULL,
  `buckets` INT NOT NULL,
  `first_id` BIGINT NOT NULL,
  `last_id` BIGINT NOT NULL,
  `bytes` BIGINT NOT NULL,
  `marks` {{blob}} NOT NULL,
  `created_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `text_part` (
  `account_id` BIGINT NOT NULL,
  `segment_id` BIGINT NOT NULL,
  `part` INT NOT NULL,
  `data` {{blob}} NOT NULL,
  PRIMARY KEY (`account_id`, `segment_id`, `part`)
) {{opts}};
