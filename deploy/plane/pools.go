package plane

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Zones are where every pool has nodes.
var Zones = [...]string{"a", "b", "c"}

// PoolLabel says on a node which pool it is of.
const PoolLabel = "plane/pool"

// Pool is a node pool as clouds have them: nodes that are alike, in several zones.
type Pool struct {
	Name    string
	PerZone [len(Zones)]int
	Labels  map[string]string
	// Taint is the key of one that keeps other pods away; empty: everybody may come.
	Taint string
	// Device and Devices are what a device plugin offers on each node, if there is one.
	Device  corev1.ResourceName
	Devices int64
}

// AddPool makes the nodes of a pool, named POOL-ZONE-N. The scheduler sees them in a moment.
func (p *Plane) AddPool(ctx context.Context, pool Pool) error {
	for i, zone := range Zones {
		for n := range pool.PerZone[i] {
			if _, err := p.Client.CoreV1().Nodes().Create(ctx, pool.node(zone, n), metav1.CreateOptions{}); err != nil {
				return fmt.Errorf("pool %s: %w", pool.Name, err)
			}
		}
	}
	return nil
}

func (pool Pool) node(zone string, n int) *corev1.Node {
	name := fmt.Sprintf("%s-%s-%d", pool.Name, zone, n)
	labels := map[string]string{PoolLabel: pool.Name, corev1.LabelTopologyZone: zone, corev1.LabelHostname: name}
	maps.Copy(labels, pool.Labels)
	has := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("16"),
		corev1.ResourceMemory: resource.MustParse("64Gi"),
		corev1.ResourcePods:   resource.MustParse("100"),
	}
	if pool.Device != "" {
		has[pool.Device] = *resource.NewQuantity(pool.Devices, resource.DecimalSI)
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
	node.Status = corev1.NodeStatus{Capacity: has, Allocatable: has}
	if pool.Taint != "" {
		node.Spec.Taints = []corev1.Taint{{Key: pool.Taint, Value: "present", Effect: corev1.TaintEffectNoSchedule}}
	}
	return node
}
