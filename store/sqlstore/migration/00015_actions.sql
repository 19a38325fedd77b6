-- What seats take back.

-- +goose Up
{{column outbox message_seq INT NOT NULL DEFAULT 0}};

-- LastSent: what became of a line of a session's transcript.
{{addindex outbox outbox_message (`session_id`, `message_seq`)}};
