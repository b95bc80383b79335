package plane

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Each example of the chart, installed for real on a cluster that has every kind of pool,
// runs on the pool that is meant for it and on no other, and has as many pods in each zone.
func TestPodsLandOnTheirPoolAndSpread(t *testing.T) {
	p := start(t)
	define(t, p)
	addPools(t, p, processors(2), cards(evenly(2)), mig(), turns(), broken())
	for _, c := range []struct{ pool, values string }{
		{"cpu", ""}, {"cpu", "mesh"}, {"gpu", "gpu"}, {"mig", "mig"}, {"timeslicing", "timeslicing"},
	} {
		t.Run("example "+c.values, func(t *testing.T) {
			args := []string{"--set=autoscaling.type=none", "--set=replicas=6"}
			if c.values != "" {
				args = append(args, example(c.values))
			}
			helm(t, p, "install", args...)
			spread(t, p, settled(t, p, 6), c.pool)
			helm(t, p, "uninstall")
			settled(t, p, 0)
		})
	}
}

// spread fails unless all pods are on nodes of the pool, with an equal number in each zone.
func spread(t *testing.T, p *Plane, all []corev1.Pod, pool string) {
	t.Helper()
	zones := map[string]int{}
	for _, pod := range all {
		node, err := p.Client.CoreV1().Nodes().Get(t.Context(), pod.Spec.NodeName, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if is := node.Labels[PoolLabel]; is != pool {
			t.Errorf("%s is on %s of pool %q, want %q", pod.Name, node.Name, is, pool)
		}
		zones[node.Labels[corev1.LabelTopologyZone]]++
	}
	t.Logf("pool %s: %v", pool, zones)
	for _, zone := range Zones {
		if zones[zone] != len(all)/len(Zones) {
			t.Errorf("zone %s has %d of %d pods", zone, zones[zone], len(all))
		}
	}
}

// Where no node has a GPU to give, pods wait for one; they never fall back to a node
// without, and start by themselves once there are some.
func TestPodsWaitForGPUs(t *testing.T) {
	p := start(t)
	addPools(t, p, processors(2), broken())
	if _, err := p.Helm(t.Context(), "install", release, chart, "--namespace="+namespace, example("gpu"), "--set=autoscaling.type=none", "--set=replicas=3"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pods that no node can take", func() (string, bool) {
		n := 0
		for _, pod := range pods(t, p) {
			if pod.Spec.NodeName != "" {
				t.Fatalf("%s is on %s, which has no GPU", pod.Name, pod.Spec.NodeName)
			}
			if unschedulable(pod) {
				n++
			}
		}
		return fmt.Sprintf("%d of 3", n), n == 3
	})
	addPools(t, p, cards(evenly(1)))
	spread(t, p, settled(t, p, 3), "gpu")
}

func unschedulable(pod corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Reason == corev1.PodReasonUnschedulable {
			return true
		}
	}
	return false
}
