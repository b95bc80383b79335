package main

import (
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/model"
)

// What a manifest may say of a label is what guard knows: a name that it took for
// another would leave findings out, or let a label decide where it says nothing.
func TestMeaningsOfAManifest(t *testing.T) {
	m := model.Manifest{Labels: []model.Label{{Name: "all", Category: "toxicity"}}}
	for i, o := range model.Origins {
		if got := origins([]string{o}); got != guard.OriginsOf(originNamed(t, o)) {
			t.Errorf("%s: %b", o, got)
		}
		m.Labels = append(m.Labels, model.Label{Name: o, Category: model.Categories[i], Origins: []string{o}})
	}
	for name, l := range meanings(m) {
		for o := guard.OriginUser; o <= guard.OriginSystem; o++ {
			if want := name == "all" || name == o.String(); l.From.Has(o) != want {
				t.Errorf("label %s says something of %s: %v", name, o, !want)
			}
		}
	}
	for _, name := range model.Categories {
		if _, ok := guard.ParseCategory(name); !ok {
			t.Errorf("guard does not know the category %s", name)
		}
	}
}

func originNamed(t *testing.T, name string) guard.Origin {
	t.Helper()
	o, ok := guard.ParseOrigin(name)
	if !ok {
		t.Fatalf("guard does not know the origin %s", name)
	}
	return o
}
