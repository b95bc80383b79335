package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// printVerdict shows a verdict to the person who holds the text: unlike a log
// or a record it may quote what was found.
func printVerdict(w io.Writer, text string, v *pb.ValidateResponse, color bool) error {
	head := fmt.Sprintf("%s  risk %.2f  policy %s", paint(short(v.GetDecision().String()), decisionInk(v.GetDecision()), color), v.GetRiskScore(), v.GetPolicy())
	if v.TokenCount != nil {
		head += fmt.Sprintf("  %d tokens", v.GetTokenCount())
	}
	head += "  " + v.GetElapsed().AsDuration().Round(100*time.Microsecond).String()
	if v.GetDetectOnly() {
		head += fmt.Sprintf("  (detect only: the policy says %s)", short(v.GetPolicyDecision().String()))
	}
	if _, err := fmt.Fprintf(w, "%s\n", head); err != nil {
		return err
	}
	sections := []struct {
		title string
		body  *table
	}{
		{"findings", findingsTable(text, v)},
		{"scores", scoresTable(v)},
		{"checks", checksTable(v)},
	}
	for _, s := range sections {
		if len(s.body.rows) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n%s\n", paint(s.title, bold, color)); err != nil {
			return err
		}
		if err := s.body.write(w, "  ", color); err != nil {
			return err
		}
	}
	if v.SanitizedText != nil {
		if _, err := fmt.Fprintf(w, "\n%s\n%s\n", paint("sanitised text", bold, color), v.GetSanitizedText()); err != nil {
			return err
		}
	}
	return nil
}

func findingsTable(text string, v *pb.ValidateResponse) *table {
	t := &table{}
	for _, f := range v.GetFindings() {
		t.add(
			cell{text: short(f.GetSeverity().String()), ink: severityInk(f.GetSeverity())},
			cell{text: fmt.Sprintf("%.2f", f.GetScore()), right: true},
			cell{text: f.GetRule(), ink: blue},
			cell{text: f.GetMessage()},
			cell{text: excerpt(text, f.GetSpan()), ink: dim},
		)
	}
	if v.GetFindingsTruncated() {
		t.add(cell{text: "… and more", ink: dim})
	}
	return t
}

func scoresTable(v *pb.ValidateResponse) *table {
	const width = 20
	t := &table{}
	for _, s := range v.GetScores() {
		full := int(s.GetScore()*width + 0.5)
		t.add(
			cell{text: s.GetModel() + "/" + s.GetLabel()},
			cell{text: fmt.Sprintf("%.4f", s.GetScore()), right: true},
			cell{text: strings.Repeat("█", full) + strings.Repeat("·", width-full), ink: scoreInk(s.GetScore())},
		)
	}
	return t
}

func checksTable(v *pb.ValidateResponse) *table {
	t := &table{}
	for _, c := range v.GetChecks() {
		state := short(c.GetState().String())
		row := []cell{{text: c.GetCheck()}, {text: state, ink: stateInk(c.GetState())}}
		if c.GetState() != pb.CheckState_CHECK_STATE_NOT_APPLICABLE && c.GetState() != pb.CheckState_CHECK_STATE_CUT_SHORT {
			row = append(row,
				cell{text: fmt.Sprintf("%.0f %% seen", 100*c.GetCoverage()), right: true},
				cell{text: c.GetElapsed().AsDuration().Round(time.Microsecond).String(), right: true, ink: dim})
		}
		if c.GetError() != "" {
			row = append(row, cell{text: c.GetError(), ink: red})
		}
		t.add(row...)
	}
	return t
}

// short turns the name of an enum value into what a person reads:
// DECISION_BLOCK into BLOCK, SEVERITY_HIGH into high.
func short(name string) string {
	switch {
	case strings.HasPrefix(name, "DECISION_"):
		return strings.TrimPrefix(name, "DECISION_")
	case strings.HasPrefix(name, "CHECK_STATE_"):
		name = strings.TrimPrefix(name, "CHECK_STATE_")
	case strings.HasPrefix(name, "SEVERITY_"):
		name = strings.TrimPrefix(name, "SEVERITY_")
	}
	return strings.ToLower(strings.ReplaceAll(name, "_", " "))
}

// excerpt quotes the beginning of what a span covers.
func excerpt(text string, s *pb.Span) string {
	if s == nil || int(s.GetEndByte()) > len(text) || s.GetStartByte() >= s.GetEndByte() {
		return "the whole text"
	}
	return fmt.Sprintf("%d–%d “%s”", s.GetStartByte(), s.GetEndByte(), printable(text[s.GetStartByte():s.GetEndByte()], 40))
}

// printable quotes at most so many characters on one line. Those that could drive a
// terminal or hide are shown by their number.
func printable(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n++; n > most {
			b.WriteString("…")
			break
		}
		switch {
		case r == '\n':
			b.WriteString("⏎")
		case unicode.IsGraphic(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "\\u{%X}", r)
		}
	}
	return b.String()
}

func decisionInk(d pb.Decision) ink {
	switch d {
	case pb.Decision_DECISION_ALLOW:
		return green
	case pb.Decision_DECISION_SANITIZE, pb.Decision_DECISION_REVIEW:
		return yellow
	default:
		return red
	}
}

func severityInk(s pb.Severity) ink {
	switch s {
	case pb.Severity_SEVERITY_CRITICAL, pb.Severity_SEVERITY_HIGH:
		return red
	case pb.Severity_SEVERITY_MEDIUM:
		return yellow
	default:
		return dim
	}
}

func scoreInk(score float64) ink {
	switch {
	case score >= 0.8:
		return red
	case score >= 0.5:
		return yellow
	}
	return dim
}

func stateInk(s pb.CheckState) ink {
	switch s {
	case pb.CheckState_CHECK_STATE_COMPLETED:
		return green
	case pb.CheckState_CHECK_STATE_FAILED, pb.CheckState_CHECK_STATE_TIMED_OUT:
		return red
	default:
		return dim
	}
}
