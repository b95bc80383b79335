package server

import (
	"context"
	"errors"
	"runtime"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/quota"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// errorDomain is ErrorInfo.domain: whose reasons these are.
const errorDomain = "portcullis.v1"

// The server's own refusals; those of a text come from the guard and from the
// contract's Validate.
var (
	errDetectOnly  = errors.New("detect_only is not allowed")
	errFull        = errors.New("too many texts in flight")
	errDraining    = errors.New("draining")
	errNotRecorded = errors.New("not recorded")
	errEmptyID     = errors.New("empty id")
	errDuplicateID = errors.New("duplicate id")
	errUnread      = errors.New("answers not read")
	errNotOpened   = errors.New("not opened")
	errOpenedTwice = errors.New("opened twice")
	errNotEnded    = errors.New("not ended")
	errAfterEnd    = errors.New("something after the end")
	errNoPayload   = errors.New("no payload")
	errIdle        = errors.New("the writer is silent")
	errTooBig      = errors.New("message too big")
	errMalformed   = errors.New("a message that is none")
	errNoMethod    = errors.New("no such method")
	errPanic       = errors.New("panicked")
	errManyCalls   = errors.New("too many calls")
	errManyConns   = errors.New("too many connections of a caller")
	errUntaken     = errors.New("answers on a connection not taken")
	errManyGuests  = errors.New("too many public calls on a connection")
	errNoMemory    = errors.New("no memory")
	errSlowMessage = errors.New("a message that did not come")
)

// Before a refused caller should try again, where nobody knows better.
const (
	retryFull      = 100 * time.Millisecond
	retryDraining  = time.Second // by then a balancer knows another server
	retryUnchecked = time.Second
	retryMemory    = time.Second
	retryConns     = time.Second
	retrySlow      = time.Second // on a line that has recovered, or when fewer ask
)

// refusal is an error as the caller sees it: as the status of a call and as the
// Rejection of a text on a stream. Its message holds no part of the text.
type refusal struct {
	code    codes.Code
	reason  string // stable: clients switch on it
	message string
	retry   time.Duration // 0: a retry cannot help
	fields  []pb.FieldViolation
}

// refusals translates what can go wrong. The first entry that matches counts.
var refusals = []struct {
	err error
	refusal
}{
	{guard.ErrTextTooLong, refusal{codes.InvalidArgument, "TEXT_TOO_LONG", "", 0, at("text")}},
	{guard.ErrNotUTF8, refusal{codes.Internal, "TEXT_NOT_UTF8", "a text or name in the message is not UTF-8; look before you send it", 0, nil}}, // the contract's code
	{guard.ErrUnknownPolicy, refusal{codes.InvalidArgument, "UNKNOWN_POLICY", "no policy of that name is loaded; GetServerInfo lists those that are", 0, at("policy")}},
	{guard.ErrOverloaded, refusal{codes.ResourceExhausted, "OVERLOADED", "the service is full; retry later", retryFull, nil}},
	{quota.ErrRate, refusal{codes.ResourceExhausted, "CALLER_RATE", "the caller has asked for more a second than it may; retry later", retryFull, nil}},
	{quota.ErrInFlight, refusal{codes.ResourceExhausted, "CALLER_TOO_MANY_TEXTS", "as many texts of the caller are judged as may be at a time; retry later", retryFull, nil}},
	{quota.ErrCalls, refusal{codes.ResourceExhausted, "CALLER_TOO_MANY_CALLS", "the caller has as many calls open as it may; retry later", retryFull, nil}},
	{quota.ErrStreams, refusal{codes.ResourceExhausted, "CALLER_TOO_MANY_STREAMS", "the caller has as many streams open as it may; retry later", retryFull, nil}},
	{auth.ErrUnknown, refusal{codes.Unauthenticated, "UNAUTHENTICATED", "no credentials that are taken here came with the call", 0, nil}},
	{auth.ErrUnavailable, refusal{codes.Unavailable, "AUTH_UNAVAILABLE", "credentials cannot be checked now; retry later", retryUnchecked, nil}},
	{auth.ErrDenied, refusal{codes.PermissionDenied, "PERMISSION_DENIED", "the caller may not call this method", 0, nil}},
	{auth.ErrSecondFactor, refusal{codes.PermissionDenied, "SECOND_FACTOR_REQUIRED", "the method wants a token that shows a second factor", 0, nil}},
	{errExpired, refusal{codes.Unauthenticated, "CREDENTIALS_EXPIRED", "the credentials that opened the stream have expired; open another one", 0, nil}},
	{errFull, refusal{codes.ResourceExhausted, "TOO_MANY_TEXTS", "the service judges as many texts as it may; retry later", retryFull, nil}},
	{errManyCalls, refusal{codes.ResourceExhausted, "TOO_MANY_CALLS", "the service has as many calls open as it may; retry later", retryFull, nil}},
	{errManyConns, refusal{codes.ResourceExhausted, "CALLER_TOO_MANY_CONNECTIONS", "the caller has as many connections as it may; call on those, or retry later", retryConns, nil}},
	{errUntaken, refusal{codes.ResourceExhausted, "CONNECTION_ANSWERS_UNREAD", "the connection has as many answers waiting as it may; read them, or retry later", retryConns, nil}},
	{errManyGuests, refusal{codes.ResourceExhausted, "CONNECTION_TOO_MANY_CALLS", "the connection has as many calls for health and reflection open as it may; retry later", retryFull, nil}},
	{errNoMemory, refusal{codes.ResourceExhausted, "MEMORY_FULL", "the service holds as much as it may; retry later", retryMemory, nil}},
	{errSlowMessage, refusal{codes.DeadlineExceeded, "MESSAGE_TOO_SLOW", "the message did not come in time; retry later", retrySlow, nil}},
	{errDetectOnly, refusal{codes.PermissionDenied, "DETECT_ONLY_DENIED", "detect_only is not allowed here; see allow_detect_only", 0, nil}},
	{errDraining, refusal{codes.Unavailable, "DRAINING", "the server is shutting down; retry on another connection", retryDraining, nil}},
	{errNotRecorded, refusal{codes.Unavailable, "AUDIT_UNAVAILABLE", "the verdict could not be recorded and is withheld", 0, nil}},
	{errEmptyID, refusal{codes.InvalidArgument, "EMPTY_ID", "give every request an id; the stream ends here", 0, at("id")}},
	{errDuplicateID, refusal{codes.InvalidArgument, "DUPLICATE_ID", "the id is that of an unfinished request; the stream ends here", 0, at("id")}},
	{errUnread, refusal{codes.DeadlineExceeded, "ANSWERS_NOT_READ", "the client did not read its answers for as long as max_deadline; the stream ends here", 0, nil}},
	{guard.ErrNeedsWhole, refusal{codes.InvalidArgument, "POLICY_NEEDS_WHOLE_TEXT", "the policy may change a text from its beginning, so nothing could be shown before the end; send the whole text to Validate", 0, at("open.policy")}},
	{errNotOpened, refusal{codes.InvalidArgument, "NOT_OPENED", "send open first", 0, at("open")}},
	{errOpenedTwice, refusal{codes.InvalidArgument, "OPENED_TWICE", "send open only once", 0, at("open")}},
	{errNotEnded, refusal{codes.InvalidArgument, "NOT_ENDED", "the stream was closed without an end: a text cut off is not a text completed", 0, at("end")}},
	{errAfterEnd, refusal{codes.InvalidArgument, "AFTER_END", "nothing may follow the end", 0, at("end")}},
	{errNoPayload, refusal{codes.InvalidArgument, "NO_PAYLOAD", "a message has neither open nor chunk nor end", 0, at("payload")}},
	{errIdle, refusal{codes.DeadlineExceeded, "WRITER_IDLE", "the writer was silent for as long as output.max_idle; an empty chunk says that it still writes", 0, nil}},
	{errTooBig, refusal{codes.ResourceExhausted, "MESSAGE_TOO_BIG", "a message is more than twice the longest text", 0, nil}},
	{errMalformed, refusal{codes.InvalidArgument, "MALFORMED_MESSAGE", "the message is not protobuf, or not of the method's type", 0, nil}},
	{errNoMethod, refusal{codes.Unimplemented, "UNKNOWN_METHOD", "there is no such method here; see the contract, portcullis.v1", 0, nil}},
	{context.DeadlineExceeded, refusal{codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the text was not judged in time", 0, nil}},
	{context.Canceled, refusal{codes.Canceled, "CANCELLED", "the call was cancelled", 0, nil}},
}

func at(field string) []pb.FieldViolation { return []pb.FieldViolation{{Field: field}} }

// refusalOf translates an error, once: a refusal stays what it is. An error that
// nobody foresaw tells outsiders nothing.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if invalid, ok := errors.AsType[*pb.InvalidError](err); ok {
		return &refusal{code: codes.InvalidArgument, reason: "INVALID_REQUEST", message: invalid.Error(), fields: invalid.Violations}
	}
	for _, known := range refusals {
		if errors.Is(err, known.err) {
			r := known.refusal
			return r.detailed(err)
		}
	}
	return &refusal{code: codes.Internal, reason: "INTERNAL", message: "the server failed"}
}

// isRefusal tells whether err has been translated already.
func isRefusal(err error) bool {
	_, ok := errors.AsType[*refusal](err)
	return ok
}

// detailed adds what the error knows beyond its kind.
func (r refusal) detailed(err error) *refusal {
	if full, ok := errors.AsType[*guard.OverloadedError](err); ok && full.RetryAfter > 0 {
		r.retry = full.RetryAfter
	}
	if over, ok := errors.AsType[*quota.Error](err); ok {
		r.retry = over.RetryAfter
	}
	if r.message == "" {
		r.message = err.Error()
	}
	if len(r.fields) > 0 {
		r.fields = []pb.FieldViolation{{Field: r.fields[0].Field, Description: r.message}}
	}
	return &r
}

func (r *refusal) Error() string { return r.message }

// GRPCStatus makes a handler that returns the refusal end its call with it.
func (r *refusal) GRPCStatus() *status.Status {
	details := []protoadapt.MessageV1{&errdetails.ErrorInfo{Reason: r.reason, Domain: errorDomain}}
	if len(r.fields) > 0 {
		bad := &errdetails.BadRequest{}
		for _, v := range r.fields {
			bad.FieldViolations = append(bad.FieldViolations,
				&errdetails.BadRequest_FieldViolation{Field: v.Field, Description: v.Description})
		}
		details = append(details, bad)
	}
	if r.retry > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(r.retry)})
	}
	plain := status.New(r.code, r.message)
	full, err := plain.WithDetails(details...)
	if err != nil { // the details cannot be marshalled: the code still says the most
		return plain
	}
	return full
}

// rejection is the refusal as a stream carries it.
func (r *refusal) rejection() *pb.Rejection {
	out := &pb.Rejection{Code: int32(r.code), Reason: r.reason, Message: r.message}
	if r.retry > 0 {
		out.RetryAfter = durationpb.New(r.retry)
	}
	return out
}

// describePanic says what is safe to log of a recovered value. The runtime's own
// errors name indexes and types; any other value may quote the text.
func describePanic(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return "a value that may hold text, left out"
}
