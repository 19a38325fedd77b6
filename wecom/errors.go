package wecom

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"deskmate/model"
)

// The endpoints that are treated in a way of their own.
const (
	endpointToken  = "gettoken"
	endpointSend   = "message/send"
	endpointUpdate = "message/update_template_card"
	endpointRecall = "message/recall"
	endpointAnswer = "aibot/response"
)

// APIError is a refusal by WeCom: an errcode other than 0.
type APIError struct {
	Endpoint string // below /cgi-bin/
	Code     int64  // errcode
	Message  string // errmsg, masked and at most 300 characters; never decide on it
}

// Error gives the endpoint, the code and WeCom's words.
func (e *APIError) Error() string {
	return fmt.Sprintf("wecom %s: errcode %d: %s", e.Endpoint, e.Code, e.Message)
}

// Class says what can be done about it. A code nobody wrote down is for an operator.
func (e *APIError) Class() Class { return ruleFor(e.Code).class }

// After is how long to wait at least before the next call; 0 leaves it to the caller's
// back-off.
func (e *APIError) After() time.Duration { return ruleFor(e.Code).after }

// transportError is a call that WeCom did not answer as WeCom does.
type transportError struct {
	endpoint string
	status   int  // HTTP status; 0 where there was none
	reached  bool // the request may have been taken
	err      error
}

func (e *transportError) Error() string {
	if e.status != 0 && e.status != http.StatusOK {
		return fmt.Sprintf("wecom %s: HTTP status %d", e.endpoint, e.status)
	}
	return fmt.Sprintf("wecom %s: no answer: %v", e.endpoint, e.err)
}

// Unwrap gives the cause and, where trying again may help, [model.ErrUnavailable].
func (e *transportError) Unwrap() []error {
	var errs []error
	if e.err != nil {
		errs = append(errs, e.err)
	}
	if e.temporary() {
		errs = append(errs, model.ErrUnavailable)
	}
	return errs
}

// temporary reports whether the same call may succeed later by itself. A status such as
// 404 says that something else than WeCom listens there.
func (e *transportError) temporary() bool {
	return e.status < http.StatusMultipleChoices ||
		e.status >= http.StatusInternalServerError || e.status == http.StatusTooManyRequests
}

// class is what the failure means for a push. Only sending a message twice does harm; all
// other calls may simply be made again.
func (e *transportError) class() model.FailureClass {
	switch {
	case !e.temporary():
		return model.FailAlert
	case (e.endpoint == endpointSend || e.endpoint == endpointAnswer) && e.reached && e.status != http.StatusTooManyRequests:
		return model.FailUncertain
	default:
		return model.FailRetry
	}
}

// pushError classes whatever went wrong with a push.
func pushError(endpoint string, err error) *model.PushError {
	var api *APIError
	var transport *transportError
	var meaning *model.Error
	var classed *model.PushError
	switch {
	case errors.As(err, &classed):
		return classed
	case errors.As(err, &api):
		failure := &model.PushError{Class: api.Class().failure(), After: api.After(), Code: api.Code, Err: err}
		failure.Puzzling = !ruleFor(api.Code).known
		if endpoint != endpointSend && failure.Puzzling {
			// What WeCom says to a code or a msgid that was used or is too old is not known
			// (update_template_card, recall), and a card that stays as it was must not hold
			// up what comes after it.
			failure.Class = model.FailDrop
		}
		return failure
	case errors.As(err, &transport):
		return &model.PushError{Class: transport.class(), Err: err}
	case errors.As(err, &meaning) && meaning.Code == model.CodeInvalid:
		return &model.PushError{Class: model.FailDrop, Err: err}
	default: // nothing was sent: the context had ended, or a request could not be made
		return &model.PushError{Class: model.FailRetry, Err: err}
	}
}

// secretParam finds what must not be shown in texts that quote a URL.
var secretParam = regexp.MustCompile(`(?i)\b((?:access_token|response_code|corpsecret|secret|ticket|code)=)[^&\s"']+`)

func maskText(text string) string { return secretParam.ReplaceAllString(text, "$1***") }

// maskedError shows err with its secrets taken out, and is err otherwise.
type maskedError struct {
	text string
	err  error
}

func (e *maskedError) Error() string { return e.text }

func (e *maskedError) Unwrap() error { return e.err }

// mask makes an error of an HTTP client fit to be logged: without the URL, which holds the
// access token.
func mask(err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	if text := err.Error(); maskText(text) != text {
		return &maskedError{text: maskText(text), err: err}
	}
	return err
}

// apiError makes the error of an answer; nil for errcode 0.
func apiError(endpoint string, code int64, message string) error {
	const maxChars = 300
	if code == 0 {
		return nil
	}
	return &APIError{Endpoint: endpoint, Code: code, Message: Cut(maskText(strings.TrimSpace(message)), maxChars)}
}
