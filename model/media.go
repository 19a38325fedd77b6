package model

// MediaState is how far the keeping of a picture, voice, video or file has come.
type MediaState string

// The media states.
const (
	MediaPending MediaState = "pending" // WeCom has it, we don't yet
	MediaStored  MediaState = "stored"
	MediaGone    MediaState = "gone"    // WeCom had it no more when it was asked
	MediaFailed  MediaState = "failed"  // could not be fetched or stored within WeCom's three days
	MediaExpired MediaState = "expired" // kept as long as the account's retention says, then deleted
)

// MessageMedia is the picture, voice, video or file of one line of a transcript. WeCom keeps
// what people send for three days; what Deskmate has stored lives as long as the line.
type MessageMedia struct {
	SessionID uint64      `gorm:"primaryKey;autoIncrement:false"`
	Seq       int         `gorm:"primaryKey;autoIncrement:false"`
	AccountID uint64      `gorm:"not null"`
	MediaID   string      `gorm:"column:media_id;size:500;not null"` // WeCom's, as in the line
	Kind      ContentType `gorm:"size:16;not null"`
	SentMS    int64       `gorm:"not null"` // the line's time
	State     MediaState  `gorm:"size:8;not null"`
	Attempts  int         `gorm:"not null"`                          // to fetch and store it
	DueMS     int64       `gorm:"not null"`                          // while pending: not before; while a worker has it, when its lease ends
	Key       string      `gorm:"column:blob_key;size:191;not null"` // in blob storage; "" unless stored
	Name      string      `gorm:"size:191;not null"`                 // as WeCom calls the file; may be ""
	Type      string      `gorm:"column:mime;size:100;not null"`     // as found in its bytes
	Size      int64       `gorm:"not null"`                          // bytes
	Sum       string      `gorm:"size:64;not null"`                  // SHA-256, hexadecimal
	// AgainID is the media_id under which it was given to WeCom again, after WeCom had
	// forgotten the first one; it holds until AgainMS. "" for never.
	AgainID string `gorm:"column:again_id;size:500;not null"`
	AgainMS int64  `gorm:"not null"`
}

// StoredFile is a file in blob storage.
type StoredFile struct {
	Key  string
	Size int64  // bytes
	Sum  string // SHA-256, hexadecimal
}
