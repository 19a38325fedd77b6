package sheet

// Quote is quote.
func Quote(text string) string { return quote(text) }

// Unquote is unquote.
func Unquote(text string) string { return unquote(text) }
