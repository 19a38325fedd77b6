package llm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// bounded is a transport whose answers have a limit, and are whole: a server that streams
// though it wasn't asked to is read to its end and handed on as one answer.
type bounded struct {
	next  http.RoundTripper
	limit int64
}

// RoundTrip sends a request.
func (b *bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body := http.MaxBytesReader(nil, res.Body, b.limit)
	res.Body = body
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return res, nil
	}
	defer body.Close()
	whole, err := joinStream(body)
	if err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(whole))
	res.ContentLength = int64(len(whole))
	return res, nil
}

// answer is a completion, whole or a piece of a streamed one, as far as this package reads
// it.
type answer struct {
	Choices []answerChoice  `json:"choices"`
	Usage   json.RawMessage `json:"usage,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

type answerChoice struct {
	Index        int           `json:"index"`
	Delta        answerMessage `json:"delta,omitzero"`
	Message      answerMessage `json:"message"`
	FinishReason string        `json:"finish_reason"`
}

type answerMessage struct {
	Role    string `json:"role,omitempty"`
	Content string `json:"content"`
}

var errStream = errors.New("a streamed event can't be read")

// joinStream makes one answer of a stream of server-sent events. One that ends without
// saying why counts as cut off.
func joinStream(body io.Reader) ([]byte, error) {
	var text strings.Builder
	whole := answer{Choices: []answerChoice{{FinishReason: "length"}}}
	lines := bufio.NewReader(body)
	for {
		line, err := lines.ReadString('\n')
		data, isData := strings.CutPrefix(strings.TrimSpace(line), "data:")
		data = strings.TrimSpace(data)
		if isData && data == "[DONE]" {
			break
		}
		if isData {
			if err := whole.add(data, &text); err != nil {
				return nil, err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	whole.Choices[0].Message = answerMessage{Role: "assistant", Content: text.String()}
	return json.Marshal(whole)
}

// add takes one event's piece into a.
func (a *answer) add(data string, text *strings.Builder) error {
	var piece answer
	if err := json.Unmarshal([]byte(data), &piece); err != nil {
		return errStream // and not err, which quotes
	}
	if len(piece.Usage) > 0 && string(piece.Usage) != "null" {
		a.Usage = piece.Usage
	}
	for _, choice := range piece.Choices {
		if choice.Index != 0 {
			continue
		}
		text.WriteString(choice.Delta.Content)
		text.WriteString(choice.Message.Content)
		if choice.FinishReason != "" {
			a.Choices[0].FinishReason = choice.FinishReason
		}
	}
	return nil
}
