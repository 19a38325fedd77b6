-- The official calendar where people have changed it. A year that is here takes the place of
-- the built-in one as a whole.

-- +goose Up
CREATE TABLE IF NOT EXISTS `calendar_year` (
  `year` INT NOT NULL,
  `version` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`year`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `calendar_day` (
  `day` INT NOT NULL,
  `year` INT NOT NULL,
  `work` {{bool}} NOT NULL,
  `name` VARCHAR(64) NOT NULL,
  PRIMARY KEY (`day`),
  -- SaveCalendarYear, CalendarYears: the days of a year.
  {{index calendar_day_year (`year`, `day`)}}
) {{opts}};
