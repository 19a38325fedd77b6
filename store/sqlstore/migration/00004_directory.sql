-- The part of each corp's directory that its apps may see.

-- +goose Up
CREATE TABLE IF NOT EXISTS `member` (
  `corp_id` VARCHAR(64) NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `display_id` VARCHAR(128) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `main_department` BIGINT NOT NULL,
  `status` INT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`corp_id`, `user_id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `department` (
  `corp_id` VARCHAR(64) NOT NULL,
  `id` BIGINT NOT NULL,
  `parent_id` BIGINT NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`corp_id`, `id`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `member_department` (
  `corp_id` VARCHAR(64) NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `department_id` BIGINT NOT NULL,
  PRIMARY KEY (`corp_id`, `user_id`, `department_id`)
) {{opts}};
