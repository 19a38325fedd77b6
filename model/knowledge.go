package model

// EntryState says whether an entry answers.
type EntryState string

// The entry states, as the knowledge file writes them.
const (
	EntryOn  EntryState = "on"  // 启用
	EntryOff EntryState = "off" // 停用
)

// Entry (问答) is a standard question, its similar questions and the answer.
type Entry struct {
	ID        uint64
	AccountID uint64
	Ref       string   // id in the file it came from (kb.jsonl); "" for none; ≤ 128 bytes
	Group     string   // path of groups, parts joined by "/"; "" for none; ≤ 191 characters
	Question  string   // standard question (标准问法), ≤ 200 characters
	Folded    string   // Question as matching sees it; unique per account
	Similar   []string // similar questions (相似问法), each ≤ 200 characters
	Answer    string   // ≤ 5000 characters
	State     EntryState
	Version   uint64 // the knowledge base's version that last changed it
	CreatedMS int64
	UpdatedMS int64
}

// AnswerKind is what the knowledge base makes of a question.
type AnswerKind string

// The answer kinds.
const (
	AnswerHit     AnswerKind = "hit"     // Candidates[0] is the answer
	AnswerSuggest AnswerKind = "suggest" // one of Candidates may be meant
	AnswerMiss    AnswerKind = "miss"
	AnswerSmall   AnswerKind = "small_talk" // a greeting or thanks: neither hit nor miss
)

// Answer is what the knowledge base makes of a question.
type Answer struct {
	Kind       AnswerKind
	Exact      bool              // the question is a variant, letter for letter after folding
	Score      float64           // of the first candidate, in [0, 1]; 0 without one
	Threshold  float64           // the one that decided
	Candidates []AnswerCandidate // best first, at most 5 where suggested
	Text       string            // what to say to small talk
}

// AnswerCandidate is an entry that may be meant.
type AnswerCandidate struct {
	EntryID  uint64
	Question string
	Answer   string
	Score    float64 // in [0, 1]
	Variant  string  // the question of the entry that matched best
}
