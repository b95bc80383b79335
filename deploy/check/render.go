// Package check renders the chart, and its tests hold what comes out to the API's own types,
// to the service's own settings and to the metrics that it really has.
//
// It is a module of its own, so that Helm, Kubernetes and Prometheus stay out of the
// product's dependencies.
package check

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
)

// kubeVersion is the cluster that is rendered for.
const kubeVersion = "v1.36.3"

// Render gives the manifests that Helm would install of the chart in dir, as one text.
// values are checked against the chart's schema.
func Render(dir, namespace string, values map[string]any) (string, error) {
	chart, err := loader.Load(dir)
	if err != nil {
		return "", err
	}
	version, err := common.ParseKubeVersion(kubeVersion)
	if err != nil {
		return "", err
	}
	capabilities := common.DefaultCapabilities.Copy()
	capabilities.KubeVersion = *version
	release := common.ReleaseOptions{Name: "portcullis", Namespace: namespace, Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(chart, values, release, capabilities)
	if err != nil {
		return "", err
	}
	files, err := (engine.Engine{Strict: true}).Render(chart, all)
	if err != nil {
		return "", err
	}
	return join(files), nil
}

// join puts rendered files behind each other, by name, those that came out empty left out.
func join(files map[string]string) string {
	var names []string
	for name := range files {
		if filepath.Ext(name) == ".yaml" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var all strings.Builder
	for _, name := range names {
		for document := range strings.SplitSeq("\n"+files[name], "\n---\n") {
			if text := strings.Trim(document, "\n"); strings.TrimSpace(text) != "" {
				fmt.Fprintf(&all, "---\n%s\n", text)
			}
		}
	}
	return all.String()
}

// Example reads a file of values, one of the chart's examples; the empty name has none.
func Example(chart, name string) (map[string]any, error) {
	values := map[string]any{}
	if name == "" {
		return values, nil
	}
	file, err := os.Open(filepath.Join(chart, "examples", name+".yaml"))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return loader.LoadValues(file)
}

// Plain are the files of deploy/kubernetes, and the example that each is rendered from.
var Plain = map[string]string{
	"cpu.yaml":             "",
	"gpu.yaml":             "gpu",
	"gpu-mig.yaml":         "mig",
	"gpu-timeslicing.yaml": "timeslicing",
	"mesh.yaml":            "mesh",
}

// Manifest is one file of deploy/kubernetes: what Helm would install, without Helm's marks.
func Manifest(chart, example string) (string, error) {
	values, err := Example(chart, example)
	if err != nil {
		return "", err
	}
	text, err := Render(chart, "portcullis", values)
	if err != nil {
		return "", err
	}
	var plain strings.Builder
	plain.WriteString("# Written by `make manifests` from deploy/helm/portcullis. Change the chart, not this file.\n")
	for line := range strings.Lines(text) {
		if !strings.Contains(line, "helm.sh/chart:") && !strings.Contains(line, "app.kubernetes.io/managed-by:") {
			plain.WriteString(line)
		}
	}
	return plain.String(), nil
}
