package check

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"

	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// known maps every metric of the service to its labels.
func known(t *testing.T) map[string][]string {
	t.Helper()
	descriptions := make(chan *prometheus.Desc)
	go func() {
		metrics.New().Describe(descriptions)
		close(descriptions)
	}()
	all := map[string][]string{"up": {"job", "instance"}}
	form := regexp.MustCompile(`fqName: "([^"]+)".*variableLabels: \{([^}]*)\}`)
	for d := range descriptions {
		parts := form.FindStringSubmatch(d.String())
		if parts == nil {
			t.Fatalf("not understood: %s", d)
		}
		all[parts[1]] = strings.FieldsFunc(parts[2], func(r rune) bool { return r == ',' })
	}
	return all
}

// A query is an expression and where it stands.
type query struct{ where, expr string }

type rules struct {
	Groups []struct {
		Name, Interval string
		Rules          []struct {
			Record, Alert, Expr, For string
			Labels, Annotations      map[string]string
		}
	}
}

func readRules(t *testing.T) rules {
	t.Helper()
	data, err := os.ReadFile(chart + "/files/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var r rules
	if err := yaml.UnmarshalStrict(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// dashboardQueries finds every "expr", and the queries behind variables.
func dashboardQueries(t *testing.T) []query {
	t.Helper()
	data, err := os.ReadFile(chart + "/files/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var dashboard any
	if err := json.Unmarshal(data, &dashboard); err != nil {
		t.Fatal(err)
	}
	var found []query
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case []any:
			for _, item := range n {
				walk(item)
			}
		case map[string]any:
			if expr, ok := n["expr"].(string); ok {
				found = append(found, query{"dashboard", expr})
			}
			if text, ok := n["query"].(string); ok && strings.HasPrefix(text, "label_values(") {
				metric, _, _ := strings.Cut(strings.TrimPrefix(text, "label_values("), ", ")
				found = append(found, query{"dashboard variable", metric})
			}
			for _, item := range n {
				walk(item)
			}
		}
	}
	walk(dashboard)
	return found
}

// adapterQueries are those of the metrics adapter, its own templates filled in.
func adapterQueries(t *testing.T) []query {
	t.Helper()
	data, err := os.ReadFile("../prometheus/adapter.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var adapter struct {
		Rules struct {
			Custom []struct{ SeriesQuery, MetricsQuery string }
		}
	}
	if err := yaml.Unmarshal(data, &adapter); err != nil {
		t.Fatal(err)
	}
	var found []query
	for _, r := range adapter.Rules.Custom {
		series, _, _ := strings.Cut(r.SeriesQuery, "{")
		filled := strings.NewReplacer("<<.Series>>", series, "<<.LabelMatchers>>", `namespace="n"`, "<<.GroupBy>>", "pod").Replace(r.MetricsQuery)
		found = append(found, query{"adapter", r.SeriesQuery}, query{"adapter", filled})
	}
	return found
}

// kedaQueries are those of the ScaledObject, as rendered.
func kedaQueries(t *testing.T) []query {
	t.Helper()
	var found []query
	for _, document := range documents(render(t, "mesh", nil)) {
		var scaled struct {
			Kind string
			Spec struct {
				Triggers []struct{ Metadata struct{ Query string } }
			}
		}
		if err := yaml.Unmarshal(document, &scaled); err != nil {
			t.Fatal(err)
		}
		if scaled.Kind == "ScaledObject" {
			for _, trigger := range scaled.Spec.Triggers {
				found = append(found, query{"KEDA", trigger.Metadata.Query})
			}
		}
	}
	return found
}

func TestEveryQueryNamesMetricsThatExist(t *testing.T) {
	exist := known(t)
	var queries []query
	for _, group := range readRules(t).Groups {
		for _, r := range group.Rules {
			queries = append(queries, query{r.Record + r.Alert, r.Expr})
			if r.Record != "" {
				exist[r.Record] = nil
			}
		}
	}
	for kind, some := range map[string][]query{"dashboard": dashboardQueries(t), "adapter": adapterQueries(t), "KEDA": kedaQueries(t)} {
		if len(some) == 0 {
			t.Errorf("%s has no query", kind)
		}
		queries = append(queries, some...)
	}
	if len(queries) < 40 {
		t.Errorf("only %d queries were found", len(queries))
	}
	for _, q := range queries {
		for _, fault := range faults(exist, q.expr) {
			t.Errorf("%s: %s: %s", q.where, fault, q.expr)
		}
	}
}

// added are labels that Prometheus or the operator put beside ours.
const added = " namespace pod job instance service container endpoint le __name__ "

// faults parses a query and says which of its metrics and labels the service has not got.
func faults(exist map[string][]string, expr string) []string {
	expr = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h").Replace(expr)
	parsed, err := parser.ParseExpr(expr)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		labels, ok := lookUp(exist, selector.Name)
		if !ok {
			found = append(found, "no metric "+selector.Name)
		}
		for _, m := range selector.LabelMatchers {
			if ok && labels != nil && !strings.Contains(added, " "+m.Name+" ") && !strings.Contains(","+strings.Join(labels, ",")+",", ","+m.Name+",") {
				found = append(found, selector.Name+" has no label "+m.Name)
			}
		}
		return nil
	})
	return found
}

// lookUp knows the series of a histogram by the histogram's name.
func lookUp(exist map[string][]string, name string) (labels []string, ok bool) {
	if labels, ok = exist[name]; ok {
		return labels, true
	}
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if base, is := strings.CutSuffix(name, suffix); is {
			if labels, ok = exist[base]; ok {
				return labels, true
			}
		}
	}
	return nil, false
}

func TestWrongQueriesAreFound(t *testing.T) {
	exist := known(t)
	for _, expr := range []string{"rate(portcullis_nonsense_total[5m])", `portcullis_executor_up{device="0"}`, "sum(portcullis_executor_up"} {
		if len(faults(exist, expr)) == 0 {
			t.Errorf("nothing is wrong with %s", expr)
		}
	}
}

func TestEveryAlertSaysWhatToDo(t *testing.T) {
	const page = "https://github.com/portcullis-ai/portcullis/blob/main/docs/runbook.md#"
	book, err := os.ReadFile("../../docs/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	alerts := 0
	for _, group := range readRules(t).Groups {
		for _, r := range group.Rules {
			if r.Alert == "" {
				continue
			}
			alerts++
			if r.Annotations["runbook_url"] != page+strings.ToLower(r.Alert) || !strings.Contains(string(book), "\n## "+r.Alert+"\n") {
				t.Errorf("%s: no section of docs/runbook.md, or runbook_url is not its address", r.Alert)
			}
			if r.Annotations["summary"] == "" || !strings.Contains(" critical warning info ", " "+r.Labels["severity"]+" ") {
				t.Errorf("%s: no summary, or a severity that nobody routes", r.Alert)
			}
		}
	}
	if n := strings.Count(string(book), "\n## Portcullis"); n != alerts {
		t.Errorf("docs/runbook.md has sections for %d alerts, there are %d", n, alerts)
	}
}
