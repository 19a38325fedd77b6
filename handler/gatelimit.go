package handler

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"deskmate/model"
)

// CallLimiter counts the calls of tokens on all replicas together.
type CallLimiter interface {
	// TakeCall takes one of the calls that a token may make in a minute. Where it can't be asked, each
	// replica counts by itself.
	TakeCall(ctx context.Context, token uint64, perMinute int) (model.Quota, error)
}

var errTooManyCalls = &model.Error{Code: model.CodeRateLimited, Reason: "too_many_calls", Message: "调用过于频繁，请按 Retry-After 的秒数稍后再试"}

// documentLimit says of every operation that takes a token how it answers calls beyond the limit.
func documentLimit(doc *huma.OpenAPI) {
	const name = "TooManyCalls"
	header := func(about string) *huma.Param {
		return &huma.Param{Description: about, Schema: &huma.Schema{Type: huma.TypeInteger}}
	}
	limited := &huma.Response{
		Description: "The token made too many calls (too_many_calls)",
		Headers: map[string]*huma.Param{
			"RateLimit-Limit":     header("How many calls may be made at once"),
			"RateLimit-Remaining": header("How many of them are left"),
			"RateLimit-Reset":     header("Seconds until all of them are there again"),
			"Retry-After":         header("Seconds until the next call may be made"),
		},
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch} {
			if op == nil || op.Security != nil {
				continue
			}
			limited.Content = op.Responses["default"].Content
			op.Responses[strconv.Itoa(http.StatusTooManyRequests)] = &huma.Response{Ref: "#/components/responses/" + name}
		}
	}
	doc.Components.Responses = map[string]*huma.Response{name: limited}
}

// limit takes one of a token's calls, and tells the caller what is left of them.
func (g *Gate) limit(c *gin.Context, token uint64) error {
	if g.cfg.Calls == nil || g.cfg.PerMinute <= 0 || token == 0 {
		return nil
	}
	left, err := g.cfg.Calls.TakeCall(c.Request.Context(), token, g.cfg.PerMinute)
	if err != nil {
		left = g.own.take(token, g.cfg.PerMinute, g.cfg.Now())
	}
	c.Header("RateLimit-Limit", strconv.Itoa(left.Limit))
	c.Header("RateLimit-Remaining", strconv.Itoa(left.Remaining))
	c.Header("RateLimit-Reset", inSeconds(left.Reset))
	if left.Allowed {
		return nil
	}
	c.Header("Retry-After", inSeconds(left.Retry))
	if g.cfg.Refused != nil {
		g.cfg.Refused()
	}
	return errTooManyCalls
}

func inSeconds(d time.Duration) string { return strconv.Itoa(int(math.Ceil(max(d, 0).Seconds()))) }

// ownCalls counts the calls that this replica sees, while nobody counts for all.
type ownCalls struct {
	mu sync.Mutex
	of map[uint64]*rate.Limiter
}

// mostOwn is of how many tokens calls are counted; there are never so many.
const mostOwn = 10_000

func (o *ownCalls) take(token uint64, perMinute int, now time.Time) model.Quota {
	o.mu.Lock()
	defer o.mu.Unlock()
	burst := max(perMinute/2, 1)
	l := o.of[token]
	if l == nil {
		if o.of == nil || len(o.of) >= mostOwn {
			o.of = map[uint64]*rate.Limiter{}
		}
		l = rate.NewLimiter(rate.Limit(float64(perMinute)/60), burst)
		o.of[token] = l
	}
	q := model.Quota{Limit: burst, Allowed: l.AllowN(now, 1)}
	tokens := l.TokensAt(now)
	q.Remaining = max(int(tokens), 0)
	each := time.Minute / time.Duration(perMinute)
	q.Reset = time.Duration((float64(burst) - tokens) * float64(each))
	if !q.Allowed {
		q.Retry = time.Duration((1 - tokens) * float64(each))
	}
	return q
}
