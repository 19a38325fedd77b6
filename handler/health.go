package handler

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

// Health says whether the program lives and whether it can work.
type Health struct {
	checks  []Check
	version string
}

// Check is one thing that readiness depends on.
type Check struct {
	Name string // as shown
	// Optional marks what the program can do without for a while: it is shown as failing, and
	// the program counts as ready all the same.
	Optional bool
	Run      func(context.Context) error
}

// checkTime is what each check of readiness may take.
const checkTime = 2 * time.Second

// NewHealth makes the handler.
func NewHealth(version string, checks []Check) *Health {
	return &Health{checks: checks, version: version}
}

type health struct {
	Status  string            `json:"status"` // ok, degraded or failing
	Version string            `json:"version"`
	Checks  map[string]string `json:"checks,omitempty"` // name → ok or failing
}

// Live answers while the process runs.
func (h *Health) Live(c *gin.Context) {
	c.JSON(http.StatusOK, health{Status: "ok", Version: h.version})
}

// Ready answers 200 when everything it can't do without is there, else 503; either way it
// says what is missing.
func (h *Health) Ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), checkTime)
	defer cancel()
	errs := make([]error, len(h.checks))
	var running sync.WaitGroup // side by side, so that one that hangs takes no time from the others
	for i, check := range h.checks {
		running.Go(func() { errs[i] = check.Run(ctx) })
	}
	running.Wait()
	out := health{Status: "ok", Version: h.version, Checks: map[string]string{}}
	code := http.StatusOK
	for i, check := range h.checks {
		out.Checks[check.Name] = "ok"
		if errs[i] == nil {
			continue
		}
		out.Checks[check.Name] = "failing"
		switch {
		case !check.Optional:
			out.Status, code = "failing", http.StatusServiceUnavailable
		case out.Status == "ok":
			out.Status = "degraded"
		}
	}
	c.JSON(code, out)
}
