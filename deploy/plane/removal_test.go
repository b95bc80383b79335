package plane

import (
	"slices"
	"strings"
	"testing"
)

// After an uninstall the cluster holds what it held before, of every kind there is.
func TestUninstallLeavesNothing(t *testing.T) {
	p := start(t)
	define(t, p)
	addPools(t, p, processors(2), cards(evenly(1)))
	kubectl(t, p, "--namespace="+namespace, "wait", "--for=create", "configmap/kube-root-ca.crt", "serviceaccount/default", "--timeout=5m")
	before := inventory(t, p)
	for _, name := range []string{"gpu", "mesh"} {
		helm(t, p, "install", example(name), "--set=autoscaling.minReplicas=2", "--set=models.volume.claimName=portcullis-models")
		if added := missing(inventory(t, p), before); len(added) < 10 {
			t.Fatalf("example %s: an installed chart is only %q", name, added)
		}
		helm(t, p, "upgrade", "--reuse-values", "--set=image.tag=next")
		helm(t, p, "uninstall")
		eventually(t, "example "+name+": left behind", func() (string, bool) {
			left := missing(inventory(t, p), before)
			return "[" + strings.Join(left, ", ") + "]", len(left) == 0
		})
	}
	if gone := missing(before, inventory(t, p)); len(gone) > 0 {
		t.Errorf("an uninstall took what was not the chart's: %q", gone)
	}
}

func inventory(t *testing.T, p *Plane) []string {
	t.Helper()
	all, err := p.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// missing are the members of all that others lacks.
func missing(all, others []string) (left []string) {
	for _, one := range all {
		if !slices.Contains(others, one) {
			left = append(left, one)
		}
	}
	return left
}
