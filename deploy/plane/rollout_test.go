package plane

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// An upgrade replaces pods one by one and takes none away before its successor serves. A
// version that never starts takes none away at all, and a rollback does as an upgrade does.
func TestUpgradeAndRollbackLeaveNoGap(t *testing.T) {
	p := start(t)
	addPools(t, p, processors(2))
	helm(t, p, "install", "--set=replicas=6", "--set=image.tag=one")
	spread(t, p, settled(t, p, 6), "cpu")

	never := watchReady(t, p)
	helm(t, p, "upgrade", "--reuse-values", "--set=image.tag=two")
	spread(t, p, images(t, settled(t, p, 6), "two"), "cpu")
	never("upgrade", 6)

	never = watchReady(t, p)
	if out, err := tryHelm(t, p, "upgrade", "--reuse-values", "--set=image.tag=three", "--set=podAnnotations.plane/serves=never", "--timeout=20s"); err == nil {
		t.Fatalf("helm takes a version that never starts for installed:\n%s", out)
	}
	t.Log("a version that never starts is no success to helm")
	helm(t, p, "rollback")
	images(t, settled(t, p, 6), "two")
	never("a version that never starts, and back", 6)

	never = watchReady(t, p)
	before := uids(pods(t, p))
	helm(t, p, "upgrade", "--reuse-values", "--set=config.log.format=text")
	for _, pod := range settled(t, p, 6) {
		if before[string(pod.UID)] {
			t.Errorf("%s still runs with the old settings", pod.Name)
		}
	}
	never("other settings", 6)
}

// On a pool with no GPU to spare an upgrade goes through as docs/operations.md says, one pod
// at a time; with a single spare one it goes through without a gap.
func TestUpgradeOnAFullPool(t *testing.T) {
	for _, c := range []struct {
		name    string
		cards   [len(Zones)]int
		values  []string
		allowed int
	}{
		{"none to spare", [...]int{3, 3, 3}, []string{"--set=updateStrategy.maxSurge=0", "--set=updateStrategy.maxUnavailable=1"}, 8},
		{"one to spare", [...]int{4, 3, 3}, nil, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := start(t)
			addPools(t, p, cards(c.cards))
			helm(t, p, "install", append(c.values, example("gpu"), "--set=autoscaling.type=none", "--set=replicas=9", "--set=image.tag=one")...)
			settled(t, p, 9)
			never := watchReady(t, p)
			helm(t, p, "upgrade", "--reuse-values", "--set=image.tag=two")
			images(t, settled(t, p, 9), "two")
			never("upgrade", c.allowed)
		})
	}
}

// images fails unless every pod runs the tag.
func images(t *testing.T, all []corev1.Pod, tag string) []corev1.Pod {
	t.Helper()
	for _, pod := range all {
		if want := "ghcr.io/portcullis-ai/portcullis:" + tag; pod.Spec.Containers[0].Image != want {
			t.Errorf("%s runs %s, want %s", pod.Name, pod.Spec.Containers[0].Image, want)
		}
	}
	return all
}

func uids(all []corev1.Pod) map[string]bool {
	set := map[string]bool{}
	for _, pod := range all {
		set[string(pod.UID)] = true
	}
	return set
}
