package main

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/health/grpc_health_v1"
)

type healthcheckCmd struct {
	remote
	Addr    string        `default:"127.0.0.1:50051" help:"Where the service listens."`
	Service string        `placeholder:"NAME" help:"One service of the server; left out, the server as a whole."`
	Timeout time.Duration `default:"2s" help:"How long to wait for the answer."`
}

func (healthcheckCmd) Help() string {
	return `Exits with 0 when the service serves and with 1 otherwise. Made for the HEALTHCHECK of an image
that holds nothing but this binary.`
}

// Run asks grpc.health.v1.
func (c healthcheckCmd) Run(ctx context.Context, std stdio) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	conn, err := dialRemote(c.Addr, c.remote)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	reply, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: c.Service})
	if err != nil {
		return explain(c.Addr, err)
	}
	if _, err := fmt.Fprintln(std.out, reply.GetStatus()); err != nil {
		return err
	}
	if reply.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return exitError(exitFailure)
	}
	return nil
}
