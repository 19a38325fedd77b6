package llm

import (
	"context"
	"regexp"
	"strings"

	"github.com/sashabaranov/go-openai"

	"deskmate/model"
)

// temperature keeps a model close to what it is given.
const temperature = 0.3

// Complete asks once. Where a request was sent and nothing useful came back, the completion
// holds, beside the error, the tokens that it may have cost. What a model thinks aloud is
// dropped; an answer cut off in the middle is an error.
func (c *Client) Complete(ctx context.Context, p model.Prompt) (model.Completion, error) {
	name := p.Model
	if name == "" {
		name = c.cfg.Model
	}
	if name == "" {
		return model.Completion{}, model.Invalid("llm_model", "no language model is named")
	}
	var done model.Completion
	err := c.call(ctx, c.chat, func(ctx context.Context) error {
		done.TokensIn = estimate(p.System) + estimate(p.User)
		res, err := c.chat.api.CreateChatCompletion(ctx, c.chatRequest(name, p))
		if err != nil {
			if mindsParameters(err) {
				c.modern.Store(name, true)
			}
			return err
		}
		return read(res, &done)
	})
	return done, err
}

// chatRequest is the prompt with the parameters that a model takes. Nearly every server
// knows max_tokens and a temperature; reasoning models know max_completion_tokens and mind a
// temperature. go-openai knows some of them by name; the others are learned from their first
// refusal.
func (c *Client) chatRequest(name string, p model.Prompt) openai.ChatCompletionRequest {
	req := openai.ChatCompletionRequest{
		Model: name, MaxTokens: p.MaxTokens, Temperature: temperature, //nolint:staticcheck // what nearly every server knows
		Messages: []openai.ChatCompletionMessage{
			{Role: openai.ChatMessageRoleSystem, Content: p.System},
			{Role: openai.ChatMessageRoleUser, Content: p.User},
		},
	}
	if p.System == "" {
		req.Messages = req.Messages[1:]
	}
	_, modern := c.modern.Load(name)
	if modern || openai.NewReasoningValidator().Validate(req) != nil {
		req.MaxTokens, req.MaxCompletionTokens, req.Temperature = 0, p.MaxTokens, 0 //nolint:staticcheck // as above
	}
	return req
}

// read takes what the model said out of an answer.
func read(res openai.ChatCompletionResponse, done *model.Completion) error {
	if len(res.Choices) == 0 {
		return unavailable(ReasonUnavailable, "the language model's answer can't be read", nil)
	}
	choice := res.Choices[0]
	text := withoutThoughts(choice.Message.Content)
	done.TokensOut = estimate(choice.Message.Content) + estimate(choice.Message.ReasoningContent)
	if res.Usage.PromptTokens > 0 {
		done.TokensIn = int64(res.Usage.PromptTokens)
	}
	if res.Usage.CompletionTokens > 0 {
		done.TokensOut = int64(res.Usage.CompletionTokens)
	}
	switch {
	case choice.FinishReason == openai.FinishReasonLength:
		return unavailable(ReasonCutOff, "the language model's answer ends in the middle", nil)
	case choice.FinishReason == openai.FinishReasonContentFilter:
		return &model.Error{Code: model.CodeInvalid, Reason: ReasonRefused, Message: "the language model's service withheld the answer"}
	case text == "":
		return unavailable(ReasonEmpty, "the language model said nothing", nil)
	}
	done.Text = text
	return nil
}

// Some chat templates swallow the opening tag, and an answer cut off lacks the closing one.
var (
	thoughtsBefore = regexp.MustCompile(`(?is)^.*</think(ing)?>`)
	thoughtsAfter  = regexp.MustCompile(`(?is)<think(ing)?>.*$`)
)

func withoutThoughts(text string) string {
	text = thoughtsBefore.ReplaceAllString(text, "")
	return strings.TrimSpace(thoughtsAfter.ReplaceAllString(text, ""))
}

// estimate is about how many tokens a text is: a Chinese character is up to one, of Latin
// letters four make one. It errs to the high side.
func estimate(text string) int64 {
	var ascii, wide int64
	for _, r := range text {
		if r < 0x80 {
			ascii++
		} else {
			wide++
		}
	}
	return wide + (ascii+3)/4
}
