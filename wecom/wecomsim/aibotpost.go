package wecomsim

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"deskmate/model"
)

// botFileLife is for how long a file written to a bot can be fetched (doc path/100719).
const botFileLife = 5 * time.Minute

// BotPost is what a member writes where a bot is. Its parts go out as WeCom sends them: a text,
// a mixed message of text and pictures, or, without a text, one file.
type BotPost struct {
	Text   string
	Quote  string   // the text that it quotes
	Images [][]byte // JPG, PNG
	File   []byte
	Name   string // of File
	Voice  string // what was said; only where nobody else is
}

// Post lets a member write in a group chat. The bot gets it only where it is called: Text holds
// @ and its name. It returns the message's id.
func (s *Server) Post(chatID, userID string, p BotPost) (string, error) {
	var id string
	err := fmt.Errorf("there is no group %q", chatID)
	s.locked(func() {
		if g, ok := s.groups[chatID]; ok && !g.single {
			b := s.bots[g.Bot]
			id, err = s.post(b, g, userID, p, strings.Contains(p.Text, "@"+b.Name)), nil
		}
	})
	return id, err
}

// PostAlone lets a member write to a bot in its own chat.
func (s *Server) PostAlone(botID, userID string, p BotPost) (string, error) {
	var id string
	err := fmt.Errorf("there is no bot %q", botID)
	s.locked(func() {
		b, ok := s.bots[botID]
		if !ok {
			return
		}
		name := SingleChat(botID, userID)
		g := s.groups[name]
		if g == nil {
			g = &botChat{Group: Group{ID: userID, Bot: botID}, single: true}
			s.groups[name] = g
		}
		id, err = s.post(b, g, userID, p, true), nil
	})
	return id, err
}

// post shows a message and, where the bot gets it, queues it for the bot. The state is locked.
func (s *Server) post(b *aibot, g *botChat, userID string, p BotPost, called bool) string {
	now := s.clock()
	id := strconv.FormatInt(s.messageNumber(), 10)
	bubble := Bubble{MsgID: id, From: s.spelt(userID), Type: "text", Text: p.Text, At: now}
	body, kind := s.botBody(b, p, &bubble, now)
	g.screen.add(bubble, nil)
	s.traceBubble(b.app.AgentID, model.Fold(userID), bubble)
	s.announce()
	if !called {
		return id
	}
	g.written = true
	ask := &botAsk{chat: g, at: now}
	body["msgid"], body["aibotid"], body["msgtype"] = id, b.ID, kind
	body["chattype"], body["from"] = "single", map[string]string{"userid": bubble.From}
	if !g.single {
		body["chattype"], body["chatid"] = "group", g.ID
	}
	reqID := "req" + s.opaque(20)
	if b.app.callback.json {
		code := s.opaque(32)
		b.codes.put(code, ask)
		body["response_url"] = s.address + apiPrefix + "aibot/response?response_code=" + code
	} else {
		b.asked.put(reqID, ask)
	}
	text, _ := json.Marshal(body) // maps of texts can be marshalled
	s.enqueueBody(b.app, Delivery{UserID: bubble.From, Kind: kind, MsgID: id, reqID: reqID}, string(text))
	return id
}

// spelt is a userid as the corp writes it. The state is locked.
func (s *Server) spelt(userID string) string {
	if m, ok := s.members[model.Fold(userID)]; ok {
		return m.UserID
	}
	return userID
}

// botBody is the part of a message that depends on what was written. The state is locked.
func (s *Server) botBody(b *aibot, p BotPost, bubble *Bubble, now time.Time) (map[string]any, string) {
	body := map[string]any{}
	text := map[string]string{"content": p.Text}
	if p.Quote != "" {
		body["quote"] = map[string]any{"msgtype": "text", "text": map[string]string{"content": p.Quote}}
	}
	switch {
	case p.Voice != "":
		bubble.Type, bubble.Text = "voice", p.Voice
		body["voice"] = map[string]string{"content": p.Voice}
	case p.File != nil:
		bubble.Type = "file"
		body["file"] = s.botFile(b, "file", p.Name, p.File, bubble, now)
	case len(p.Images) == 1 && p.Text == "":
		bubble.Type = "image"
		body["image"] = s.botFile(b, "image", "image.jpg", p.Images[0], bubble, now)
	case len(p.Images) > 0:
		bubble.Type = "mixed"
		items := []any{map[string]any{"msgtype": "text", "text": text}}
		for _, data := range p.Images {
			items = append(items, map[string]any{"msgtype": "image", "image": s.botFile(b, "image", "image.jpg", data, bubble, now)})
		}
		body["mixed"] = map[string]any{"msg_item": items}
	default:
		body["text"] = text
	}
	return body, bubble.Type
}

// botFile keeps a file for the bot to fetch. The state is locked.
func (s *Server) botFile(b *aibot, kind, name string, data []byte, bubble *Bubble, now time.Time) map[string]string {
	m := s.keepMedia(kind, name, data, now)
	bubble.Media = m.view()
	key := b.aesKey + "="
	out := map[string]string{"url": s.address + "/aibot/file/" + m.id}
	if !b.app.callback.json {
		key = base64.StdEncoding.EncodeToString([]byte(s.opaque(32)))
		out["aeskey"] = key
	}
	m.key, m.aesKey = "bot:"+b.ID, key
	return out
}

// serveBotFile gives a file to a bot: encrypted, for five minutes.
func (s *Server) serveBotFile(w http.ResponseWriter, r *http.Request) {
	var m *media
	s.locked(func() {
		found, ok := s.media[strings.TrimPrefix(r.URL.Path, "/aibot/file/")]
		if ok && found.aesKey != "" && s.clock().Before(found.created.Add(botFileLife)) {
			m = found
		}
	})
	if m == nil {
		http.NotFound(w, r)
		return
	}
	sealed, err := sealBotFile(m.aesKey, m.data)
	if err != nil {
		http.Error(w, "no key", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if m.kind == "file" {
		w.Header().Set("Content-Disposition", `attachment; filename="`+strings.ReplaceAll(m.name, `"`, "")+`"`)
	}
	_, _ = w.Write(sealed)
}

func sealBotFile(aesKey string, data []byte) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(aesKey)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	const padTo = 32
	pad := padTo - len(data)%padTo
	sealed := append(append([]byte{}, data...), []byte(strings.Repeat(string(rune(pad)), pad))...)
	cipher.NewCBCEncrypter(block, key[:aes.BlockSize]).CryptBlocks(sealed, sealed)
	return sealed, nil
}
