package model

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// ErasureStage is how far an erasure has come. Every stage can be begun again.
type ErasureStage string

// The stages, in their order.
const (
	ErasureSessions  ErasureStage = "sessions"  // their transcripts are blanked, the employee gets a pseudonym
	ErasureRest      ErasureStage = "rest"      // what is outside of sessions, and lines in groups
	ErasureIndex     ErasureStage = "index"     // the text index forgets
	ErasureFiles     ErasureStage = "files"     // files are removed
	ErasureDirectory ErasureStage = "directory" // the copy of the directory, logins
	ErasureVerify    ErasureStage = "verify"    // everything is looked through
	ErasureDone      ErasureStage = "done"
)

// Erasure is a request to erase what is stored of an employee (清除员工数据), and what came of it.
type Erasure struct {
	ID        uint64       `gorm:"primaryKey;autoIncrement:false"`
	CorpID    string       `gorm:"size:64;not null"` // folded
	Accounts  []uint64     `gorm:"serializer:json;type:text;not null"`
	Whole     bool         `gorm:"not null"`          // in all accounts of the corp, and in the copy of its directory
	Employee  string       `gorm:"size:128;not null"` // folded userid; "" once it is done
	Name      string       `gorm:"size:191;not null"` // as the directory knew it; "" where it didn't, and once it is done
	Subject   string       `gorm:"size:64;not null"`  // see [ErasureSubject]: who has the userid can tell that it was this one
	Pseudonym string       `gorm:"size:64;not null"`  // what stands for the employee from then on
	Reason    string       `gorm:"size:500;not null"`
	Stage     ErasureStage `gorm:"size:16;not null"`
	Owner     string       `gorm:"size:64;not null"` // who works on it
	UntilMS   int64        `gorm:"not null"`         // the end of its lease, or when to try again
	CreatedMS int64        `gorm:"not null"`
	CreatedBy string       `gorm:"size:160;not null"`
	DoneMS    int64        `gorm:"not null"`                           // 0: not yet
	Counts    ErasedRows   `gorm:"serializer:json;type:text;not null"` // so far
	Waits     string       `gorm:"size:64;not null"`                   // what it waits for; "": nothing
	Report    string       `gorm:"type:text;not null"`                 // an [ErasureReport] as JSON, once it is done
	Sum       string       `gorm:"size:64;not null"`                   // SHA-256 of Report, hexadecimal
}

// What an erasure waits for.
const (
	WaitsSession = "open_session" // the employee has an open session
	WaitsWork    = "pending"      // events or pushes are still on their way
	WaitsIndex   = "index"        // somebody else works on the text index
	WaitsFiles   = "files"        // blob storage doesn't answer
	WaitsFound   = "found"        // something was still found: it begins again
)

// Peers are the userid of the employee, and the peer of the employee's chat with an AI bot alone.
func (e *Erasure) Peers() []string { return []string{e.Employee, GroupPeer(e.Employee)} }

// ErasureSubject is what a report says instead of a userid: the SHA-256 of the erasure's id, a
// colon and the folded userid.
func ErasureSubject(id uint64, userID string) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(id, 10) + ":" + Fold(userID)))
	return hex.EncodeToString(sum[:])
}

// CheckReason says what is wrong with the reason of an erasure, which is kept for ever.
func (e *Erasure) CheckReason() error {
	switch {
	case strings.TrimSpace(e.Reason) == "" || !IsLine(e.Reason, 200):
		return Invalid("reason", "请用 1–200 个字写明清除的原因，不能换行")
	case e.Employee != "" && strings.Contains(Fold(e.Reason), e.Employee), e.Name != "" && strings.Contains(e.Reason, e.Name):
		return Invalid("reason_names", "原因会永久保留，请不要写员工的姓名或 userid")
	}
	return nil
}

// ErasedRows says how many rows of which table were changed how, in the order of the tables.
type ErasedRows []ErasedRow

// ErasedRow is one line of it.
type ErasedRow struct {
	Table string `json:"table"`
	Done  string `json:"done"` // deleted, blanked (the text is gone) or renamed (only the userid is)
	Rows  int64  `json:"rows"`
}

// What is done to rows.
const (
	RowsDeleted = "deleted"
	RowsBlanked = "blanked"
	RowsRenamed = "renamed"
)

// Add counts rows.
func (r *ErasedRows) Add(table, done string, rows int64) {
	if rows == 0 {
		return
	}
	i, found := slices.BinarySearchFunc(*r, ErasedRow{Table: table, Done: done}, func(a, b ErasedRow) int {
		return strings.Compare(a.Table+" "+a.Done, b.Table+" "+b.Done)
	})
	if !found {
		*r = slices.Insert(*r, i, ErasedRow{Table: table, Done: done})
	}
	(*r)[i].Rows += rows
}

// Found says where something of the employee still stands.
type Found struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
	Why    string `json:"why,omitempty"` // why it stays; "": it must not be there
}

// ErasureReport is the proof of an erasure.
type ErasureReport struct {
	ID         string     `json:"id"`
	Subject    string     `json:"subject_sha256"` // see [ErasureSubject]
	Pseudonym  string     `json:"pseudonym"`
	CorpID     string     `json:"corp_id"`
	Accounts   []string   `json:"accounts"`
	Directory  bool       `json:"directory"` // the copy of the directory and logins were erased, too
	Reason     string     `json:"reason"`
	By         string     `json:"requested_by"`
	Requested  string     `json:"requested_at"`
	Finished   string     `json:"finished_at"`
	Program    string     `json:"program"`
	Erased     ErasedRows `json:"erased"`
	Scanned    []Scanned  `json:"scanned"` // what was looked through afterwards
	Found      int64      `json:"found"`   // rows in which something was found that must not be there: 0
	Kept       []Found    `json:"kept"`    // what stays, and why
	Afterwards string     `json:"afterwards"`
}

// Scanned is a table that was looked through.
type Scanned struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"` // that were looked at
}

// ErasurePlan is what an erasure would do.
type ErasurePlan struct {
	Employee  string // folded userid
	Name      string // "" where the directory doesn't know it
	Accounts  []uint64
	Sessions  int64
	Messages  int64 // of these sessions, and lines in groups
	Files     int64
	Bytes     int64
	Questions int64
	Surveys   int64
	Work      int64 // events and pushes
	// Open are the accounts in which the employee has an open session; Roles says what else the
	// employee is: "seat", "owner", "super_admin", "token". Either stands in the way.
	Open  []uint64
	Roles []string
}
