CREATE TABLE `account` (
  `id` bigint(20) NOT NULL,
  `account_key` varchar(40) NOT NULL,
  `corp_id` varchar(64) NOT NULL,
  `corp_fold` varchar(64) NOT NULL,
  `agent_id` bigint(20) NOT NULL,
  `name` varchar(191) NOT NULL,
  `secret` varchar(512) NOT NULL,
  `token` varchar(512) NOT NULL,
  `encoding_aes_key` varchar(512) NOT NULL,
  `enabled` tinyint(1) NOT NULL,
  `policy` mediumtext NOT NULL,
  `profile` mediumtext NOT NULL,
  `version` bigint(20) NOT NULL,
  `created_ms` bigint(20) NOT NULL,
  `updated_ms` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `account_key` (`account_key`),
  UNIQUE KEY `account_agent` (`corp_fold`,`agent_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;
INSERT INTO `account` VALUES (7434039774416848166,'hr','wwCorp','wwcorp',1000002,'人事服务','b2336a7f:vPfMa6U8/eRorDMhRKjWj1nWfRbiWTk58QxAAlIu81nelvJCVFA=','b2336a7f:d17P0LXTe1bpvs7LCO7JlquUJfiCLVg7ZuwrS4GE8Q1HJak5uXW5/3vM','b2336a7f:31JqttZ03q3mWVPELA6GDNRItm50jbVEgY4ITa87bFHva8hSDaMoSl9WtGk=',1,'{\"assignment\":{\"mode\":\"least_busy\",\"prefer_previous\":false,\"busy_gap\":5,\"capacity\":0},\"bot\":{\"enabled\":true,\"answer\":0.8,\"suggest\":0.4,\"welcome\":\"\",\"miss_text\":\"抱歉，我还不知道这个问题的答案。您可以换个说法，或者转人工。\",\"idle_after\":1800000},\"handoff\":{\"keywords\":[\"人工\",\"转人工\",\"人工客服\",\"投诉\"],\"misses\":2,\"button\":true},\"timers\":{\"idle\":600000000000},\"survey\":{\"enabled\":true,\"ask_reason\":true,\"reasons\":[\"没有解决问题\",\"回复太慢\",\"态度不好\",\"答非所问\"],\"after_idle\":false},\"focus\":\"strict\",\"menu\":\"on\",\"limits\":{\"pushes_per_day\":100000}}','{\"service_window\":{}}',1,1772413200000,1772413200000);
CREATE TABLE `account_owner` (
  `account_id` bigint(20) NOT NULL,
  `user_id` varchar(128) NOT NULL,
  PRIMARY KEY (`account_id`,`user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;
INSERT INTO `account_owner` VALUES (7434039774416848166,'boss');
CREATE TABLE `seat` (
  `account_id` bigint(20) NOT NULL,
  `user_id` varchar(128) NOT NULL,
  `state` varchar(16) NOT NULL,
  `capacity` int(11) NOT NULL,
  `load` int(11) NOT NULL,
  `last_assigned_ms` bigint(20) NOT NULL,
  `day_no` int(11) NOT NULL,
  `day` int(11) NOT NULL,
  `focus_session` bigint(20) NOT NULL,
  `focus_ms` bigint(20) NOT NULL,
  PRIMARY KEY (`account_id`,`user_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;
INSERT INTO `seat` VALUES (7434039774416848166,'li','online',0,0,0,0,0,0,0);
INSERT INTO `seat` VALUES (7434039774416848166,'zhao','online',0,0,0,0,0,0,0);
CREATE TABLE `revision` (
  `name` varchar(40) NOT NULL,
  `value` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=DYNAMIC;
INSERT INTO `revision` VALUES ('accounts',1);
CREATE TABLE `schema_version` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `version_id` bigint(20) NOT NULL,
  `is_applied` tinyint(1) NOT NULL,
  `tstamp` datetime DEFAULT current_timestamp(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
INSERT INTO `schema_version` VALUES (1,0,1,'2026-11-22 18:48:38');
INSERT INTO `schema_version` VALUES (2,1,1,'2026-11-22 18:48:38');
