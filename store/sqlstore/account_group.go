package sqlstore

import (
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

	"deskmate/model"
)

// groupForm is a [model.GroupBot] with its secrets open, as it is sealed.
type groupForm struct {
	Join           model.GroupJoin `json:"join"`
	BotID          string          `json:"bot_id"`
	Name           string          `json:"name,omitempty"`
	Mode           model.GroupMode `json:"mode"`
	Secret         string          `json:"secret"`
	Token          string          `json:"token"`
	EncodingAESKey string          `json:"encoding_aes_key"`
}

// groupJSON is the bot as one secret; "" for none.
func groupJSON(b model.GroupBot) model.Secret {
	if b == (model.GroupBot{}) {
		return ""
	}
	text, _ := json.Marshal(groupForm{ //nolint:gosec // sealed before it is stored
		b.Join, b.BotID, b.Name, b.Mode, b.Secret.Reveal(), b.Token.Reveal(), b.EncodingAESKey.Reveal(),
	}) // texts can be marshalled
	return model.Secret(text)
}

// parseGroup reads what groupJSON writes.
func parseGroup(text model.Secret) (model.GroupBot, error) {
	if text == "" {
		return model.GroupBot{}, nil
	}
	var f groupForm
	if err := json.Unmarshal([]byte(text.Reveal()), &f); err != nil {
		return model.GroupBot{}, err
	}
	return model.GroupBot{
		Join: f.Join, BotID: f.BotID, Name: f.Name, Mode: f.Mode,
		Secret: model.Secret(f.Secret), Token: model.Secret(f.Token), EncodingAESKey: model.Secret(f.EncodingAESKey),
	}, nil
}

// sameBot reports whether what is known of one account's bot holds for the other's.
func sameBot(a, b model.GroupBot) bool {
	a.Join, a.Name, b.Join, b.Name = "", "", "", ""
	return a == b
}

// groupSaid is a bot as the audit log tells it.
func groupSaid(b model.GroupBot) map[string]any {
	join := b.Join
	if join == "" {
		join = model.GroupForbid
	}
	return map[string]any{"join": join, "bot_id": b.BotID, "name": b.Name, "mode": b.Mode}
}

// newSecrets are the names of the secrets of a bot that were not the same before.
func newSecrets(before, after model.GroupBot) []string {
	var names []string
	for _, one := range []struct {
		name     string
		was, now model.Secret
	}{
		{"secret", before.Secret, after.Secret},
		{"token", before.Token, after.Token},
		{"encoding_aes_key", before.EncodingAESKey, after.EncodingAESKey},
	} {
		if one.was != one.now && one.now != "" {
			names = append(names, one.name)
		}
	}
	return names
}

// botFree refuses a bot that another account has: WeCom takes one connection of it, so the two
// would push each other out for ever.
func botFree(tx *gorm.DB, acc model.Account) error {
	if !acc.Group.Bound() {
		return nil
	}
	other, taken, err := find[accountRow](tx.Where("bot_id = ? AND account_key <> ?", acc.Group.BotID, acc.Key))
	if err != nil || !taken {
		return err
	}
	return &model.Error{
		Code: model.CodeConflict, Reason: "bot_taken",
		Message: fmt.Sprintf("this AI bot serves account %q already", other.AccountKey),
	}
}
