package wecomsim

import (
	crand "crypto/rand"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// DefaultCorpID is the corp where Config names none.
const DefaultCorpID = "ww0123456789abcdef"

// Config sets up a [Server]. The zero value works.
type Config struct {
	CorpID string           // "" means DefaultCorpID
	Now    func() time.Time // the clock of everything that lives or lapses; nil means time.Now. Retries of callbacks use real timers
	HTTP   *http.Client     // sends the callbacks; nil means one of its own. Redirects are never followed
	Log    *slog.Logger     // nil logs nothing
	// Seed makes tokens and ids the same in every run. With 0 they differ, as they must when
	// the program under test keeps its data from run to run.
	Seed     uint64
	Callback *CallbackPolicy // nil means DefaultCallbackPolicy
	// QuotedAgentID takes an agentid that is a string, with a warning in errmsg: WeCom is said
	// to, and released clients depend on it. Without it such a call gets 40056.
	QuotedAgentID bool
	// ContactSecret is the secret of the contact assistant (通讯录同步); "" means there is none.
	// Its token reads ids only, as one does from a new IP: the rest of the directory gets 48009.
	ContactSecret string
}

// Server is one corp of WeCom with its apps, members and phones. It is safe for
// concurrent use. Callbacks are sent only while [Server.Run] runs.
type Server struct {
	corpID string
	clock  func() time.Time
	client *http.Client
	log    *slog.Logger
	routes map[string]endpoint
	quoted bool          // Config.QuotedAgentID
	slots  chan struct{} // one per callback on its way
	wake   chan struct{} // tells Run that a lane became ready

	mu          sync.Mutex
	rng         *rand.Rand
	policy      CallbackPolicy
	faults      Faults
	apps        map[int64]*app
	departments map[int64]Department
	members     map[string]*Member // by folded userid
	tokens      map[string]*accessToken
	media       map[string]*media
	logins      map[string]*login
	userTickets map[string]*userTicket
	corpTicket  ticket
	tags        map[int64]*tag
	assistant   *app // the contact assistant; its agentid is 0
	chats       map[string]*chat
	chatTimes   []time.Time // when persons were sent group messages
	chatsMade   []time.Time
	webhooks    map[string]*webhook
	bots        map[string]*aibot
	groups      map[string]*botChat // by chatid, and by SingleChat
	address     string              // see SetAddress
	lanes       map[laneKey]*lane
	ready       []*lane       // lanes with work that nobody drains
	pending     int           // callbacks queued or on their way
	changed     chan struct{} // closed at the next change of a screen or a delivery
	records     records
	trace       tracer
}

// New makes a corp with its root department and nobody in it. It starts nothing.
func New(cfg Config) *Server {
	s := &Server{
		corpID:      cfg.CorpID,
		clock:       cfg.Now,
		client:      callbackClient(cfg.HTTP),
		log:         cfg.Log,
		quoted:      cfg.QuotedAgentID,
		slots:       make(chan struct{}, parallelCallbacks),
		wake:        make(chan struct{}, 1),
		rng:         newRand(cfg.Seed),
		policy:      DefaultCallbackPolicy(),
		apps:        map[int64]*app{},
		departments: map[int64]Department{rootDepartment: {ID: rootDepartment, Name: "企业"}},
		members:     map[string]*Member{},
		tokens:      map[string]*accessToken{},
		media:       map[string]*media{},
		logins:      map[string]*login{},
		userTickets: map[string]*userTicket{},
		lanes:       map[laneKey]*lane{},
		tags:        map[int64]*tag{},
		chats:       map[string]*chat{},
		webhooks:    map[string]*webhook{},
		bots:        map[string]*aibot{},
		groups:      map[string]*botChat{},
		changed:     make(chan struct{}),
	}
	if s.corpID == "" {
		s.corpID = DefaultCorpID
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if cfg.ContactSecret != "" {
		s.assistant = newAssistant(cfg.ContactSecret)
	}
	if cfg.Callback != nil {
		s.policy = *cfg.Callback
	}
	s.log = s.log.With(slog.String("component", "wecomsim"))
	s.routes = routes()
	return s
}

// CorpID is the corp's id.
func (s *Server) CorpID() string { return s.corpID }

// ServeHTTP answers the API under /cgi-bin/ and the sign-in pages
// /connect/oauth2/authorize, the long connections of AI bots at /aibot and their files below it,
// /wwlogin/sso/login and its predecessor /wwopen/sso/qrConnect.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/aibot/file/") {
		s.serveBotFile(w, r)
		return
	}
	switch r.URL.Path {
	case "/aibot":
		s.serveBotLink(w, r)
	case "/connect/oauth2/authorize":
		s.serveAuthorize(w, r, authorizeQuery)
	case "/wwlogin/sso/login":
		s.serveAuthorize(w, r, webLoginQuery)
	case "/wwopen/sso/qrConnect":
		s.serveAuthorize(w, r, oldLoginQuery)
	default:
		s.serveAPI(w, r)
	}
}

// locked runs f with the state locked and then hands out what was traced meanwhile.
func (s *Server) locked(f func()) {
	defer s.trace.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// announce wakes everyone who waits for a change. The state is locked.
func (s *Server) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Changed gives a channel that is closed at the next change of any screen or delivery.
// Take it before looking, then wait on it.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func newRand(seed uint64) *rand.Rand {
	if seed == 0 {
		var b [8]byte
		_, _ = crand.Read(b[:]) // never fails (crypto/rand)
		seed = binary.BigEndian.Uint64(b[:])
	}
	const stream = 0x77656368617400
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // a simulator's ids need not be secret, and a seed must repeat them
}

// opaque makes a word of n letters and digits. The state is locked.
func (s *Server) opaque(n int) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[s.rng.IntN(len(alphabet))]
	}
	return string(b)
}

// messageNumber makes a MsgId: a positive 64-bit integer, too long for a float64.
// The state is locked.
func (s *Server) messageNumber() int64 {
	const least = 1 << 60
	return least + s.rng.Int64N(least)
}
