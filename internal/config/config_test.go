package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/internal/config"
)

func file(t *testing.T, yaml string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "portcullis.yaml")
	if err := os.WriteFile(name, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestLaterSourcesWin(t *testing.T) {
	got, err := config.Load(config.Sources{
		File:    file(t, "server: {listen: '127.0.0.1:1', metrics_listen: '127.0.0.1:1', default_deadline: 3s}\nmodels: [bundled, other]\n"),
		Environ: []string{"PORTCULLIS_SERVER_LISTEN=127.0.0.1:2", "PORTCULLIS_SERVER_METRICS_LISTEN=127.0.0.1:2", "PORTCULLIS_GUARD_RESERVE=7ms", "PORTCULLIS_CACHE=/x", "HOME=/", "PORTCULLIS_SERVICE_HOST=10.0.0.1", "PORTCULLIS_PORT=tcp://10.0.0.1:50051", "PORTCULLIS_PORT_50051_TCP_ADDR=10.0.0.1"},
		Flags:   []config.Setting{{Key: "server.listen", Value: "127.0.0.1:3"}, {Key: "models", Value: "a, b"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Server.Listen != "127.0.0.1:3" || got.Server.MetricsListen != "127.0.0.1:2" || got.Server.DefaultDeadline != 3*time.Second || got.Guard.Reserve != 7*time.Millisecond {
		t.Errorf("server %+v, guard %+v", got.Server, got.Guard)
	}
	if !slices.Equal(got.Models, []string{"a", "b"}) {
		t.Errorf("models %v", got.Models)
	}
	if got.Guard.DefaultPolicy != "balanced" {
		t.Error("a setting nobody named lost its default")
	}
}

func TestMistakesAreNamed(t *testing.T) {
	for name, tc := range map[string]struct {
		sources config.Sources
		want    []string
	}{
		"unknown key in the file":    {config.Sources{File: file(t, "server:\n  lisen: x\n")}, []string{"line 2", "lisen"}},
		"wrong type in the file":     {config.Sources{File: file(t, "guard:\n  max_text_bytes: many\n")}, []string{"line 2", "many"}},
		"two documents":              {config.Sources{File: file(t, "log: {level: info}\n---\nlog: {level: warn}\n")}, []string{"more than one document"}},
		"no such file":               {config.Sources{File: "/no/such.yaml"}, []string{"/no/such.yaml"}},
		"unknown variable":           {config.Sources{Environ: []string{"PORTCULLIS_SERVER_LISEN=x"}}, []string{"PORTCULLIS_SERVER_LISEN", "portcullis config"}},
		"bad value in a variable":    {config.Sources{Environ: []string{"PORTCULLIS_GUARD_RESERVE=soon"}}, []string{"PORTCULLIS_GUARD_RESERVE", "soon", "250ms"}},
		"unknown flag key":           {config.Sources{Flags: []config.Setting{{Key: "guard.none", Value: "1"}}}, []string{"guard.none"}},
		"a number that is none":      {config.Sources{Flags: []config.Setting{{Key: "guard.max_text_bytes", Value: "1k"}}}, []string{"guard.max_text_bytes", "1k"}},
		"a value out of bounds":      {config.Sources{Flags: []config.Setting{{Key: "guard.max_text_bytes", Value: "0"}}}, []string{"guard.max_text_bytes"}},
		"no models":                  {config.Sources{Flags: []config.Setting{{Key: "models", Value: ""}}}, []string{"models"}},
		"a log format unheard of":    {config.Sources{Flags: []config.Setting{{Key: "log.format", Value: "xml"}}}, []string{"log.format", "xml"}},
		"a log level unheard of":     {config.Sources{Flags: []config.Setting{{Key: "log.level", Value: "loud"}}}, []string{"log.level", "loud"}},
		"hashing without a pause":    {config.Sources{Flags: []config.Setting{{Key: "trust.verify_every", Value: "1ms"}}}, []string{"trust.verify_every", "1ms"}},
		"an answer to a mismatch":    {config.Sources{Flags: []config.Setting{{Key: "trust.on_mismatch", Value: "panic"}}}, []string{"trust.on_mismatch", "panic"}},
		"a cache that holds nothing": {config.Sources{Flags: []config.Setting{{Key: "cache.max_bytes", Value: "64"}}}, []string{"cache.max_bytes", "64"}},
		"a queue that holds nothing": {config.Sources{Flags: []config.Setting{{Key: "batching.max_queue_cost", Value: "0"}}}, []string{"batching.max_queue_cost"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(tc.sources)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %q", err, want)
				}
			}
		})
	}
}

// A written config read back gives the same settings, so that `portcullis
// config` prints a file one can start from.
func TestYAMLRoundTrip(t *testing.T) {
	out, err := config.Default().YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(config.Sources{File: file(t, string(out))})
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(out) {
		t.Errorf("read back as\n%s\nwant\n%s", again, out)
	}
}

// Two settings must not share a variable: a.b_c and a_b.c would.
func TestVariablesAreUnique(t *testing.T) {
	seen := map[string]string{}
	for _, k := range config.Keys() {
		v := strings.ReplaceAll(k, ".", "_")
		if other, ok := seen[v]; ok {
			t.Errorf("%s and %s share a variable", k, other)
		}
		seen[v] = k
	}
	if len(seen) < 15 {
		t.Errorf("only %d settings found: %v", len(seen), config.Keys())
	}
}
