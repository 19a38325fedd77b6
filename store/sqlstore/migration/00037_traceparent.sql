-- Which span an event or a push goes on from; '' where nothing is traced.

-- +goose Up
{{column inbox traceparent VARCHAR(55) NOT NULL DEFAULT ''}};
{{column outbox traceparent VARCHAR(55) NOT NULL DEFAULT ''}};
