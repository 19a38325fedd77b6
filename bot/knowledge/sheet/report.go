package sheet

import "deskmate/model"

// RowKind is what becomes of a row.
type RowKind string

// The row kinds.
const (
	RowNew       RowKind = "new"       // an entry that is not there yet
	RowChanged   RowKind = "changed"   // an entry that gets other contents
	RowSame      RowKind = "same"      // an entry that is there already
	RowDuplicate RowKind = "duplicate" // it asks what another row asks; bad
	RowConflict  RowKind = "conflict"  // one of its questions belongs to another entry; bad where that is in the file
	RowInvalid   RowKind = "invalid"   // it can't be read as an entry; bad
	RowRemoved   RowKind = "removed"   // no row: an entry that goes because the file replaces all
)

// Report is what an import would do. It is made to be kept as JSON.
type Report struct {
	// Rows are the rows of the file, in its order; then the entries that go, in the order
	// of the base.
	Rows     []ReportRow        `json:"rows"`
	Counts   model.ImportCounts `json:"counts"` // every row counts once, by its kind
	Bad      int                `json:"bad"`    // rows that are not taken
	Warnings []string           `json:"warnings,omitempty"`
	Native   bool               `json:"native,omitempty"` // as Import.Native
}

// ReportRow is what becomes of a row, and why.
type ReportRow struct {
	// Row is the row's number, as [RowError.Row]; of an entry that goes, that of the bad row
	// that asks its question, mostly 0.
	Row  int     `json:"row,omitempty"`
	Kind RowKind `json:"kind"`
	// Bad rows are not taken: without leave to skip them nothing is.
	Bad bool `json:"bad,omitempty"`
	// Column, Char and Message are the first thing wrong with it, as in [RowError]; of a
	// conflict that isn't bad, Message says with what.
	Column  string `json:"column,omitempty"`
	Char    string `json:"char,omitempty"`
	Message string `json:"message,omitempty"`
	// Also is what else is wrong, each with its column.
	Also []string `json:"also,omitempty"`
	// EntryID is the entry that has the row's question; 0 for none.
	EntryID uint64 `json:"entry_id,omitempty,string"`
	// OtherID is the entry that a conflict is with; 0 where it is a row.
	OtherID  uint64 `json:"other_id,omitempty,string"`
	Question string `json:"question,omitempty"`
	// Changes says what the entry gets, each in a few words.
	Changes []string `json:"changes,omitempty"`
	// Repairs says what was mended in cells, each with its column.
	Repairs []string `json:"repairs,omitempty"`
}

// maxNotes is how many problems, and how many repairs, are kept of a row: one may have
// thousands of cells.
const maxNotes = 8

// rowNote is what was found out about a row while it was read.
type rowNote struct {
	row              int
	bad              bool
	kind             RowKind // of a bad one
	first            RowError
	also             []string
	repairs          []string
	question, folded string // of a bad one
}

// fail writes down that something is wrong. What makes a row unreadable outweighs that it
// stands twice, and that outweighs a conflict.
func (n *rowNote) fail(kind RowKind, e RowError) {
	switch {
	case !n.bad:
		n.bad, n.kind, n.first = true, kind, e
		return
	case kind == RowInvalid && n.kind != RowInvalid, kind == RowDuplicate && n.kind == RowConflict:
		n.kind, n.first, e = kind, e, n.first
	}
	if len(n.also) < maxNotes {
		n.also = append(n.also, e.inRow())
	}
}

func (n *rowNote) mend(r Repair) {
	if len(n.repairs) < maxNotes {
		n.repairs = append(n.repairs, r.inRow())
	}
}
