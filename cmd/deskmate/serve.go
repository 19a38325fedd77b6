package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"deskmate/bot"
	"deskmate/bot/hours"
	"deskmate/bot/knowledge"
	"deskmate/bot/knowledge/curate"
	"deskmate/bot/knowledge/match"
	"deskmate/bot/mask"
	"deskmate/bot/privacy"
	"deskmate/bot/records"
	"deskmate/bot/rephrase"
	"deskmate/bot/stats"
	"deskmate/bot/survey"
	"deskmate/config"
	"deskmate/handler"
	"deskmate/llm"
	"deskmate/model"
	"deskmate/router"
	"deskmate/store/blobstore"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/trace"
	"deskmate/webhook"
	"deskmate/wecom"
)

// How the parts of a server work, where no setting says so.
const (
	workers        = 16                     // lanes decided on at once, and again as many sent to
	laneLease      = 5 * time.Second        // a lane of a killed replica is free again after this
	lanePoll       = 200 * time.Millisecond // without a hint, work is found after this
	changePoll     = 400 * time.Millisecond // changes of accounts and knowledge are live after this
	timerPoll      = 250 * time.Millisecond
	queuePoll      = 3 * time.Second
	mediaPoll      = 2 * time.Second
	hookPoll       = time.Second // without a hint, what webhooks are to be told is found after this
	removalPoll    = time.Second
	removalDrain   = 2 * time.Minute // a deleted account's sessions end meanwhile, and people are told
	loadCompare    = time.Minute
	directoryEvery = 24 * time.Hour
	directoryRetry = 5 * time.Minute
	storePatience  = 4 * time.Second // WeCom waits 5 s for an acknowledgement

	intakeGrace = 5 * time.Second  // for requests in hand
	workerGrace = 10 * time.Second // for events and pushes in hand
	traceGrace  = 2 * time.Second  // for the last spans; together below [config.ShutdownGrace]
)

func serveCommand() command {
	return command{
		name: "serve", short: "run the server",
		long: "Without settings it runs on SQLite in ./data with a Redis inside the process, and refuses to start a\n" +
			"second time on the same data. With DESKMATE_DATABASE_URL=mysql://… any number of replicas may run.\n" +
			"It stops on SIGTERM or Ctrl-C within 20 s: first it takes no more callbacks, then it finishes the work\n" +
			"in hand; what it leaves undone is done after the next start.",
		flags: settingsFlag,
		run: func(ctx context.Context, p program, flags *flag.FlagSet) error {
			if err := wantArgs(flags); err != nil {
				return err
			}
			cfg, err := p.settings(flags)
			if err != nil {
				return err
			}
			return p.serve(ctx, cfg)
		},
	}
}

// serve runs the whole server until ctx ends or a part of it fails.
func (p program) serve(ctx context.Context, cfg config.Config) (err error) {
	unlock, err := lockEmbedded(cfg)
	if err != nil {
		return err
	}
	defer unlock()
	s, err := p.newServer(ctx, cfg)
	if err != nil {
		return err
	}
	defer closeInto(&err, s.close)
	return s.run(model.WithHand(ctx, model.Hand{Actor: "system"})) // what it does by itself is nobody's
}

// lockEmbedded makes sure that one process alone serves a SQLite database.
func lockEmbedded(cfg config.Config) (unlock func(), err error) {
	if cfg.MySQL() {
		return func() {}, nil
	}
	path := strings.TrimPrefix(cfg.DatabaseURL.Reveal(), "sqlite://") + ".lock"
	lock := flock.New(path)
	ok, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("another deskmate serves this database already (%s is locked); "+
			"several replicas need DESKMATE_DATABASE_URL=mysql://…", path)
	}
	return func() { _ = lock.Unlock() }, nil
}

