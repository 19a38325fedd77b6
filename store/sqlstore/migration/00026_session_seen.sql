-- How far seats have read the sessions that they answer in the workbench.

-- +goose Up
CREATE TABLE IF NOT EXISTS `session_seen` (
  `session_id` BIGINT NOT NULL,
  `seat` VARCHAR(128) NOT NULL,
  `account_id` BIGINT NOT NULL,
  `seq` INT NOT NULL,
  `seen_ms` BIGINT NOT NULL,
  PRIMARY KEY (`session_id`, `seat`)
) {{opts}};
