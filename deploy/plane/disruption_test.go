package plane

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// A drain takes one pod, and no other until the first has a successor that serves. As long
// as there is no room for one the drain is told to wait.
func TestADrainWaitsForSuccessors(t *testing.T) {
	p := start(t)
	addPools(t, p, cards(evenly(1)))
	helm(t, p, "install", example("gpu"), "--set=autoscaling.type=none", "--set=replicas=3")
	settled(t, p, 3)
	never := watchReady(t, p)
	drain := []string{"drain", "gpu-a-0", "gpu-b-0", "--ignore-daemonsets", "--delete-emptydir-data"}

	// Both nodes are cordoned and the third is taken: the first pod that is evicted has
	// nowhere to go, so the second may not be.
	out, err := p.Kubectl(t.Context(), "", append(drain, "--timeout=20s")...)
	if err == nil || !strings.Contains(out, "violate the pod's disruption budget") {
		t.Fatalf("two of three pods were evicted without a successor:\n%s", out)
	}
	t.Log("the second pod was not evicted: it would have violated the budget")

	more := cards(evenly(1))
	more.Name = "more"
	addPools(t, p, more)
	kubectl(t, p, append(drain, "--timeout=5m")...)
	for _, pod := range settled(t, p, 3) {
		if on := pod.Spec.NodeName; on == "gpu-a-0" || on == "gpu-b-0" {
			t.Errorf("%s is on %s, which was drained", pod.Name, on)
		}
	}
	never("drain", 2)
}

// A pod that runs and serves nobody does not hold up a drain, whatever the budget.
func TestADrainTakesWhatServesNobody(t *testing.T) {
	p := start(t)
	addPools(t, p, processors(1))
	if _, err := p.Helm(t.Context(), "install", release, chart, "--namespace="+namespace, "--set=replicas=3", "--set=podAnnotations.plane/serves=never"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "pods that run and are not ready", func() (string, bool) {
		all := pods(t, p)
		return fmt.Sprintf("%d of %d, %d ready", running(all), len(all), ready(all)), running(all) == 3 && ready(all) == 0
	})
	kubectl(t, p, "drain", "cpu-a-0", "cpu-b-0", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=5m")
}

func running(all []corev1.Pod) (n int) {
	for _, pod := range all {
		if pod.Status.Phase == corev1.PodRunning {
			n++
		}
	}
	return n
}
