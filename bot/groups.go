package bot

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// Groups lets one process at a time hold the AI bot of each account: WeCom takes one connection
// per bot, and who subscribes as a second pushes the first out.
type Groups struct{ cfg GroupsConfig }

// GroupsConfig is what groups work with. Every field is required.
type GroupsConfig struct {
	Accounts interface{ All() []model.Account }
	Store    GroupStore
	// Serve does everything for one account's bot until ctx ends.
	Serve func(ctx context.Context, acc model.Account) error
	Owner string        // names this process
	Lease time.Duration // after which a bot of a dead process is taken over
	Every time.Duration // between looks; well below Lease
	Log   *slog.Logger
}

// GroupStore says who holds which bot.
type GroupStore interface {
	ClaimGroups(ctx context.Context, accountID uint64, owner string, lease time.Duration) (bool, error)
	ReleaseGroups(ctx context.Context, accountID uint64, owner string) error
}

// NewGroups makes groups.
func NewGroups(cfg GroupsConfig) *Groups { return &Groups{cfg: cfg} }

// heldBot is a bot that this process holds.
type heldBot struct {
	acc    model.Account
	until  time.Time // when the lease ends unless it is renewed
	cancel context.CancelFunc
	done   chan struct{} // closed when it is served no more
}

// Run holds what bots it can get until ctx ends, then lets go of them.
func (g *Groups) Run(ctx context.Context) error {
	held := map[uint64]*heldBot{}
	tick := time.NewTicker(g.cfg.Every)
	defer tick.Stop()
	for ctx.Err() == nil {
		g.look(ctx, held)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	var ending sync.WaitGroup
	for id := range held {
		bot := held[id]
		ending.Go(func() { g.letGo(context.WithoutCancel(ctx), bot) })
	}
	ending.Wait()
	return nil
}

// look claims and renews, and drops what changed or is another's now.
func (g *Groups) look(ctx context.Context, held map[uint64]*heldBot) {
	bound := map[uint64]bool{}
	for _, acc := range g.cfg.Accounts.All() {
		if !acc.Group.Bound() {
			continue
		}
		bound[acc.ID] = true
		bot := held[acc.ID]
		mine := g.claim(ctx, acc, bot)
		if bot != nil && (!mine || bot.acc.Version != acc.Version || bot.over()) {
			bot.end()
			delete(held, acc.ID)
			bot = nil
		}
		if mine && bot == nil && ctx.Err() == nil {
			bot = g.begin(ctx, acc)
			held[acc.ID] = bot
		}
		if mine && bot != nil {
			bot.until = time.Now().Add(g.cfg.Lease)
		}
	}
	for id, bot := range held {
		if !bound[id] {
			g.letGo(ctx, bot)
			delete(held, id)
		}
	}
}

// claim reports whether the bot is ours. While the store doesn't answer, it is for as long as
// nobody else can have it.
func (g *Groups) claim(ctx context.Context, acc model.Account, bot *heldBot) bool {
	mine, err := g.cfg.Store.ClaimGroups(ctx, acc.ID, g.cfg.Owner, g.cfg.Lease)
	if err == nil {
		return mine
	}
	if ctx.Err() == nil {
		g.cfg.Log.WarnContext(ctx, "bot not claimed", "account_id", acc.ID, "err", err.Error())
	}
	return bot != nil && time.Now().Before(bot.until)
}

func (g *Groups) begin(ctx context.Context, acc model.Account) *heldBot {
	serving, cancel := context.WithCancel(context.WithoutCancel(ctx))
	bot := &heldBot{acc: acc, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(bot.done)
		if err := g.cfg.Serve(serving, acc); err != nil {
			g.cfg.Log.ErrorContext(serving, "bot not served", "account_id", acc.ID, "err", err.Error())
		}
	}()
	return bot
}

// over reports whether the bot is served no more.
func (b *heldBot) over() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

func (b *heldBot) end() {
	b.cancel()
	<-b.done
}

// letGo ends a bot and lets another process have it at once.
func (g *Groups) letGo(ctx context.Context, bot *heldBot) {
	bot.end()
	if err := g.cfg.Store.ReleaseGroups(ctx, bot.acc.ID, g.cfg.Owner); err != nil {
		g.cfg.Log.WarnContext(ctx, "bot not released", "account_id", bot.acc.ID, "err", err.Error())
	}
}
