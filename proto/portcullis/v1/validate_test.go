package portcullisv1

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func annotations(n int) map[string]string {
	m := make(map[string]string, n)
	for i := range n {
		m[fmt.Sprint("key", i)] = "value"
	}
	return m
}

func TestValidateRequest(t *testing.T) {
	long := strings.Repeat("x", MaxAnnotationBytes+1)
	most := strings.Repeat("x", MaxAnnotationBytes)
	tests := []struct {
		name string
		req  *ValidateRequest
		want []string // fields, in order
	}{
		{"empty", &ValidateRequest{}, nil},
		{"unset", nil, nil},
		{"last known values", &ValidateRequest{Direction: Direction_DIRECTION_OUTPUT, Origin: Origin_ORIGIN_SYSTEM}, nil},
		{"unknown direction", &ValidateRequest{Direction: 3}, []string{"direction"}},
		{"negative direction", &ValidateRequest{Direction: -1}, []string{"direction"}},
		{"unknown origin", &ValidateRequest{Origin: 6}, []string{"origin"}},
		{"all frameworks", &ValidateRequest{Context: &RequestContext{ComplianceFrameworks: frameworks}}, nil},
		{
			"unknown framework",
			&ValidateRequest{Context: &RequestContext{ComplianceFrameworks: []string{"GDPR", "gdpr"}}},
			[]string{"context.compliance_frameworks[1]"},
		},
		{"most annotations", &ValidateRequest{Context: &RequestContext{Annotations: annotations(16)}}, nil},
		{"too many annotations", &ValidateRequest{Context: &RequestContext{Annotations: annotations(17)}}, []string{"context.annotations"}},
		{"longest annotation", &ValidateRequest{Context: &RequestContext{Annotations: map[string]string{most: most}}}, nil},
		{"long key", &ValidateRequest{Context: &RequestContext{Annotations: map[string]string{long: ""}}}, []string{"context.annotations"}},
		{"long value", &ValidateRequest{Context: &RequestContext{Annotations: map[string]string{"k": long}}}, []string{"context.annotations"}},
		{"all at once", &ValidateRequest{Direction: 9, Origin: 9}, []string{"direction", "origin"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantFields(t, tt.req.Validate(), tt.want) })
	}
}

func TestValidateStreamRequest(t *testing.T) {
	ok := &ValidateRequest{Text: "hello"}
	tests := []struct {
		name string
		req  *ValidateStreamRequest
		want []string
	}{
		{"good", &ValidateStreamRequest{Id: "a", Request: ok}, nil},
		{"longest id", &ValidateStreamRequest{Id: strings.Repeat("i", 128), Request: ok}, nil},
		{"long id", &ValidateStreamRequest{Id: strings.Repeat("i", 129), Request: ok}, []string{"id"}},
		{"unset request", &ValidateStreamRequest{Id: "a"}, []string{"request"}},
		{"bad request", &ValidateStreamRequest{Id: "a", Request: &ValidateRequest{Origin: 77}}, []string{"request.origin"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantFields(t, tt.req.Validate(), tt.want) })
	}
}

func wantFields(t *testing.T, err error, want []string) {
	t.Helper()
	var got []string
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		for _, v := range invalid.Violations {
			got = append(got, v.Field)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || (err != nil) != (want != nil) {
		t.Errorf("got %v, want violations of %v", err, want)
	}
}

// Violations go to logs, so they must not repeat what the caller sent.
func TestViolationsQuoteNothing(t *testing.T) {
	const canary = "zebra-canary"
	err := (&ValidateStreamRequest{
		Id: canary + strings.Repeat("i", 129),
		Request: &ValidateRequest{Context: &RequestContext{
			ComplianceFrameworks: []string{canary},
			Annotations:          map[string]string{canary + strings.Repeat("k", 129): canary},
		}},
	}).Validate()
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v, want an error without %q", err, canary)
	}
}
