package llmtest

import (
	"encoding/json"
	"net/http"
)

type message struct {
	Role      string `json:"role,omitempty"`
	Content   string `json:"content"`
	Reasoning string `json:"reasoning_content,omitempty"`
}

type choice struct {
	Index        int     `json:"index"`
	Message      message `json:"message"`
	FinishReason string  `json:"finish_reason"`
}

type full struct {
	ID      string     `json:"id"`
	Object  string     `json:"object"`
	Model   string     `json:"model"`
	Choices []choice   `json:"choices"`
	Usage   *usageView `json:"usage,omitempty"`
}

type chunkChoice struct {
	Index        int     `json:"index"`
	Delta        message `json:"delta"`
	FinishReason string  `json:"finish_reason,omitempty"`
}

type chunk struct {
	Choices []chunkChoice `json:"choices"`
	Usage   *usageView    `json:"usage,omitempty"`
}

type usageView struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

func completion(call Call, text, finish string, u *usageView) full {
	return full{
		ID: "chatcmpl-test", Object: "chat.completion", Model: call.Model, Usage: u,
		Choices: []choice{{Message: message{Role: "assistant", Content: text}, FinishReason: finish}},
	}
}

// usage counts a token a letter.
func usage(call Call, text string) *usageView {
	in, out := len([]rune(call.System))+len([]rune(call.User)), len([]rune(text))
	return &usageView{PromptTokens: in, CompletionTokens: out, TotalTokens: in + out}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
