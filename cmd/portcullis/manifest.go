package main

import (
	"fmt"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/classify"
	"github.com/portcullis-ai/portcullis/guard/policy"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/internal/metrics"
	"github.com/portcullis-ai/portcullis/model"
	"github.com/portcullis-ai/portcullis/server"
)

// The packages that a manifest feeds do not know each other, so its parts are
// put into their terms here. A manifest has been validated when it gets here.

func describe(m model.Manifest) inference.Model {
	out := inference.Model{Name: m.Name}
	for _, l := range m.Labels {
		s := l.Scaling()
		out.Labels = append(out.Labels, inference.Label{Name: l.Name, Scale: s.Scale, Bias: s.Bias})
		if l.Activation == model.Softmax {
			out.Activation = inference.Softmax
		}
	}
	return out
}

// meanings are the labels as the check takes them.
func meanings(m model.Manifest) map[string]classify.Label {
	out := make(map[string]classify.Label, len(m.Labels))
	for _, l := range m.Labels {
		if c, ok := guard.ParseCategory(l.Category); ok {
			out[l.Name] = classify.Label{Category: c, From: origins(l.Origins)}
		}
	}
	return out
}

// origins takes a name that guard does not know for all of them: then nothing is left out.
func origins(names []string) guard.Origins {
	var all []guard.Origin
	for _, name := range names {
		o, ok := guard.ParseOrigin(name)
		if !ok {
			return guard.OriginsOf()
		}
		all = append(all, o)
	}
	return guard.OriginsOf(all...)
}

func knownAnswers(m model.Manifest) []inference.KnownAnswer {
	out := make([]inference.KnownAnswer, len(m.KnownAnswers))
	for i, a := range m.KnownAnswers {
		out[i] = inference.KnownAnswer{Text: a.Text, Scores: a.Scores, Tolerance: a.Tolerance}
	}
	return out
}

func labelNames(m model.Manifest) []string {
	names := make([]string, len(m.Labels))
	for i, l := range m.Labels {
		names[i] = l.Name
	}
	return names
}

// queuesOf tells by model how full its batcher is.
func queuesOf(models []*loadedModel) map[string]func() metrics.QueueStats {
	out := make(map[string]func() metrics.QueueStats, len(models))
	for _, m := range models {
		out[m.server.Name] = func() metrics.QueueStats { return queueStats(m.stats()) }
	}
	return out
}

func queueStats(s batching.Stats) metrics.QueueStats {
	out := metrics.QueueStats{Calls: s.Calls, Items: s.QueuedItems, Cost: s.QueuedCost, Drain: s.Drain}
	for _, e := range s.Executors {
		out.Executors = append(out.Executors, metrics.ExecutorStats(e))
	}
	return out
}

func policyModel(m model.Manifest) policy.Model {
	out := policy.Model{Name: m.Name, Labels: make(map[string]guard.Category), From: make(map[string]guard.Origins)}
	for name, l := range meanings(m) {
		out.Labels[name], out.From[name] = l.Category, l.From
	}
	return out
}

func serverModel(m model.Manifest, g model.Graph, on ort.Info) server.Model {
	out := server.Model{
		Name: m.Name, Digest: "sha256:" + g.SHA256, Provider: string(on.Provider), Device: "cpu",
		Labels: labelNames(m), WindowTokens: m.Window.Tokens,
	}
	if len(on.Devices) > 0 {
		out.Device = fmt.Sprint(on.Devices)
	}
	return out
}

func metricModels(models []server.Model) []metrics.Model {
	out := make([]metrics.Model, len(models))
	for i, m := range models {
		out[i] = metrics.Model{Name: m.Name, Digest: m.Digest, Provider: m.Provider, Device: m.Device}
	}
	return out
}
