package plane

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	chart     = "../helm/portcullis"
	manifests = "../kubernetes"
	crds      = "../check/testdata/crds"
	// release and namespace are those that docs/operations.md installs.
	release   = "portcullis"
	namespace = "portcullis"
)

// start gives a test its own plane, with the namespace as we tell users to make it and a
// volume of models. When the test fails the logs of the plane are kept.
func start(t *testing.T) *Plane {
	t.Helper()
	bin := os.Getenv("PLANE_BIN")
	if bin == "" {
		t.Fatal("PLANE_BIN names no folder with the programs of a control plane: run make deploy-test")
	}
	dir, err := os.MkdirTemp("", "portcullis-plane-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tidy(t, dir) })
	began := time.Now()
	p, err := Start(t.Context(), bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	kubectl(t, p, "apply", "--filename="+manifests+"/namespace.yaml", "--filename=testdata/models.yaml")
	t.Logf("the control plane is up after %.0f s", time.Since(began).Seconds())
	return p
}

func tidy(t *testing.T, dir string) {
	if t.Failed() {
		t.Logf("the logs of the control plane are in %s", dir)
		return
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}

func kubectl(t *testing.T, p *Plane, args ...string) string {
	t.Helper()
	out, err := p.Kubectl(t.Context(), "", args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// helm runs a command of helm on our release; upgrades and the like wait for their end.
func helm(t *testing.T, p *Plane, verb string, args ...string) {
	t.Helper()
	t.Logf("helm %s %s", verb, strings.Join(args, " "))
	if _, err := tryHelm(t, p, verb, args...); err != nil {
		t.Fatal(err)
	}
}

func tryHelm(t *testing.T, p *Plane, verb string, args ...string) (string, error) {
	t.Helper()
	all := []string{verb, release}
	if verb == "install" || verb == "upgrade" {
		all = append(all, chart)
	}
	all = append(all, "--namespace="+namespace, "--wait", "--timeout=5m")
	return p.Helm(t.Context(), append(all, args...)...)
}

// example is the flag for one of the chart's files of values.
func example(name string) string { return fmt.Sprintf("--values=%s/examples/%s.yaml", chart, name) }

// eventually asks until it is told done, and logs what it is told when that changes.
func eventually(t *testing.T, what string, ask func() (saw string, done bool)) {
	t.Helper()
	last := ""
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		saw, done := ask()
		if saw != last {
			t.Logf("%s: %s", what, saw)
			last = saw
		}
		if done {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not so after 5 minutes; last seen: %s", what, saw)
		}
	}
}

func pods(t *testing.T, p *Plane) []corev1.Pod {
	t.Helper()
	list, err := p.Client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

func ready(all []corev1.Pod) (n int) {
	for i := range all {
		if Ready(&all[i]) {
			n++
		}
	}
	return n
}

// settled waits until exactly n pods are there and all of them are ready.
func settled(t *testing.T, p *Plane, n int) []corev1.Pod {
	t.Helper()
	var all []corev1.Pod
	eventually(t, fmt.Sprintf("%d pods, all ready", n), func() (string, bool) {
		all = pods(t, p)
		return fmt.Sprintf("%d of %d", ready(all), len(all)), len(all) == n && ready(all) == n
	})
	return all
}

// watchReady counts ready pods from now on; the function that it returns ends the count and
// fails the test if there were ever fewer than allowed.
func watchReady(t *testing.T, p *Plane) func(what string, allowed int) {
	t.Helper()
	readiness, err := p.Watch(t.Context(), namespace)
	if err != nil {
		t.Fatal(err)
	}
	return func(what string, allowed int) {
		t.Helper()
		least, err := readiness.Least(t.Context())
		switch {
		case err != nil:
			t.Fatal(err)
		case least < allowed:
			t.Errorf("%s: only %d pods were ready at one time, %d must be", what, least, allowed)
		default:
			t.Logf("%s: never fewer than %d pods were ready", what, least)
		}
	}
}
