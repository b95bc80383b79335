package bundled

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/portcullis-ai/portcullis/model"
)

// maxBytes is what the graph may add to the binary.
const maxBytes = 25_000_000

// The three files are made by one command; a commit of only some of them, or of
// a graph that grew, is found here and not at somebody's start-up.
func TestModelIsWhole(t *testing.T) {
	m, err := Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if w := m.Manifest().Warnings(); len(w) > 0 {
		t.Error(w)
	}
	g, err := m.Graph(model.CPU, model.Auto)
	if err != nil {
		t.Fatal(err)
	}
	if g.Precision != model.Int8 || g.Size > maxBytes {
		t.Errorf("%s graph of %d bytes, want int8 and at most %d", g.Precision, g.Size, maxBytes)
	}
}

// Policies and replies name these: changing one breaks callers.
func TestModelKeepsItsPublicNames(t *testing.T) {
	m, err := Model()
	if err != nil {
		t.Fatal(err)
	}
	manifest := m.Manifest()
	if manifest.Name != "portcullis-mini" || manifest.Check != "classifier" {
		t.Errorf("model %s is the check %s", manifest.Name, manifest.Check)
	}
	want := []string{"toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate", "injection", "indirect_injection"}
	origins := map[string]string{"injection": "[user model system]", "indirect_injection": "[tool document]"}
	if len(manifest.Labels) != len(want) {
		t.Fatalf("%d labels, want %d", len(manifest.Labels), len(want))
	}
	for i, l := range manifest.Labels {
		category := "toxicity"
		if origins[l.Name] != "" {
			category = "prompt_injection"
		}
		if said := fmt.Sprint(l.Origins); said != cmp.Or(origins[l.Name], "[]") {
			t.Errorf("%s speaks of %s", l.Name, said)
		}
		if l.Name != want[i] || l.Category != category {
			t.Errorf("label %d is %s of %s, want %s of %s", i, l.Name, l.Category, want[i], category)
		}
	}
}
