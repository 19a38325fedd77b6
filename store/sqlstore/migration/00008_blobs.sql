-- Files, and what is made of them: imports, encoders, vectors.

-- +goose Up
-- A blob without a sum is still being written, or broke off.
CREATE TABLE IF NOT EXISTS `blob` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `mime` VARCHAR(100) NOT NULL,
  `size` BIGINT NOT NULL,
  `sum` VARCHAR(64) NOT NULL,
  `created_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- PutBlob, SaveEncoder: what of a kind is left over, or out of use.
  {{index blob_kind (`account_id`, `kind`, `id`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `blob_chunk` (
  `account_id` BIGINT NOT NULL,
  `blob_id` BIGINT NOT NULL,
  `n` INT NOT NULL,
  `data` {{blob}} NOT NULL,
  PRIMARY KEY (`account_id`, `blob_id`, `n`)
) {{opts}};

CREATE TABLE IF NOT EXISTS `import` (
  `id` BIGINT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `file_name` VARCHAR(191) NOT NULL,
  `replace` {{bool}} NOT NULL,
  `skip_bad` {{bool}} NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  `author` VARCHAR(128) NOT NULL,
  `file_blob` BIGINT NOT NULL,
  `report_blob` BIGINT NOT NULL,
  `counts` {{text}} NOT NULL,
  `total` INT NOT NULL,
  `done` INT NOT NULL,
  `version` BIGINT NOT NULL,
  `err` VARCHAR(500) NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `until_ms` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- Imports: an account's, newest first.
  {{index import_account (`account_id`, `id`)}},
  -- ClaimImport: those with work that nobody does.
  {{index import_claim (`state`, `until_ms`)}}
) {{opts}};

CREATE TABLE IF NOT EXISTS `encoder_state` (
  `account_id` BIGINT NOT NULL,
  `seq` BIGINT NOT NULL,
  `blob_id` BIGINT NOT NULL,
  `version` BIGINT NOT NULL,
  `owner` VARCHAR(64) NOT NULL,
  `until_ms` BIGINT NOT NULL,
  `trained_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`)
) {{opts}};

-- Vectors of texts, by the texts' SHA-256; float32, little-endian.
CREATE TABLE IF NOT EXISTS `embedding` (
  `account_id` BIGINT NOT NULL,
  `model` VARCHAR(100) NOT NULL,
  `sum` VARCHAR(64) NOT NULL,
  `vector` {{blob}} NOT NULL,
  PRIMARY KEY (`account_id`, `model`, `sum`)
) {{opts}};

-- Blobs that WeCom has under a temporary name of its own.
CREATE TABLE IF NOT EXISTS `media_upload` (
  `account_id` BIGINT NOT NULL,
  `blob_id` BIGINT NOT NULL,
  `media_id` VARCHAR(500) NOT NULL,
  `expires_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `blob_id`)
) {{opts}};
