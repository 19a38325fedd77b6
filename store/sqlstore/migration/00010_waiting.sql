-- How queued sessions wait.

-- +goose Up
{{column session wait_state VARCHAR(16) NOT NULL DEFAULT ''}};
{{column session waiting_ms BIGINT NOT NULL DEFAULT 0}};
{{column session wait_due_ms BIGINT NOT NULL DEFAULT 0}};
{{column session wait_ahead INT NOT NULL DEFAULT 0}};
{{column session returned_by VARCHAR(128) NOT NULL DEFAULT ''}};

-- Those who wait already have waited since their handoff.
UPDATE `session` SET `waiting_ms` = `queued_ms` WHERE `state` = 'queued' AND `waiting_ms` = 0;
