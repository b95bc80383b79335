// Package arch holds no code, only the tests that keep the shape of this module: which
// package may import which, who may touch the world outside, and who may end the
// process. The table in table_test.go is where that shape is written down; change it
// there, with a reason, before you change an import.
package arch
