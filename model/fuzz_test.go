package model

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse looks for input that panics, for files outside the folder and for
// manifests that change when they are written and read again.
func FuzzParse(f *testing.F) {
	good := marshal(f, sound())
	f.Add(good)
	f.Add([]byte("{}"))
	f.Add([]byte(strings.Repeat("[", 1000)))
	f.Add([]byte(strings.Replace(string(good), "vocab.txt", "../vocab.txt", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		for _, g := range m.Graphs {
			if !filepath.IsLocal(g.File) {
				t.Errorf("%q leaves the folder", g.File)
			}
		}
		if !filepath.IsLocal(m.Tokenizer.Vocab) {
			t.Errorf("%q leaves the folder", m.Tokenizer.Vocab)
		}
		again, err := Parse(marshal(t, m))
		if err != nil {
			t.Fatalf("what Parse took, it refuses when written: %v", err)
		}
		if len(m.KnownAnswers) == 0 {
			m.KnownAnswers = nil // an empty list is written as none
		}
		if !reflect.DeepEqual(m, again) {
			t.Errorf("read again: %+v, want %+v", again, m)
		}
	})
}
