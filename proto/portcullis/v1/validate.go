// Package portcullisv1 is the contract of Portcullis: generated from
// validation.proto, and what a message alone can tell about its validity.
package portcullisv1

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of the contract, as the comments of validation.proto state them.
const (
	MaxIDBytes         = 128 // of ValidateStreamRequest.id
	MaxAnnotations     = 16
	MaxAnnotationBytes = 128 // of a key, and of a value
)

// frameworks are the names that RequestContext.compliance_frameworks may hold.
var frameworks = []string{"GDPR", "HIPAA", "SOX", "PCI_DSS"}

// FieldViolation says what is wrong with one field, by its path in the message.
// It quotes nothing that the caller sent, so it may go to any log.
type FieldViolation struct{ Field, Description string }

// InvalidError lists everything that is wrong with a message.
type InvalidError struct{ Violations []FieldViolation }

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		parts[i] = v.Field + ": " + v.Description
	}
	return strings.Join(parts, "; ")
}

// Validate checks what the contract alone can tell. What depends on the server,
// such as the text limit and the loaded policies, is not its business. The error
// is an *InvalidError.
func (r *ValidateRequest) Validate() error {
	var found violations
	found.request("", r)
	return found.err()
}

// Validate checks the request that the message carries and the length of the id.
// An empty id passes: it ends the stream, which is for the stream to decide.
func (r *ValidateStreamRequest) Validate() error {
	var found violations
	if len(r.GetId()) > MaxIDBytes {
		found.add("id", "is longer than %d bytes", MaxIDBytes)
	}
	if r.GetRequest() == nil {
		found.add("request", "is unset")
	}
	found.request("request.", r.GetRequest())
	return found.err()
}

// Validate checks what the contract alone can tell of an opening. The direction is
// always OUTPUT, so there is none to be wrong.
func (o *ValidateOutputOpen) Validate() error {
	var found violations
	if _, ok := Origin_name[int32(o.GetOrigin())]; !ok {
		found.add("open.origin", "is not a known value")
	}
	found.context("open.context.", o.GetContext())
	return found.err()
}

type violations []FieldViolation

func (v *violations) add(field, format string, args ...any) {
	*v = append(*v, FieldViolation{Field: field, Description: fmt.Sprintf(format, args...)})
}

func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	return &InvalidError{Violations: v}
}

func (v *violations) request(path string, r *ValidateRequest) {
	if _, ok := Direction_name[int32(r.GetDirection())]; !ok {
		v.add(path+"direction", "is not a known value")
	}
	if _, ok := Origin_name[int32(r.GetOrigin())]; !ok {
		v.add(path+"origin", "is not a known value")
	}
	v.context(path+"context.", r.GetContext())
}

func (v *violations) context(path string, c *RequestContext) {
	for i, name := range c.GetComplianceFrameworks() {
		if !slices.Contains(frameworks, name) {
			v.add(fmt.Sprintf("%scompliance_frameworks[%d]", path, i), "is none of %s", strings.Join(frameworks, ", "))
		}
	}
	if n := len(c.GetAnnotations()); n > MaxAnnotations {
		v.add(path+"annotations", "has %d entries, at most %d are taken", n, MaxAnnotations)
	}
	for key, value := range c.GetAnnotations() {
		if len(key) > MaxAnnotationBytes || len(value) > MaxAnnotationBytes {
			v.add(path+"annotations", "has a key or a value longer than %d bytes", MaxAnnotationBytes)
			return // once is enough, and which one comes first is chance
		}
	}
}
