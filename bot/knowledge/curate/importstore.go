package curate

import (
	"context"
	"io"
	"time"

	"deskmate/model"
)

// ImportStore is where imports are kept, for all replicas.
type ImportStore interface {
	CreateImport(ctx context.Context, imp model.Import) error
	Import(ctx context.Context, accountID, id uint64) (model.Import, error)
	Imports(ctx context.Context, accountID, before uint64, limit int) ([]model.Import, error)
	// MoveImport writes all of imp if it is still in the state from and, where imp.Owner is
	// set, still that worker's; else it is [model.ErrStale].
	MoveImport(ctx context.Context, imp model.Import, from model.ImportState) error
	// ClaimImport gives owner an import that has something to be done and no living worker;
	// [model.ErrNotFound] where there is none.
	ClaimImport(ctx context.Context, owner string, lease time.Duration) (model.Import, error)
	// KeepImport renews the lease; [model.ErrFenced] where somebody else has taken over.
	KeepImport(ctx context.Context, imp model.Import, done, total int, lease time.Duration) error
}

// ImportOptions says how entries are brought in.
type ImportOptions struct {
	Replace  bool                  // remove the entries that are not among those given
	Author   string                // as [model.Entry.Author]
	ImportID uint64                // written down with the version
	Progress func(done, total int) // entries dealt with so far
}

// EntryImporter is where whole files of entries are written and taken back, each as one
// version that is seen all at once.
type EntryImporter interface {
	Entries(ctx context.Context, accountID uint64) ([]model.Entry, uint64, error)
	ImportEntries(ctx context.Context, accountID uint64, entries []model.Entry, opts ImportOptions) (model.ImportCounts, uint64, error)
	UndoChange(ctx context.Context, accountID, version uint64, author string, progress func(done, total int)) (undone, kept int, made uint64, err error)
	KnowledgeChanges(ctx context.Context, accountID, before uint64, limit int) ([]model.KnowledgeChange, error)
}

// BlobStore is where files and reports are kept.
type BlobStore interface {
	MediaStore
	PutBlob(ctx context.Context, b model.Blob, data io.Reader) (model.Blob, error)
	BlobData(ctx context.Context, accountID, id uint64) ([]byte, error)
	DeleteBlob(ctx context.Context, accountID, id uint64) error
}

// Accounts gives accounts by id.
type Accounts interface {
	Account(ctx context.Context, id uint64) (model.Account, error)
}
