package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"deskmate/config"
	"deskmate/llm"
	"deskmate/model"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// checkup runs the doctor's checks for the console.
type checkup struct {
	cfg    config.Config
	store  *sqlstore.Store
	redis  *redisstore.Store
	watch  *clockWatch
	model  *llm.Client // nil: none
	now    func() time.Time
	mended func() // WeCom answers that refused before

	mu     sync.Mutex
	probes map[uint64]*probe
	asked  time.Time // the language model, last
	said   model.Check
}

// probe is what WeCom last said of an account.
type probe struct {
	mu sync.Mutex // held while it is asked: who else wants to know waits for the same answer
	// The client has tokens of its own, so that the secret itself is tried, not what it gave once.
	// It remembers what WeCom refused, so that a wrong secret isn't tried every few seconds.
	client *wecom.Client
	at     time.Time
	of     model.Connection
	info   wecom.AgentInfo
	err    error
}

// How long checks may take, and for how long what an outside service said is good for everybody
// who asks: pages look every 2 s while somebody presses buttons at WeCom.
const (
	checkPatience = 8 * time.Second
	probeFresh    = 3 * time.Second
	modelFresh    = 5 * time.Minute // for each question costs
)

func newCheckup(s *server, p program) (*checkup, error) {
	c := &checkup{
		cfg: s.cfg, store: s.store, redis: s.redis, model: s.model, now: p.now, mended: s.upkeep.Again, probes: map[uint64]*probe{},
		watch: &clockWatch{now: time.Now}, // the business's clock may be moved, WeCom's can't
	}
	_, err := c.newClient()
	return c, err
}

func (c *checkup) newClient() (*wecom.Client, error) {
	return wecom.NewClient(wecom.Config{
		BaseURL: c.cfg.WeComAPI, Now: time.Now, HTTP: &http.Client{Timeout: checkPatience, Transport: c.watch},
	})
}

// part is some checks that are made together.
type part struct {
	ids []string
	run func(ctx context.Context) []model.Check
}

// Checks implements [handler.Checker]: the parts run beside each other, each within its time.
func (c *checkup) Checks(ctx context.Context, acc model.Account, only []string) []model.Check {
	parts := slices.DeleteFunc(c.parts(acc), func(p part) bool {
		return len(only) > 0 && !slices.ContainsFunc(p.ids, func(id string) bool { return slices.Contains(only, id) })
	})
	found := make([][]model.Check, len(parts))
	var wg sync.WaitGroup
	for i, p := range parts {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, checkPatience)
			defer cancel()
			found[i] = p.run(ctx)
		})
	}
	wg.Wait()
	return slices.DeleteFunc(slices.Concat(found...), func(check model.Check) bool {
		return len(only) > 0 && !slices.Contains(only, check.ID)
	})
}

// parts are all checks, what is the account's own first.
func (c *checkup) parts(acc model.Account) []part {
	one := func(id string, run func(ctx context.Context) model.Check) part {
		return part{[]string{id}, func(ctx context.Context) []model.Check { return []model.Check{run(ctx)} }}
	}
	return []part{
		{[]string{"token", "trusted_ip", "app", "visible_range", "scope", "domain", "clock"}, func(ctx context.Context) []model.Check { return c.atWeCom(ctx, acc) }},
		one("callback", func(ctx context.Context) model.Check { return checkCallback(ctx, c.store, acc) }),
		one("seats", func(ctx context.Context) model.Check { return checkSeats(ctx, c.store, acc) }),
		one("public_url", func(ctx context.Context) model.Check { return c.public(ctx) }),
		one("database", func(ctx context.Context) model.Check { return checkDatabase(ctx, c.cfg, c.store) }),
		one("schema", func(ctx context.Context) model.Check { return checkSchema(ctx, c.store) }),
		one("redis", func(ctx context.Context) model.Check { return checkRedis(ctx, c.redis.Embedded(), c.redis.Ping) }),
		one("files", func(ctx context.Context) model.Check { return checkFiles(ctx, c.cfg) }),
		one("calendar", func(ctx context.Context) model.Check {
			return checkCalendar(ctx, c.store, c.now().In(c.cfg.TimeZone))
		}),
		one("llm", c.language),
	}
}

// atWeCom asks WeCom one question and says all that the answer tells.
func (c *checkup) atWeCom(ctx context.Context, acc model.Account) []model.Check {
	info, err := c.ask(ctx, acc)
	list := checkWeCom(info, err)
	if err != nil {
		for _, id := range []string{"visible_range", "domain"} {
			list = append(list, model.Check{ID: id, State: model.CheckUnknown, Reason: "token_first"})
		}
		return append(list, c.watch.check())
	}
	list = append(list, checkRange(ctx, c.store, acc, info))
	if check, scoped := checkScope(ctx, c.store, acc, info); scoped {
		list = append(list, check)
	}
	return append(list, checkDomain(c.cfg.PublicURL, info), c.watch.check())
}

// ask is what WeCom says of the account's app, as of the last seconds.
func (c *checkup) ask(ctx context.Context, acc model.Account) (wecom.AgentInfo, error) {
	of := model.Connection{CorpID: acc.CorpID, AgentID: acc.AgentID, Secret: acc.Secret}
	c.mu.Lock()
	p := c.probes[acc.ID]
	if p == nil {
		p = &probe{}
		c.probes[acc.ID] = p
	}
	c.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of != of || time.Since(p.at) > probeFresh {
		before := p.err
		c.ping(ctx, p, acc)
		if p.err == nil && before != nil {
			c.mended()
		}
		p.of, p.at = of, time.Now()
	}
	return p.info, p.err
}

func (c *checkup) ping(ctx context.Context, p *probe, acc model.Account) {
	if p.client == nil {
		if p.client, p.err = c.newClient(); p.err != nil {
			return
		}
	}
	p.info, p.err = p.client.Ping(ctx, acc)
	if refusal, ok := errors.AsType[*wecom.APIError](p.err); ok && refusal.Code == notTrusted {
		p.client = nil // to be asked again soon: somebody is about to press the button
	}
}

func (c *checkup) public(ctx context.Context) model.Check {
	check := checkPublic(ctx, c.cfg)
	if check.State == model.CheckOK && plainHTTP(c.cfg.PublicURL) {
		check.State, check.Reason, check.Advice = model.CheckWarn, "plain_http", "put a certificate in front of it"
	}
	check.Facts = map[string]string{"address": c.cfg.PublicURL}
	return check
}

// language asks the language model for one word, if there is a model.
func (c *checkup) language(ctx context.Context) model.Check {
	if c.model == nil || c.cfg.LLMModel == "" {
		return model.Check{ID: "llm", State: model.CheckOK, Reason: "none", Detail: "no language model is configured"}
	}
	c.mu.Lock()
	said, fresh := c.said, time.Since(c.asked) < modelFresh
	c.mu.Unlock()
	if fresh {
		return said
	}
	check := passed("llm", c.cfg.LLMModel)
	const fewTokens = 5
	if _, err := c.model.Complete(ctx, model.Prompt{System: "Answer with the word OK.", User: "OK?", MaxTokens: fewTokens}); err != nil {
		check = failed("llm", "away", err.Error(), "check DESKMATE_LLM_BASE_URL, DESKMATE_LLM_API_KEY and DESKMATE_LLM_MODEL; answers go out verbatim meanwhile")
	}
	check.Facts = map[string]string{"model": c.cfg.LLMModel}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.asked = check, time.Now()
	return check
}
