package image

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
)

// bases answers for every base image, since a linter has no registry at hand.
type bases struct{}

const anyImage = `{"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/bin"]}}`

func (bases) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return ref, digest.FromString(ref), []byte(anyImage), nil
}

// lint returns what BuildKit's linter says of a Dockerfile, a finding a line.
func lint(t *testing.T, name string, text []byte) []string {
	t.Helper()
	source := llb.NewSourceMap(nil, name, "Dockerfile", text)
	source.Definition = &llb.Definition{} // where a build has the context's
	results, err := dockerfile2llb.DockerfileLint(t.Context(), text, dockerfile2llb.ConvertOpt{
		MetaResolver: bases{},
		SourceMap:    source,
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	if results.Error != nil {
		found = append(found, results.Error.Message)
	}
	for _, w := range results.Warnings {
		found = append(found, fmt.Sprintf("%s:%d: %s: %s", name, line(w.Location), w.RuleName, w.Detail))
	}
	return found
}

func line(at *pb.Location) int32 {
	if at == nil || len(at.Ranges) == 0 {
		return 0
	}
	return at.Ranges[0].Start.Line
}

func TestBuildKitFindsNothing(t *testing.T) {
	for _, name := range dockerfiles {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range lint(t, name, text) {
			t.Error(finding)
		}
	}
}

// A linter that is called wrongly finds nothing either.
func TestBuildKitFindsWhatIsPlanted(t *testing.T) {
	planted := "from debian AS Base\nMAINTAINER me\nENV API_TOKEN=x\nWORKDIR here\nCMD run me\nCMD run me\n"
	found := strings.Join(lint(t, "planted", []byte(planted)), "\n")
	for _, rule := range []string{
		"ConsistentInstructionCasing", "StageNameCasing", "MaintainerDeprecated", "SecretsUsedInArgOrEnv",
		"WorkdirRelativePath", "JSONArgsRecommended", "MultipleInstructionsDisallowed",
	} {
		if !strings.Contains(found, rule) {
			t.Errorf("%s was not found; what was:\n%s", rule, found)
		}
	}
}
