package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"deskmate/model"
)

// noticeEvery is how often at most a seat is told of lines that it isn't sent.
const noticeEvery = 10 * time.Minute

// manyNotices is how many notices are remembered before old ones are forgotten.
const manyNotices = 10_000

// notices remembers when seats were told of lines that they were not sent. It is this
// process's own: another one, or this one after a restart, may tell once more.
type notices struct {
	mu   sync.Mutex
	last map[noticeKey]time.Time
}

type noticeKey struct {
	session  uint64
	receiver string
}

func keyOf(p model.Push) noticeKey { return noticeKey{p.Session, p.Receiver} }

// recent reports whether the receiver was told a short while ago.
func (n *notices) recent(p model.Push, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, ok := n.last[keyOf(p)]
	return ok && now.Sub(last) < noticeEvery
}

// told remembers that the receiver has been told.
func (n *notices) told(p model.Push, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.last) >= manyNotices {
		for k, at := range n.last {
			if now.Sub(at) >= noticeEvery {
				delete(n.last, k)
			}
		}
	}
	if n.last == nil {
		n.last = map[noticeKey]time.Time{}
	}
	n.last[keyOf(p)] = now
}

// shaped is a message as it goes out now: a line for several seats may be a notice only, and
// the change of a card learns which. drop says that nothing goes out, which is all right.
func (s *Sender) shaped(ctx context.Context, lane model.Lane, acc model.Account, push model.Push) (next model.Push, drop bool, err error) {
	switch {
	case push.Kind == model.PushUpdate && push.Update.ResponseCode == "":
		code, err := s.cfg.Store.CardCode(ctx, lane, push.Session)
		if err != nil {
			return push, false, fmt.Errorf("find a card to change: %w", err)
		}
		u := *push.Update
		u.ResponseCode = code
		push.Update = &u
		return push, code == "", nil
	case push.Fanout != "" && s.short(ctx, acc):
		if s.notices.recent(push, s.cfg.Now()) {
			return push, true, nil
		}
		return model.Push{
			Receiver: push.Receiver, Kind: model.PushText, Text: push.Fanout, Session: push.Session, Fanout: push.Fanout,
		}, false, nil
	}
	return push, false, nil
}

// short reports whether the account has used that share of its day after which lines for
// several seats become notices. While nobody can say, they go out.
func (s *Sender) short(ctx context.Context, acc model.Account) bool {
	l := acc.Policy.Limits
	if l.PushesPerDay <= 0 || l.SharedPercent >= 100 {
		return false
	}
	used, err := s.cfg.Budget.Used(ctx, acc.ID)
	return err == nil && int64(used)*100 >= int64(l.PushesPerDay)*int64(l.SharedPercent)
}
