package rephrase

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"deskmate/model"
)

// Model is a language model. It must return when its context ends. Where it fails after it
// was asked, the completion holds the tokens that this may have cost; the reason of its
// [model.Error] becomes that of the phrase.
type Model interface {
	Complete(ctx context.Context, p model.Prompt) (model.Completion, error)
}

// Usage counts what models cost, for all replicas.
type Usage interface {
	LLMUsage(ctx context.Context, accountID uint64, day int) (model.LLMUsage, error)
	AddLLMUsage(ctx context.Context, u model.LLMUsage) error
}

// Config is what a rephraser works with. Usage, Mask and Location are required.
type Config struct {
	Model    Model // nil: no model is configured, and every answer stays as it is
	Usage    Usage
	Mask     func(string) string // takes personal numbers out of what employees and seats wrote
	Location *time.Location      // where a day begins
	Now      func() time.Time    // nil: time.Now
	Log      *slog.Logger        // nil: nothing is logged
	Budget   time.Duration       // an employee waits that long at most; 0: 4 s
	Patience time.Duration       // a draft takes that long at most; 0: 20 s
	InFlight int                 // answers at the model at once; 0: 32
	// Observe is told how each phrase came out: its reason, "" for a rephrased one, and how
	// long it took. It may be nil.
	Observe func(reason string, took time.Duration)
}

// The reasons for which an answer stays as it was approved. A model's own reasons join them,
// without their prefix "llm_": breaker, unavailable, rate_limited, refused, cut_off ….
const (
	ReasonOff         = "off"         // the account or the installation has no model
	ReasonMedia       = "media"       // a picture or file
	ReasonMarkup      = "markup"      // links, lists or tables that a rewording would spoil
	ReasonLong        = "long"        // too long to be reworded in time
	ReasonBudget      = "budget"      // the account's tokens of the day are used up
	ReasonBusy        = "busy"        // too many answers at the model right now
	ReasonTimeout     = "timeout"     // the model was too slow
	ReasonUnavailable = "unavailable" // the model, or the store that counts its tokens, failed
	ReasonEmpty       = "empty"       // the model said nothing
	ReasonSame        = "same"        // the model changed nothing
	ReasonFacts       = "facts"       // the guard isn't sure that it says the same
)

// Rephraser rewords answers. It is safe for concurrent use.
type Rephraser struct {
	cfg   Config
	slots chan struct{}
}

// New makes a rephraser.
func New(cfg Config) (*Rephraser, error) {
	if cfg.Usage == nil || cfg.Mask == nil || cfg.Location == nil {
		return nil, errors.New("rephrase: Usage, Mask and Location are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cfg.Log = cfg.Log.With("component", "rephrase")
	if cfg.Budget <= 0 {
		cfg.Budget = 4 * time.Second
	}
	if cfg.Patience <= 0 {
		cfg.Patience = 20 * time.Second
	}
	if cfg.InFlight <= 0 {
		cfg.InFlight = 32
	}
	return &Rephraser{cfg: cfg, slots: make(chan struct{}, cfg.InFlight)}, nil
}

// Rephrase says the answer in the account's tone. It never fails and never takes longer than
// the budget: where anything is wrong the phrase is the answer itself, with the reason. The
// model sees the answer and the masked question, and nothing else.
func (r *Rephraser) Rephrase(ctx context.Context, acc model.Account, question, answer string) model.Phrase {
	start := time.Now()
	text, reason := answer, r.stays(acc, answer)
	if reason == "" {
		text, reason = r.reword(ctx, acc, question, answer, start)
	}
	took := time.Since(start)
	if r.cfg.Observe != nil {
		r.cfg.Observe(reason, took)
	}
	return model.Phrase{Text: text, Reason: reason, TookMS: took.Milliseconds()}
}

// answerMax is how many characters an answer may have to be reworded: at 50 tokens a second a
// model says no more in time.
const answerMax = 300

// stays gives the reason for which an answer isn't shown to the model at all.
func (r *Rephraser) stays(acc model.Account, answer string) string {
	if r.cfg.Model == nil || acc.Policy.LLM.Mode != model.LLMRephrase {
		return ReasonOff
	}
	if strings.TrimSpace(answer) == "" {
		return ReasonEmpty
	}
	if _, _, ok := model.ParseMediaRef(strings.TrimSpace(answer)); ok {
		return ReasonMedia
	}
	if utf8.RuneCountInString(answer) > answerMax {
		return ReasonLong
	}
	if isMarkup(answer) {
		return ReasonMarkup
	}
	return ""
}

// reword asks the model within what is left of the budget, of which a tenth is kept for
// booking what it cost.
func (r *Rephraser) reword(ctx context.Context, acc model.Account, question, answer string, start time.Time) (text, reason string) {
	select {
	case r.slots <- struct{}{}:
		defer func() { <-r.slots }()
	default:
		return answer, ReasonBusy
	}
	asking, cancel := context.WithDeadline(ctx, start.Add(r.cfg.Budget-r.cfg.Budget/10))
	defer cancel()
	day := r.today()
	if reason := r.overBudget(asking, acc, day); reason != "" {
		return answer, reason
	}
	done, err := r.cfg.Model.Complete(asking, answerPrompt(acc.Policy.LLM, r.cfg.Mask(question), answer))
	text, reason = r.judge(asking, answer, done, err)
	booking, cancel := context.WithDeadline(context.WithoutCancel(ctx), start.Add(r.cfg.Budget))
	defer cancel()
	r.book(booking, acc, day, done, reason)
	return text, reason
}

// judge decides what is sent.
func (r *Rephraser) judge(ctx context.Context, answer string, done model.Completion, err error) (text, reason string) {
	if err != nil {
		return answer, reasonOf(ctx, err)
	}
	text = clean(done.Text, answer)
	switch {
	case text == "":
		return answer, ReasonEmpty
	case text == strings.TrimSpace(answer):
		return answer, ReasonSame
	}
	if err := Check(answer, text); err != nil {
		r.cfg.Log.DebugContext(ctx, "phrase refused", "err", err)
		return answer, ReasonFacts
	}
	return text, ""
}

func reasonOf(ctx context.Context, err error) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ReasonTimeout
	}
	if e, ok := errors.AsType[*model.Error](err); ok && strings.HasPrefix(e.Reason, "llm_") {
		return strings.TrimPrefix(e.Reason, "llm_")
	}
	return ReasonUnavailable
}
