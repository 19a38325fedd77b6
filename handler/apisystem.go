package handler

import (
	"context"
	"net/http"
	"sync"
	"time"

	"deskmate/model"
)

// System tells how the installation is.
type System interface {
	AccountLoad(ctx context.Context, accountID uint64) (model.AccountLoad, error)
	Replicas(ctx context.Context) ([]model.Replica, error)
	DueTimers(ctx context.Context) (int, error)
	PendingMedia(ctx context.Context) (int, error)
	Schema(ctx context.Context) (model.Schema, error)
	Ping(ctx context.Context) error
}

// Shared is what replicas share besides the database.
type Shared interface {
	Ping(ctx context.Context) error
	Embedded() bool
	// Used is how many messages of an account were sent today.
	Used(ctx context.Context, accountID uint64) (int, error)
}

// Build says which program this is.
type Build struct {
	Version  string
	Revision string // of the source; "" where nobody knows
	Go       string
	Replica  string // the name of this copy
	Files    string // where files are kept: folder or bucket
}

// replicaGone is how long a copy of the program may be silent; it tells of itself every 10 s.
const replicaGone = 35 * time.Second

type systemView struct {
	Version   string          `json:"version"`
	Revision  string          `json:"revision,omitempty" doc:"Of the source"`
	Go        string          `json:"go"`
	Now       Instant         `json:"now"`
	Database  databaseView    `json:"database"`
	Redis     redisView       `json:"redis"`
	Files     filesView       `json:"files"`
	TimersDue int             `json:"timers_due" doc:"Due and not delivered yet; counted up to 1,000"`
	Replicas  []replicaView   `json:"replicas" doc:"Those that ran within a day and didn't end as they should"`
	Accounts  []accountStatus `json:"accounts"`
}

type databaseView struct {
	Dialect   string  `json:"dialect" enum:"sqlite,mysql"`
	Server    string  `json:"server" doc:"What it calls itself"`
	Schema    int64   `json:"schema" doc:"The newest migration applied"`
	Known     int64   `json:"known" doc:"The newest that this program knows"`
	LatencyMS float64 `json:"latency_ms" doc:"Of one question, from this replica"`
}

type redisView struct {
	Embedded  bool    `json:"embedded" doc:"It is inside the process"`
	OK        bool    `json:"ok"`
	LatencyMS float64 `json:"latency_ms"`
}

type filesView struct {
	Kind    string `json:"kind" enum:"folder,bucket"`
	Waiting int    `json:"waiting" doc:"Pictures, voices, videos and files that are still to be fetched from WeCom"`
}

type replicaView struct {
	Name       string  `json:"name"`
	Host       string  `json:"host"`
	PID        int     `json:"pid"`
	Version    string  `json:"version"`
	StartedAt  Instant `json:"started_at"`
	SeenAt     Instant `json:"seen_at" doc:"It tells every 10 seconds"`
	Alive      bool    `json:"alive"`
	Self       bool    `json:"self" doc:"The one that answers"`
	Memory     uint64  `json:"memory_bytes" doc:"Taken from the operating system"`
	Goroutines int     `json:"goroutines"`
	Bases      int     `json:"bases" doc:"Knowledge bases in memory"`
	Redis      bool    `json:"redis" doc:"It reaches Redis"`
}

// accountStatus is how an account is. Counts go up to 1,000.
type accountStatus struct {
	Key         string  `json:"key"`
	Name        string  `json:"name"`
	Enabled     bool    `json:"enabled"`
	Events      int     `json:"events" doc:"To be decided"`
	EventSince  Instant `json:"event_since,omitempty" doc:"When the oldest of them arrived"`
	Pushes      int     `json:"pushes" doc:"To be sent"`
	PushSince   Instant `json:"push_since,omitempty" doc:"When the oldest of them was written"`
	Dead        int     `json:"dead" doc:"Could not be sent"`
	Uncertain   int     `json:"uncertain" doc:"Given up on, perhaps arrived"`
	Unindexed   int     `json:"unindexed" doc:"Sessions that the search of records doesn't know whole yet; open ones are indexed when they have been quiet"`
	PushesToday *int    `json:"pushes_today,omitempty" doc:"Messages sent today; missing while Redis is away"`
	PushesLimit int     `json:"pushes_limit" doc:"At most so many a day; 0: no limit"`
	Bases       int     `json:"bases" doc:"Replicas that have its knowledge in memory"`
	GroupBot    string  `json:"group_bot,omitempty" enum:"held,free" doc:"Whether a replica holds the connection of its AI bot; missing where it has none"`
	GroupHolder string  `json:"group_holder,omitempty" doc:"Which one"`
}

// systemFresh is how long one answer is good for everybody who asks.
const systemFresh = time.Second

