package model

// Prompt is what a language model is asked.
type Prompt struct {
	System    string // what it shall do
	User      string // with what
	Model     string // "": the installation's
	MaxTokens int    // of the reply; 0: as the model likes
}

// Completion is what a language model said.
type Completion struct {
	Text      string
	TokensIn  int64 // as the service counts them; estimated where it doesn't say
	TokensOut int64
}
