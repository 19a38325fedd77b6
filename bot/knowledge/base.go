package knowledge

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"deskmate/model"
)

// Source is where the entries are kept. Versions grow with every change of an account's
// entries or synonyms.
type Source interface {
	// KnowledgeVersions gives the version of every account's knowledge base; an account
	// without entries may be missing.
	KnowledgeVersions(ctx context.Context) (map[uint64]uint64, error)
	// Entries gives all entries of an account and the version they are of.
	Entries(ctx context.Context, accountID uint64) ([]model.Entry, uint64, error)
	// EntriesSince gives what changed after version: entries as they are now, ids that are
	// gone, and the version they are of.
	EntriesSince(ctx context.Context, accountID, version uint64) (changed []model.Entry, deleted []uint64, newVersion uint64, err error)
	// Synonyms gives the account's words.
	Synonyms(ctx context.Context, accountID uint64) ([]model.Synonym, error)
	// HotEntries gives the entries that answered most since then, the most asked first.
	HotEntries(ctx context.Context, accountID uint64, sinceMS int64, limit int) ([]uint64, error)
}

// Encoders is where trained encoders are kept, for all replicas.
type Encoders interface {
	// EncoderStates gives the state of every account's encoder; an account without one may
	// be missing.
	EncoderStates(ctx context.Context) (map[uint64]model.EncoderState, error)
	// ClaimTraining makes owner the one who trains the account's next encoder, for the time of
	// a lease; asked again it renews the lease. ok is false while somebody else's runs.
	ClaimTraining(ctx context.Context, accountID uint64, owner string, lease time.Duration) (state model.EncoderState, ok bool, err error)
	// SaveEncoder stores an encoder trained on that version of the entries, with the next
	// number, and ends the lease. It fails for somebody who lost the lease.
	SaveEncoder(ctx context.Context, accountID uint64, owner string, version uint64, data []byte) (model.EncoderState, error)
	// EncoderData gives a stored encoder.
	EncoderData(ctx context.Context, accountID, blobID uint64) ([]byte, error)
	// TrainingPairs gives what people confirmed or denied, the newest first.
	TrainingPairs(ctx context.Context, accountID uint64, limit int) ([]model.TrainingPair, error)
}

// Embedder gives the vectors of texts, one each and in their order.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
	// EmbeddingModel names the model; vectors of different models don't compare.
	EmbeddingModel() string
}

// Vectors keeps vectors by the SHA-256 (hex) of what was embedded.
type Vectors interface {
	// Embeddings gives the vectors that are there.
	Embeddings(ctx context.Context, accountID uint64, modelName string, sums []string) (map[string][]float32, error)
	SaveEmbeddings(ctx context.Context, accountID uint64, modelName string, vectors map[string][]float32) error
}

// Config is what a [Base] needs.
type Config struct {
	Source Source       // required
	Log    *slog.Logger // required
	// Encoders keeps what bases learn; nil: they learn nothing.
	Encoders Encoders
	// Owner tells this process from its replicas in leases, ≤ 64 bytes; "": a random name.
	Owner string
	// Embedder and Vectors, both or neither, add the vectors of an outside model to matching.
	Embedder Embedder
	Vectors  Vectors
	// Mask takes out of a text what must not leave the house, before it is embedded; nil: nothing.
	Mask func(string) string
	// IdleAfter is how long an account keeps its encoder in memory without being asked; its
	// entries stay for as long again. 0: 30 minutes.
	IdleAfter time.Duration
	Poll      time.Duration    // how often versions are compared; 0: 400 ms
	Now       func() time.Time // nil: time.Now
}

const (
	defaultPoll = 400 * time.Millisecond
	defaultIdle = 30 * time.Minute
)

// Base answers from the knowledge bases of all accounts. An account is read at its
// first question, kept up to date by [Base.Run] and put away when nobody asks. All
// methods may be called by any number of goroutines.
type Base struct {
	source   Source
	encoders Encoders // nil: none
	embed    *embedding
	owner    string
	idle     time.Duration
	poll     time.Duration
	now      func() time.Time
	log      *slog.Logger

	training *schedule
	swaps    signal // an account's encoder may be behind
	fetches  signal // an account's vectors may be behind

	mu       sync.Mutex
	accounts map[uint64]*account
}

// New makes a base that has loaded nothing yet.
func New(cfg Config) (*Base, error) {
	if cfg.Source == nil || cfg.Log == nil {
		return nil, errors.New("knowledge: Source and Log are required")
	}
	if (cfg.Embedder == nil) != (cfg.Vectors == nil) {
		return nil, errors.New("knowledge: Embedder and Vectors go together")
	}
	b := &Base{
		source: cfg.Source, encoders: cfg.Encoders, owner: cfg.Owner,
		idle: cfg.IdleAfter, poll: cfg.Poll, now: cfg.Now,
		log:      cfg.Log.With(slog.String("component", "knowledge")),
		training: newSchedule(), swaps: newSignal(), fetches: newSignal(),
		accounts: map[uint64]*account{},
	}
	if b.owner == "" {
		b.owner = rand.Text()
	}
	if b.idle <= 0 {
		b.idle = defaultIdle
	}
	if b.poll <= 0 {
		b.poll = defaultPoll
	}
	if b.now == nil {
		b.now = time.Now
	}
	b.embed = newEmbedding(cfg, b.now)
	return b, nil
}

// signal wakes one waiting goroutine; several in a row wake it once.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) raise() {
	select {
	case s <- struct{}{}:
	default:
	}
}
