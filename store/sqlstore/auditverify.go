package sqlstore

import (
	"context"
	"maps"
	"slices"

	"deskmate/model"
)

// verifyRows is how many entries are looked at in one query.
const verifyRows = 1000

// VerifyAudits checks an account's chain of audit entries (0: the installation's), and that no
// log that the installation's knows of was taken away. Entries may be added meanwhile.
func (s *Store) VerifyAudits(ctx context.Context, accountID uint64) (model.AuditVerdict, error) {
	walk, err := s.walkAudits(ctx, accountID)
	if err == nil && accountID == 0 {
		err = s.verifyBegun(ctx, walk)
	}
	var unsealed int64
	if err == nil {
		err = s.reader(ctx).Model(&model.Audit{}).Where("account_id = ? AND seq = 0", accountID).Count(&unsealed).Error
	}
	walk.verdict.Unsealed = uint64(max(unsealed, 0))
	return walk.verdict, s.wrap(err, "verify the audit log of account %d", accountID)
}

// chainWalk goes from entry to entry.
type chainWalk struct {
	chains  chainer
	next    uint64 // the Seq that should come
	prev    string // the Hash that it should name
	begun   map[uint64]int
	verdict model.AuditVerdict
}

func (s *Store) walkAudits(ctx context.Context, accountID uint64) (*chainWalk, error) {
	w := &chainWalk{chains: s.chains, next: 1, begun: map[uint64]int{}}
	end, known, err := findChain(s.reader(ctx), accountID)
	if err != nil {
		return w, err
	}
	w.verdict.Chain = end.chain()
	w.verdict.Chain.AccountID = accountID
	var last model.Audit
	for {
		var list []model.Audit
		q := s.reader(ctx).Where("account_id = ? AND seq BETWEEN ? AND ?", accountID, max(last.Seq, 1), end.Seq)
		err := q.Where("(seq > ? OR id > ?)", last.Seq, last.ID).Order("seq, id").Limit(verifyRows).Find(&list).Error
		if err != nil {
			return w, err
		}
		for _, a := range list {
			w.step(a)
		}
		if len(list) < verifyRows {
			break
		}
		last = list[len(list)-1]
	}
	w.finish(end, known)
	return w, s.verifyBeyond(ctx, w, accountID)
}

// step looks at the next entry.
func (w *chainWalk) step(a model.Audit) {
	w.verdict.Checked++
	switch {
	case a.Seq < w.next: // two have this place; the first one was taken for the right one
		w.verdict.Add(model.AuditFault{Kind: model.AuditInserted, FromSeq: a.Seq, ToSeq: a.Seq})
		return
	case a.Seq > w.next:
		w.verdict.Add(model.AuditFault{Kind: model.AuditMissing, FromSeq: w.next, ToSeq: a.Seq - 1})
	}
	here := model.AuditFault{FromSeq: a.Seq, ToSeq: a.Seq}
	switch {
	case w.chains.foreign(a.Hash):
		here.Kind = model.AuditOtherKey
	case w.chains.entry(a) != a.Hash:
		here.Kind = model.AuditEdited
	case a.Seq == w.next && a.Prev != w.prev:
		here.Kind = model.AuditUnlinked
	case a.Action == auditBroken: // the log went on from an end that nobody signed: what was cut off is gone
		here.Kind = model.AuditEnd
	}
	if here.Kind != "" {
		w.verdict.Add(here)
	} else if account, ok := begins(a); ok {
		w.begun[account]++
	}
	w.next, w.prev = a.Seq+1, a.Hash
}

// finish looks at the chain's end.
func (w *chainWalk) finish(end chainRow, known bool) {
	if w.next <= end.Seq {
		w.verdict.Add(model.AuditFault{Kind: model.AuditMissing, FromSeq: w.next, ToSeq: end.Seq})
	}
	switch {
	case !known:
	case w.chains.foreign(end.MAC):
		w.verdict.Add(model.AuditFault{Kind: model.AuditOtherKey})
	case !w.chains.signed(end), w.next == end.Seq+1 && w.prev != end.Hash:
		w.verdict.Add(model.AuditFault{Kind: model.AuditEnd})
	}
}

// verifyBeyond looks for entries behind the chain's end.
func (s *Store) verifyBeyond(ctx context.Context, w *chainWalk, accountID uint64) error {
	last, found, err := find[model.Audit](s.reader(ctx).Where("account_id = ? AND seq > 0", accountID).Order("seq DESC"))
	if err != nil || !found || last.Seq <= w.verdict.Chain.Seq {
		return err
	}
	// Perhaps it has grown since; the end is written with its entries.
	end, _, err := findChain(s.reader(ctx), accountID)
	if err == nil && last.Seq > end.Seq {
		w.verdict.Add(model.AuditFault{Kind: model.AuditInserted, FromSeq: max(end.Seq, w.verdict.Chain.Seq) + 1, ToSeq: last.Seq})
	}
	return err
}

// verifyBegun compares the logs that there are with those that the installation's says began.
func (s *Store) verifyBegun(ctx context.Context, w *chainWalk) error {
	chains, err := s.AuditChains(ctx)
	if err != nil {
		return err
	}
	there := make(map[uint64]bool, len(chains))
	for _, c := range chains {
		there[c.AccountID] = true
	}
	for _, account := range slices.Sorted(maps.Keys(w.begun)) {
		switch {
		case !there[account]:
			w.verdict.Add(model.AuditFault{Kind: model.AuditGone, AccountID: account})
		case w.begun[account] > 1:
			w.verdict.Add(model.AuditFault{Kind: model.AuditRestarted, AccountID: account})
		}
	}
	return nil
}
