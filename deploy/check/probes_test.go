package check

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Kubelet speaks no TLS to gRPC and has no client certificate: where the service wants
// these, it is asked on its second port, which has neither.
func TestProbesReachAServiceWithTLS(t *testing.T) {
	text := render(t, "", map[string]any{
		"tls": map[string]any{"secretName": "portcullis-tls"},
		"config": map[string]any{"auth": map[string]any{
			"allow_plain_text": false,
			"certificates":     map[string]any{"client_ca": "/etc/portcullis/tls/ca.crt", "required": true, "roles": map[string]any{"validator": []any{"*"}}},
		}},
	})
	cfg := settings(t, text)
	if cfg.Auth.TLS.Certificate == "" || !cfg.Auth.Certificates.Required || cfg.Server.MetricsListen != "0.0.0.0:9090" {
		t.Fatalf("%+v %+v", cfg.Auth, cfg.Server)
	}
	c := object[*appsv1.Deployment](t, text).Spec.Template.Spec.Containers[0]
	ports := map[string]int32{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	for name, p := range map[string]*corev1.Probe{"startup": c.StartupProbe, "readiness": c.ReadinessProbe, "liveness": c.LivenessProbe} {
		if p.HTTPGet == nil || p.HTTPGet.Path != "/readyz" || ports[p.HTTPGet.Port.StrVal] != 9090 || p.HTTPGet.Scheme == corev1.URISchemeHTTPS {
			t.Errorf("the %s probe is %+v", name, p.ProbeHandler)
		}
	}
}
