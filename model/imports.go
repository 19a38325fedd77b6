package model

// ImportState is how far an import has come.
type ImportState string

// The import states. From ready on the report can be read; undone and failed are ends.
const (
	ImportChecking ImportState = "checking" // the file is read and compared
	ImportReady    ImportState = "ready"    // the dry run is done; nothing is changed yet
	ImportApplying ImportState = "applying"
	ImportDone     ImportState = "done"
	ImportUndoing  ImportState = "undoing"
	ImportUndone   ImportState = "undone"
	ImportFailed   ImportState = "failed" // nothing was changed; Err says why
)

// Working reports whether a worker has something to do.
func (s ImportState) Working() bool {
	return s == ImportChecking || s == ImportApplying || s == ImportUndoing
}

// Import is a knowledge file on its way into an account.
type Import struct {
	ID         uint64       `gorm:"primaryKey;autoIncrement:false"`
	AccountID  uint64       `gorm:"not null"`
	FileName   string       `gorm:"size:191;not null"`
	Replace    bool         `gorm:"not null"` // the file is the whole base: what it lacks is removed
	SkipBad    bool         `gorm:"not null"` // good rows are taken although others are bad
	State      ImportState  `gorm:"size:16;not null"`
	Author     string       `gorm:"size:128;not null"`
	FileBlob   uint64       `gorm:"not null"`
	ReportBlob uint64       `gorm:"not null"` // 0 until it is ready
	Counts     ImportCounts `gorm:"serializer:json;type:text;not null"`
	Total      int          `gorm:"not null"` // steps of what is at work
	Done       int          `gorm:"not null"` // of Total
	Version    uint64       `gorm:"not null"` // of the knowledge base that it made; 0: none yet
	Err        string       `gorm:"size:500;not null"`
	Owner      string       `gorm:"size:64;not null"` // the worker at it
	UntilMS    int64        `gorm:"not null"`         // when the worker counts as dead
	CreatedMS  int64        `gorm:"not null"`
	UpdatedMS  int64        `gorm:"not null"`
}

// ImportCounts counts the rows of an import by what becomes of them.
type ImportCounts struct {
	New       int `json:"new"`       // entries that are not there yet
	Changed   int `json:"changed"`   // entries that get other contents
	Same      int `json:"same"`      // entries that are there already
	Duplicate int `json:"duplicate"` // rows that ask what another row of the file asks
	Conflict  int `json:"conflict"`  // rows whose questions belong to another entry
	Invalid   int `json:"invalid"`   // rows that can't be read as an entry
	Removed   int `json:"removed"`   // entries that go because of Replace
	Repaired  int `json:"repaired"`  // cells that were mended
	Kept      int `json:"kept"`      // on undoing: entries that were edited since and stay
}

// BlobKind says what a stored blob is.
type BlobKind string

// The blob kinds.
const (
	BlobMedia   BlobKind = "media"   // a picture or file of an answer
	BlobFile    BlobKind = "file"    // an uploaded knowledge file
	BlobReport  BlobKind = "report"  // what a dry run found
	BlobEncoder BlobKind = "encoder" // an account's trained encoder
	BlobAvatar  BlobKind = "avatar"  // an account's picture
)

// Blob is a stored file, kept in chunks of at most 1 MiB.
type Blob struct {
	ID        uint64   `gorm:"primaryKey;autoIncrement:false"`
	AccountID uint64   `gorm:"not null"`
	Kind      BlobKind `gorm:"size:16;not null"`
	Name      string   `gorm:"size:191;not null"`             // as its owner named it
	Type      string   `gorm:"column:mime;size:100;not null"` // MIME type, as sniffed
	Size      int64    `gorm:"not null"`                      // bytes
	Sum       string   `gorm:"size:64;not null"`              // SHA-256, hex
	CreatedMS int64    `gorm:"not null"`
}

// PictureBytes is how large a picture may be that WeCom takes as one (doc path/90253).
const PictureBytes = 10 << 20

// ContentType is how people get the blob in WeCom: JPG and PNG up to [PictureBytes] as a
// picture, all else as a file.
func (b Blob) ContentType() ContentType {
	if (b.Type == "image/jpeg" || b.Type == "image/png") && b.Size <= PictureBytes {
		return ContentImage
	}
	return ContentFile
}

// EncoderState is which encoder an account's knowledge base has.
type EncoderState struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Seq       uint64 `gorm:"not null"` // grows with every training; 0: none yet
	BlobID    uint64 `gorm:"not null"`
	Version   uint64 `gorm:"not null"`         // of the knowledge base it was trained on
	Owner     string `gorm:"size:64;not null"` // who trains the next one; "" for nobody
	UntilMS   int64  `gorm:"not null"`         // when the trainer counts as dead
	TrainedMS int64  `gorm:"not null"`
}
