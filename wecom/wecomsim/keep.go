package wecomsim

import (
	"slices"
	"time"
)

// A simulator may run for weeks. What it remembers beyond these bounds is forgotten,
// oldest first; a list may hold twice as much before it is cut. Only somebody who looks
// that far back can tell: an old message can't be recalled or updated any more, a task_id
// from long ago passes as new, and a media_id may end before its three days.
const (
	keepRecords  = 10_000    // calls and deliveries
	keepBody     = 64 << 10  // bytes of a call's body
	keepBubbles  = 10_000    // bubbles of one conversation
	keepMessages = 100_000   // msgids, response_codes, task_ids, hashes of bodies; of each app
	keepMedia    = 512 << 20 // bytes of files, all together
	keepExpired  = 24 * time.Hour
)

// recent is a map that forgets its oldest entries. The zero value is ready.
type recent[K comparable, V any] struct {
	entries map[K]V
	order   []K
}

// put adds an entry, or replaces the value of one in its place.
func (r *recent[K, V]) put(key K, value V) {
	if r.entries == nil {
		r.entries = map[K]V{}
	}
	if _, known := r.entries[key]; !known {
		if len(r.order) >= 2*keepMessages {
			for _, old := range r.order[:keepMessages] {
				delete(r.entries, old)
			}
			r.order = slices.Clone(r.order[keepMessages:])
		}
		r.order = append(r.order, key)
	}
	r.entries[key] = value
}

func (r *recent[K, V]) get(key K) (V, bool) {
	value, ok := r.entries[key]
	return value, ok
}

func (r *recent[K, V]) has(key K) bool {
	_, ok := r.entries[key]
	return ok
}
