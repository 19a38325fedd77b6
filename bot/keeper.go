package bot

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"deskmate/model"
)

// Keeper fetches what people sent from WeCom, which forgets it after three days, and stores
// it for as long as its line lives. Every replica runs one.
type Keeper struct{ cfg KeeperConfig }

// KeeperConfig is what a keeper works with. Every field is required.
type KeeperConfig struct {
	Store    KeeperStore
	Accounts interface {
		Account(ctx context.Context, id uint64) (model.Account, error)
	}
	Downloader Downloader
	Files      FileStore
	Most       int64         // bytes of one file; 0: far more than WeCom lets people send
	Poll       time.Duration // between looks for what is to be kept
	Now        func() time.Time
	Log        *slog.Logger
	Observe    func(result string) // kept, gone, failed, or repeated for what is tried again
	Backlog    func(waiting int)   // how many wait, now and then
}

// KeeperStore knows what is to be kept, and what was.
type KeeperStore interface {
	ClaimMedia(ctx context.Context, limit int, lease time.Duration) ([]model.MessageMedia, error)
	DelayMedia(ctx context.Context, m model.MessageMedia, until time.Time) error
	FinishMedia(ctx context.Context, m model.MessageMedia) error
	PendingMedia(ctx context.Context) (int, error)
}

// Downloader opens what WeCom keeps; the caller closes body. [model.ErrNotFound] where WeCom
// has it no more. The name may be "".
type Downloader interface {
	DownloadMedia(ctx context.Context, acc model.Account, mediaID string) (name string, body io.ReadCloser, err error)
}

// FileStore keeps files for good.
type FileStore interface {
	Put(ctx context.Context, accountID uint64, data io.Reader) (model.StoredFile, error)
	// Open is [model.ErrNotFound] for a file that is not there.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
}

const (
	keepers     = 4 // files that are fetched at once
	keepTime    = 3 * time.Minute
	keepLease   = keepTime + time.Minute // of a killed replica they are free again after this
	keepCount   = time.Minute            // between counts of what waits
	mostKept    = 256 << 20              // bytes
	keepPause   = 15 * time.Second       // before the second try, doubled with each
	longestWait = 30 * time.Minute
	keptByWeCom = 3 * 24 * time.Hour
)

// NewKeeper makes a keeper.
func NewKeeper(cfg KeeperConfig) *Keeper {
	if cfg.Most <= 0 {
		cfg.Most = mostKept
	}
	return &Keeper{cfg: cfg}
}

// Run keeps what is to be kept until ctx ends; what is in hand then is given back.
func (k *Keeper) Run(ctx context.Context) error {
	var all sync.WaitGroup
	for range keepers {
		all.Go(func() { k.every(ctx, k.cfg.Poll, k.keepDue) })
	}
	all.Go(func() { k.every(ctx, keepCount, k.count) })
	all.Wait()
	return nil
}