// systemMemory is the last answer.
type systemMemory struct {
	mu   sync.Mutex
	at   time.Time
	view systemView
}

func (a *API) registerSystem(s surface) {
	operation(s.API, call(http.MethodGet, "getSystem", "/system", "system", "How the installation is: versions, replicas, what waits, what is used of WeCom's limits"),
		func(ctx context.Context, _ *nothing) (*body[systemView], error) {
			m := &a.system
			m.mu.Lock()
			defer m.mu.Unlock()
			if time.Since(m.at) < systemFresh { // real time: the business's may stand still
				return reply(m.view, nil)
			}
			v, err := a.readSystem(ctx)
			if err == nil {
				m.at, m.view = time.Now(), v
			}
			return reply(v, err)
		})
}

func (a *API) readSystem(ctx context.Context) (systemView, error) {
	b := a.cfg.Build
	v := systemView{Version: b.Version, Revision: b.Revision, Go: b.Go, Now: NewInstant(a.cfg.Now().UnixMilli()), Redis: a.redisStatus(ctx)}
	var err error
	if v.Database, err = a.databaseStatus(ctx); err != nil {
		return v, err
	}
	if v.TimersDue, err = a.cfg.System.DueTimers(ctx); err != nil {
		return v, err
	}
	v.Files.Kind = b.Files
	if v.Files.Waiting, err = a.cfg.System.PendingMedia(ctx); err != nil {
		return v, err
	}
	replicas, err := a.cfg.System.Replicas(ctx)
	if err != nil {
		return v, err
	}
	v.Replicas = views(replicas, a.viewReplica)
	v.Accounts, err = a.accountStatuses(ctx, replicas)
	return v, err
}

func (a *API) databaseStatus(ctx context.Context) (databaseView, error) {
	start := time.Now()
	if err := a.cfg.System.Ping(ctx); err != nil {
		return databaseView{}, err
	}
	took := milliseconds(time.Since(start))
	s, err := a.cfg.System.Schema(ctx)
	return databaseView{Dialect: s.Dialect, Server: s.Server, Schema: s.At, Known: s.Known, LatencyMS: took}, err
}

// redisStatus can't fail: without Redis the program works on.
func (a *API) redisStatus(ctx context.Context) redisView {
	v := redisView{Embedded: a.cfg.Shared.Embedded()}
	start := time.Now()
	if err := a.cfg.Shared.Ping(ctx); err == nil {
		v.OK, v.LatencyMS = true, milliseconds(time.Since(start))
	}
	return v
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (a *API) alive(r model.Replica) bool {
	return r.Name == a.cfg.Build.Replica || a.cfg.Now().Sub(model.Time(r.SeenMS)) < replicaGone
}

func (a *API) viewReplica(r model.Replica) replicaView {
	return replicaView{
		Name: r.Name, Host: r.Host, PID: r.PID, Version: r.Version, StartedAt: NewInstant(r.StartedMS), SeenAt: NewInstant(r.SeenMS),
		Alive: a.alive(r), Self: r.Name == a.cfg.Build.Replica, Memory: r.MemoryB, Goroutines: r.Goroutines, Bases: len(r.Bases), Redis: r.Redis,
	}
}

func (a *API) accountStatuses(ctx context.Context, replicas []model.Replica) ([]accountStatus, error) {
	accounts, err := a.cfg.Accounts.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	bases := map[uint64]int{}
	for _, r := range replicas {
		if a.alive(r) {
			for _, id := range r.Bases {
				bases[id]++
			}
		}
	}
	list := make([]accountStatus, 0, len(accounts))
	for _, acc := range accounts {
		load, err := a.cfg.System.AccountLoad(ctx, acc.ID)
		if err != nil {
			return nil, err
		}
		status := viewLoad(acc, load)
		status.Bases = bases[acc.ID]
		if used, err := a.cfg.Shared.Used(ctx, acc.ID); err == nil {
			status.PushesToday = &used
		}
		list = append(list, status)
	}
	return list, nil
}

func viewLoad(acc model.Account, load model.AccountLoad) accountStatus {
	v := accountStatus{
		Key: acc.Key, Name: acc.Name, Enabled: acc.Enabled, Events: load.Events, EventSince: NewInstant(load.EventSinceMS),
		Pushes: load.Pushes, PushSince: NewInstant(load.PushSinceMS), Dead: load.Dead, Uncertain: load.Uncertain,
		Unindexed: load.Unindexed, PushesLimit: acc.Policy.Limits.PushesPerDay,
	}
	if acc.Group.Bound() {
		v.GroupBot, v.GroupHolder = "free", load.BotHolder
		if load.BotHolder != "" {
			v.GroupBot = "held"
		}
	}
	return v
}
