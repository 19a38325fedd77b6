package model

import "time"

// Retention says for how many days an account keeps what (数据保留); 0: for ever.
type Retention struct {
	// Records are closed sessions with all that was said, asked and rated in them.
	Records int `json:"records"`
	// Media are the pictures, voices, videos and files of transcripts, whose lines stay.
	Media int `json:"media"`
}

// The bounds of a retention, in days.
const (
	RecordsShortest  = 30 // surveys, reviews and the decisions about a session are done by then
	MediaShortest    = 7
	RetentionLongest = 3650
)

// Check says what is wrong with a retention; nil for nothing.
func (r Retention) Check() error {
	for _, one := range []struct {
		name     string
		days     int
		shortest int
	}{{"会话记录", r.Records, RecordsShortest}, {"图片和文件", r.Media, MediaShortest}} {
		if one.days != 0 && (one.days < one.shortest || one.days > RetentionLongest) {
			return Invalid("retention", "%s的保留时长应为 %d–%d 天，或永久保留", one.name, one.shortest, RetentionLongest)
		}
	}
	return nil
}

// CutAt is the end of what is past its time at a moment: the beginning of the day, in a time
// zone, that lies so many days back. Days are whole, so that figures of days are.
func CutAt(now time.Time, zone *time.Location, days int) int64 {
	at := now.In(zone)
	return time.Date(at.Year(), at.Month(), at.Day()-days, 0, 0, 0, 0, zone).UnixMilli()
}

// RetentionCounts is how much was deleted, or would be.
type RetentionCounts struct {
	Sessions int64 `json:"sessions,omitempty"`
	Messages int64 `json:"messages,omitempty"`
	Files    int64 `json:"files,omitempty"`
	Bytes    int64 `json:"bytes,omitempty"` // of the files
	Done     int64 `json:"done,omitempty"`  // events and pushes that were done with long ago
}

// Add adds other counts.
func (c *RetentionCounts) Add(o RetentionCounts) {
	c.Sessions += o.Sessions
	c.Messages += o.Messages
	c.Files += o.Files
	c.Bytes += o.Bytes
	c.Done += o.Done
}

// Minus is what there is more than in other counts.
func (c RetentionCounts) Minus(o RetentionCounts) RetentionCounts {
	c.Add(RetentionCounts{-o.Sessions, -o.Messages, -o.Files, -o.Bytes, -o.Done})
	return c
}

// RetentionPlan is what a rule would delete now.
type RetentionPlan struct {
	RetentionCounts
	CutMS    int64 // what ended before then; 0: the rule keeps everything
	OldestMS int64 // when the oldest of it began; 0: there is nothing
	NewestMS int64
}

// RetentionRun says how far deleting has come in an account.
type RetentionRun struct {
	AccountID uint64          `gorm:"primaryKey;autoIncrement:false"`
	Owner     string          `gorm:"size:64;not null"` // who deletes now
	UntilMS   int64           `gorm:"not null"`         // the end of its lease
	DueMS     int64           `gorm:"not null"`         // not before
	RanMS     int64           `gorm:"not null"`         // when the last run came to its end; 0: never
	UnindexID uint64          `gorm:"not null"`         // up to this one sessions are gone that the text index may still know; 0: none
	Deleted   RetentionCounts `gorm:"serializer:json;type:text;not null"`
	Audited   RetentionCounts `gorm:"serializer:json;type:text;not null"` // what of that the audit log has
}

// TableName implements gorm's Tabler.
func (RetentionRun) TableName() string { return "retention" }

// FileRemoval is a file in blob storage that no line needs any more.
type FileRemoval struct {
	Key       string `gorm:"column:blob_key;primaryKey;size:191"`
	AccountID uint64 `gorm:"not null"`
	BegunMS   int64  `gorm:"not null"` // from then on nobody else may rely on the file; 0: not yet
	DoneMS    int64  `gorm:"not null"` // when it was gone; 0: not yet
}
