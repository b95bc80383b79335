package policy

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

const text = "0123456789 0123456789 0123456789"

func TestSanitize(t *testing.T) {
	p := builtin(t, "balanced", map[string]Model{"classifier": toxicBert})
	at := func(id string, c guard.Category, score float64, start, end int) guard.Finding {
		f := rule(id, c, score)
		f.Span = &guard.Span{Start: start, End: end}
		return f
	}
	email := func(start, end int) guard.Finding { return at("pii.email", guard.SensitiveData, 0.9, start, end) }
	phone := func(start, end int) guard.Finding { return at("pii.phone", guard.SensitiveData, 0.6, start, end) }
	for name, c := range map[string]struct {
		findings []guard.Finding
		want     string
	}{
		"one":               {[]guard.Finding{email(11, 21)}, "0123456789 [EMAIL] 0123456789"},
		"all":               {[]guard.Finding{email(0, 32)}, "[EMAIL]"},
		"two, out of order": {[]guard.Finding{phone(22, 32), email(0, 10)}, "[EMAIL] 0123456789 [PHONE]"},
		"side by side":      {[]guard.Finding{phone(0, 5), email(5, 10)}, "[PHONE][EMAIL] 0123456789 0123456789"},
		"the same":          {[]guard.Finding{email(0, 10), email(0, 10)}, "[EMAIL] 0123456789 0123456789"},
		"overlapping":       {[]guard.Finding{phone(0, 7), email(5, 10)}, "[EMAIL] 0123456789 0123456789"},
		"a chain":           {[]guard.Finding{phone(0, 5), email(4, 10), phone(9, 14)}, "[EMAIL]3456789 0123456789"},
		"inside":            {[]guard.Finding{phone(0, 10), at("secret.aws", guard.Secret, 1, 2, 4)}, "[AWS_KEY] 0123456789 0123456789"},
		"below the line":    {[]guard.Finding{at("pii.email", guard.SensitiveData, 0.4, 0, 10), phone(11, 21)}, "0123456789 [PHONE] 0123456789"},
	} {
		r := finished(c.findings...)
		got, err := p.Sanitize(text, r)
		if err != nil || got.Text != c.want || p.Decide(r).Decision != guard.Sanitize {
			t.Errorf("%s: %q, %v, want %q", name, got.Text, err, c.want)
		}
	}
	for _, f := range []guard.Finding{email(20, 33), email(-1, 3), email(5, 5)} {
		if got, err := p.Sanitize(text, finished(f)); err == nil {
			t.Errorf("span %+v of %d bytes: %q, want an error", *f.Span, len(text), got.Text)
		}
	}
}

// TestSanitizeIsIdempotent finds addresses again in what sanitising left: nothing
// may be left of them, and nothing may be left to do.
func TestSanitizeIsIdempotent(t *testing.T) {
	p := builtin(t, "balanced", map[string]Model{"classifier": toxicBert})
	address := regexp.MustCompile(`[a-z.]+@[a-z.]+`)
	find := func(s string) guard.Report {
		var all []guard.Finding
		for _, at := range address.FindAllStringIndex(s, -1) {
			f := rule("pii.email", guard.SensitiveData, 0.9)
			f.Span = &guard.Span{Start: at[0], End: at[1]}
			all = append(all, f)
		}
		return finished(all...)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range 500 {
		var s []byte
		for range r.IntN(40) {
			s = append(s, "ab. @é\n"[r.IntN(8)])
		}
		once, err := p.Sanitize(string(s), find(string(s)))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if v := p.Decide(find(once.Text)); v.Decision != guard.Allow || v.Risk != 0 {
			t.Fatalf("%q became %q: %s", s, once.Text, v.Decision)
		}
		if twice, err := p.Sanitize(once.Text, find(once.Text)); err != nil || twice.Text != once.Text {
			t.Fatalf("%q became %q and then %q, %v", s, once.Text, twice.Text, err)
		}
	}
}
