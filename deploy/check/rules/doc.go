// Package rules tests Prometheus's rules as promtool does, from the same file, with
// Prometheus's own reader of rules, engine and templates. What it has of its own are the
// series, which are kept in memory, and the life of an alert.
//
// It is there because promtool brings every cloud's client with it: to compile it takes
// minutes, this takes seconds. `make rules-test` asks promtool itself.
package rules
