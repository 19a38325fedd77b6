package wecomsim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/coder/websocket"

	"deskmate/model"
	"deskmate/wecom"
)

// FromBot is a Bubble's From where an AI bot wrote it.
const FromBot = "bot"

// Bot is an AI bot (智能机器人) in API mode: by a long connection, or by callbacks once
// [Server.SetBotCallback] gave it a URL.
type Bot struct {
	ID     string // BotID
	Secret string // of the long connection
	Name   string // by which members call it: @Name
}

// aibot is a Bot as the corp keeps it.
type aibot struct {
	Bot
	app    *app // what its callbacks are sent as; its AgentID is negative
	aesKey string
	conn   *websocket.Conn // the long connection that has subscribed; nil for none
	asked  recent[string, *botAsk]
	codes  recent[string, *botAsk] // by response_code
	upload map[string]*botUpload
	loads  []time.Time // uploads of the last hour
}

// botAsk is a message to a bot that can be answered.
type botAsk struct {
	chat *botChat
	at   time.Time
	used bool // the response_url was
}

// Group is an internal group chat with an AI bot in it.
type Group struct {
	ID      string // chatid
	Name    string
	Bot     string   // BotID
	Members []string // userids
}

// botChat is a group chat, or a member's chat with a bot.
type botChat struct {
	Group
	single  bool
	screen  screen
	times   []time.Time // the bot's messages of the last hour
	written bool        // somebody has written to the bot here
}

// AddBot adds an AI bot, or gives the one with this ID another secret and name.
func (s *Server) AddBot(b Bot) error {
	if b.ID == "" || b.Secret == "" || b.Name == "" {
		return errors.New("a bot needs an id, a secret and a name")
	}
	s.locked(func() {
		known, ok := s.bots[b.ID]
		if !ok {
			known = &aibot{upload: map[string]*botUpload{}}
			known.app = &app{App: App{AgentID: -int64(len(s.bots)) - 1, Name: b.Name}}
			known.app.callback = &callback{bot: known}
			s.bots[b.ID] = known
		}
		known.Bot = b
	})
	return nil
}

// SetBotCallback saves a bot's callback URL as WeCom's console does, see [Server.SetCallback];
// from then on the bot has no long connection.
func (s *Server) SetBotCallback(ctx context.Context, botID, address, token, aesKey string) error {
	b, err := s.bot(botID)
	if err != nil {
		return err
	}
	if checkURL(address) != nil || !callbackTokenForm.MatchString(token) || !callbackKeyForm.MatchString(aesKey) {
		return errors.New("a bot's callback needs a URL, a token of 1 to 32 letters and digits and a key of 43")
	}
	crypto, err := wecom.NewCrypto(model.Secret(token), model.Secret(aesKey), "")
	if err != nil {
		return fmt.Errorf("set the callback of a bot: %w", err)
	}
	cb := &callback{url: address, crypto: crypto, json: true}
	if err := s.verify(ctx, cb); err != nil {
		return fmt.Errorf("verify the bot's callback URL: %w", err)
	}
	s.locked(func() {
		b.app.callback, b.aesKey = cb, aesKey
		b.hangUp()
	})
	return nil
}

// SetAddress says under which address this server is reached, without a slash at the end: bots
// are told addresses of answers and files.
func (s *Server) SetAddress(address string) {
	s.locked(func() { s.address = address })
}

// AddGroup makes a group chat with a bot in it, or changes its name and members.
func (s *Server) AddGroup(g Group) error {
	if _, err := s.bot(g.Bot); err != nil || g.ID == "" {
		return errors.Join(errors.New("a group needs an id and a bot"), err)
	}
	s.locked(func() {
		known, ok := s.groups[g.ID]
		if !ok {
			known = &botChat{}
			s.groups[g.ID] = known
		}
		known.Group = g
		s.announce()
	})
	return nil
}

// Groups are the group chats by id.
func (s *Server) Groups() []Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Group
	for _, id := range slices.Sorted(maps.Keys(s.groups)) {
		if !s.groups[id].single {
			list = append(list, s.groups[id].Group)
		}
	}
	return list
}

// BotName is the name by which members call a bot; "" for one that isn't there.
func (s *Server) BotName(botID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.bots[botID]; ok {
		return b.Name
	}
	return ""
}

// BotConnected reports whether a long connection has subscribed as the bot.
func (s *Server) BotConnected(botID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bots[botID]
	return ok && b.conn != nil
}

// DisconnectBot breaks a bot's long connection, as a bad network does.
func (s *Server) DisconnectBot(botID string) error {
	b, err := s.bot(botID)
	if err != nil {
		return err
	}
	s.locked(b.hangUp)
	return nil
}

// GroupScreen is what a group chat shows, oldest first, as in Screen; a member's chat with a bot
// is found under [SingleChat].
func (s *Server) GroupScreen(chatID string) []Bubble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g, ok := s.groups[chatID]; ok {
		return slices.Clone(g.screen.bubbles)
	}
	return nil
}

// SingleChat names a member's chat with a bot.
func SingleChat(botID, userID string) string { return "@" + botID + "/" + model.Fold(userID) }

func (s *Server) bot(id string) (*aibot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bots[id]
	if !ok {
		return nil, fmt.Errorf("there is no bot %q", id)
	}
	return b, nil
}

// hangUp ends the long connection. The state is locked.
func (b *aibot) hangUp() {
	if conn := b.conn; conn != nil {
		b.conn = nil
		_ = conn.CloseNow()
	}
}
