package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

func TestRefusalOf(t *testing.T) {
	tests := []struct {
		err    error
		code   codes.Code
		reason string
		retry  time.Duration
	}{
		{fmt.Errorf("%w: 9 bytes, at most 8", guard.ErrTextTooLong), codes.InvalidArgument, "TEXT_TOO_LONG", 0},
		{guard.ErrNotUTF8, codes.Internal, "TEXT_NOT_UTF8", 0},
		{fmt.Errorf("%w: nope", guard.ErrUnknownPolicy), codes.InvalidArgument, "UNKNOWN_POLICY", 0},
		{fmt.Errorf("classifier: %w", &guard.OverloadedError{RetryAfter: time.Minute}), codes.ResourceExhausted, "OVERLOADED", time.Minute},
		{&guard.OverloadedError{}, codes.ResourceExhausted, "OVERLOADED", retryFull},
		{&pb.InvalidError{Violations: []pb.FieldViolation{{Field: "origin"}}}, codes.InvalidArgument, "INVALID_REQUEST", 0},
		{fmt.Errorf("late: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "DEADLINE_EXCEEDED", 0},
		{context.Canceled, codes.Canceled, "CANCELLED", 0},
		{errPanic, codes.Internal, "INTERNAL", 0},
		{errors.New("secret cause"), codes.Internal, "INTERNAL", 0},
	}
	for _, tt := range tests {
		r := refusalOf(tt.err)
		if r.code != tt.code || r.reason != tt.reason || r.retry != tt.retry || r.message == "" || r.message == "secret cause" {
			t.Errorf("%v: got %+v, want %v %s, retry %s", tt.err, r, tt.code, tt.reason, tt.retry)
		}
		if refusalOf(fmt.Errorf("wrapped: %w", r)) != r {
			t.Errorf("%v: translated twice", tt.err)
		}
	}
}

// Clients switch on reasons, so they keep the form of google.rpc.ErrorInfo.reason.
func TestRefusalsAreWellFormed(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z][A-Z0-9_]+[A-Z0-9]$`)
	seen := make(map[string]bool)
	for _, known := range refusals {
		r := refusalOf(known.err)
		if !form.MatchString(r.reason) || len(r.reason) > 63 || seen[r.reason] {
			t.Errorf("reason %q is malformed or used twice", r.reason)
		}
		seen[r.reason] = true
		named := r.code == codes.InvalidArgument && r.reason != "MALFORMED_MESSAGE" // which has no fields that could be named
		if named != (len(r.fields) > 0) {
			t.Errorf("%s: %v with violations %v", r.reason, r.code, r.fields)
		}
		st := status.Convert(r)
		if st.Code() != r.code || st.Message() != r.message || len(st.Details()) == 0 {
			t.Errorf("%s: status %v", r.reason, st)
		}
		if j := r.rejection(); j.GetReason() != r.reason || (j.GetRetryAfter() != nil) != (r.retry > 0) {
			t.Errorf("%s: rejection %v", r.reason, j)
		}
	}
}

// docs/api.md has every error that a client can get of the service, in a row with its code,
// and says where there is RetryInfo.
func TestErrorsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	errs := []error{errors.New("unforeseen"), &pb.InvalidError{}}
	for _, known := range refusals {
		if known.err != errTooBig { // of which gRPC tells the client
			errs = append(errs, known.err)
		}
	}
	for _, err := range errs {
		r := refusalOf(err)
		name := code.Code_name[int32(r.code)]
		row := regexp.MustCompile(`(?m)^\| ` + name + ` \|.*` + "`" + r.reason + "`" + `.*$`).FindString(string(page))
		if row == "" || strings.Contains(row, "RetryInfo") != (r.retry > 0) {
			t.Errorf("%s %s, again after %v: %q", name, r.reason, r.retry, row)
		}
	}
}
