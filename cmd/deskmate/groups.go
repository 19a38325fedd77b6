package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"deskmate/bot"
	"deskmate/model"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// How AI bots are held.
const (
	botLease   = 10 * time.Second // a bot of a killed replica is taken over after this
	botLook    = time.Second
	botPoll    = time.Second     // without a hint, pushes to groups are found after this: each account is asked about by itself
	botWorkers = 4               // groups of one account that are sent to at once
	botNote    = 2 * time.Second // for remembering how a connection is
	botGrace   = 2 * time.Second // for pushes in hand when a bot is let go of
)

// botEdge gives the callback handler what it needs of WeCom for AI bots.
type botEdge struct{ now func() time.Time }

// Echo answers the check of a callback URL.
func (botEdge) Echo(acc model.Account, query url.Values) ([]byte, error) {
	return wecom.EchoBot(acc, wecom.QueryFrom(query))
}

// Receive understands a callback.
func (e botEdge) Receive(acc model.Account, query url.Values, body []byte) (model.Inbound, error) {
	return wecom.ReceiveBot(acc, wecom.QueryFrom(query), body, e.now())
}

// wireGroups makes what holds the accounts' AI bots.
func (s *server) wireGroups(p program, client *wecom.Client, m *metrics) {
	owner := ownerName()
	serving := groupServing{s: s, p: p, client: client, m: m, owner: owner}
	s.groups = bot.NewGroups(bot.GroupsConfig{
		Accounts: s.accounts, Store: s.store, Serve: serving.serve, Owner: owner,
		Lease: botLease, Every: botLook, Log: s.log,
	})
}

// groupServing serves the AI bot of one account.
type groupServing struct {
	s      *server
	p      program
	client *wecom.Client
	m      *metrics
	owner  string
}

// serve holds the bot's connection, where it has one, and sends to its groups, until ctx ends.
func (g groupServing) serve(ctx context.Context, acc model.Account) error {
	pusher := bot.GroupPusher{Store: g.s.store, Answer: g.client.AnswerBot, Download: g.download}
	var parts sync.WaitGroup
	defer parts.Wait()
	if acc.Group.Mode == model.GroupConnection {
		link := wecom.NewBotLink(wecom.BotLinkConfig{
			Account: acc, URL: g.s.cfg.WeComAIBotWS, Log: g.s.log, Now: g.p.now, Observe: g.note(acc.ID),
		})
		pusher.Line = link
		parts.Go(func() { _ = link.Run(ctx, g.accept) }) // never fails
	}
	sender := bot.NewSender(bot.SenderConfig{
		Store: g.s.store, Accounts: g.s.accounts, Pusher: pusher, Budget: groupBudget{g.s.redis}, Wake: g.s.redis.Wake,
		Media: bot.StoredAsTheyAre{},
		Copies: bot.NewCopies(bot.CopiesConfig{
			Store: g.s.store, Files: g.s.files, Uploader: uploader{g.client}, Now: g.p.now,
		}),
		Limit: wecom.TextLimit, Now: g.p.now, Log: g.s.log, Observe: g.m.push, Trace: g.s.tracer(),
	})
	hints, drop := g.s.wakes.group(acc.ID)
	defer drop()
	return bot.NewRunner(bot.RunnerConfig{
		Kind: model.LaneGroup, Store: groupLanes{g.s.store, acc.ID}, Handle: sender.Handle, Owner: g.owner,
		Wakes: hints, Workers: botWorkers, Lease: laneLease, Poll: botPoll, Grace: botGrace, Log: g.s.log,
	}).Run(ctx)
}

// note remembers how the connection is, for whoever binds the bot.
func (g groupServing) note(accountID uint64) func(context.Context, model.BotNews) {
	return func(ctx context.Context, news model.BotNews) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), botNote)
		defer cancel()
		if err := g.s.store.NoteBot(ctx, accountID, news); err != nil {
			g.s.log.WarnContext(ctx, "bot not noted", "account_id", accountID, "err", err.Error())
		}
	}
}

// botWitness remembers the callbacks of AI bots.
type botWitness struct{ store *sqlstore.Store }

// NoteCallback implements [handler.CallbackWitness].
func (w botWitness) NoteCallback(ctx context.Context, accountID uint64, news model.CallbackNews, reason string) error {
	return w.store.NoteBot(ctx, accountID, model.BotNews{Up: news != model.CallbackRefused, Reason: reason})
}

// accept stores what came over a bot's connection.
func (g groupServing) accept(ctx context.Context, in model.Inbound) error {
	lane := model.CorpLane(in.AccountID)
	if in.Person != "" {
		lane = model.PersonLane(in.AccountID, in.Person)
	}
	ctx, span := model.StartTrace(ctx, g.s.tracer(), "callback", "")
	defer span.End()
	span.Set("event", string(in.Event.Kind))
	if _, err := g.s.store.Accept(ctx, in, lane); err != nil {
		span.Fail(err)
		return err
	}
	g.s.redis.Wake(ctx, model.LaneIn)
	return nil
}

// download reads a file that WeCom keeps for the account's app.
func (g groupServing) download(ctx context.Context, acc model.Account, mediaID string) (string, []byte, error) {
	media, err := g.client.DownloadMedia(ctx, acc, mediaID)
	if err != nil {
		return "", nil, refusedMedia(err)
	}
	defer func() { _ = media.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(media.Body, wecom.BotFileLimit+1))
	if err != nil {
		return "", nil, fmt.Errorf("read a file of WeCom: %w", err)
	}
	return media.Name, data, nil
}

// groupLanes are the lanes of pushes to one account's groups.
type groupLanes struct {
	*sqlstore.Store
	account uint64
}

// ClaimLanes implements [bot.LaneStore].
func (l groupLanes) ClaimLanes(ctx context.Context, _ model.LaneKind, owner string, limit int, lease time.Duration) ([]model.Lane, error) {
	return l.ClaimGroupLanes(ctx, l.account, owner, limit, lease)
}

// groupBudget keeps to the limits per conversation. What goes to groups isn't the app's, so
// the account's day is not touched.
type groupBudget struct{ bot.Budget }

// Take implements [bot.Budget].
func (b groupBudget) Take(ctx context.Context, accountID uint64, receiver string, _ int) (time.Duration, error) {
	return b.Budget.Take(ctx, accountID, receiver, 0)
}