// server is every part of a running Deskmate, plugged together.
type server struct {
	cfg       config.Config
	log       *slog.Logger
	store     *sqlstore.Store
	redis     *redisstore.Store
	accounts  *bot.Accounts
	hours     hours.Live // of all that asks when somebody works
	calendars *bot.Calendars
	knowledge *knowledge.Base
	phraser   *rephrase.Rephraser
	curating  curating
	groups    *bot.Groups
	upkeep    *bot.Upkeep
	sweeper   *bot.Sweeper
	deciders  *bot.Runner
	senders   *bot.Runner
	desk      *bot.Desk
	files     blobstore.Store
	keeper    *bot.Keeper
	remover   *bot.Remover
	hooks     *webhook.Client
	webhooks  *bot.Webhooks
	model     *llm.Client // nil: none
	wakes     *wakes
	heartbeat *heartbeat
	importer  *curate.Importer
	indexer   *records.Indexer
	roller    *stats.Roller
	retainer  *privacy.Retainer
	eraser    *privacy.Eraser
	sealer    *auditSealer
	api       *handler.API
	gate      *handler.Gate
	signIn    *handler.SignIn
	live      *handler.Live
	tickets   *handler.Tickets // nil: no links for sending files
	uploads   *handler.Uploads
	http      *http.Server
	traces    *trace.Tracer // nil: nothing is traced
	listening func(addr string)
}

func (p program) newServer(ctx context.Context, cfg config.Config) (*server, error) {
	log := p.logger(cfg.LogLevel)
	store, err := p.openStore(ctx, cfg)
	if err != nil {
		return nil, err
	}
	redis, err := redisstore.Open(ctx, redisstore.Config{URL: cfg.RedisURL.Reveal(), Now: p.now, Log: log, Location: cfg.TimeZone})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open redis: %w", err), store.Close())
	}
	s := &server{cfg: cfg, log: log, store: store, redis: redis, wakes: newWakes(redis.Wakes()), listening: p.listening}
	if err := s.wireTraces(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	m := newMetrics()
	client, err := wecom.NewClient(wecom.Config{
		BaseURL: cfg.WeComAPI, OAuthBase: p.signIn, LoginBase: p.signIn, Tokens: redis, Log: log, Now: p.now, Observe: m.apiCall,
	})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.accounts = bot.NewAccounts(store, changePoll, log)
	if err := s.wireKnowledge(p, m); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.upkeep = bot.NewUpkeep(bot.UpkeepConfig{
		Accounts: s.accounts, Store: store, Platform: platform{client, cfg.PublicURL}, Every: directoryEvery, Retry: directoryRetry, Log: log,
	})
	s.calendars = bot.NewCalendars(store, changePoll, s.hours.Set, log)
	s.sweeper = bot.NewSweeper(bot.SweeperConfig{
		Store: store, Loads: redis, Accounts: s.accounts, Wake: redis.Wake,
		Every: timerPoll, Queues: queuePoll, Compare: loadCompare, Log: log,
		Hours: &s.hours, Now: func() time.Time { return p.now().In(cfg.TimeZone) },
	})
	if s.tickets, err = newTickets(cfg); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if s.files, err = blobstore.Open(cfg.BlobURL); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if cfg.MySQL() && cfg.BlobFolder() {
		log.WarnContext(ctx, "files are kept in a folder: every replica must have the same one", "setting", "DESKMATE_BLOB_URL")
	}
	if s.curating, err = newCurating(s.store, s.knowledge, s.phraser, s.log, p.now); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.wireWorkers(p, client, m)
	s.indexer = newIndexer(store, p.now, log)
	s.roller = newRoller(store, cfg.TimeZone, p.now, log)
	s.eraser = newEraser(store, s.indexer, s.files, p.now, log)
	s.retainer = newRetainer(store, s.indexer, s.files, cfg.TimeZone, p.now, log)
	s.sealer = &auditSealer{store: store, log: log}
	s.desk = bot.NewDesk(bot.DeskConfig{Store: store, Wake: redis.Wake, Now: p.now})
	s.remover = bot.NewRemover(bot.RemoverConfig{Store: store, Files: s.files, Poll: removalPoll, Drain: removalDrain, Now: p.now, Log: log})
	s.wireWebhooks(p, m)
	s.wireGroups(p, client, m)
	s.heartbeat = newHeartbeat(s.store, s.redis, s.knowledge, p.now, s.log)
	if err := s.wireAPI(ctx, p, client, m); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.http = newHTTP(cfg, router.New(s.handlers(p, m), log))
	return s, nil
}

