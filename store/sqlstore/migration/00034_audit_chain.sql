-- The audit log as a chain: each entry names the one before it, and the chain's end is signed.

-- +goose Up
-- 0: not in the chain yet; a replica of the last release writes so.
{{column audit seq BIGINT NOT NULL DEFAULT 0}};
{{column audit prev VARCHAR(80) NOT NULL DEFAULT ''}};
{{column audit hash VARCHAR(80) NOT NULL DEFAULT ''}};

-- VerifyAudits: an account's chain, entry by entry; SealAudits: what is not in it yet.
{{addindex audit audit_chained (`account_id`, `seq`)}};

CREATE TABLE IF NOT EXISTS `audit_chain` (
  `account_id` BIGINT NOT NULL,
  `begun_ms` BIGINT NOT NULL,
  `seq` BIGINT NOT NULL,
  `hash` VARCHAR(80) NOT NULL,
  `mac` VARCHAR(80) NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};
