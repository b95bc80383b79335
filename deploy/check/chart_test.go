package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/portcullis-ai/portcullis/internal/config"
)

const chart = "../helm/portcullis"

// render is what the chart gives for one example and some values over it.
func render(t *testing.T, example string, over map[string]any) string {
	t.Helper()
	values, err := Example(chart, example)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range over {
		values[key] = value
	}
	text, err := Render(chart, "guards", values)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// object finds the only object of a type.
func object[T any](t *testing.T, text string) T {
	t.Helper()
	known := definitions(t)
	var found []T
	for _, document := range documents(text) {
		o, err := decode(known, document)
		if err != nil {
			t.Fatal(err)
		}
		if one, ok := o.(T); ok {
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d objects of type %T", len(found), *new(T))
	}
	return found[0]
}

func TestEveryObjectIsWhatTheAPIWants(t *testing.T) {
	known := definitions(t)
	for name, example := range Plain {
		all := documents(render(t, example, nil))
		if len(all) < 6 {
			t.Errorf("%s: only %d objects", name, len(all))
		}
		for _, document := range all {
			if _, err := decode(known, document); err != nil {
				t.Errorf("%s: %v\n%s", name, err, document)
			}
		}
	}
}

// A decoder that takes everything would find nothing above.
func TestWrongObjectsAreRefused(t *testing.T) {
	known := definitions(t)
	mesh := render(t, "mesh", nil)
	for good, bad := range map[string]string{
		"readOnlyRootFilesystem: true": "readOnlyRootFilesytem: true", // apps/v1
		"maxReplicaCount: 10":          "maxReplicas: 10",             // KEDA
		"mode: STRICT":                 "mode: STRICTLY",              // Istio
		"scrapeTimeout: 15s":           "scrapeTimeout: soon",         // Prometheus operator
		"maxUnavailable: 1\n":          "maxUnavailble: 1\n",          // policy/v1
	} {
		if !strings.Contains(mesh, good) {
			t.Fatalf("nothing says %q", good)
		}
		refused := false
		for _, document := range documents(strings.Replace(mesh, good, bad, 1)) {
			_, err := decode(known, document)
			refused = refused || err != nil
		}
		if !refused {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestTheSchemaRefuses(t *testing.T) {
	for name, values := range map[string]map[string]any{
		"an unknown key":            {"replica": 3},
		"an unknown key below":      {"gpu": map[string]any{"enable": true}},
		"models from a Secret":      {"models": map[string]any{"volume": map[string]any{"secretName": "models"}}},
		"two places for models":     {"models": map[string]any{"volume": map[string]any{"claimName": "a", "image": "b@sha256:0"}}},
		"no model":                  {"models": map[string]any{"names": []any{}}},
		"an autoscaler on CPU":      {"autoscaling": map[string]any{"type": "cpu"}},
		"a digest that is none":     {"image": map[string]any{"digest": "latest"}},
		"a queue of no length":      {"autoscaling": map[string]any{"targetQueueSeconds": 0}},
		"a GPU in the wrong number": {"gpu": map[string]any{"count": 0}},
		"a rule for nobody":         {"istio": map[string]any{"rules": []any{map[string]any{"methods": []any{"/x"}}}}},
		"an issuer without keys":    {"istio": map[string]any{"jwt": map[string]any{"issuer": "https://issuer.example.com"}}},
	} {
		if _, err := Render(chart, "guards", values); err == nil {
			t.Errorf("%s was taken", name)
		} else if !strings.Contains(err.Error(), "schema") {
			t.Errorf("%s: not the schema refused it: %v", name, err)
		}
	}
}

func TestPodsAreHardened(t *testing.T) {
	pull := map[string]any{"models": map[string]any{"names": []any{"toxic-bert"}, "volume": map[string]any{"pull": []any{"toxic-bert"}}}}
	for _, example := range []string{"", "gpu", "mesh"} {
		var over map[string]any
		if example == "" {
			over = pull // has an init container
		}
		pod := object[*appsv1.Deployment](t, render(t, example, over)).Spec.Template.Spec
		if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken || pod.HostNetwork || pod.HostPID || pod.HostIPC {
			t.Errorf("%q: the pod has a token or is in a namespace of the host", example)
		}
		if s := pod.SecurityContext; !*s.RunAsNonRoot || *s.RunAsUser != 10001 || s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%q: the pod's security context is %+v", example, s)
		}
		for _, c := range append(pod.InitContainers, pod.Containers...) {
			hardened(t, c)
		}
		for _, v := range pod.Volumes {
			if v.Secret != nil && v.Name != "tls" || v.HostPath != nil {
				t.Errorf("%q: volume %s is a Secret or the node's", example, v.Name)
			}
		}
	}
}

func hardened(t *testing.T, c corev1.Container) {
	t.Helper()
	s := c.SecurityContext
	if *s.AllowPrivilegeEscalation || *s.Privileged || !*s.ReadOnlyRootFilesystem || !*s.RunAsNonRoot || *s.RunAsUser != 10001 {
		t.Errorf("container %s: %+v", c.Name, s)
	}
	if d := s.Capabilities; len(d.Add) != 0 || len(d.Drop) != 1 || d.Drop[0] != "ALL" {
		t.Errorf("container %s: capabilities %+v", c.Name, d)
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
		t.Errorf("container %s has no memory limit or asks for no processor", c.Name)
	}
	if c.Name != "portcullis" {
		return
	}
	for _, m := range c.VolumeMounts {
		if scratch := m.Name == "tmp" || m.Name == "cache"; !scratch && !m.ReadOnly {
			t.Errorf("%s can be written", m.MountPath)
		}
	}
}

func TestGPUsAreAskedForOnlyWhereWanted(t *testing.T) {
	for example, resource := range map[string]corev1.ResourceName{"": "", "gpu": "nvidia.com/gpu", "mig": "nvidia.com/mig-1g.10gb", "timeslicing": "nvidia.com/gpu.shared"} {
		pod := object[*appsv1.Deployment](t, render(t, example, nil)).Spec.Template.Spec
		limits := pod.Containers[0].Resources.Limits
		var asked corev1.ResourceName
		for name, quantity := range limits {
			if strings.HasPrefix(string(name), "nvidia.com/") {
				asked = name
				if quantity.Value() != 1 {
					t.Errorf("%q asks for %s of %s", example, quantity.String(), name)
				}
			}
		}
		if asked != resource {
			t.Errorf("%q asks for %q, want %q", example, asked, resource)
		}
		if onGPU := resource != ""; onGPU != (len(pod.NodeSelector) > 0) || onGPU != (len(pod.Tolerations) > 0) {
			t.Errorf("%q: node selector %v, tolerations %v", example, pod.NodeSelector, pod.Tolerations)
		}
	}
}

// Kubelet must not kill a pod that still drains, nor one that still warms up.
func TestTimesFit(t *testing.T) {
	for _, example := range []string{"", "gpu"} {
		text := render(t, example, nil)
		cfg := settings(t, text)
		d := object[*appsv1.Deployment](t, text)
		pod, c := d.Spec.Template.Spec, d.Spec.Template.Spec.Containers[0]
		drain := c.Lifecycle.PreStop.Sleep.Seconds + int64(cfg.Server.DrainTimeout.Seconds())
		if grace := *pod.TerminationGracePeriodSeconds; grace < drain+10 {
			t.Errorf("%q: grace is %d s, stopping takes up to %d s and what closes after it", example, grace, drain)
		}
		for name, p := range map[string]*corev1.Probe{"startup": c.StartupProbe, "readiness": c.ReadinessProbe, "liveness": c.LivenessProbe} {
			if p.GRPC == nil || p.GRPC.Port != 50051 {
				t.Errorf("%q: the %s probe is not gRPC", example, name)
			}
		}
		starting := int(c.StartupProbe.PeriodSeconds * c.StartupProbe.FailureThreshold)
		if *d.Spec.ProgressDeadlineSeconds <= int32(starting) {
			t.Errorf("%q: a pod may take %d s to start, the rollout gives up after %d s", example, starting, *d.Spec.ProgressDeadlineSeconds)
		}
	}
}

// settings loads the ConfigMap as the service would.
func settings(t *testing.T, text string) config.Config {
	t.Helper()
	for _, document := range documents(text) {
		o, err := decode(definitions(t), document)
		if err != nil {
			t.Fatal(err)
		}
		m, ok := o.(*corev1.ConfigMap)
		if !ok || m.Data["portcullis.yaml"] == "" {
			continue
		}
		file := filepath.Join(t.TempDir(), "portcullis.yaml")
		if err := os.WriteFile(file, []byte(m.Data["portcullis.yaml"]), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := config.Load(config.Sources{File: file})
		if err != nil {
			t.Fatal(err)
		}
		return cfg
	}
	t.Fatal("no ConfigMap has settings")
	return config.Config{}
}

func TestTheServiceTakesTheSettings(t *testing.T) {
	for name, example := range Plain {
		cfg := settings(t, render(t, example, nil))
		if cfg.Server.Listen != "0.0.0.0:50051" || cfg.ModelsDir != "/models" || len(cfg.Models) == 0 {
			t.Errorf("%s: %+v", name, cfg)
		}
	}
}

func TestPlainManifestsAreThoseOfTheChart(t *testing.T) {
	for name, example := range Plain {
		want, err := Manifest(chart, example)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("../kubernetes", name))
		if err != nil || string(got) != want {
			t.Errorf("deploy/kubernetes/%s is not what the chart gives (%v): run make manifests", name, err)
		}
	}
}