// wireWorkers makes the two kinds of workers: those that decide and those that send.
func (s *server) wireWorkers(p program, client *wecom.Client, m *metrics) {
	var upload func(model.UploadTicket) string
	var comment func(model.SurveyTicket) string
	if s.tickets != nil {
		upload, comment = s.tickets.Link, s.tickets.SurveyLink
	}
	engine := bot.NewEngine(bot.EngineConfig{
		Store: s.store, Knowledge: s.knowledge, Phraser: s.phraser, Seats: assigner{s.redis}, Directory: s.upkeep,
		Files: bot.GroupFiles{Source: client, Store: s.store},
		Rules: bot.Rules{
			Fold:   match.Fold,
			Split:  func(text string) []string { return wecom.SplitText(text, wecom.TextLimit) },
			Escape: wecom.Escape, Survey: survey.Rules{}, Location: s.cfg.TimeZone, Hours: &s.hours,
			Upload: upload, Comment: comment, Console: consoleAt(s.cfg.PublicURL), Mask: mask.Text,
		},
		Wake: s.redis.Wake, Tell: s.redis.Tell, Presence: s.redis,
		Teacher: curate.NewTeacher(s.curating.editor, s.curating.misses), Now: p.now, Log: s.log, Observe: m.outcome,
		Trace: s.tracer(),
	})
	sender := bot.NewSender(bot.SenderConfig{
		Store: s.store, Accounts: s.accounts, Pusher: client, Budget: s.redis, Wake: s.redis.Wake,
		Media:  bot.NewMedia(bot.MediaConfig{Store: s.store, Uploader: uploader{client}, Now: p.now}),
		Copies: bot.NewCopies(bot.CopiesConfig{Store: s.store, Files: s.files, Uploader: uploader{client}, Now: p.now}),
		Limit:  wecom.TextLimit, Now: p.now, Log: s.log, Observe: m.push,
		Trace: s.tracer(),
	})
	s.keeper = bot.NewKeeper(bot.KeeperConfig{
		Store: s.store, Accounts: s.accounts, Downloader: downloader{client}, Files: s.files, Poll: mediaPoll, Now: p.now, Log: s.log,
		Observe: m.kept, Backlog: m.mediaWaiting,
	})
	runner := bot.RunnerConfig{
		Store: s.store, Owner: ownerName(), Workers: workers, Lease: laneLease, Poll: lanePoll, Grace: workerGrace, Log: s.log,
	}
	runner.Kind, runner.Handle, runner.Wakes = model.LaneIn, engine.Handle, s.wakes.in
	s.deciders = bot.NewRunner(runner)
	runner.Kind, runner.Handle, runner.Wakes = model.LaneOut, sender.Handle, s.wakes.out
	s.senders = bot.NewRunner(runner)
}

func (s *server) handlers(p program, m *metrics) router.Handlers {
	callbacks := handler.CallbacksConfig{
		Accounts: s.accounts, Platform: callbackEdge{}, Inbox: s.store, Wake: s.redis.Wake,
		Patience: storePatience, Log: s.log, Observe: m.callback, Trace: s.tracer(),
	}
	bots := callbacks
	callbacks.Notes = handler.NewCallbackNotes(s.store, s.log)
	bots.Platform = botEdge{p.now}
	bots.Notes = handler.NewCallbackNotes(botWitness{s.store}, s.log)
	return router.Handlers{
		Callbacks: handler.NewCallbacks(callbacks), Bots: handler.NewCallbacks(bots),
		Health: handler.NewHealth(version, []handler.Check{
			{Name: "database", Run: s.store.Ping},
			{Name: "schema", Run: s.store.SchemaCurrent},
			// Without Redis every replica works on, so a balancer must not take them all away.
			{Name: "redis", Optional: true, Run: s.redis.Ping},
		}),
		Metrics: promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}),
		API:     s.api, Gate: s.gate, SignIn: s.signIn, Live: s.live, Domain: &handler.DomainPages{Files: s.store, Log: s.log}, Uploads: s.uploads, TrustedProxies: s.cfg.TrustedProxies,
		Trace: s.tracer(),
	}
}

