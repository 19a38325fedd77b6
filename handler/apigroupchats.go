package handler

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"deskmate/model"
)

// GroupChats tells of an account's AI bot and the group chats in which it was mentioned.
type GroupChats interface {
	BotRecord(ctx context.Context, accountID uint64) (model.BotRecord, error)
	// GroupChats are those that changed last first, after the key, and who names each by its peer.
	GroupChats(ctx context.Context, acc model.Account, after model.GroupKey, limit int) ([]model.GroupChat, map[string]model.Member, error)
}

// groupBody says whether an account may be used in group chats.
type groupBody struct {
	Join bool `json:"join" doc:"Allowed; only with an AI bot bound"`
}

func (b groupBody) into(_ context.Context, acc *model.Account) error {
	switch {
	case b.Join:
		acc.Group.Join = model.GroupAllow
	case acc.Group.Join != "":
		acc.Group.Join = model.GroupForbid
	}
	return acc.Group.Check()
}

// botBinding is an AI bot to bind. Empty secrets stay as they are, as long as the bot and its mode do.
type botBinding struct {
	BotID          string          `json:"bot_id" minLength:"1" maxLength:"140" doc:"BotID"`
	Name           string          `json:"name,omitempty" maxLength:"60" doc:"As members call it; empty: as the account"`
	Mode           model.GroupMode `json:"mode" enum:"connection,callback" doc:"WeCom allows one of the two: a long connection (长连接), or a callback URL"`
	Secret         string          `json:"secret,omitempty" maxLength:"200" doc:"Of the long connection; missing: as it is"`
	Token          string          `json:"token,omitempty" maxLength:"60" doc:"Of the callback: generate, or what WeCom's console generated; missing: as it is"`
	EncodingAESKey string          `json:"encoding_aes_key,omitempty" maxLength:"80" doc:"The same"`
}

// bind makes the bot the account's; what is generated stands in made.
func (b botBinding) bind(acc *model.Account, made *GeneratedKeys) error {
	old := acc.Group
	now := model.GroupBot{Join: old.Join, BotID: pasted(b.BotID), Name: strings.TrimSpace(b.Name), Mode: b.Mode}
	if old.BotID == now.BotID && old.Mode == now.Mode {
		now.Secret, now.Token, now.EncodingAESKey = old.Secret, old.Token, old.EncodingAESKey
	}
	token, key, err := made.read(b.Token, b.EncodingAESKey)
	if err != nil {
		return err
	}
	if now.Mode == model.GroupConnection {
		if secret := model.Secret(pasted(b.Secret)); secret != "" {
			now.Secret = secret
		}
	} else {
		if token != "" {
			now.Token = token
		}
		if key != "" {
			now.EncodingAESKey = key
		}
	}
	acc.Group = now
	return now.Check()
}

// groupBotView is an account's AI bot, and how it goes with it.
type groupBotView struct {
	Version      uint64          `json:"version" doc:"The account's"`
	Join         bool            `json:"join" doc:"Groups are served"`
	BotID        string          `json:"bot_id" doc:"Empty: none is bound"`
	Name         string          `json:"name"`
	Mode         model.GroupMode `json:"mode" enum:",connection,callback"`
	PublicURL    string          `json:"public_url" doc:"Where WeCom reaches this server; empty: not configured"`
	CallbackPath string          `json:"callback_path" example:"/callback/it/aibot"`
	State        string          `json:"state" enum:"none,waiting,up,down" doc:"waiting: nothing has been heard yet, or nobody holds the connection just now"`
	Reason       string          `json:"reason,omitempty" doc:"Why it is down: lost, kicked, refused; of a callback bad_signature, bad_aes_key …"`
	Code         int64           `json:"errcode,omitempty" doc:"WeCom's, where it refused"`
	Since        Instant         `json:"since,omitempty" doc:"Since when it is so; of a callback when it was heard last"`
	GeneratedKeys
}

func (a *API) viewGroupBot(ctx context.Context, acc model.Account) (groupBotView, error) {
	g := acc.Group
	v := groupBotView{
		Version: acc.Version, Join: g.Join == model.GroupAllow, BotID: g.BotID, Name: g.Name, Mode: g.Mode,
		PublicURL: a.cfg.PublicURL, CallbackPath: callbackPath(acc.Key) + "/aibot", State: "none",
	}
	if !g.Bound() {
		return v, nil
	}
	r, err := a.cfg.GroupChats.BotRecord(ctx, acc.ID)
	if err != nil {
		return v, err
	}
	held := g.Mode == model.GroupCallback || r.HeldMS > a.cfg.Now().UnixMilli()
	switch {
	case r.DownMS > 0 && r.DownMS >= r.UpMS:
		v.State, v.Reason, v.Code, v.Since = "down", r.Reason, r.Code, NewInstant(r.DownMS)
	case r.UpMS > 0 && held:
		v.State, v.Since = "up", NewInstant(r.UpMS)
	default:
		v.State = "waiting"
	}
	return v, nil
}

