package rules

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
)

func tests(t *testing.T) (File, []rulefmt.Rule) {
	t.Helper()
	f, all, err := Read("../../prometheus/rules_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tests) == 0 || len(all) == 0 {
		t.Fatal("no tests, or no rules")
	}
	return f, all
}

func TestAlertsFireWhenTheyShould(t *testing.T) {
	f, all := tests(t)
	for _, one := range f.Tests {
		t.Run(one.Name, func(t *testing.T) {
			wrong, err := one.Run(t.Context(), all, time.Duration(f.Every))
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range wrong {
				t.Error(w)
			}
		})
	}
}

// Each alert is seen firing and, in the same test or another, not firing.
func TestEveryAlertIsTested(t *testing.T) {
	f, all := tests(t)
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, one := range f.Tests {
		for _, a := range one.Alerts {
			fires[a.Name] = fires[a.Name] || len(a.Want) > 0
			silent[a.Name] = silent[a.Name] || len(a.Want) == 0
		}
	}
	for _, r := range all {
		if r.Alert != "" && (!fires[r.Alert] || !silent[r.Alert]) {
			t.Errorf("%s: no test sees it fire, or none sees it silent", r.Alert)
		}
	}
}

// A runner that finds everything right would find nothing above.
func TestWrongRulesAreFound(t *testing.T) {
	f, all := tests(t)
	for i, r := range all {
		if r.Alert == "" {
			continue
		}
		if n := wrong(t, f, r.Alert, all); n != 0 {
			t.Errorf("%s: %d things are wrong before it is spoiled", r.Alert, n)
		}
		for name, spoil := range map[string]func(*rulefmt.Rule){
			"never":         func(r *rulefmt.Rule) { r.Expr = "vector(0) > 1" },
			"always":        func(r *rulefmt.Rule) { r.Expr, r.For = "vector(1)", 0 },
			"days later":    func(r *rulefmt.Rule) { r.For += model.Duration(100 * time.Hour) },
			"other labels":  func(r *rulefmt.Rule) { r.Labels = map[string]string{"severity": "none"} },
			"other summary": func(r *rulefmt.Rule) { r.Annotations = map[string]string{"summary": "{{ $value }}"} },
		} {
			spoiled := slices.Clone(all)
			spoil(&spoiled[i])
			if wrong(t, f, r.Alert, spoiled) == 0 {
				t.Errorf("%s, %s: nobody noticed", r.Alert, name)
			}
		}
	}
}

// wrong counts what is not right in the tests that ask about an alert. A step is that of
// the test's series: that is coarse, and enough to tell.
func wrong(t *testing.T, f File, alert string, all []rulefmt.Rule) (n int) {
	t.Helper()
	for _, one := range f.Tests {
		if !one.Asks(alert) {
			continue
		}
		found, err := one.Run(t.Context(), all, max(time.Minute, time.Duration(one.Interval)))
		if err != nil {
			t.Fatal(err)
		}
		n += len(found)
	}
	return n
}
