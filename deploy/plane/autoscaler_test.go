package plane

import (
	"fmt"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The autoscaler asks for a pod for each quarter of a second of queued work, as the chart's
// targetQueueSeconds says: up when work is fed, not at all when nobody can tell how much
// there is, down when it is worked off. An upgrade meanwhile leaves as many pods as there are.
func TestTheAutoscalerFollowsTheQueue(t *testing.T) {
	p := start(t)
	addPools(t, p, cards(evenly(3)))
	queue, err := p.ServeQueue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(queue.Close)
	queue.Feed(0)
	helm(t, p, "install", example("gpu"), "--set=autoscaling.maxReplicas=4", "--set=autoscaling.scaleDownSeconds=0")
	settled(t, p, 2)

	never := watchReady(t, p)
	queue.Feed(700 * time.Millisecond) // 2.8 pods' worth
	spread(t, p, settled(t, p, 3), "gpu")
	queue.Feed(time.Minute) // more than may be had
	settled(t, p, 4)
	never("up", 2)

	never = watchReady(t, p)
	queue.Lose()
	eventually(t, "the autoscaler", func() (string, bool) {
		c := condition(t, p, autoscalingv2.ScalingActive)
		return string(c.Status) + " " + c.Reason, c.Reason == "FailedGetPodsMetric"
	})
	helm(t, p, "upgrade", "--reuse-values", "--set=image.tag=next")
	settled(t, p, 4)
	never("without a metric, and in an upgrade", 4)

	never = watchReady(t, p)
	queue.Feed(0)
	settled(t, p, 2)
	never("down", 2)
}

func condition(t *testing.T, p *Plane, kind autoscalingv2.HorizontalPodAutoscalerConditionType) autoscalingv2.HorizontalPodAutoscalerCondition {
	t.Helper()
	hpa, err := p.Client.AutoscalingV2().HorizontalPodAutoscalers(namespace).Get(t.Context(), release, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range hpa.Status.Conditions {
		if c.Type == kind {
			return c
		}
	}
	return autoscalingv2.HorizontalPodAutoscalerCondition{Reason: fmt.Sprintf("no condition %s yet", kind)}
}

// Handing the number of pods over to an autoscaler takes none away, if it is done as
// docs/operations.md says: what Helm alone has set would fall back to 1 when Helm lets go of it.
func TestTurningTheAutoscalerOnLeavesNoGap(t *testing.T) {
	p := start(t)
	addPools(t, p, processors(2))
	queue, err := p.ServeQueue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(queue.Close)
	queue.Feed(time.Second)
	helm(t, p, "install", "--set=replicas=4")
	settled(t, p, 4)
	never := watchReady(t, p)
	kubectl(t, p, "--namespace="+namespace, "scale", "deployment/"+release, "--replicas=5")
	settled(t, p, 5)
	helm(t, p, "upgrade", "--set=autoscaling.type=hpa", "--set=autoscaling.minReplicas=4", "--set=autoscaling.scaleDownSeconds=0")
	settled(t, p, 4)
	never("from replicas to an autoscaler", 4)
}