func (k *Keeper) every(ctx context.Context, pause time.Duration, run func(context.Context)) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for ctx.Err() == nil {
		run(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (k *Keeper) count(ctx context.Context) {
	n, err := k.cfg.Store.PendingMedia(ctx)
	if err != nil {
		if ctx.Err() == nil {
			k.cfg.Log.WarnContext(ctx, "media not counted", "err", err.Error())
		}
		return
	}
	k.cfg.Backlog(n)
}

// keepDue keeps one after the other until none is due.
func (k *Keeper) keepDue(ctx context.Context) {
	for ctx.Err() == nil {
		list, err := k.cfg.Store.ClaimMedia(ctx, 1, keepLease)
		if err != nil && ctx.Err() == nil {
			k.cfg.Log.WarnContext(ctx, "media not claimed", "err", err.Error())
		}
		if len(list) == 0 {
			return
		}
		for _, m := range list {
			if err := k.keep(ctx, m); err != nil {
				k.cfg.Log.WarnContext(ctx, "media not noted", "session_id", m.SessionID, "seq", m.Seq, "err", err.Error())
			}
		}
	}
}

// keep fetches and stores one, and notes what came of it.
func (k *Keeper) keep(ctx context.Context, m model.MessageMedia) error {
	done, err := k.fetch(ctx, m)
	stopping := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx) // what is known by now must be noted
	now := k.cfg.Now()
	log := k.cfg.Log.With("account_id", m.AccountID, "session_id", m.SessionID, "seq", m.Seq, "attempts", m.Attempts)
	switch {
	case err == nil:
		done.State = model.MediaStored
	case stopping:
		return k.cfg.Store.DelayMedia(ctx, m, now)
	case errors.Is(err, errMediaGone):
		log.WarnContext(ctx, "media gone", "err", err.Error())
		done.State = model.MediaGone
	case errors.Is(err, errTooLarge), now.Sub(model.Time(m.SentMS)) >= keptByWeCom:
		log.ErrorContext(ctx, "media given up", "err", err.Error())
		done.State = model.MediaFailed
	default:
		log.WarnContext(ctx, "media not kept, will be repeated", "err", err.Error())
		k.cfg.Observe("repeated")
		return k.cfg.Store.DelayMedia(ctx, m, now.Add(keepBackoff(m.Attempts)))
	}
	if err := k.cfg.Store.FinishMedia(ctx, done); err != nil {
		if errors.Is(err, model.ErrStale) {
			return nil // somebody else was first, with the same
		}
		if model.CodeOf(err) == model.CodeUnavailable { // the database is away, or the same file was just being removed
			return errors.Join(err, k.cfg.Store.DelayMedia(ctx, m, now.Add(keepBackoff(m.Attempts))))
		}
		return err
	}
	k.cfg.Observe(map[model.MediaState]string{
		model.MediaStored: "kept", model.MediaGone: "gone", model.MediaFailed: "failed",
	}[done.State])
	return nil
}

func keepBackoff(attempts int) time.Duration {
	const doublings = 7
	return min(keepPause<<min(max(attempts-1, 0), doublings), longestWait)
}

var (
	errMediaGone = errors.New("WeCom has it no more")
	errTooLarge  = errors.New("it is larger than anything WeCom lets people send")
)

// fetch brings one from WeCom into the file store.
func (k *Keeper) fetch(ctx context.Context, m model.MessageMedia) (model.MessageMedia, error) {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	acc, err := k.cfg.Accounts.Account(ctx, m.AccountID)
	if err != nil {
		return m, fmt.Errorf("account of media: %w", err)
	}
	name, body, err := k.cfg.Downloader.DownloadMedia(ctx, acc, m.MediaID)
	if errors.Is(err, model.ErrNotFound) {
		return m, fmt.Errorf("fetch media: %w", errMediaGone)
	}
	if err != nil {
		return m, fmt.Errorf("fetch media: %w", err)
	}
	defer func() { _ = body.Close() }()
	data := bufio.NewReader(&bounded{from: body, left: k.cfg.Most + 1})
	head, _ := data.Peek(sniffBytes) // an error comes again with the data
	file, err := k.cfg.Files.Put(ctx, m.AccountID, data)
	if err != nil {
		return m, fmt.Errorf("keep media: %w", err)
	}
	if m.Name == "" {
		m.Name = name
	}
	m.Key, m.Size, m.Sum, m.Type = file.Key, file.Size, file.Sum, mediaType(head)
	return m, nil
}

// sniffBytes is how much of a file tells its type.
const sniffBytes = 512

// mediaType finds out what a file is by its beginning.
func mediaType(head []byte) string {
	if strings.HasPrefix(string(head), "#!AMR") {
		return "audio/amr"
	}
	return http.DetectContentType(head)
}

// bounded reads no more than is left, and says so where there is more.
type bounded struct {
	from io.Reader
	left int64
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
