package config

import "deskmate/model"

// group reads the AI bot through which the account is reached in group chats.
func (r *accountReader) group() {
	g := &r.file.Account.Group
	s := r.top.section("group")
	s.text("join", (*string)(&g.Join), oneOf(string(model.GroupForbid), string(model.GroupAllow)))
	s.text("bot_id", &g.BotID, must("the bot's BotID, 1 to 128 of letters, digits and _.-", model.IsBotID))
	s.text("name", &g.Name, lineUpTo(model.NameMost))
	s.text("mode", (*string)(&g.Mode), oneOf(string(model.GroupConnection), string(model.GroupCallback)))
	if g.BotID != "" && g.Mode == "" {
		g.Mode = model.GroupConnection
	}
	switch {
	case !s.has("bot_id"):
		if g.Join == model.GroupAllow {
			s.problem("join", "allow needs a bot_id: WeCom delivers group messages to an AI bot only")
		}
		for _, key := range []string{"name", "mode", "secret", "secret_file", "token", "token_file", "encoding_aes_key", "encoding_aes_key_file"} {
			if s.has(key) {
				s.problem(key, "needs a bot_id")
			}
		}
	case g.Mode == model.GroupCallback:
		r.secretIn(s, "token", &g.Token, "the bot's Token, 1 to 32 letters and digits", model.IsCallbackToken)
		r.secretIn(s, "encoding_aes_key", &g.EncodingAESKey,
			"the bot's EncodingAESKey, exactly 43 letters and digits", model.IsAESKey)
	default:
		r.secretIn(s, "secret", &g.Secret, "the Secret of the bot's long connection (长连接), without white space", model.IsSecret)
	}
	if !g.Bound() {
		*g = model.GroupBot{} // forbidden, as without the section
	}
	s.done()
}
