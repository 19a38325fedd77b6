package sheet

import "time"

// Quote is quote.
func Quote(text string) string { return quote(text) }

// Unquote is unquote.
func Unquote(text string) string {
	plain, _ := unquote(text)
	return plain
}

// ParseTime is parseTime.
func ParseTime(text string, loc *time.Location) (ms int64, ok bool) { return parseTime(text, loc) }

// FormatTime is formatTime.
func FormatTime(ms int64, loc *time.Location) string { return formatTime(ms, loc) }

// FormatZoned is formatZoned.
func FormatZoned(ms int64, loc *time.Location) string { return formatZoned(ms, loc) }
