package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"deskmate/bot"
	"deskmate/bot/knowledge/curate"
	"deskmate/bot/pinyin"
	"deskmate/config"
	"deskmate/handler"
	"deskmate/model"
	"deskmate/router"
	"deskmate/store/blobstore"
	"deskmate/store/redisstore"
	"deskmate/store/sqlstore"
	"deskmate/wecom"
)

// apiSettings is what the API needs besides its parts.
type apiSettings struct {
	zone  *time.Location
	hours interface {
		model.WorkHours
		handler.OpenDays
	}
	now    func() time.Time
	log    *slog.Logger
	files  blobstore.Store
	redis  *redisstore.Store
	build  handler.Build
	links  *handler.Tickets // nil: none
	checks handler.Checker
	public string // where WeCom reaches the program; "": unknown
	people []handler.DemoLogin
	hooks  handler.WebhookEdge
	secure bool // browsers come by https
}

// newAPI makes the HTTP API over all that people do with knowledge bases.
func newAPI(store *sqlstore.Store, desk apiDesk, c curating, importer *curate.Importer, with apiSettings) *handler.API {
	editor := apiEditor{c.editor}
	return handler.NewAPI(handler.APIConfig{
		Accounts: store, Entries: editor, History: editor, Bulk: editor, Groups: editor, Synonyms: editor,
		Golden: apiExaminer{c.examiner}, Imports: apiImporter{importer}, Files: importer, Media: store, RecordMedia: store, KeptFiles: with.files,
		Base: c.base, Questions: c.asked,
		Misses: apiMisses{c.misses}, Thresholds: apiTuner{c.tuner}, Usage: store, Records: newAPIRecords(store, with.zone, with.now),
		People: store, Seats: store, Calendar: calendars{store}, Hours: with.hours, OpenDays: with.hours,
		Sessions: store, Desk: desk, Quick: store, Audit: store, Roster: store, Location: with.zone, Now: with.now, Log: with.log,
		AuditLog: store, AuditChain: store, DeadLetters: store, Advice: func(code int64) string { return string(wecom.AdviceFor(code)) }, Tokens: store,
		Wake: with.redis.Wake, Presence: with.redis, System: store, Shared: with.redis, Build: with.build,
		Setup: store, Checker: with.checks, DomainFiles: store, PublicURL: with.public,
		My: store, Figures: store, Statistics: newAPIStatistics(store, with.zone, with.now), Tickets: with.links, Spell: pinyin.Words,
		Retentions: store, Erasures: store, Webhooks: store, GroupChats: store, WebhookEdge: with.hooks, Logins: store, Changer: store, Avatars: store, Rights: router.Allows(), Demo: with.people, Secure: with.secure,
	})
}

// apiDesk is the desk in the API's words.
type apiDesk struct{ desk *bot.Desk }

// Do implements [handler.Desk].
func (d apiDesk) Do(ctx context.Context, act handler.Act) (handler.Done, error) {
	done, err := d.desk.Do(ctx, bot.Act(act))
	return handler.Done(done), err
}

// newTickets makes the links for sending files; nil where nobody knows how to reach the program.
func newTickets(cfg config.Config) (*handler.Tickets, error) {
	if cfg.PublicURL == "" {
		return nil, nil //nolint:nilnil // no address is no mistake
	}
	return handler.NewTickets(cfg.PublicURL, cfg.SecretKeyBytes())
}

// wireAPI makes the API, what guards it, and the importer that works behind it on every
// replica.
func (s *server) wireAPI(ctx context.Context, p program, client *wecom.Client, m *metrics) error {
	c := s.curating
	var err error
	s.importer, err = curate.NewImporter(curate.ImporterConfig{
		Imports: s.store, Entries: bulkStore{s.store}, Blobs: s.store, Accounts: s.store, Base: c.base, Examiner: c.examiner,
		Log: s.log, Location: s.cfg.TimeZone, Owner: ownerName(), Now: p.now,
	})
	if err != nil {
		return err
	}
	checks, err := newCheckup(s, p)
	if err != nil {
		return err
	}
	desk := apiDesk{s.desk}
	s.api = newAPI(s.store, desk, c, s.importer, apiSettings{
		zone: s.cfg.TimeZone, hours: &s.hours, now: p.now, log: s.log, files: s.files, redis: s.redis, build: s.build(), links: s.tickets, checks: checks, public: s.cfg.PublicURL,
		people: p.people, hooks: s.hooks, secure: strings.HasPrefix(s.cfg.PublicURL, "https://"),
	})
	s.uploads, err = handler.NewUploads(handler.UploadsConfig{Tickets: s.tickets, Files: s.store, Sessions: s.store, Desk: desk, Now: p.now, Log: s.log})
	if err != nil {
		return err
	}
	s.gate = handler.NewGate(handler.GateConfig{Tokens: s.store, Seats: s.store, Logins: s.store, Origin: s.cfg.PublicURL, Now: p.now, Log: s.log, Calls: s.redis, PerMinute: s.cfg.APIRate, Refused: m.refusedCall})
	for _, d := range p.people {
		if d.Role != model.RoleSuperAdmin {
			continue
		}
		err := s.store.AddSuperAdmin(ctx, model.SuperAdmin{CorpID: d.CorpID, UserID: d.UserID, CreatedBy: "demo"})
		if err != nil {
			return err
		}
	}
	s.live = handler.NewLive(handler.LiveConfig{
		API: s.api, Gate: s.gate, Accounts: s.accounts.All, Changes: s.redis.Changes(), Recent: s.store, Origin: s.cfg.PublicURL, Now: p.now, Log: s.log,
		Observe: m.streams, Count: m.toldLive,
	})
	s.signIn = handler.NewSignIn(handler.SignInConfig{
		API: s.api, Accounts: s.store, Platform: signInEdge{client}, Starts: s.store, PublicURL: s.cfg.PublicURL, Now: p.now, Log: s.log,
	})
	return nil
}

// signInEdge gives signing in what it needs of WeCom.
type signInEdge struct{ *wecom.Client }

// MemberFromCode implements [handler.SignInPlatform].
func (e signInEdge) MemberFromCode(ctx context.Context, acc model.Account, code string) (string, error) {
	info, err := e.UserFromCode(ctx, acc, code)
	return info.UserID, err
}
