package model

import "log/slog"

// Secret is a text that must not be shown: an app secret, a token, a key. Every way
// of printing it gives "***"; Reveal alone gives the text.
type Secret string

// String hides the secret from fmt.
func (Secret) String() string { return "***" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "***" }

// LogValue hides the secret from slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("***") }

// MarshalText hides the secret from JSON, YAML and XML.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Reveal gives the text itself, for the one place that uses it.
func (s Secret) Reveal() string { return string(s) }
