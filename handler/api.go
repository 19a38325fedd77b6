package handler

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"deskmate/model"
)

// APIPrefix is the path under which the API lies; its document is a level above.
const APIPrefix = "/api/v1"

// API is what programs do with Deskmate over HTTP: the knowledge bases of accounts and all
// that belongs to them, and what seats and those above them do to sessions. Who may do what is the router's to say; every operation works on the
// account that its path names.
type API struct {
	cfg      APIConfig
	readings readings
	system   systemMemory
}

// APIConfig is what the API works with. Every field is required; to write the document alone,
// none is.
type APIConfig struct {
	Accounts   Accounts
	Entries    Entries
	History    History
	Bulk       Bulk
	Groups     Groups
	Synonyms   Synonyms
	Golden     GoldenQuestions
	Imports    Imports
	Files      KnowledgeFiles
	Media      Media
	Base       Explainer
	Questions  Questions
	Misses     Misses
	Thresholds Thresholds
	Usage      Usage
	Records    Records
	People     People
	Seats      Seats
	Calendar   Calendar
	Hours      model.WorkHours
	Sessions   Sessions
	Desk       Desk
	Quick      QuickReplies
	Audit      Auditor
	Logins     Logins
	Changer    AccountChanger
	Avatars    Avatars
	Rights     Rights
	Demo       []DemoLogin // in the demo alone
	Secure     bool        // browsers reach the pages by https only
	Roster     SeatFinder
	Location   *time.Location // in which days are counted
	Now        func() time.Time
	Log        *slog.Logger

	RecordMedia RecordMedia // what people sent
	KeptFiles   KeptFiles

	AuditLog    AuditLog
	AuditChain  AuditVerifier
	DeadLetters DeadLetters
	Advice      func(errcode int64) string // what is wrong when WeCom says so, in a word
	Wake        func(ctx context.Context, kinds ...model.LaneKind)
	Tokens      Tokens
	System      System
	Shared      Shared
	Build       Build
	My          My
	Setup       AccountSetup
	Checker     Checker
	DomainFiles DomainFiles
	PublicURL   string // where WeCom and browsers reach the program; "": unknown
	Presence    Presence
	Figures     Figures
	Statistics  Statistics
	Retentions  Retentions
	Erasures    Erasures
	Webhooks    Webhooks
	GroupChats  GroupChats
	OpenDays    OpenDays
	WebhookEdge WebhookEdge
	Tickets     *Tickets                   // nil: nobody knows how to reach the program, so there are no links
	Spell       func(name string) []string // what a name may be typed as; nil: as it stands
}

// Accounts are the service accounts.
type Accounts interface {
	// AccountByKey is [model.ErrNotFound] where there is none.
	AccountByKey(ctx context.Context, key string) (model.Account, error)
	Accounts(ctx context.Context) ([]model.Account, error)
}

// NewAPI makes the handler.
func NewAPI(cfg APIConfig) *API { return &API{cfg: cfg} }

// bearer is the name of the one way to say who one is.
const bearer = "token"

// Register adds the operations to group and gives their document. r is the engine that group
// belongs to.
func (a *API) Register(r *gin.Engine, group *gin.RouterGroup) *huma.OpenAPI {
	log := a.cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	api := newAPI(r, group, document{title: "Deskmate", version: "1", prefix: "/api", log: log})
	doc := api.OpenAPI()
	doc.Info.Description = "The HTTP API of Deskmate: knowledge bases, their entries, imports, misses and settings, and the sessions that people work on. Programs send a token; docs/api.md says how to get one."
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{bearer: {
		Type: "http", Scheme: "bearer", BearerFormat: TokenPrefix + "…", Description: "Made by 'deskmate admin token create'",
	}}
	doc.Security = []map[string][]string{{bearer: {}}}
	s := surface{API: api, accounts: a.cfg.Accounts}
	a.registerCallers(s)
	a.registerLogins(s)
	a.registerAdmins(s)
	a.registerBot(s)
	a.registerSettings(s)
	a.registerHourPreviews(s)
	a.registerGroupChats(s)
	a.registerAvatars(s)
	a.registerAsking(s)
	a.registerEntries(s)
	a.registerHistory(s)
	a.registerBulk(s)
	a.registerGroups(s)
	a.registerSynonyms(s)
	a.registerGolden(s)
	a.registerImports(s)
	a.registerFiles(s)
	a.registerMedia(s)
	a.registerRecordMedia(s)
	a.registerMisses(s)
	a.registerThresholds(s)
	a.registerRecords(s)
	a.registerDirectory(s)
	a.registerSeats(s)
	a.registerCalendar(s)
	a.registerSessions(s)
	a.registerTranscripts(s)
	a.registerDesk(s)
	a.registerSeat(s)
	a.registerQuick(s)
	a.registerWorkbench(s)
	a.registerAudits(s)
	a.registerAuditChain(s)
	a.registerDeadLetters(s)
	a.registerTokens(s)
	a.registerSystem(s)
	a.registerMy(s)
	a.registerSetup(s)
	a.registerOwners(s)
	a.registerChecks(s)
	a.registerDomainFiles(s)
	a.registerOverviews(s)
	a.registerStatistics(s)
	a.registerRetention(s)
	a.registerErasures(s)
	a.registerWebhooks(s)
	describeWebhooks(doc)
	documentLimit(doc)
	return doc
}