// groupChatView is a group chat in which the bot was mentioned.
type groupChatView struct {
	Peer      string  `json:"peer" doc:"Its name in lists of sessions"`
	Name      string  `json:"name" doc:"After who wrote last; WeCom doesn't tell the group's"`
	Single    bool    `json:"single" doc:"No group: somebody wrote to the bot alone"`
	Waiting   int     `json:"waiting" doc:"Lines of seats that wait for the next mention; in callback mode only"`
	UpdatedAt Instant `json:"updated_at"`
}

const groupTag = "group chats"

func (a *API) registerGroupChats(s surface) {
	registerSection[groupBody](a, s, "setGroup", "group", "Say whether the account may be used in group chats")
	const path = account + "/group-bot"
	within(s, call(http.MethodGet, "getGroupBot", path, groupTag, "The AI bot that takes the account's messages from group chats, and how it goes with it; never a secret"),
		func(ctx context.Context, acc model.Account, _ *AccountPath) (*tagged[groupBotView], error) {
			v, err := a.viewGroupBot(ctx, acc)
			return replyTagged(v, acc.Version, err)
		})
	type bind struct {
		AccountPath
		Precondition
		Body botBinding
	}
	within(s, call(http.MethodPut, "setGroupBot", path, groupTag, "Bind an AI bot, or change how it is reached; secrets only ever go in, but for those generated by this very call"),
		func(ctx context.Context, acc model.Account, in *bind) (*tagged[groupBotView], error) {
			expect, err := in.expect(0)
			if err != nil {
				return nil, err
			}
			var made GeneratedKeys
			now, err := a.change(ctx, acc, expect, "group", func(acc *model.Account) error { return in.Body.bind(acc, &made) })
			if err != nil {
				return nil, err
			}
			v, err := a.viewGroupBot(ctx, now)
			v.GeneratedKeys = made
			return replyTagged(v, now.Version, err)
		})
	type unbind struct {
		AccountPath
		Precondition
	}
	within(s, call(http.MethodDelete, "deleteGroupBot", path, groupTag, "Let go of the AI bot; groups are not served any more"),
		func(ctx context.Context, acc model.Account, in *unbind) (*nothing, error) {
			expect, err := in.expect(0)
			if err == nil {
				_, err = a.change(ctx, acc, expect, "group", func(acc *model.Account) error {
					acc.Group = model.GroupBot{}
					return nil
				})
			}
			return replyNothing(err)
		})
	type listChats struct {
		AccountPath
		After string `query:"after" maxLength:"160" doc:"next of the page before"`
		Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	}
	within(s, call(http.MethodGet, "listGroupChats", account+"/group-chats", groupTag, "Where the bot was mentioned, what changed last first"),
		func(ctx context.Context, acc model.Account, in *listChats) (*body[Listed[groupChatView]], error) {
			after, err := groupKey(in.After)
			if err != nil {
				return nil, err
			}
			rows, names, err := a.cfg.GroupChats.GroupChats(ctx, acc, after, in.Limit)
			page := Listed[groupChatView]{Items: views(rows, func(g model.GroupChat) groupChatView {
				return groupChatView{
					Peer: g.Peer, Name: names[g.Peer].ShortName(), Single: g.Single, Waiting: len(g.Kept), UpdatedAt: NewInstant(g.UpdatedMS),
				}
			})}
			if len(rows) == in.Limit {
				last := rows[len(rows)-1]
				page.Next = strconv.FormatInt(last.UpdatedMS, 10) + "." + last.Peer
			}
			return reply(page, err)
		})
}

// groupKey reads the parameter after of a list of group chats.
func groupKey(text string) (model.GroupKey, error) {
	if text == "" {
		return model.GroupKey{}, nil
	}
	at, peer, ok := strings.Cut(text, ".")
	ms, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil {
		return model.GroupKey{}, model.Invalid("after", "after 应为上一页的 next")
	}
	return model.GroupKey{AtMS: ms, Peer: peer}, nil
}
