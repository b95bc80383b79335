package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Recorder writes down what was decided.
//
// Record is called once for every text, after it was judged or refused and
// before its last message leaves; and once for a call, of a method without a text
// too, that was refused before one was read: its Event says nothing of a text. Calls
// of public services are not recorded. An error withholds the verdict: the caller
// gets UNAVAILABLE in its place. For a text that is refused anyway an error only
// goes to the log. A nil receipt means that nothing was recorded.
//
// ctx ends with the text's deadline; for a refusal, which may be that the
// deadline has passed, shortly after the call. Record MUST return soon after ctx
// ends, or a shutdown waits for it. It is called concurrently.
type Recorder interface {
	Record(ctx context.Context, e Event) (*Receipt, error)
}

// Receipt says where an event was recorded; see AuditReceipt of the contract.
type Receipt struct {
	Log      string
	Index    uint64
	LeafHash []byte
}

// Event is what became of one text. It holds no part of the text.
type Event struct {
	ID        string // the validation_id
	RequestID string // of the call that brought the text
	Received  time.Time
	Elapsed   time.Duration
	Method    string // full gRPC method
	Principal string // who called, verified; empty where nobody is asked, or nobody vouched
	Claims    Claims
	Meta      guard.Meta // as asked for
	TextBytes int
	// TextMAC returns the HMAC-SHA-256 of the text under a key of the recorder's.
	// A digest without a key would let anyone confirm a guess of a short text. It
	// holds the text: call it before Record returns, and do not keep it.
	TextMAC func(key []byte) []byte
	Models  []Model       // that were loaded; nil when refused
	Result  *guard.Result // nil when refused; Sanitized is left out
	Refusal *Refusal      // nil when judged
}

// Refusal is the error that a caller got in place of a verdict.
type Refusal struct {
	Code   codes.Code
	Reason string // equals ErrorInfo.reason
}

// Claims is what the caller says about itself, unverified. UserID names a person:
// store it only as a keyed digest.
type Claims struct {
	UserID, AgentID, SessionID string
	Frameworks                 []string
	Annotations                map[string]string
}

// refusalTime bounds how long recording a refusal may take: the caller's own
// deadline may be over, and must not stop it.
const refusalTime = time.Second

// nothing is the Recorder of a server that was given none.
type nothing struct{}

func (nothing) Record(context.Context, Event) (*Receipt, error) { return nil, nil }

// recordVerdict is the one place that every verdict passes on its way out.
func (s *Server) recordVerdict(ctx context.Context, t *text, models []Model, r guard.Result) (*Receipt, error) {
	e := t.event()
	r.Sanitized = nil // it is text
	e.Models, e.Result = models, &r
	receipt, err := s.record(ctx, e)
	if err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "verdict withheld: it could not be recorded",
			slog.String("validation_id", t.id), slog.Any("error", err))
		return nil, errNotRecorded
	}
	return receipt, nil
}

func (s *Server) recordRefusal(ctx context.Context, t *text, r *refusal) {
	e := t.event()
	e.Refusal = &Refusal{Code: r.code, Reason: r.reason}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalTime)
	defer cancel()
	if _, err := s.record(ctx, e); err != nil {
		s.log.LogAttrs(ctx, slog.LevelError, "refusal not recorded",
			slog.String("validation_id", t.id), slog.String("reason", r.reason), slog.Any("error", err))
	}
}

// record makes an error of a panic: on a stream nothing else would catch it.
func (s *Server) record(ctx context.Context, e Event) (receipt *Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the recorder panicked: %s", describePanic(p))
		}
	}()
	return s.recorder.Record(ctx, e)
}

func (t *text) event() Event {
	c := t.request.GetContext()
	return Event{
		ID:        t.id,
		RequestID: t.requestID,
		Received:  t.received,
		Elapsed:   time.Since(t.received),
		Method:    t.method,
		Principal: t.principal,
		Claims: Claims{
			UserID: c.GetUserId(), AgentID: c.GetAgentId(), SessionID: c.GetSessionId(),
			Frameworks: c.GetComplianceFrameworks(), Annotations: c.GetAnnotations(),
		},
		Meta:      toMeta(t.request),
		TextBytes: len(t.request.GetText()),
		TextMAC:   t.mac,
	}
}

func (t *text) mac(key []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(t.request.GetText()))
	return h.Sum(nil)
}

func toReceipt(r *Receipt) *pb.AuditReceipt {
	if r == nil {
		return nil
	}
	return &pb.AuditReceipt{Log: r.Log, Index: r.Index, LeafHash: r.LeafHash}
}
