package pattern_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// TestPartedNumbers: what proves itself by check digits or its form is found where the end of
// a line parts it, or its digits are on their heads; what may be anything is not.
func TestPartedNumbers(t *testing.T) {
	t.Parallel()
	c := builtin(t)
	for text, rule := range map[string]string{
		"pay 4111 1111\n1111 1111 now":                    "sensitive.payment-card",
		"pay 4111-1111-\n1111-1111 now":                   "sensitive.payment-card",
		"pay 41111111111-\n    11111 now":                 "sensitive.payment-card",
		"> pay 41111111111\u00ad\n> 11111 now":            "sensitive.payment-card",
		"pay DE89 3704 0044\r\n0532 0130 00 now":          "sensitive.iban",
		"pay DE8937040-\n0440532013000 now":               "sensitive.iban",
		"key AKIAIOSF-\n# ODNN7EXAMPLQ now":               "secret.aws-access-key-id",
		"ghp_abcdefghijklmnop-\nqrstuvwxyz01234567890123": "secret.github-token",
		"ɯou ƖƖƖƖ ƖƖƖƖ ƖƖƖƖ ƖƖƖㄣ pɹɐɔ ʎɯ ɥʇıʍ ʇı ɹoɟ ʎɐd ǝsɐǝld": "sensitive.payment-card",
	} {
		findings := inspect(t, c, text)
		if !slices.ContainsFunc(findings, func(f guard.Finding) bool { return f.Rule == rule && !f.Weak }) {
			t.Errorf("%q: %s not found: %v", text, rule, findings)
		}
	}
	for _, text := range []string{
		"4111 1111\n1111 1112", "4111-1111-\n1111-1112", "DE89370400-\n440532013001", "536-22-\n1234", "555-234-\n5678", "203.0.113-\n.42", "jane@exam-\nple.com",
		"pass-\nword: Xk29fQ7zPm41Lw", "4111\n1111\n1111\n1111", "4300 4400\n4111 1111\n1111 1111\n4700 4800",
	} {
		for _, f := range inspect(t, c, text) {
			if found := text[f.Span.Start:f.Span.End]; strings.Contains(found, "\n") && (f.Category == guard.SensitiveData || f.Category == guard.Secret) {
				t.Errorf("%q: %s at %q", text, f.Rule, found)
			}
		}
	}
}
