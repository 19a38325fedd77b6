package handler

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"deskmate/model"
)

// Auditor keeps the audit log.
type Auditor interface {
	AddAudit(ctx context.Context, a model.Audit) error
}

// audit notes what the caller did in an account.
func (a *API) audit(ctx context.Context, acc model.Account, entry model.Audit) error {
	who := callerFrom(ctx)
	entry.AccountID, entry.AtMS, entry.Actor, entry.From = acc.ID, a.cfg.Now().UnixMilli(), auditName(who), who.from
	return a.cfg.Audit.AddAudit(ctx, entry)
}

// auditOnce notes what the caller reads, once an hour however many pages that takes.
func (a *API) auditOnce(ctx context.Context, acc model.Account, entry model.Audit) error {
	of := reading{acc.ID, auditName(callerFrom(ctx)), entry.Action, entry.Target, entry.After}
	if !a.readings.first(a.cfg.Now(), of) {
		return nil
	}
	err := a.audit(ctx, acc, entry)
	if err != nil {
		a.readings.forget(of)
	}
	return err
}

// auditName is who does it, to the audit log.
func auditName(who caller) string {
	if who.seat != nil {
		return "seat:" + who.UserID
	}
	return who.Name
}

// auditJSON is what the audit log keeps of a query.
func auditJSON(q RecordQuery) (string, error) {
	q.Before, q.Limit = 0, 0 // every page is the same reading
	text, err := json.Marshal(q)
	return string(text), err
}

// readings are those that the audit log has of this hour. Each replica counts its own, so
// an hour may have a reading more than once in the log, and never less.
type readings struct {
	mu   sync.Mutex
	hour int64
	of   map[reading]bool
}

type reading struct {
	account               uint64
	actor, action, target string
	query                 string
}

// first reports whether it is the hour's first such reading.
func (r *readings) first(now time.Time, of reading) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if hour := now.Unix() / int64(time.Hour/time.Second); r.of == nil || hour != r.hour {
		r.hour, r.of = hour, map[reading]bool{}
	}
	known := r.of[of]
	r.of[of] = true
	return !known
}

// forget makes a reading the first one again.
func (r *readings) forget(of reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.of, of)
}
