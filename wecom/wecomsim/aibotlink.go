package wecomsim

import (
	"context"
	"crypto/md5" //nolint:gosec // WeCom checks uploads by their MD5
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// botFrame is a frame of a long connection, either way.
type botFrame struct {
	Cmd     string          `json:"cmd,omitempty"`
	Headers botHeaders      `json:"headers"`
	Body    json.RawMessage `json:"body,omitempty"`
	ErrCode *int            `json:"errcode,omitempty"`
	ErrMsg  string          `json:"errmsg,omitempty"`
}

type botHeaders struct {
	ReqID string `json:"req_id"`
}

const (
	codeBotReqID     = 846605 // a req_id that is unknown or too old
	botWriteTimeout  = 5 * time.Second
	maxBotFrame      = 2 << 20
	botUploadsMinute = 30
	botUploadsHour   = 1000
)

// botUpload is a file that comes in pieces.
type botUpload struct {
	Type   string `json:"type"`
	Name   string `json:"filename"`
	Size   int    `json:"total_size"`
	Chunks int    `json:"total_chunks"`
	MD5    string `json:"md5"`

	got map[int][]byte
}

// serveBotLink is the server of long connections (doc path/101463).
func (s *Server) serveBotLink(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // it has answered
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(maxBotFrame)
	ctx := r.Context()
	var b *aibot // once subscribed
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			break
		}
		var frame botFrame
		if json.Unmarshal(data, &frame) != nil || frame.Cmd == "" {
			break
		}
		if !s.delay(ctx) {
			break
		}
		reply, cut := s.botCall(ctx, conn, &b, frame)
		if !cut && writeFrame(ctx, conn, reply) != nil {
			break
		}
	}
	s.locked(func() {
		if b != nil && b.conn == conn {
			b.conn = nil
			s.announce()
		}
	})
}

// botCall answers a frame and records it; cut means that the answer gets lost.
func (s *Server) botCall(ctx context.Context, conn *websocket.Conn, b **aibot, frame botFrame) (reply botFrame, cut bool) {
	path := "aibot/" + strings.TrimPrefix(frame.Cmd, "aibot_")
	var old *websocket.Conn
	s.locked(func() {
		c := &call{body: frame.Body, now: s.clock()}
		if *b != nil {
			c.app = (*b).app
		}
		var out answer
		fault := s.codeFault(path)
		if fault == nil {
			switch {
			case frame.Cmd == "aibot_subscribe":
				old, fault = s.botSubscribe(conn, b, c)
			case *b == nil || (*b).conn != conn:
				fault = refuse(codeForbidden, "not subscribed")
			default:
				out, fault = s.botCommand(*b, frame, c)
			}
		}
		code, msg := 0, "ok"
		if fault != nil {
			code, msg = fault.code, fault.msg
		}
		reply = botFrame{Headers: frame.Headers, ErrCode: &code, ErrMsg: msg}
		if out.fields != nil {
			reply.Body, _ = json.Marshal(out.fields) // texts and numbers
		}
		cut = fault == nil && s.answerFault(path)
		if frame.Cmd != "aibot_subscribe" { // holds the secret
			s.recordCall(endpoint{}, path, c, fault, http.StatusOK)
		} else {
			s.recordCall(endpoint{upload: true}, path, c, fault, http.StatusOK)
		}
	})
	if old != nil {
		body, _ := json.Marshal(map[string]any{"msgtype": "event", "event": map[string]string{"eventtype": "disconnected_event"}})
		ctx, cancel := context.WithTimeout(ctx, botWriteTimeout)
		_ = writeFrame(ctx, old, botFrame{Cmd: "aibot_event_callback", Headers: botHeaders{ReqID: "kick"}, Body: body})
		cancel()
		_ = old.Close(websocket.StatusPolicyViolation, "kicked")
	}
	return reply, cut
}

// botSubscribe gives a connection to a bot; the one before is pushed out. The state is locked.
func (s *Server) botSubscribe(conn *websocket.Conn, b **aibot, c *call) (old *websocket.Conn, fault *apiError) {
	var who struct {
		BotID  string `json:"bot_id"`
		Secret string `json:"secret"`
	}
	if json.Unmarshal(c.body, &who) != nil {
		return nil, refuse(codeBadJSON, "data format error")
	}
	bot, ok := s.bots[who.BotID]
	switch {
	case !ok || bot.Secret != who.Secret:
		return nil, refuse(codeBadSecret, "invalid bot_id or secret")
	case bot.app.callback.json:
		return nil, refuse(codeForbidden, "the bot has a callback URL")
	}
	old, bot.conn, *b = bot.conn, conn, bot
	c.app = bot.app
	s.announce()
	if old == conn {
		return nil, nil
	}
	return old, nil
}

