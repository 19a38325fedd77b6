package model

// AuditChain is the chain that the entries of one audit log form: where it ends. The store signs
// it, so that nobody who has but the database can shorten it.
type AuditChain struct {
	AccountID uint64 // 0: the installation
	BegunMS   int64
	// Seq and Hash are of the newest entry; 0 and "" where there is none.
	Seq  uint64
	Hash string
}

// AuditFaultKind is how a chain of audit entries is broken.
type AuditFaultKind string

// The ways in which a chain can be broken.
const (
	AuditEdited    AuditFaultKind = "edited"    // an entry is not what was written
	AuditMissing   AuditFaultKind = "missing"   // entries are gone
	AuditUnlinked  AuditFaultKind = "unlinked"  // an entry doesn't follow on the one before
	AuditInserted  AuditFaultKind = "inserted"  // entries that are not of the chain
	AuditEnd       AuditFaultKind = "end"       // the chain's end is not as it was signed
	AuditRestarted AuditFaultKind = "restarted" // the log of an account was taken away and began anew
	AuditGone      AuditFaultKind = "gone"      // the log of an account was taken away
	AuditOtherKey  AuditFaultKind = "other_key" // sealed with another secret key: it can't be checked
)

// AuditFault is one place where a chain is broken: the entries from FromSeq to ToSeq.
type AuditFault struct {
	Kind           AuditFaultKind
	FromSeq, ToSeq uint64 // 0: the chain as a whole
	AccountID      uint64 // whose log, of [AuditRestarted] and [AuditGone]
}

// AuditFaultsMax is how many faults a verdict names.
const AuditFaultsMax = 20

// AuditVerdict is what a check of a chain found.
type AuditVerdict struct {
	Chain   AuditChain
	Checked uint64 // how many entries were looked at
	// Unsealed is how many entries still wait for their place: of before the upgrade to chains,
	// or of a replica of the release before.
	Unsealed uint64
	Faults   []AuditFault // the first ones, at most [AuditFaultsMax]
	More     uint64       // how many more there are
}

// Intact reports whether nothing is wrong.
func (v *AuditVerdict) Intact() bool { return len(v.Faults) == 0 }

// Add adds a fault; one that goes on where the last one ended makes that longer.
func (v *AuditVerdict) Add(f AuditFault) {
	if n := len(v.Faults); n > 0 && f.FromSeq > 0 {
		if last := &v.Faults[n-1]; last.Kind == f.Kind && last.ToSeq+1 == f.FromSeq {
			last.ToSeq = f.ToSeq
			return
		}
	}
	if len(v.Faults) == AuditFaultsMax {
		v.More++
		return
	}
	v.Faults = append(v.Faults, f)
}
