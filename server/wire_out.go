package server

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// The tables below translate the guard's enumerations value by value. A value
// that is missing becomes 0, so a Decision that is missing would be sent as
// UNSPECIFIED, which a caller must treat as BLOCK.
var (
	decisions = [...]pb.Decision{
		guard.Block:    pb.Decision_DECISION_BLOCK,
		guard.Review:   pb.Decision_DECISION_REVIEW,
		guard.Sanitize: pb.Decision_DECISION_SANITIZE,
		guard.Allow:    pb.Decision_DECISION_ALLOW,
	}
	categories = [...]pb.Category{
		guard.Other:           pb.Category_CATEGORY_UNSPECIFIED,
		guard.PromptInjection: pb.Category_CATEGORY_PROMPT_INJECTION,
		guard.Toxicity:        pb.Category_CATEGORY_TOXICITY,
		guard.TokenLimit:      pb.Category_CATEGORY_TOKEN_LIMIT,
		guard.SensitiveData:   pb.Category_CATEGORY_SENSITIVE_DATA,
		guard.Secret:          pb.Category_CATEGORY_SECRET,
		guard.Obfuscation:     pb.Category_CATEGORY_OBFUSCATION,
		guard.Neutral:         pb.Category_CATEGORY_UNSPECIFIED, // never a finding
	}
	severities = [...]pb.Severity{
		guard.SeverityUnset: pb.Severity_SEVERITY_UNSPECIFIED,
		guard.Low:           pb.Severity_SEVERITY_LOW,
		guard.Medium:        pb.Severity_SEVERITY_MEDIUM,
		guard.High:          pb.Severity_SEVERITY_HIGH,
		guard.Critical:      pb.Severity_SEVERITY_CRITICAL,
	}
	states = [...]pb.CheckState{
		guard.Failed:        pb.CheckState_CHECK_STATE_FAILED,
		guard.TimedOut:      pb.CheckState_CHECK_STATE_TIMED_OUT,
		guard.Completed:     pb.CheckState_CHECK_STATE_COMPLETED,
		guard.NotApplicable: pb.CheckState_CHECK_STATE_NOT_APPLICABLE,
		guard.CutShort:      pb.CheckState_CHECK_STATE_CUT_SHORT,
		guard.Pending:       pb.CheckState_CHECK_STATE_FAILED, // never in a final report
	}
)

// fromResult maps a verdict, with at most limit findings.
func fromResult(t *text, r guard.Result, limit int) *pb.ValidateResponse {
	raw := t.request.GetText()
	findings, truncated := fromFindings(raw, r.Findings, limit)
	out := &pb.ValidateResponse{
		ValidationId:      t.id,
		Decision:          decisions[r.Decision],
		PolicyDecision:    decisions[r.PolicyDecision],
		DetectOnly:        r.DetectOnly,
		RiskScore:         r.Risk,
		Findings:          findings,
		FindingsTruncated: truncated,
		Checks:            fromReports(r.Report.Checks),
		SanitizedText:     r.Sanitized,
		Policy:            r.Policy,
		PolicyDigest:      r.PolicyDigest,
		Elapsed:           durationpb.New(time.Since(t.received)),
	}
	for _, c := range r.Report.Checks {
		out.Scores = append(out.Scores, fromScores(c.Scores)...)
		if c.Tokens != nil && c.State == guard.Completed { // else it is no count, only enough to block
			count := uint32(*c.Tokens)
			out.TokenCount = &count
		}
	}
	return out
}

// partial is the message with what one check found, with most of what it points to.
type partial struct {
	message  pb.ValidateStreamResponse
	event    pb.ValidateStreamResponse_Check
	result   pb.CheckResult
	reported reported
}

// fromCheck maps what one check found of the text of that id, with at most limit findings.
func fromCheck(id, raw string, c guard.CheckReport, limit int) *pb.ValidateStreamResponse {
	p := &partial{}
	p.message.Id, p.message.Event, p.event.Check = id, &p.event, &p.result
	p.result.Report = p.reported.from(c)
	p.result.Findings, p.result.FindingsTruncated = fromFindings(raw, c.Findings, limit)
	p.result.Scores = fromScores(c.Scores)
	return &p.message
}

// fromReports makes room for all reports at once, with what they point to.
func fromReports(cs []guard.CheckReport) []*pb.CheckReport {
	out, room := make([]*pb.CheckReport, len(cs)), make([]reported, len(cs))
	for i, c := range cs {
		out[i] = room[i].from(c)
	}
	return out
}

// reported is a report with what it points to.
type reported struct {
	report  pb.CheckReport
	elapsed durationpb.Duration
	score   float64
}

// from maps a report.
func (r *reported) from(c guard.CheckReport) *pb.CheckReport {
	r.report.Check, r.report.State, r.report.Coverage = c.Check, states[c.State], min(c.Coverage, 1)
	r.report.Elapsed = &r.elapsed
	r.elapsed.Seconds, r.elapsed.Nanos = int64(c.Elapsed/time.Second), int32(c.Elapsed%time.Second)
	if c.Ran() {
		r.score = c.Score()
		r.report.Score = &r.score
	}
	if c.Err != nil && (c.State == guard.Failed || c.State == guard.TimedOut) {
		r.report.Error = c.Err.Error()
	}
	return &r.report
}

func fromScores(scores []guard.LabelScore) []*pb.LabelScore {
	if len(scores) == 0 {
		return nil
	}
	out, room := make([]*pb.LabelScore, len(scores)), make([]pb.LabelScore, len(scores))
	for i, s := range scores {
		room[i].Model, room[i].Label, room[i].Score = s.Model, s.Label, s.Score
		out[i] = &room[i]
	}
	return out
}

func fromModels(models []Model) []*pb.ModelRef {
	out, room := make([]*pb.ModelRef, len(models)), make([]pb.ModelRef, len(models))
	for i, m := range models {
		room[i].Name, room[i].Digest = m.Name, m.Digest
		out[i] = &room[i]
	}
	return out
}

// fromFindings maps the first limit findings; truncated tells whether there are more.
func fromFindings(raw string, fs []guard.Finding, limit int) (out []*pb.Finding, truncated bool) {
	if len(fs) == 0 {
		return nil, false
	}
	if len(fs) > limit {
		fs, truncated = fs[:limit], true
	}
	points := codePoints(raw, fs)
	out = make([]*pb.Finding, len(fs))
	for i, f := range fs {
		out[i] = fromFinding(f, points)
	}
	return out, truncated
}

func fromFinding(f guard.Finding, points pointMap) *pb.Finding {
	return &pb.Finding{
		Check: f.Check, Rule: f.Rule,
		Category: categories[f.Category], Severity: severities[f.Severity],
		Score: f.Score, Span: points.span(f.Span), Message: f.Message,
	}
}
