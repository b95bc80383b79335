package plane

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

const gpu corev1.ResourceName = "nvidia.com/gpu"

// The pools of a cluster with all that the chart has examples for. Labels are those that
// NVIDIA's feature discovery sets.
func processors(each int) Pool {
	return Pool{Name: "cpu", PerZone: evenly(each)}
}

func cards(perZone [len(Zones)]int) Pool {
	return Pool{Name: "gpu", PerZone: perZone, Labels: map[string]string{"nvidia.com/gpu.present": "true"}, Taint: string(gpu), Device: gpu, Devices: 1}
}

func mig() Pool {
	return Pool{
		Name: "mig", PerZone: evenly(1), Taint: string(gpu), Device: "nvidia.com/mig-1g.10gb", Devices: 7,
		Labels: map[string]string{"nvidia.com/gpu.present": "true", "nvidia.com/mig.strategy": "mixed"},
	}
}

func turns() Pool {
	return Pool{
		Name: "timeslicing", PerZone: evenly(1), Taint: string(gpu), Device: "nvidia.com/gpu.shared", Devices: 4,
		Labels: map[string]string{"nvidia.com/gpu.present": "true", "nvidia.com/gpu.sharing-strategy": "time-slicing"},
	}
}

// broken has cards and no device plugin, as a node has when its driver did not start.
func broken() Pool {
	return Pool{Name: "broken", PerZone: evenly(1), Labels: map[string]string{"nvidia.com/gpu.present": "true"}, Taint: string(gpu)}
}

func evenly(n int) (all [len(Zones)]int) {
	for i := range all {
		all[i] = n
	}
	return all
}

func addPools(t *testing.T, p *Plane, all ...Pool) {
	t.Helper()
	for _, pool := range all {
		if err := p.AddPool(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	}
}
