package image

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

var dockerfiles = []string{"Dockerfile", "Dockerfile.cuda"}

// A file is a Dockerfile as BuildKit's parser reads it.
type file struct {
	bases  map[string]string // default of each ARG before the first FROM
	stages []instructions.Stage
}

func (f file) last() instructions.Stage { return f.stages[len(f.stages)-1] }

func read(t *testing.T, name string) file {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	stages, global, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := file{bases: map[string]string{}, stages: stages}
	for _, command := range global {
		for _, arg := range command.Args {
			f.bases[arg.Key] = arg.ValueString()
		}
	}
	return f
}

// of lists the instructions of one kind in a stage.
func of[T instructions.Command](s instructions.Stage) []T {
	var all []T
	for _, c := range s.Commands {
		if one, ok := c.(T); ok {
			all = append(all, one)
		}
	}
	return all
}

var pinned = regexp.MustCompile(`^[a-z0-9./-]+:[0-9][a-z0-9.-]+@sha256:[0-9a-f]{64}$`)

func TestBasesArePinnedByVersionAndDigest(t *testing.T) {
	for _, name := range dockerfiles {
		f := read(t, name)
		for key, base := range f.bases {
			if !pinned.MatchString(base) {
				t.Errorf("%s: %s=%s is not NAME:VERSION@sha256:DIGEST", name, key, base)
			}
		}
		for _, s := range f.stages {
			key, isArg := strings.CutPrefix(strings.TrimSuffix(s.BaseName, "}"), "${")
			stage := slices.ContainsFunc(f.stages, func(other instructions.Stage) bool { return other.Name == s.BaseName })
			if _, known := f.bases[key]; (!isArg || !known) && !stage && s.BaseName != "scratch" {
				t.Errorf("%s: FROM %s is neither scratch, a stage nor one of the pinned bases", name, s.BaseName)
			}
		}
	}
}

// The last stage runs nothing: a RUN there would need a shell, or leave its traces.
func TestTheImageItself(t *testing.T) {
	for _, name := range dockerfiles {
		last := read(t, name).last()
		if n := len(of[*instructions.RunCommand](last)); n != 0 {
			t.Errorf("%s: %d RUN in the last stage", name, n)
		}
		if users := of[*instructions.UserCommand](last); len(users) != 1 || users[0].User != "10001:10001" {
			t.Errorf("%s: USER is not 10001:10001, once", name)
		}
		health := of[*instructions.HealthCheckCommand](last)
		if want := []string{"CMD", "/opt/portcullis/bin/portcullis", "healthcheck"}; len(health) != 1 || !slices.Equal(health[0].Health.Test, want) {
			t.Errorf("%s: HEALTHCHECK is not %q, once", name, want)
		}
		entry := of[*instructions.EntrypointCommand](last)
		if want := []string{"/opt/portcullis/bin/portcullis"}; len(entry) != 1 || entry[0].PrependShell || !slices.Equal(entry[0].CmdLine, want) {
			t.Errorf("%s: ENTRYPOINT is not %q without a shell", name, want)
		}
		for _, copied := range of[*instructions.CopyCommand](last) {
			if copied.From == "" {
				t.Errorf("%s: the last stage copies from the build context: %v", name, copied.SourcePaths)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	for _, name := range dockerfiles {
		var keys []string
		for _, l := range of[*instructions.LabelCommand](read(t, name).last()) {
			for _, kv := range l.Labels {
				keys = append(keys, strings.Trim(kv.Key, `"`))
			}
		}
		for _, want := range []string{"title", "description", "source", "documentation", "licenses", "version", "revision"} {
			if !slices.Contains(keys, "org.opencontainers.image."+want) {
				t.Errorf("%s: no label org.opencontainers.image.%s", name, want)
			}
		}
	}
}

// What both images share is written twice, since one Dockerfile cannot include another.
func TestBothAreBuiltAlike(t *testing.T) {
	build := func(name string) string {
		for _, s := range read(t, name).stages {
			if s.Name != "build" {
				continue
			}
			var all []string
			for _, c := range s.Commands {
				all = append(all, c.(interface{ String() string }).String())
			}
			return strings.Join(all, "\n")
		}
		return ""
	}
	if cpu, cuda := build("Dockerfile"), build("Dockerfile.cuda"); cpu == "" || cpu != cuda {
		t.Errorf("the stage build differs:\n%s\n\n%s", cpu, cuda)
	}
}
