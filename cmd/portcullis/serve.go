package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/portcullis-ai/portcullis/internal/build"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

type serveCmd struct {
	settings
	Listen        string `placeholder:"HOST:PORT" help:"Where gRPC listens (127.0.0.1:50051)."`
	MetricsListen string `placeholder:"HOST:PORT" help:"Where /metrics, /healthz and /readyz listen (127.0.0.1:9090)."`
	LogFormat     string `placeholder:"FORMAT" help:"text or json."`
}

func (serveCmd) Help() string {
	return `Models are verified, tested with their known answers and warmed up before the service says that it
serves. SIGTERM and Ctrl-C drain it: health turns to NOT_SERVING, texts taken are answered, then it
ends. A second one ends it at once.

SIGHUP, or a changed model folder, loads models, rules and policies anew beside the old ones and then
takes these in their place; what cannot be loaded is refused and the old ones stay. It never ends
serve. The settings themselves are read at the start only.

Without further settings it serves this machine only, in plain text, and asks nobody. To listen
elsewhere it wants TLS (auth.tls) and a way to know its callers (auth.certificates, auth.tokens,
auth.keys), or to be told by name that it needs neither (auth.allow_plain_text, auth.allow_anonymous).

Examples:
  portcullis serve
  portcullis serve --config portcullis.yaml --listen 0.0.0.0:50051 \
    --set auth.tls.certificate=tls.crt --set auth.tls.key=tls.key
  portcullis serve --model bundled --model toxic-bert --provider cuda`
}

// Run serves until ctx ends, then drains.
func (c serveCmd) Run(ctx context.Context, std stdio) error {
	hangup := make(chan os.Signal, 1) // first of all, and for good: SIGHUP must never end a service
	signal.Notify(hangup, syscall.SIGHUP)
	cfg, err := c.load(
		config.Setting{Key: "server.listen", Value: c.Listen},
		config.Setting{Key: "server.metrics_listen", Value: c.MetricsListen},
		config.Setting{Key: "log.format", Value: c.LogFormat})
	if err != nil {
		return err
	}
	log, lines, err := serviceLog(ctx, cfg.Log, std.err)
	if err != nil {
		return err
	}
	defer endLog(ctx, lines)
	log.InfoContext(ctx, "starting", slog.String("version", build.Version()), slog.String("models", strings.Join(cfg.Models, ",")))
	// Both ports are taken before the models are loaded, so that a port in use is
	// told at once.
	grpcPort, err := listen(ctx, "server.listen", cfg.Server.Listen)
	if err != nil {
		return err
	}
	defer grpcPort.Close() //nolint:errcheck // Serve closes it first
	httpPort, err := listen(ctx, "server.metrics_listen", cfg.Server.MetricsListen)
	if err != nil {
		return err
	}
	second := serveHTTP(httpPort)
	s, err := newService(ctx, cfg, log)
	if err != nil {
		return errors.Join(err, second.shutdown(ctx))
	}
	collectLess(s.cfg.Server.Memory)
	s.metrics.WatchLog(func() metrics.LogStats { return metrics.LogStats(lines.Stats()) })
	second.become(s.server.HTTPHandler())
	s.tend(hangup)
	return s.serve(ctx, grpcPort, second)
}

func listen(ctx context.Context, key, addr string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; choose another address", key, err)
	}
	return l, nil
}

// serve answers until ctx ends or a port fails, then drains and closes
// everything. The second port goes last: it tells that the service drains.
func (s *service) serve(ctx context.Context, port net.Listener, second *secondPort) error {
	failed := make(chan error, 1)
	go func() { failed <- s.server.Serve(port) }()
	s.rotation.start(s.server.SetServing)
	s.log.InfoContext(ctx, "serving", slog.String("grpc", port.Addr().String()), slog.String("metrics", "http://"+second.addr+"/metrics"),
		slog.String("tokens", s.cfg.Tokens.Encoding))

	var err error
	select {
	case err = <-failed:
	case err = <-second.failed:
	case <-ctx.Done():
		s.log.InfoContext(ctx, "draining", slog.Duration("timeout", s.cfg.Server.DrainTimeout))
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Server.DrainTimeout)
	defer cancel()
	err = errors.Join(err, s.close(drain), second.shutdown(drain))
	s.log.InfoContext(ctx, "stopped")
	return err
}
