package wecomsim

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Faults are what goes wrong. A counted fault hits the next n and is used up; the zero
// value lets everything work.
type Faults struct {
	Only        string        // the path after /cgi-bin/ that the call faults apply to; "" means every path
	Latency     time.Duration // every call waits so long before it is worked on
	Status5xx   int           // calls answered with 502 and not worked on
	SystemBusy  int           // calls answered with errcode -1 and not worked on
	OverLimit   int           // calls answered with errcode 45009 and not worked on
	DropAnswers int           // sends that are accepted and whose connection then breaks: the caller can't know
	UntrustedIP bool          // every call is answered with 60020, whatever Only says; webhooks have no IP list

	CallbackDelay     time.Duration // every callback waits so long before its first attempt
	CallbackDuplicate int           // every callback is sent so many more times
	CallbackReorder   int           // so many callbacks of one member that wait together go out last first; below 2 keeps the order
	CallbackLose      int           // callbacks that are never sent
}

// SetFaults replaces the faults.
func (s *Server) SetFaults(f Faults) {
	s.locked(func() { s.faults = f })
}

// Faults are the faults as they stand, with what is left of the counted ones.
func (s *Server) Faults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// delay holds a call up. It reports false when the caller gave up.
func (s *Server) delay(ctx context.Context) bool {
	latency := s.Faults().Latency
	return latency <= 0 || pause(ctx, latency)
}

// spend uses up one of a counted fault. The state is locked.
func (f *Faults) spend(n *int, path string) bool {
	if *n <= 0 || f.Only != "" && f.Only != path {
		return false
	}
	*n--
	return true
}

// statusFault is the HTTP status a call is answered with.
func (s *Server) statusFault(path string) int {
	if s.faults.spend(&s.faults.Status5xx, path) {
		return http.StatusBadGateway
	}
	return http.StatusOK
}

// codeFault is the errcode a call is answered with instead of being worked on.
func (s *Server) codeFault(path string) *apiError {
	switch {
	case s.faults.UntrustedIP && !strings.HasPrefix(path, "webhook/"):
		return refuse(codeUntrustedIP, "not allow to access from your ip")
	case s.faults.spend(&s.faults.SystemBusy, path):
		return refuse(codeBusy, "system busy")
	case s.faults.spend(&s.faults.OverLimit, path):
		return refuse(codeOverLimit, "api freq out of limit")
	}
	return nil
}

// answerFault reports whether the answer of a call that succeeded gets lost.
func (s *Server) answerFault(path string) bool {
	says := path == "message/send" || path == "aibot/send_msg" || path == "aibot/respond_msg"
	return says && s.faults.spend(&s.faults.DropAnswers, path)
}
