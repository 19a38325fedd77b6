package main

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"deskmate/handler"
	"deskmate/model"
)

// heartbeatEvery is how often a replica tells that it runs; the system page counts on it.
const heartbeatEvery = 10 * time.Second

// replicaLog is where replicas tell of themselves.
type replicaLog interface {
	SeeReplica(ctx context.Context, r model.Replica) error
	LeaveReplica(ctx context.Context, name string) error
}

// heartbeat tells the others, and whoever looks at the system page, that this process runs.
type heartbeat struct {
	store replicaLog
	redis interface {
		Ping(ctx context.Context) error
	}
	bases interface{ Loaded() []uint64 }
	log   *slog.Logger
	self  model.Replica
}

func newHeartbeat(
	store replicaLog, redis interface {
		Ping(ctx context.Context) error
	}, bases interface{ Loaded() []uint64 }, now func() time.Time, log *slog.Logger,
) *heartbeat {
	host, _ := os.Hostname()
	return &heartbeat{store: store, redis: redis, bases: bases, log: log, self: model.Replica{
		Name: ownerName(), Host: host, PID: os.Getpid(), Version: version, StartedMS: now().UnixMilli(),
	}}
}

// run tells until ctx ends, and says then that it ended.
func (h *heartbeat) run(ctx context.Context) error {
	tick := time.NewTicker(heartbeatEvery)
	defer tick.Stop()
	for {
		h.beat(ctx)
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if err := h.store.LeaveReplica(last, h.self.Name); err != nil {
				h.log.WarnContext(last, "end of the replica not noted", "err", err.Error())
			}
			return nil
		case <-tick.C:
		}
	}
}

func (h *heartbeat) beat(ctx context.Context) {
	r := h.self
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r.MemoryB, r.Goroutines, r.Bases = memory.Sys-memory.HeapReleased, runtime.NumGoroutine(), h.bases.Loaded()
	r.Redis = h.redis.Ping(ctx) == nil
	if err := h.store.SeeReplica(ctx, r); err != nil && ctx.Err() == nil {
		h.log.WarnContext(ctx, "heartbeat not noted", "err", err.Error())
	}
}

// build says which program this is.
func (s *server) build() handler.Build {
	b := handler.Build{Version: version, Go: runtime.Version(), Replica: s.heartbeat.self.Name, Files: "bucket"}
	if s.cfg.BlobFolder() {
		b.Files = "folder"
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			b.Revision = setting.Value
		}
	}
	return b
}
