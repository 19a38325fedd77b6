package config_test

import (
	"strings"
	"testing"

	"deskmate/config"
	"deskmate/model"
)

const groupAccount = "key: it\nname: IT\ncorp_id: ww1\nagent_id: 1\nsecret: s\ntoken: t\n" +
	"encoding_aes_key: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG\n"

func TestParseAccount_group(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, problem string
		want                model.GroupBot
	}{
		{name: "none", text: ""},
		{name: "forbidden", text: "group: {join: forbid}"},
		{
			name: "connection", text: "group: {join: allow, bot_id: aib1, name: IT 客服, secret: x}",
			want: model.GroupBot{Join: model.GroupAllow, BotID: "aib1", Name: "IT 客服", Mode: model.GroupConnection, Secret: "x"},
		},
		{
			name: "callback", text: "group: {bot_id: aib1, mode: callback, token: tt, encoding_aes_key: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG}",
			want: model.GroupBot{
				BotID: "aib1", Mode: model.GroupCallback, Token: "tt", EncodingAESKey: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
			},
		},
		{name: "no bot", text: "group: {join: allow}", problem: "group.join"},
		{name: "a name for no bot", text: "group: {name: 客服}", problem: "group.name"},
		{name: "a secret for no bot", text: "group: {secret: x}", problem: "group.secret"},
		{name: "no secret", text: "group: {bot_id: aib1}", problem: "group.secret"},
		{name: "another mode's secret", text: "group: {bot_id: aib1, secret: x, token: tt}", problem: "group.token"},
		{name: "no mode", text: "group: {bot_id: aib1, mode: poll, secret: x}", problem: "group.mode"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := config.ParseAccount([]byte(groupAccount+c.text+"\n"), nil)
			switch {
			case c.problem != "":
				if err == nil || !strings.Contains(err.Error(), c.problem) {
					t.Errorf("got %v, want a problem with %s", err, c.problem)
				}
			case err != nil:
				t.Error(err)
			case got.Account.Group != c.want:
				t.Errorf("got %#v", got.Account.Group)
			}
		})
	}
}