// botCommand is what a subscribed connection may ask for. The state is locked.
func (s *Server) botCommand(b *aibot, frame botFrame, c *call) (answer, *apiError) {
	switch frame.Cmd {
	case "ping":
		return answer{}, nil
	case "aibot_respond_msg":
		ask, ok := b.asked.get(frame.Headers.ReqID)
		if !ok || !c.now.Before(ask.at.Add(reqIDLife)) {
			return answer{}, refuse(codeBotReqID, "invalid req_id")
		}
		var m botMessage
		if fault := c.decode(&m); fault != nil {
			return answer{}, fault
		}
		return answer{}, s.botSay(b, ask.chat, &m, c.now)
	case "aibot_send_msg":
		var m botMessage
		if fault := c.decode(&m); fault != nil {
			return answer{}, fault
		}
		g, fault := s.botChatOf(b, &m)
		if fault != nil {
			return answer{}, fault
		}
		return answer{}, s.botSay(b, g, &m, c.now)
	case "aibot_upload_media_init", "aibot_upload_media_chunk", "aibot_upload_media_finish":
		return s.botUpload(b, frame.Cmd, c)
	}
	return answer{}, refuse(codeParameter, "invalid cmd")
}

// botUpload takes a file in pieces, in any order. The state is locked.
func (s *Server) botUpload(b *aibot, cmd string, c *call) (answer, *apiError) {
	if cmd == "aibot_upload_media_init" {
		times, fits := admit(b.loads, c.now, 1, []limit{{most: botUploadsHour, within: time.Hour}, {most: botUploadsMinute, within: time.Minute}})
		if b.loads = times; !fits {
			return answer{}, refuse(codeOverLimit, "api freq out of limit")
		}
		b.loads = append(b.loads, c.now)
		up := &botUpload{got: map[int][]byte{}}
		if fault := c.decode(up); fault != nil {
			return answer{}, fault
		}
		if up.Chunks < 1 || up.Chunks > 100 || up.Name == "" {
			return answer{}, refuse(codeParameter, "invalid total_chunks or filename")
		}
		id := s.opaque(24)
		b.upload[id] = up
		return with(map[string]any{"upload_id": id}), nil
	}
	var piece struct {
		UploadID string `json:"upload_id"`
		Index    int    `json:"chunk_index"`
		Data     string `json:"base64_data"`
	}
	if fault := c.decode(&piece); fault != nil {
		return answer{}, fault
	}
	up, ok := b.upload[piece.UploadID]
	if !ok {
		return answer{}, refuse(codeParameter, "invalid upload_id")
	}
	if cmd == "aibot_upload_media_chunk" {
		data, err := base64.StdEncoding.DecodeString(piece.Data)
		if err != nil || len(data) > 512<<10 {
			return answer{}, refuse(codeParameter, "invalid base64_data")
		}
		up.got[piece.Index] = data
		return answer{}, nil
	}
	delete(b.upload, piece.UploadID)
	data := up.whole()
	if sum := md5.Sum(data); len(data) != up.Size || hex.EncodeToString(sum[:]) != up.MD5 { //nolint:gosec // WeCom checks uploads by their MD5
		return answer{}, refuse(codeParameter, "the file is not whole")
	}
	if fault := checkMedia(up.Type, data); fault != nil {
		return answer{}, fault
	}
	m := s.keepMedia(up.Type, up.Name, data, c.now)
	m.key = "bot:" + b.ID
	return with(map[string]any{"type": up.Type, "media_id": m.id, "created_at": strconv.FormatInt(c.now.Unix(), 10)}), nil
}

// whole joins the pieces, which may be numbered from 0 or from 1.
func (u *botUpload) whole() []byte {
	var data []byte
	for n := range u.Chunks + 1 {
		data = append(data, u.got[n]...)
	}
	return data
}

// pushFrame sends a message to whoever has subscribed as the bot.
func (s *Server) pushFrame(ctx context.Context, b *aibot, d *delivery) (int, []byte, error) {
	var conn *websocket.Conn
	s.locked(func() { conn = b.conn })
	if conn == nil {
		return 0, nil, errors.New("nobody has subscribed as the bot")
	}
	ctx, cancel := context.WithTimeout(ctx, botWriteTimeout)
	defer cancel()
	err := writeFrame(ctx, conn, botFrame{
		Cmd: "aibot_msg_callback", Headers: botHeaders{ReqID: d.reqID}, Body: json.RawMessage(d.Body),
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, nil, nil
}

func writeFrame(ctx context.Context, conn *websocket.Conn, frame botFrame) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, data)
}
