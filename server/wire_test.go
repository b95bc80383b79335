package server

import (
	"errors"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

func TestOriginDependsOnTheDirectionOnlyWhenUnset(t *testing.T) {
	tests := []struct {
		direction pb.Direction
		origin    pb.Origin
		want      guard.Meta
	}{
		{pb.Direction_DIRECTION_UNSPECIFIED, pb.Origin_ORIGIN_UNSPECIFIED, guard.Meta{Direction: guard.Input, Origin: guard.OriginUser}},
		{pb.Direction_DIRECTION_INPUT, pb.Origin_ORIGIN_UNSPECIFIED, guard.Meta{Direction: guard.Input, Origin: guard.OriginUser}},
		{pb.Direction_DIRECTION_OUTPUT, pb.Origin_ORIGIN_UNSPECIFIED, guard.Meta{Direction: guard.Output, Origin: guard.OriginModel}},
		{pb.Direction_DIRECTION_OUTPUT, pb.Origin_ORIGIN_USER, guard.Meta{Direction: guard.Output, Origin: guard.OriginUser}},
		{pb.Direction_DIRECTION_INPUT, pb.Origin_ORIGIN_MODEL, guard.Meta{Direction: guard.Input, Origin: guard.OriginModel}},
		{pb.Direction_DIRECTION_INPUT, pb.Origin_ORIGIN_TOOL, guard.Meta{Direction: guard.Input, Origin: guard.OriginTool}},
		{pb.Direction_DIRECTION_INPUT, pb.Origin_ORIGIN_DOCUMENT, guard.Meta{Direction: guard.Input, Origin: guard.OriginDocument}},
		{pb.Direction_DIRECTION_INPUT, pb.Origin_ORIGIN_SYSTEM, guard.Meta{Direction: guard.Input, Origin: guard.OriginSystem}},
	}
	for _, tt := range tests {
		got := toMeta(&pb.ValidateRequest{Direction: tt.direction, Origin: tt.origin})
		if got.Direction != tt.want.Direction || got.Origin != tt.want.Origin {
			t.Errorf("%v, %v: got %v, want %v", tt.direction, tt.origin, got, tt.want)
		}
	}
}

// The names of both sides agree, so a value cannot have been swapped or missed.
func TestEnumerationsAgreeByName(t *testing.T) {
	for d, p := range decisions {
		if "DECISION_"+guard.Decision(d).String() != p.String() {
			t.Errorf("%v is sent as %v", guard.Decision(d), p)
		}
	}
	if len(decisions) != len(pb.Decision_name)-1 || len(categories) != len(pb.Category_name)+1 ||
		len(severities) != len(pb.Severity_name) || len(states) != len(pb.CheckState_name) {
		t.Error("an enumeration has grown on one side only")
	}
}

func TestReportSaysNoScoreForACheckThatSawNothing(t *testing.T) {
	failure := errors.New("lost")
	tests := []struct {
		report guard.CheckReport
		score  bool
		err    string
	}{
		{guard.CheckReport{State: guard.Completed, Inspection: guard.Inspection{Coverage: 1}}, true, ""},
		{guard.CheckReport{State: guard.NotApplicable}, false, ""},
		{guard.CheckReport{State: guard.CutShort}, false, ""},
		{guard.CheckReport{State: guard.CutShort, Err: failure}, false, ""},
		{guard.CheckReport{State: guard.Failed, Err: failure}, false, "lost"},
		{guard.CheckReport{State: guard.TimedOut, Err: failure, Inspection: guard.Inspection{Coverage: 0.5}}, true, "lost"},
	}
	for _, tt := range tests {
		got := fromReports([]guard.CheckReport{tt.report})[0]
		if (got.Score != nil) != tt.score || got.GetError() != tt.err || got.GetCoverage() != tt.report.Coverage {
			t.Errorf("%v: got %v", tt.report.State, got)
		}
	}
}
