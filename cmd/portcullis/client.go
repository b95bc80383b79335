package main

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// maxReply is the largest reply that the client takes. A verdict can hold a
// thousand findings and a text.
const maxReply = 32 << 20

func dial(addr string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	opts = append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply), grpc.MaxCallSendMsgSize(maxReply)))
	conn, err := grpc.NewClient(addr, opts...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", addr, err)
	}
	return conn, nil
}

// explain says what a failed call means to the person who made it.
func explain(addr string, err error) error {
	s := status.Convert(err)
	if s.Code() == codes.Unavailable {
		return fmt.Errorf("no answer from %s: %s; is `portcullis serve` running there?", addr, s.Message())
	}
	return fmt.Errorf("%s: %s", s.Code(), s.Message())
}
