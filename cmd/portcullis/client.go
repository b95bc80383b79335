package main

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/portcullis-ai/portcullis/internal/auth"
)

// maxReply is the largest reply that the client takes. A verdict can hold a
// thousand findings and a text.
const maxReply = 32 << 20

func dial(addr string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	opts = append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)
	opts = append(opts, grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply), grpc.MaxCallSendMsgSize(maxReply)))
	conn, err := grpc.NewClient(addr, opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", addr, err)
	}
	return conn, nil
}

// dialRemote calls a service as r says.
func dialRemote(addr string, r remote) (*grpc.ClientConn, error) {
	opts, err := r.options(auth.Loopback(addr))
	if err != nil {
		return nil, err
	}
	return dial(addr, opts...)
}

// explain says what a failed call means to the person who made it.
func explain(addr string, err error) error {
	s := status.Convert(err)
	if s.Code() == codes.Unavailable {
		return fmt.Errorf("no answer from %s: %s; is `portcullis serve` running there, and does it speak TLS (--tls, --ca FILE)?", addr, s.Message())
	}
	if s.Code() == codes.Unauthenticated {
		return fmt.Errorf("%s: %s; --token, or --cert with --cert-key, say who calls", s.Code(), s.Message())
	}
	return fmt.Errorf("%s: %s", s.Code(), s.Message())
}
