// Package secret keeps what must not be seen: values that print as [redacted], the
// references by which settings name them, and files that only some may read.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// Value is a secret in memory. However it is printed, logged or marshalled it gives
// Redacted. Two values are compared by their content only through Reveal.
type Value struct {
	hidden *string // a pointer: fmt prints unexported fields without asking their methods
}

// Redacted is what every Value looks like.
const Redacted = "[redacted]"

// New hides s.
func New(s string) Value { return Value{&s} }

// Reveal returns the secret, for the one place that uses it.
func (v Value) Reveal() string {
	if v.hidden == nil {
		return ""
	}
	return *v.hidden
}

func (Value) String() string { return Redacted }

// Format covers every verb, %#v and %x among them.
func (Value) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Redacted) }

// LogValue implements slog.LogValuer.
func (Value) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText covers JSON and YAML.
func (Value) MarshalText() ([]byte, error) { return []byte(Redacted), nil }