// surface is where operations are registered.
type surface struct {
	huma.API
	accounts Accounts
}

// readTime takes the place of huma's own five seconds: a connection whose deadline for
// reading passes ends its request, even where the body has long been read. Bounds are tighter.
const readTime = 5 * time.Minute

// call describes an operation.
func call(method, id, path, tag, summary string) huma.Operation {
	op := huma.Operation{
		OperationID: id, Method: method, Path: APIPrefix + path, Tags: []string{tag}, Summary: summary, BodyReadTimeout: readTime,
	}
	switch {
	case method == http.MethodDelete:
		op.DefaultStatus = http.StatusNoContent
	case method == http.MethodPost && strings.HasPrefix(id, "create"):
		op.DefaultStatus = http.StatusCreated
	}
	return op
}

// account is where what belongs to an account lies.
const account = "/accounts/{account}"

// AccountPath names an account. It is exported because huma passes over embedded types that are not.
type AccountPath struct {
	Account string `path:"account" maxLength:"40" doc:"The account's key" example:"it"`
}

func (p *AccountPath) key() string { return p.Account }

// onAccount is the input of an operation on an account.
type onAccount[I any] interface {
	*I
	key() string
}

// within registers an operation on the account that the path names.
func within[I, O any, P onAccount[I]](s surface, op huma.Operation, f func(context.Context, model.Account, *I) (*O, error)) {
	operation(s.API, op, func(ctx context.Context, in *I) (*O, error) {
		acc, err := s.accounts.AccountByKey(ctx, P(in).key())
		if errors.Is(err, model.ErrNotFound) {
			return nil, errNoAccount
		}
		if err != nil {
			return nil, err
		}
		return f(ctx, acc, in)
	})
}

// reply is the answer of an operation that gives v.
func reply[T any](v T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{v}, nil
}

// replyNothing is the answer of an operation that gives nothing.
func replyNothing(err error) (*nothing, error) {
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

// listed is the answer of an operation that gives a list without pages.
func listed[M, V any](list []M, err error, view func(M) V) (*body[Listed[V]], error) {
	return reply(Listed[V]{Items: views(list, view)}, err)
}

// author is who does it, as it is written down.
func author(ctx context.Context) string { return actorFrom(ctx).Name }

// Precondition says which version the caller saw.
type Precondition struct {
	IfMatch string `header:"If-Match" maxLength:"40" doc:"The ETag that the caller saw; the same as version in the body"`
}

// expect is the version that the caller saw: the header's, else the body's; 0 for any.
func (p Precondition) expect(inBody uint64) (uint64, error) {
	switch p.IfMatch {
	case "":
		return inBody, nil
	case "*":
		return 0, nil
	}
	n, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(p.IfMatch, "W/"), `"`), 10, 63)
	if err != nil || n == 0 {
		return 0, model.Invalid("bad_version", "If-Match must be an ETag of this API")
	}
	return n, nil
}

// tagged is an answer with the version that it shows.
type tagged[T any] struct {
	ETag string `header:"ETag" doc:"The version, for If-Match"`
	Body T
}

func replyTagged[T any](v T, version uint64, err error) (*tagged[T], error) {
	if err != nil {
		return nil, err
	}
	return &tagged[T]{ETag: strconv.Quote(strconv.FormatUint(version, 10)), Body: v}, nil
}
