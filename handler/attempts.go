package handler

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// attempts are how often each network tries something, in one process.
type attempts struct {
	every time.Duration // one more each
	burst int
	now   func() time.Time

	mu   sync.Mutex
	from map[string]*rate.Limiter
}

// mostNetworks is how many are remembered before those that have been quiet are forgotten.
const mostNetworks = 10_000

func newAttempts(every time.Duration, burst int, now func() time.Time) *attempts {
	return &attempts{every: every, burst: burst, now: now, from: map[string]*rate.Limiter{}}
}

// allow counts one, and reports whether it isn't too many.
func (a *attempts) allow(address string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, of := a.now(), network(address)
	l := a.from[of]
	if l == nil {
		if len(a.from) >= mostNetworks {
			a.forget(now)
		}
		l = rate.NewLimiter(rate.Every(a.every), a.burst)
		a.from[of] = l
	}
	return l.AllowN(now, 1)
}

// forget drops those that may try as often as if they had never done so; if none may, all.
func (a *attempts) forget(now time.Time) {
	for of, l := range a.from {
		if l.TokensAt(now) >= float64(a.burst) {
			delete(a.from, of)
		}
	}
	if len(a.from) >= mostNetworks {
		clear(a.from)
	}
}

// network is what attempts are counted by: the address, of IPv6 the network, for there one
// machine has as many addresses as it likes.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	const lan = 64
	prefix, err := ip.Prefix(lan)
	if err != nil {
		return address
	}
	return prefix.String()
}
