package wecom

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/coder/websocket"

	"deskmate/model"
)

// botFrame is what goes over the connection, either way.
type botFrame struct {
	Cmd     string          `json:"cmd,omitempty"` // an answer has none
	Headers botHeaders      `json:"headers"`
	Body    json.RawMessage `json:"body,omitempty"`
	ErrCode int64           `json:"errcode,omitempty"`
	ErrMsg  string          `json:"errmsg,omitempty"`
}

type botHeaders struct {
	ReqID string `json:"req_id"`
}

// The commands.
const (
	cmdSubscribe = "aibot_subscribe"
	cmdPing      = "ping"
	cmdMessage   = "aibot_msg_callback"
	cmdEvent     = "aibot_event_callback"
	cmdRespond   = "aibot_respond_msg"
	cmdSend      = "aibot_send_msg"
)

// answered hands an answer to whoever waits for it.
func (l *BotLink) answered(frame botFrame) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer, ok := l.waiting[frame.Headers.ReqID]; ok {
		delete(l.waiting, frame.Headers.ReqID)
		answer <- frame // holds one
	}
}

// request sends a frame and waits for its answer. reqID "" takes one of its own. Its errors are
// a [model.PushError] or an [APIError].
func (l *BotLink) request(ctx context.Context, cmd, reqID string, body any) (json.RawMessage, error) {
	frame := botFrame{Cmd: cmd, Headers: botHeaders{ReqID: reqID}}
	if reqID == "" {
		frame.Headers.ReqID = fmt.Sprintf("%s-%d", cmd, model.NewID(l.cfg.Now()))
	}
	if body != nil {
		var err error
		if frame.Body, err = encodeJSON(body); err != nil {
			return nil, fmt.Errorf("encode %s: %w", cmd, err)
		}
	}
	data, err := encodeJSON(frame)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", cmd, err)
	}
	conn, answer, done, err := l.begin(ctx, cmd, frame.Headers.ReqID)
	if err != nil {
		return nil, &model.PushError{Class: model.FailRetry, After: time.Second, Err: err}
	}
	defer done()
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Ack)
	defer cancel()
	if err := conn.Write(ctx, websocket.MessageText, data); err != nil {
		return nil, &model.PushError{Class: model.FailUncertain, Err: fmt.Errorf("write %s: %w", cmd, err)}
	}
	select {
	case got, ok := <-answer:
		if !ok {
			return nil, &model.PushError{Class: model.FailUncertain, Err: fmt.Errorf("%s: the connection ended before the answer", cmd)}
		}
		return got.Body, apiError("aibot/"+cmd, got.ErrCode, got.ErrMsg)
	case <-ctx.Done():
		return nil, &model.PushError{Class: model.FailUncertain, Err: fmt.Errorf("%s: no answer: %w", cmd, ctx.Err())}
	}
}

// begin waits until no other frame of the req_id is under way and registers for the answer.
func (l *BotLink) begin(ctx context.Context, cmd, reqID string) (*websocket.Conn, <-chan botFrame, func(), error) {
	for {
		l.mu.Lock()
		other, busy := l.busy[reqID]
		if !busy {
			break // locked
		}
		l.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, nil, nil, ctx.Err()
		}
	}
	defer l.mu.Unlock()
	if l.conn == nil || !l.ready && cmd != cmdSubscribe {
		return nil, nil, nil, errOffline
	}
	answer, free := make(chan botFrame, 1), make(chan struct{})
	l.waiting[reqID], l.busy[reqID] = answer, free
	return l.conn, answer, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.waiting[reqID] == answer {
			delete(l.waiting, reqID)
		}
		delete(l.busy, reqID)
		close(free)
	}, nil
}
