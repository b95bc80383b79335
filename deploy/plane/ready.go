package plane

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
)

// Ready tells whether a Service would send calls to the pod.
func Ready(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Readiness counts ready pods from the moment it is begun. It is told of each change, in
// order, so that no gap is too short to be seen.
type Readiness struct {
	plane     *Plane
	namespace string
	watch     watch.Interface
	done      chan struct{}

	mu    sync.Mutex
	seen  map[types.UID]string // the version of each pod that is there
	ready map[types.UID]bool
	least int
	err   error
}

// Watch begins to count the ready pods of a namespace. End it with Least.
func (p *Plane) Watch(ctx context.Context, namespace string) (*Readiness, error) {
	pods, err := p.Client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	r := &Readiness{plane: p, namespace: namespace, done: make(chan struct{}), seen: map[types.UID]string{}, ready: map[types.UID]bool{}}
	for i := range pods.Items {
		r.take(&pods.Items[i])
	}
	r.least = len(r.ready)
	r.watch, err = p.Client.CoreV1().Pods(namespace).Watch(ctx, metav1.ListOptions{ResourceVersion: pods.ResourceVersion})
	if err != nil {
		return nil, err
	}
	go r.follow()
	return r, nil
}

// follow ends when the watch is stopped.
func (r *Readiness) follow() {
	defer close(r.done)
	for event := range r.watch.ResultChan() {
		r.mu.Lock()
		r.change(event)
		r.least = min(r.least, len(r.ready))
		r.mu.Unlock()
	}
}

func (r *Readiness) change(event watch.Event) {
	pod, ok := event.Object.(*corev1.Pod)
	switch {
	case !ok:
		r.err = fmt.Errorf("watch of pods: %v", event.Object)
	case event.Type == watch.Deleted:
		delete(r.seen, pod.UID)
		delete(r.ready, pod.UID)
	default:
		r.take(pod)
	}
}

func (r *Readiness) take(pod *corev1.Pod) {
	r.seen[pod.UID] = pod.ResourceVersion
	delete(r.ready, pod.UID)
	if Ready(pod) {
		r.ready[pod.UID] = true
	}
}

// Least ends the count and gives the smallest number of pods that were ready at one time,
// up to now.
func (r *Readiness) Least(ctx context.Context) (int, error) {
	defer func() { <-r.done }()
	defer r.watch.Stop()
	if err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, r.caughtUp); err != nil {
		return 0, fmt.Errorf("the watch of pods does not catch up: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.least, r.err
}

// caughtUp is true when what was seen is what is there.
func (r *Readiness) caughtUp(ctx context.Context) (bool, error) {
	pods, err := r.plane.Client.CoreV1().Pods(r.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return false, err
	}
	there := map[types.UID]string{}
	for _, pod := range pods.Items {
		there[pod.UID] = pod.ResourceVersion
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Equal(r.seen, there), r.err
}
