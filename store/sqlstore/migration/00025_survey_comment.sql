-- What employees say besides a rating.

-- +goose Up
{{column survey comment VARCHAR(500) NOT NULL DEFAULT ''}};
{{column survey comment_ms BIGINT NOT NULL DEFAULT 0}};
