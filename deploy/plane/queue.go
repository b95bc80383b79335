package plane

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	custom "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
)

const metric = "portcullis_queue_drain_seconds"

// Queue stands where Prometheus and its adapter would: behind the custom metrics API, it
// tells of each ready pod the seconds of work that wait for it. The work is what a test
// feeds, shared by the pods alike, as a balancer shares it.
type Queue struct {
	plane  *Plane
	server *httptest.Server

	mu   sync.Mutex
	work time.Duration
	lost bool
}

// ServeQueue makes the metric part of the plane's API. Close ends it.
func (p *Plane) ServeQueue(ctx context.Context) (*Queue, error) {
	q := &Queue{plane: p}
	api := "/apis/" + custom.SchemeGroupVersion.String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+api, q.describe)
	mux.HandleFunc("GET "+api+"/namespaces/{namespace}/pods/*/"+metric, q.answer)
	q.server = httptest.NewTLSServer(mux)
	port := q.server.Listener.Addr().(*net.TCPAddr).Port
	if _, err := p.Kubectl(ctx, fmt.Sprintf(service, port), "apply", "--filename=-"); err != nil {
		q.Close()
		return nil, err
	}
	return q, nil
}

// service leads the API server to our port: no pod network is there to lead it elsewhere.
const service = `apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: default}
spec: {type: ExternalName, externalName: localhost}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta2.custom.metrics.k8s.io}
spec:
  group: custom.metrics.k8s.io
  version: v1beta2
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: metrics, namespace: default, port: %d}
`

// Feed sets how much work waits in all.
func (q *Queue) Feed(work time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.work, q.lost = work, false
}

// Lose makes every question fail, as without Prometheus, until work is fed again.
func (q *Queue) Lose() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lost = true
}

// Close ends the server; the API stays registered and unavailable.
func (q *Queue) Close() { q.server.Close() }

func (q *Queue) describe(w http.ResponseWriter, _ *http.Request) {
	list := metav1.APIResourceList{GroupVersion: custom.SchemeGroupVersion.String()}
	list.TypeMeta = metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}
	list.APIResources = []metav1.APIResource{{Name: "pods/" + metric, Kind: "MetricValueList", Namespaced: true, Verbs: metav1.Verbs{"get"}}}
	send(w, list)
}

func (q *Queue) answer(w http.ResponseWriter, r *http.Request) {
	q.mu.Lock()
	work, lost := q.work, q.lost
	q.mu.Unlock()
	if lost {
		http.Error(w, "no metrics today", http.StatusServiceUnavailable)
		return
	}
	list, err := q.values(r.Context(), r.PathValue("namespace"), r.URL.Query().Get("labelSelector"), work)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, list)
}

func (q *Queue) values(ctx context.Context, namespace, selector string, work time.Duration) (*custom.MetricValueList, error) {
	pods, err := q.plane.Client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	list := &custom.MetricValueList{Items: []custom.MetricValue{}}
	list.TypeMeta = metav1.TypeMeta{Kind: "MetricValueList", APIVersion: custom.SchemeGroupVersion.String()}
	for i := range pods.Items {
		if !Ready(&pods.Items[i]) {
			continue
		}
		value := custom.MetricValue{Metric: custom.MetricIdentifier{Name: metric}, Timestamp: metav1.Now()}
		value.DescribedObject.Kind, value.DescribedObject.Namespace, value.DescribedObject.Name = "Pod", namespace, pods.Items[i].Name
		list.Items = append(list.Items, value)
	}
	for i := range list.Items {
		list.Items[i].Value = *resource.NewMilliQuantity(work.Milliseconds()/int64(len(list.Items)), resource.DecimalSI)
	}
	return list, nil
}

func send(w http.ResponseWriter, object any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(object) // a caller that has gone needs no answer
}
