package model

import (
	"slices"
	"strconv"
	"strings"
)

// EntryState says whether an entry answers.
type EntryState string

// The entry states, as the knowledge file writes them.
const (
	EntryOn  EntryState = "on"  // 启用
	EntryOff EntryState = "off" // 停用
)

// Valid reports whether s is one of the states.
func (s EntryState) Valid() bool { return s == EntryOn || s == EntryOff }

// Entry (问答) is a standard question, its similar questions and the answer.
type Entry struct {
	ID           uint64
	AccountID    uint64
	Ref          string   // id in the file it came from (kb.jsonl); "" for none; ≤ 128 bytes
	Group        string   // path of groups, parts joined by "/"; "" for none; ≤ 191 characters
	Question     string   // standard question (标准问法), ≤ 200 characters
	Folded       string   // Question as matching sees it; unique per account
	Similar      []string // similar questions (相似问法), each ≤ 200 characters
	Answer       string   // the first message, ≤ 5000 characters; a picture or file as [MediaRef] writes it
	More         []string // further messages, at most [MoreMax], each like Answer
	State        EntryState
	Draft        bool   // not published: it never answers
	ValidFromMS  int64  // answers from then on; 0: always
	ValidUntilMS int64  // answers until just before then; 0: for ever
	Author       string // who wrote it so: a folded userid, "token:name", "cli"; "" where nobody knows
	Version      uint64 // the knowledge base's version that last changed it
	CreatedMS    int64
	UpdatedMS    int64
}

// MoreMax is how many messages an answer has besides its first.
const MoreMax = 4

// Live reports whether the entry answers at a time.
func (e *Entry) Live(atMS int64) bool {
	return e.State == EntryOn && !e.Draft && atMS >= e.ValidFromMS && (e.ValidUntilMS == 0 || atMS < e.ValidUntilMS)
}

// Same reports whether two entries say the same: all that a person can edit is equal.
func (e *Entry) Same(o *Entry) bool {
	return e.Ref == o.Ref && e.Group == o.Group && e.Question == o.Question && slices.Equal(e.Similar, o.Similar) &&
		e.Answer == o.Answer && slices.Equal(e.More, o.More) && e.State == o.State && e.Draft == o.Draft &&
		e.ValidFromMS == o.ValidFromMS && e.ValidUntilMS == o.ValidUntilMS
}

// MediaRef writes a stored picture or file as a message of an entry: [图片:12], [文件:12].
func MediaRef(kind ContentType, id uint64) string {
	return "[" + mediaWord(kind) + ":" + strconv.FormatUint(id, 10) + "]"
}

// ParseMediaRef reads what [MediaRef] writes; ok is false for a text. A message is a picture
// or file only as a whole: a text that mentions [图片:12] stays a text.
func ParseMediaRef(text string) (kind ContentType, id uint64, ok bool) {
	for _, kind := range [...]ContentType{ContentImage, ContentFile} {
		rest, found := strings.CutPrefix(text, "["+mediaWord(kind)+":")
		digits, closed := strings.CutSuffix(rest, "]")
		if !found || !closed {
			continue
		}
		id, err := strconv.ParseUint(digits, 10, 64)
		return kind, id, err == nil && id > 0
	}
	return "", 0, false
}

func mediaWord(kind ContentType) string {
	if kind == ContentImage {
		return "图片"
	}
	return "文件"
}

// Group (分组) is a node of an account's tree of groups.
type Group struct {
	Path     string // parts joined by "/", ≤ 191 characters; "" is the root, for entries without a group
	Position int    // among its siblings, from 0
	Entries  int    // in it and in all groups below it
}

// EntryFilter narrows a list of entries. Its zero value is the whole base.
type EntryFilter struct {
	Group  *string    // in it or below it; "" alone means entries without a group; nil: any
	State  EntryState // "": any
	Draft  *bool      // nil: any
	Text   string     // stands in a question or the answer, compared without case; "": any
	Author string     // "": anyone
	AtMS   int64      // with Stale: the present
	Stale  bool       // no longer valid at AtMS
	After  uint64     // entries whose ID is greater, to page on
	Limit  int        // at most 200; 0: 50
}

// EntryChange is what a bulk change does to entries; nil fields stay.
type EntryChange struct {
	Group        *string
	State        *EntryState
	Draft        *bool
	ValidFromMS  *int64
	ValidUntilMS *int64
	Delete       bool // takes them out; history keeps them
}

// ChangeKind says what made a version of a knowledge base.
type ChangeKind string

