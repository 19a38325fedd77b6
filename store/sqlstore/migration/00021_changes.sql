-- What changed lately, for those who look on.

-- +goose Up
-- ChangedSessions: an account's sessions by when they changed last.
{{addindex session session_updated (`account_id`, `updated_ms`)}};
