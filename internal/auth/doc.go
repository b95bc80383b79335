// Package auth says who is calling and what they may do.
//
//	certificate ─┐
//	token ───────┼─ identify ──▶ Principal ──▶ authorise (method × role) ──▶ the call
//	key ─────────┘
//
// It knows nothing of gRPC: a call is the name of a method, the state of its TLS
// connection and its authorization header. Whatever cannot be decided is refused; a
// credential that is sent must be good even where another one would do.
//
// What callers are told is one of the errors below and never why; the reason is for
// logs and metrics.
package auth
