-- Surveys expire, can be changed, and belong to all who served.

-- +goose Up
{{column survey served {{text}} NOT NULL DEFAULT ''}};
{{column survey expires_ms BIGINT NOT NULL DEFAULT 0}};
{{column survey first_rating VARCHAR(8) NOT NULL DEFAULT ''}};
{{column survey first_ms BIGINT NOT NULL DEFAULT 0}};
-- LastSurvey: when an employee was asked last.
{{addindex survey survey_employee (`account_id`, `employee`, `sent_ms`)}};
UPDATE `survey` SET `first_rating` = `rating`, `first_ms` = `rated_ms` WHERE `first_rating` = '' AND `rating` <> '';