func newHTTP(cfg config.Config, h http.Handler) *http.Server {
	return &http.Server{
		Addr: cfg.Listen, Handler: h,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
}

// run starts every part and stops them in stages: first nothing new is taken in, then the
// workers finish what they have in hand, then the rest ends.
func (s *server) run(ctx context.Context) error {
	defer s.endTraces(ctx)
	if err := s.accounts.Refresh(ctx); err != nil {
		return fmt.Errorf("read the accounts: %w", err)
	}
	if err := s.calendars.Refresh(ctx); err != nil {
		return fmt.Errorf("read the calendar: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	base := newStage(ctx, "base", s.redis.Run, s.wakes.run, s.accounts.Run, s.calendars.Run, s.knowledge.Run, s.heartbeat.run)
	work := newStage(ctx, "workers", s.deciders.Run, s.senders.Run, s.importer.Run, s.indexer.Run, s.roller.Run, s.keeper.Run, s.remover.Run, s.webhooks.Run, s.retainer.Run, s.eraser.Run, s.sealer.Run)
	intake := newStage(ctx, "intake", serveHTTP(s.http, listener), s.live.Run, s.sweeper.Run, s.upkeep.Run, s.groups.Run)
	s.log.InfoContext(ctx, "server started", "version", version, "addr", listener.Addr().String(),
		"mysql", s.cfg.MySQL(), "embedded_redis", s.redis.Embedded())
	if s.listening != nil {
		s.listening(listener.Addr().String())
	}
	select {
	case <-ctx.Done():
	case <-base.failed:
	case <-work.failed:
	case <-intake.failed:
	}
	s.log.InfoContext(ctx, "server stopping")
	err = errors.Join(intake.stop(), work.stop(), base.stop())
	s.log.InfoContext(ctx, "server stopped")
	return err
}

// serveHTTP is the part that answers requests until it is stopped, then finishes those in
// hand.
func serveHTTP(srv *http.Server, listener net.Listener) func(context.Context) error {
	return func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- srv.Serve(listener) }()
		select {
		case err := <-failed:
			return fmt.Errorf("serve http: %w", err)
		case <-ctx.Done():
		}
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), intakeGrace)
		defer cancel()
		if err := srv.Shutdown(grace); err != nil {
			_ = srv.Close()
		}
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve http: %w", err)
		}
		return nil
	}
}

// wireTraces opens the way to a collector, where one is named.
func (s *server) wireTraces(ctx context.Context) (err error) {
	if s.cfg.OTLPEndpoint == "" {
		return nil
	}
	s.traces, err = trace.Open(ctx, trace.Config{
		Endpoint: s.cfg.OTLPEndpoint, Share: s.cfg.TraceShare, Version: version, Instance: ownerName(), Log: s.log,
	})
	return err
}

// tracer is what begins traces; nil where nothing is traced.
func (s *server) tracer() model.Tracer {
	if s.traces == nil {
		return nil
	}
	return s.traces
}

// endTraces sends the last spans.
func (s *server) endTraces(ctx context.Context) {
	if s.traces == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), traceGrace)
	defer cancel()
	if err := s.traces.Close(ctx); err != nil {
		s.log.WarnContext(ctx, "last spans not sent", "err", err.Error())
	}
}

// close ends the connections to the stores.
func (s *server) close() error {
	s.redis.Close()
	return s.store.Close()
}
