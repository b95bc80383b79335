package plane

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Kubectl runs kubectl on the plane, with input if there is any. What it printed, errors
// included, comes back in either case.
func (p *Plane) Kubectl(ctx context.Context, input string, args ...string) (string, error) {
	return p.run(ctx, "kubectl", input, args)
}

// Helm runs helm on the plane.
func (p *Plane) Helm(ctx context.Context, args ...string) (string, error) {
	return p.run(ctx, "helm", "", args)
}

// run keeps what the programs remember (kubectl's discovery, helm's caches) in the plane's
// folder, and the user's own settings out.
func (p *Plane) run(ctx context.Context, program, input string, args []string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(p.bin, program), args...)
	cmd.Env = []string{"HOME=" + p.dir, "KUBECONFIG=" + filepath.Join(p.dir, kubeconfig)}
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, out)
	}
	return string(out), err
}
