package main

import (
	"context"
	"errors"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/config"
)

// inProcess builds the service and connects to it without a network: what
// `check` shows is what `serve` would answer.
func inProcess(ctx context.Context, cfg config.Config, std stdio) (grpc.ClientConnInterface, func(), error) {
	cfg.Auth = auth.DefaultConfig() // nobody else can call
	log, err := logger(cfg.Log, std.err)
	if err != nil {
		return nil, nil, err
	}
	s, err := newService(ctx, cfg, log)
	if err != nil {
		return nil, nil, err
	}
	pipe := bufconn.Listen(1 << 20)
	conn, err := dial("passthrough:in process", grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return pipe.DialContext(ctx)
	}))
	if err != nil {
		return nil, nil, errors.Join(err, s.close(ctx))
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(pipe) }()
	return conn, func() {
		_ = conn.Close()
		_ = errors.Join(s.close(context.WithoutCancel(ctx)), <-served) // the verdict has been printed
	}, nil
}
