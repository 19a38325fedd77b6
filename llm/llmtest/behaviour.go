package llmtest

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"time"
)

// Behaviour answers one call. It ends when the server is closing.
type Behaviour func(w http.ResponseWriter, r *http.Request, call Call, closing <-chan struct{})

// Text is a behaviour that says what say makes of a call.
func Text(say func(Call) string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, call Call, _ <-chan struct{}) {
		text := say(call)
		writeJSON(w, http.StatusOK, completion(call, text, "stop", usage(call, text)))
	}
}

// Say says the same every time.
func Say(text string) Behaviour { return Text(func(Call) string { return text }) }

// Echo says the approved answer again.
func Echo() Behaviour { return Text(Call.Answer) }

// Polite says the approved answer in a friendly way that changes nothing.
func Polite() Behaviour {
	return Text(func(c Call) string { return "您好，" + c.Answer() })
}

// Think thinks aloud before it says the text: in the text itself, as local models do, and in
// a field of its own.
func Think(thoughts, text string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, call Call, _ <-chan struct{}) {
		full := completion(call, "<think>\n"+thoughts+"\n</think>\n\n"+text, "stop", usage(call, thoughts+text))
		full.Choices[0].Message.Reasoning = thoughts
		writeJSON(w, http.StatusOK, full)
	}
}

// NoUsage says the text without counting tokens.
func NoUsage(text string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, call Call, _ <-chan struct{}) {
		writeJSON(w, http.StatusOK, completion(call, text, "stop", nil))
	}
}

// Finish says the text and gives a reason why it ended, such as "length" or "content_filter".
func Finish(text, reason string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, call Call, _ <-chan struct{}) {
		writeJSON(w, http.StatusOK, completion(call, text, reason, usage(call, text)))
	}
}

// Stall never answers.
func Stall() Behaviour {
	return func(_ http.ResponseWriter, r *http.Request, _ Call, closing <-chan struct{}) { wait(r, closing, nil) }
}

// Gate answers as next does once open is closed.
func Gate(open <-chan struct{}, next Behaviour) Behaviour {
	return func(w http.ResponseWriter, r *http.Request, call Call, closing <-chan struct{}) {
		if wait(r, closing, open) {
			next(w, r, call, closing)
		}
	}
}

// Slow answers as next does, after a while.
func Slow(after time.Duration, next Behaviour) Behaviour {
	return func(w http.ResponseWriter, r *http.Request, call Call, closing <-chan struct{}) {
		if pause(r, closing, after) {
			next(w, r, call, closing)
		}
	}
}

// Fail answers with a status and an error in OpenAI's form. Its message quotes the key and the
// prompt, as some services do.
func Fail(status int, message string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, call Call, _ <-chan struct{}) {
		writeJSON(w, status, map[string]any{"error": map[string]any{
			"message": message + " " + call.Authorization + " " + call.User, "type": "error", "code": status,
		}})
	}
}

// Raw answers with a body as it is.
func Raw(status int, contentType, body string) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, _ Call, _ <-chan struct{}) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// CutOff breaks the connection in the middle of an answer.
func CutOff() Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, _ Call, _ <-chan struct{}) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"choices":[{"message":{"role":"assistant","content":"年假`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// Stream says the text as server-sent events, a few letters each with a pause between, whether
// it was asked to stream or not.
func Stream(text string, pieces int, between time.Duration) Behaviour {
	return stream(text, pieces, between, "stop")
}

// StreamCutOff streams the text and ends without saying that it is complete.
func StreamCutOff(text string) Behaviour { return stream(text, 3, 0, "") }

func stream(text string, pieces int, between time.Duration, finish string) Behaviour {
	return func(w http.ResponseWriter, r *http.Request, call Call, closing <-chan struct{}) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = fmt.Fprint(w, ": keep-alive\n\n")
		for _, piece := range split(text, pieces) {
			event(w, chunk{Choices: []chunkChoice{{Delta: message{Content: piece}}}})
			if !pause(r, closing, between) {
				return
			}
		}
		if finish == "" {
			return
		}
		event(w, chunk{Choices: []chunkChoice{{FinishReason: finish}}})
		event(w, chunk{Choices: []chunkChoice{}, Usage: usage(call, text)})
		_, _ = fmt.Fprint(w, "data: [DONE]\n\n")
	}
}

// Embed embeds by letters and pairs of letters: texts that share them are near each other.
func Embed(dimensions int) Behaviour {
	return func(w http.ResponseWriter, _ *http.Request, call Call, _ <-chan struct{}) {
		data := make([]map[string]any, len(call.Texts))
		for i, text := range call.Texts {
			at := len(call.Texts) - 1 - i // any order is allowed, so the unexpected one
			data[at] = map[string]any{"object": "embedding", "index": i, "embedding": vector(text, dimensions)}
		}
		writeJSON(w, http.StatusOK, map[string]any{"object": "list", "model": call.Model, "data": data})
	}
}

// EmbedAtMost embeds as next does, and refuses more texts at once than it likes.
func EmbedAtMost(texts int, next Behaviour) Behaviour {
	return func(w http.ResponseWriter, r *http.Request, call Call, closing <-chan struct{}) {
		if len(call.Texts) > texts {
			Fail(http.StatusBadRequest, "batch size is invalid")(w, r, call, closing)
			return
		}
		next(w, r, call, closing)
	}
}

func vector(text string, dimensions int) []float32 {
	v := make([]float32, dimensions)
	add := func(part string) {
		h := fnv.New32a()
		_, _ = h.Write([]byte(part))
		v[int(h.Sum32())%dimensions]++
	}
	runes := []rune(text)
	for i, r := range runes {
		add(string(r))
		if i > 0 {
			add(string(runes[i-1 : i+1]))
		}
	}
	if len(runes) == 0 {
		v[0] = 1
	}
	return v
}

func split(text string, pieces int) []string {
	runes := []rune(text)
	size := max(1, len(runes)/max(1, pieces))
	var out []string
	for len(runes) > size {
		out = append(out, string(runes[:size]))
		runes = runes[size:]
	}
	return append(out, string(runes))
}

func event(w http.ResponseWriter, c chunk) {
	data, _ := json.Marshal(c)
	_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
	_ = http.NewResponseController(w).Flush()
}

// wait blocks until open is closed, and reports false where the caller or the server ended
// first.
func wait(r *http.Request, closing, open <-chan struct{}) bool {
	select {
	case <-open:
		return true
	case <-r.Context().Done():
	case <-closing:
	}
	return false
}

// pause blocks for a while, and reports false where the caller or the server ended first.
func pause(r *http.Request, closing <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-closing:
	}
	return false
}
