CREATE TABLE `account` (
  `id` BIGINT NOT NULL,
  `account_key` VARCHAR(40) NOT NULL,
  `corp_id` VARCHAR(64) NOT NULL,
  `corp_fold` VARCHAR(64) NOT NULL,
  `agent_id` BIGINT NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `secret` VARCHAR(512) NOT NULL,
  `token` VARCHAR(512) NOT NULL,
  `encoding_aes_key` VARCHAR(512) NOT NULL,
  `enabled` INTEGER NOT NULL,
  `policy` TEXT NOT NULL,
  `profile` TEXT NOT NULL,
  `version` BIGINT NOT NULL,
  `created_ms` BIGINT NOT NULL,
  `updated_ms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  -- AccountByKey; a key names one account.
  CONSTRAINT account_key UNIQUE (`account_key`),
  -- SaveAccount: one app serves one account.
  CONSTRAINT account_agent UNIQUE (`corp_fold`, `agent_id`)
);
INSERT INTO account VALUES(7434039774414926822,'hr','wwCorp','wwcorp',1000002,'人事服务','b2336a7f:wOkfhfC19vLYwI5xEe83FQdK6jK+W/PIoLoKaXd5bYaWrdV54dQ=','b2336a7f:DDLr8+EK9s4LufJLMVdMJrI+RoldtgAbr+X2guAF0tHbxvaVbPdfg3kM','b2336a7f:gBF+oGONbIWTmSnjkDsEuLDvrLkHYXtFUJmtIDLMrqtqIg/fgdlkdtx7CAc=',1,'{"assignment":{"mode":"least_busy","prefer_previous":false,"busy_gap":5,"capacity":0},"bot":{"enabled":true,"answer":0.8,"suggest":0.4,"welcome":"","miss_text":"抱歉，我还不知道这个问题的答案。您可以换个说法，或者转人工。","idle_after":1800000},"handoff":{"keywords":["人工","转人工","人工客服","投诉"],"misses":2,"button":true},"timers":{"idle":600000000000},"survey":{"enabled":true,"ask_reason":true,"reasons":["没有解决问题","回复太慢","态度不好","答非所问"],"after_idle":false},"focus":"strict","menu":"on","limits":{"pushes_per_day":100000}}','{"service_window":{}}',1,1772413200000,1772413200000);
CREATE TABLE `account_owner` (
  `account_id` BIGINT NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  PRIMARY KEY (`account_id`, `user_id`)
);
INSERT INTO account_owner VALUES(7434039774414926822,'boss');
CREATE TABLE `seat` (
  `account_id` BIGINT NOT NULL,
  `user_id` VARCHAR(128) NOT NULL,
  `state` VARCHAR(16) NOT NULL,
  `capacity` INT NOT NULL,
  `load` INT NOT NULL,
  `last_assigned_ms` BIGINT NOT NULL,
  `day_no` INT NOT NULL,
  `day` INT NOT NULL,
  `focus_session` BIGINT NOT NULL,
  `focus_ms` BIGINT NOT NULL,
  PRIMARY KEY (`account_id`, `user_id`)
);
INSERT INTO seat VALUES(7434039774414926822,'li','online',0,0,0,0,0,0,0);
INSERT INTO seat VALUES(7434039774414926822,'zhao','online',0,0,0,0,0,0,0);
CREATE TABLE `revision` (
  `name` VARCHAR(40) NOT NULL,
  `value` BIGINT NOT NULL,
  PRIMARY KEY (`name`)
);
INSERT INTO revision VALUES('accounts',1);
CREATE TABLE schema_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO schema_version VALUES(1,0,1,'2026-11-22 18:48:38');
INSERT INTO schema_version VALUES(2,1,1,'2026-11-22 18:48:38');