// The change kinds.
const (
	ChangeSave     ChangeKind = "save"     // one entry written
	ChangeBulk     ChangeKind = "bulk"     // several moved, switched, published or dated
	ChangeDelete   ChangeKind = "delete"   // entries taken out
	ChangeImport   ChangeKind = "import"   // a file
	ChangeUndo     ChangeKind = "undo"     // a change taken back
	ChangeRestore  ChangeKind = "restore"  // an entry as it was once
	ChangeSynonyms ChangeKind = "synonyms" // the account's words
)

// KnowledgeChange is one version of a knowledge base: who made it and how.
type KnowledgeChange struct {
	AccountID uint64     `gorm:"primaryKey;autoIncrement:false"`
	Version   uint64     `gorm:"primaryKey;autoIncrement:false"`
	Kind      ChangeKind `gorm:"size:16;not null"`
	Author    string     `gorm:"size:128;not null"` // as [Entry.Author]
	Entries   int        `gorm:"not null"`          // how many it touched
	ImportID  uint64     `gorm:"not null"`          // the import that made it, or that it took back; 0: none of the wizard's
	AtMS      int64      `gorm:"not null"`
}

// EntryVersion is an entry as it was from one version of its base to another.
type EntryVersion struct {
	Entry   Entry
	Until   uint64           // the version that ended it; 0: it still holds
	Change  KnowledgeChange  // what made it so; zero where nobody wrote it down
	Removed *KnowledgeChange // what took it out for good at Until; nil where something followed or it still holds
}

// Synonym is a group of words that mean the same to an account (OA = 办公系统).
type Synonym struct {
	Words []string // at least two, each 1–40 characters, none twice in an account
}

// Golden is a question whose right answer is known: it is asked again before a change goes
// live.
type Golden struct {
	ID        uint64 `gorm:"primaryKey;autoIncrement:false"`
	AccountID uint64 `gorm:"not null"`
	Question  string `gorm:"size:400;not null"`
	EntryID   uint64 `gorm:"not null"` // 0: the bot must not answer it
	Author    string `gorm:"size:128;not null"`
	CreatedMS int64  `gorm:"not null"`
}

// Ask is a question to a knowledge base.
type Ask struct {
	Question string
	Topic    uint64    // the entry that answered just before, for "怎么申请"; 0: none
	Policy   BotPolicy // thresholds of zero count as the default ones
}

// AnswerKind is what the knowledge base makes of a question.
type AnswerKind string

// The answer kinds.
const (
	AnswerHit     AnswerKind = "hit"     // Candidates[0] is the answer
	AnswerSuggest AnswerKind = "suggest" // one of Candidates may be meant
	AnswerMiss    AnswerKind = "miss"
	AnswerSmall   AnswerKind = "small_talk" // a greeting, thanks or noise: neither hit nor miss
)

// Answer is what the knowledge base makes of a question.
type Answer struct {
	Kind       AnswerKind
	Exact      bool              // the question is a variant, letter for letter after folding
	Score      float64           // probability that the first candidate is right, in [0, 1]; 0 without one
	Threshold  float64           // the one that decided
	Candidates []AnswerCandidate // best first, at most 5 where suggested
	Text       string            // what to say to small talk
	Topic      bool              // understood as a follow-up about Ask.Topic
	Model      string            // version of the weights and, behind a "+", of the account's encoder
}

// AnswerCandidate is an entry that may be meant.
type AnswerCandidate struct {
	EntryID  uint64
	Question string
	Answer   string
	More     []string // further messages of the answer
	Score    float64  // probability that it is right, in [0, 1]
	Variant  string   // the question of the entry that matched best
}

// Explanation shows how an answer came about.
type Explanation struct {
	Answer     Answer
	Folded     string   // the question as matching saw it
	Expanded   []string // the same with the account's synonyms put in, where any apply
	Candidates []ExplainedCandidate
	Thresholds [2]float64 // answer, suggest
	Encoder    bool       // the account's encoder took part
	Embedding  bool       // vectors of an embedding service took part
	TookMS     float64
}

// ExplainedCandidate is a candidate with what spoke for and against it.
type ExplainedCandidate struct {
	AnswerCandidate
	Rank     float64            // the re-ranker's probability, before the others were looked at
	Features map[string]float64 // by name
}

// TrainingPair is a question whose entry people confirmed or denied.
type TrainingPair struct {
	Question string
	EntryID  uint64
	Wrong    bool // 👎: the entry was not meant
}
