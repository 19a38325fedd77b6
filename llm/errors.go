package llm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sashabaranov/go-openai"

	"deskmate/model"
)

// The reasons of this package's errors. All are of the class unavailable, but ReasonRefused,
// which is invalid: another prompt may go through at once.
const (
	ReasonBreaker      = "llm_breaker"      // not even asked: it failed too often just now
	ReasonTimeout      = "llm_timeout"      // no answer in time
	ReasonUnavailable  = "llm_unavailable"  // not reached, broken off, or an answer that makes no sense
	ReasonUnauthorized = "llm_unauthorized" // the key is wrong or not allowed to do that
	ReasonRateLimited  = "llm_rate_limited" // too many calls, or nothing left on the bill
	ReasonRefused      = "llm_refused"      // it minds the prompt: content filter, too long, a parameter
	ReasonEmpty        = "llm_empty"        // it said nothing
	ReasonCutOff       = "llm_cut_off"      // it ended in the middle
)

func unavailable(reason, message string, cause error) *model.Error {
	return &model.Error{Code: model.CodeUnavailable, Reason: reason, Message: message, Err: cause}
}

// classify makes a model.Error of whatever went wrong. The service's own words are dropped:
// they quote keys and prompts.
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*model.Error](err); ok {
		return known
	}
	if cause := ctx.Err(); errors.Is(cause, context.Canceled) {
		return unavailable(ReasonUnavailable, "asking the language model was given up", cause)
	} else if cause != nil {
		return unavailable(ReasonTimeout, "the language model didn't answer in time", cause)
	}
	if status := statusOf(err); status != 0 {
		return fromStatus(status)
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return unavailable(ReasonUnavailable, "the language model can't be reached", failed.Err)
	}
	return unavailable(ReasonUnavailable, "the language model's answer can't be read", nil)
}

func fromStatus(status int) error {
	said := fmt.Sprintf("the language model's service said %d", status)
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return &model.Error{Code: model.CodeInvalid, Reason: ReasonRefused, Message: said}
	case http.StatusUnauthorized, http.StatusForbidden:
		return unavailable(ReasonUnauthorized, said, nil)
	case http.StatusTooManyRequests, http.StatusPaymentRequired:
		return unavailable(ReasonRateLimited, said, nil)
	default:
		return unavailable(ReasonUnavailable, said, nil)
	}
}

// statusOf is the HTTP status that a go-openai error carries; 0 for none.
func statusOf(err error) int {
	if e, ok := errors.AsType[*openai.APIError](err); ok {
		return e.HTTPStatusCode
	}
	if e, ok := errors.AsType[*openai.RequestError](err); ok {
		return e.HTTPStatusCode
	}
	return 0
}

// mindsParameters reports whether the service refused one of the parameters that newer
// models no longer take.
func mindsParameters(err error) bool {
	if statusOf(err) != http.StatusBadRequest {
		return false
	}
	said := strings.ToLower(err.Error())
	return strings.Contains(said, "max_tokens") || strings.Contains(said, "max_completion_tokens") || strings.Contains(said, "temperature")
}
