package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/portcullis-ai/portcullis/internal/config"
)

type healthcheckCmd struct {
	remote
	File    string        `name:"config" short:"c" placeholder:"FILE" env:"PORTCULLIS_CONFIG" help:"The settings of the service, where they are in a file."`
	Addr    string        `placeholder:"HOST:PORT" help:"Where the service listens; left out, as its settings say."`
	Service string        `placeholder:"NAME" help:"One service of the server; left out, the server as a whole."`
	Timeout time.Duration `default:"2s" help:"How long to wait for the answer."`
}

func (healthcheckCmd) Help() string {
	return `Exits with 0 when the service serves and with 1 otherwise. Made for the HEALTHCHECK of an image
that holds nothing but this binary.

Without --addr it asks the service of this machine, which it finds as serve does: --config, or
PORTCULLIS_CONFIG, and the environment. One that speaks TLS is asked on its second port
(server.metrics_listen), so that neither an authority nor a client certificate has to be at hand.
With --addr, --ca or --tls it asks grpc.health.v1.`
}

// Run asks one of the two ports. Both tell of the same state.
func (c healthcheckCmd) Run(ctx context.Context, std stdio) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	if c.Addr != "" {
		return c.askGRPC(ctx, c.Addr, std.out)
	}
	cfg, err := config.Load(config.Sources{File: c.File, Environ: os.Environ()})
	if err != nil {
		return err
	}
	if cfg.Auth.TLS.Certificate == "" || c.secure() {
		return c.askGRPC(ctx, onThisMachine(cfg.Server.Listen), std.out)
	}
	if c.Service != "" {
		return errors.New("--service: the service speaks TLS, and its second port answers for the whole only; add --ca FILE")
	}
	return askReady(ctx, onThisMachine(cfg.Server.MetricsListen), std.out)
}

func (c healthcheckCmd) askGRPC(ctx context.Context, addr string, out io.Writer) error {
	conn, err := dialRemote(addr, c.remote)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	reply, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: c.Service})
	if err != nil {
		return explain(addr, err)
	}
	return tell(out, reply.GetStatus())
}

// askReady asks the second port for /readyz. Whatever is not 200 is NOT_SERVING.
func askReady(ctx context.Context, addr string, out io.Writer) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", http.NoBody)
	if err != nil {
		return fmt.Errorf("server.metrics_listen: %w", err)
	}
	// A transport of its own: no proxy of the environment, no redirect.
	reply, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		return fmt.Errorf("no answer from %s: %w; is `portcullis serve` running there?", addr, err)
	}
	_ = reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		return tell(out, grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	}
	return tell(out, grpc_health_v1.HealthCheckResponse_SERVING)
}

func tell(out io.Writer, status grpc_health_v1.HealthCheckResponse_ServingStatus) error {
	if _, err := fmt.Fprintln(out, status); err != nil {
		return err
	}
	if status != grpc_health_v1.HealthCheckResponse_SERVING {
		return exitError(exitFailure)
	}
	return nil
}

// onThisMachine is where to reach a service that listens on addr: an address that means
// all of them is not one to call.
func onThisMachine(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	switch ip := net.ParseIP(host); {
	case host == "", ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
