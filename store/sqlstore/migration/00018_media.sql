-- Pictures, voices, videos and files of transcripts, which WeCom keeps for three days.

-- +goose Up
CREATE TABLE IF NOT EXISTS `message_media` (
  `session_id` BIGINT NOT NULL,
  `seq` INT NOT NULL,
  `account_id` BIGINT NOT NULL,
  `media_id` VARCHAR(500) NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `sent_ms` BIGINT NOT NULL,
  `state` VARCHAR(8) NOT NULL,
  `attempts` INT NOT NULL,
  `due_ms` BIGINT NOT NULL,
  `blob_key` VARCHAR(191) NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `mime` VARCHAR(100) NOT NULL,
  `size` BIGINT NOT NULL,
  `sum` VARCHAR(64) NOT NULL,
  `again_id` VARCHAR(500) NOT NULL,
  `again_ms` BIGINT NOT NULL,
  PRIMARY KEY (`session_id`, `seq`),
  -- ClaimMedia, PendingMedia: what is to be fetched, longest due first.
  {{index message_media_due (`state`, `due_ms`)}}
) {{opts}};
