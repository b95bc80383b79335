package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// What the service is told, small enough to be reached in seconds.
const (
	maxConnections = 256
	maxCalls       = 512
	maxMemory      = 384 << 20
	mib            = 1 << 20
)

// castle is a service that knows its callers by keys.
type castle struct {
	*gpu.Service
	folder string
	key    string // of who means it
	greedy string // of who attacks
}

func raise(ctx context.Context, binary string) (*castle, error) {
	folder, err := os.MkdirTemp("", "siege")
	if err != nil {
		return nil, err
	}
	c := &castle{folder: folder}
	if err := c.start(ctx, binary); err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	return c, nil
}

func (c *castle) start(ctx context.Context, binary string) error {
	keys, settings := filepath.Join(c.folder, "keys"), filepath.Join(c.folder, "portcullis.yaml")
	for name, key := range map[string]*string{"honest": &c.key, "greedy": &c.greedy} {
		out, err := exec.CommandContext(ctx, binary, "key", name, "--file", keys).Output() //nolint:gosec // the binary that is to be tried
		if err != nil {
			return fmt.Errorf("portcullis key: %w", err)
		}
		*key = strings.TrimSpace(string(out))
	}
	if err := os.Chmod(keys, 0o600); err != nil {
		return err
	}
	err := os.WriteFile(settings, fmt.Appendf(nil, `
server: {max_calls: %d, memory: %d, connections: {max: %d}}
auth: {keys: {file: %q, roles: {validator: ['*']}}}
log: {level: error}
`, maxCalls, maxMemory, maxConnections, keys), 0o600)
	if err != nil {
		return err
	}
	c.Service, err = gpu.StartService(ctx, binary, "--config", settings, "--provider", "cpu")
	return err
}

func (c *castle) fall() {
	_ = c.Stop() // what it did is measured already
	_ = os.RemoveAll(c.folder)
}

// credentials makes calls those of one who may.
func (c *castle) credentials(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.key)
}

// metric reads one value of the page for Prometheus.
func (c *castle) metric(ctx context.Context, name string) (float64, error) {
	_, page, err := c.Get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(page) {
		if found, value, _ := strings.Cut(strings.TrimSpace(line), " "); found == name {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("no metric %s", name)
}
