package plane

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every file of deploy/kubernetes passes whole: admission, Pod Security and, of custom
// resources, the definitions that their projects publish, with fields that nobody knows
// refused.
func TestEveryManifestIsAdmitted(t *testing.T) {
	p := start(t)
	define(t, p)
	files, err := filepath.Glob(manifests + "/*.yaml")
	if err != nil || len(files) < 6 {
		t.Fatalf("manifests: %q, %v", files, err)
	}
	for _, file := range files {
		out := kubectl(t, p, "apply", "--dry-run=server", "--validate=strict", "--filename="+file)
		if strings.Contains(strings.ToLower(out), "warning") {
			t.Errorf("%s is let in with a warning:\n%s", file, out)
		}
		t.Logf("%s: %d objects", filepath.Base(file), strings.Count(out, "(server dry run)"))
	}
}

// A plane that lets everything in would prove nothing above.
func TestThePlaneRefuses(t *testing.T) {
	p := start(t)
	define(t, p)
	out, err := p.Kubectl(t.Context(), "", "apply", "--filename=testdata/careless.yaml")
	if err == nil || !strings.Contains(out, `violates PodSecurity "restricted:`) {
		t.Errorf("a careless pod was let in, or refused by something else: %s", out)
	}
	mesh, err := os.ReadFile(manifests + "/mesh.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for good, bad := range map[string]string{
		"readOnlyRootFilesystem: true": "readOnlyRootFilesytem: true",
		"maxReplicaCount: 10":          "maxReplicas: 10",
		"mode: STRICT":                 "mode: STRICTLY",
		"scrapeTimeout: 15s":           "scrapeTimeout: soon",
	} {
		if !strings.Contains(string(mesh), good) {
			t.Fatalf("nothing says %q", good)
		}
		text := strings.Replace(string(mesh), good, bad, 1)
		if _, err := p.Kubectl(t.Context(), text, "apply", "--dry-run=server", "--validate=strict", "--filename=-"); err == nil {
			t.Errorf("%q was let in", bad)
		}
	}
}

// define brings in the custom resources that the chart can make: KEDA's, Istio's and those
// of the Prometheus operator. Nobody acts on them here.
func define(t *testing.T, p *Plane) {
	t.Helper()
	files, err := filepath.Glob(crds + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	for _, file := range files {
		kubectl(t, p, "apply", "--server-side", "--filename="+file)
		kubectl(t, p, "wait", "--for=condition=Established", "--timeout=5m", "--filename="+file)
	}
}
