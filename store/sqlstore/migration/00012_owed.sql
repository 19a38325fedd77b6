-- Since when a seat owes an answer.

-- +goose Up
{{column session owed_ms BIGINT NOT NULL DEFAULT 0}};

-- Who has written to a seat and not been answered is owed one.
UPDATE `session` SET `owed_ms` = `last_employee_ms`
  WHERE `state` = 'serving' AND `owed_ms` = 0 AND `last_seat_ms` < `last_employee_ms`;
