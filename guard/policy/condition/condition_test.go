package condition

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

var names = Names{
	Directions: []string{"input", "output"},
	Origins:    []string{"user", "tool", "document", "model", "system"},
	Categories: []string{"prompt_injection", "toxicity", "sensitive_data"},
	Labels:     []string{"toxic", "m/toxic", "insult"},
	Rules:      []string{"injection.a", "pii.email"},
}

// measures is a report with these answers.
type measures struct {
	worst, count, score map[string]float64
	found               map[string]bool
	tokens, risk        float64
}

func (m measures) Worst(c string) float64 { return m.worst[c] }
func (m measures) Count(c string) float64 { return m.count[c] }
func (m measures) Score(l string) float64 { return m.score[l] }
func (m measures) Found(r string) bool    { return m.found[r] }
func (m measures) Tokens() float64        { return m.tokens }
func (m measures) Risk() float64          { return m.risk }

func compile(t testing.TB, source string) *Condition {
	t.Helper()
	c, err := NewCompiler(names)
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return compiled
}

func TestHolds(t *testing.T) {
	q := Request{Direction: "output", Origin: "tool", Annotations: map[string]string{"team": "red-1"}}
	m := measures{
		worst: map[string]float64{"toxicity": 0.6}, count: map[string]float64{"sensitive_data": 5},
		score: map[string]float64{"toxic": 0.6, "insult": 0.5}, found: map[string]bool{"pii.email": true}, tokens: 3000, risk: 0.7,
	}
	for source, want := range map[string]bool{
		`true`:                     true,
		`worst("toxicity") >= 0.6`: true,
		`worst("toxicity") > 0.6`:  false,
		`0.6 <= worst("toxicity") && 0.5 < risk()`:           true,
		`count("sensitive_data") >= 5`:                       true,
		`5 < count("sensitive_data")`:                        false,
		`score("toxic") + score("insult") >= 1.1`:            true,
		`0.5 * score("toxic") + score("insult")*0.5 >= 0.55`: true,
		`found("pii.email") && direction == "output"`:        true,
		`found("injection.a") || origin in ["tool", "user"]`: true,
		`tokens() >= 3000 && origin != "user"`:               true,
		`!(origin == "tool") && found("pii.email")`:          false,
		`annotation("team").startsWith("red")`:               true,
		`annotation("other") == ""`:                          true,
		`score("m/toxic") > 0`:                               false,
	} {
		if got, err := compile(t, source).Holds(q, m); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", source, got, err, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	c, err := NewCompiler(names)
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		``:                                      "it is empty",
		`risk()`:                                "it is double, not true or false",
		`worts("toxicity") > 0.5`:               "column 6: conditions have no worts",
		`worst("toxicitee") > 0.5`:              `column 7: there is no category "toxicitee"; there are prompt_injection`,
		`score("toxik") > 0.5`:                  `there is no label "toxik"`,
		`found("pii.mail")`:                     `there is no rule "pii.mail"`,
		`found(origin)`:                         "column 7: write the name of the rule in quotes",
		`origin == "tools"`:                     `column 11: "tools" is no origin; there are user, tool`,
		`origin in ["tool", "usr"]`:             `"usr" is no origin`,
		`"in" == direction`:                     `"in" is no direction`,
		`!found("pii.email")`:                   "a finding more could make this false (!)",
		`risk() < 0.3`:                          "a finding more could make this false (<)",
		`0.3 >= risk()`:                         "could make this false (>=)",
		`count("toxicity") == 0.0`:              "could make this false (==)",
		`found("pii.email") != true`:            "could make this false (!=)",
		`risk() >= tokens()`:                    "could make this false (>=)",
		`risk() * -1.0 >= -0.3`:                 "could make this false (*)",
		`risk() * 1.5 >= 0.3`:                   "could make this false (*)",
		`risk() * risk() >= 0.3`:                "could make this false (*)",
		`risk() in [0.0]`:                       "could make this false (in)",
		`1.0 in [risk()]`:                       "a list cannot hold what was measured",
		`risk() - 0.5 >= 0.1`:                   "conditions have no -",
		`-risk() >= -0.5`:                       "conditions have no -",
		`found("pii.email") ? false : true`:     "conditions have no _?_:_",
		`1 / 0 == 1`:                            "conditions have no /",
		`1 + 1 == 2`:                            "no matching overload",
		`[1].exists(x, x == 1)`:                 "conditions have no",
		`{"a": risk()}["a"] >= 0.5`:             "conditions have no _[_]",
		`annotation("a").matches("(")`:          "conditions have no matches",
		`int("x") == 1`:                         "conditions have no int",
		`origin == 1`:                           "no matching overload",
		strings.Repeat("(", 100) + "true":       "column",
		"origin == '" + long(2000) + "'":        "expression code point size exceeds limit",
		annotated(20) + ` == ""`:                "", // cheap: it is one call
		`{"a": true} == {"a": true}`:            "conditions are made of",
		`origin.contains("oo") || true`:         `"oo" is no origin`,
		`tokens(1) > 3`:                         "no matching overload",
		"risk() >= 0.5 && \n worts() ":          "line 2, column 7: conditions have no worts",
		`count("toxicity", "secret") >= 1`:      "no matching overload",
		`risk() >= 0.5 && !(risk() >= 0.9)`:     "could make this false (!)",
		`(risk() >= 0.5) == (origin != "tool")`: "could make this false (==)",
	} {
		_, err := c.Compile(source)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", source, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: error %v, want one with %q", source, err, want)
		}
	}
}

func long(n int) string { return strings.Repeat("a", n) }

func annotated(n int) string { return `annotation("` + long(n) + `")` }

// TestCostIsKnownBefore: whatever compiles stays below the cost limit on the longest
// annotations there can be.
func TestCostIsKnownBefore(t *testing.T) {
	c, err := NewCompiler(names)
	if err != nil {
		t.Fatal(err)
	}
	source := `annotation("a").contains("aaaaaaaaaaaab")`
	tried, refused := 0, false
	for n := 1; len(source) < maxSource; n++ {
		compiled, err := c.Compile(source)
		if err == nil {
			tried++
			if _, err := compiled.Holds(Request{Annotations: map[string]string{"a": long(maxAnnotated)}}, measures{}); err != nil {
				t.Fatalf("%d parts: %v", n, err)
			}
		} else {
			refused = true
		}
		source += ` || annotation("a").contains("aaaaaaaaaaaab")`
	}
	if tried < 3 {
		t.Errorf("only %d conditions were tried, refused %v", tried, refused)
	}
}

// grown is m with some of its measures risen.
func (m measures) grown(r *rand.Rand) measures {
	rise := func(old map[string]float64, most float64) map[string]float64 {
		next := map[string]float64{}
		for k, v := range old {
			next[k] = v
			if r.IntN(2) == 0 {
				next[k] = v + r.Float64()*(most-v)
			}
		}
		return next
	}
	out := measures{worst: rise(m.worst, 1), score: rise(m.score, 1), count: rise(m.count, 9), found: map[string]bool{}, tokens: m.tokens + float64(r.IntN(3)), risk: m.risk + (1-m.risk)*r.Float64()}
	for k, v := range m.found {
		out.found[k] = v || r.IntN(3) == 0
	}
	return out
}

func randomMeasures(r *rand.Rand) measures {
	zero := measures{
		worst: map[string]float64{"prompt_injection": 0, "toxicity": 0, "sensitive_data": 0}, count: map[string]float64{"prompt_injection": 0, "toxicity": 0, "sensitive_data": 0},
		score: map[string]float64{"toxic": 0, "m/toxic": 0, "insult": 0}, found: map[string]bool{"injection.a": false, "pii.email": false},
	}
	return zero.grown(r)
}

// randomSource writes an expression of any kind, most of which are refused.
func randomSource(r *rand.Rand, depth int) string {
	if depth == 0 {
		return []string{
			`found("pii.email")`, `found("injection.a")`, `origin == "tool"`, `direction != "input"`, `true`, `annotation("a") == "x"`,
			fmt.Sprintf(`%s %s %s`, randomNumber(r, 2), []string{">=", ">", "<", "<=", "==", "!="}[r.IntN(6)], randomNumber(r, 1)),
		}[r.IntN(7)]
	}
	switch r.IntN(4) {
	case 0:
		return "!(" + randomSource(r, depth-1) + ")"
	case 1:
		return "(" + randomSource(r, depth-1) + ") == (" + randomSource(r, depth-1) + ")"
	}
	return "(" + randomSource(r, depth-1) + []string{") && (", ") || ("}[r.IntN(2)] + randomSource(r, depth-1) + ")"
}

func randomNumber(r *rand.Rand, depth int) string {
	if depth > 0 && r.IntN(2) == 0 {
		return "(" + randomNumber(r, depth-1) + []string{" + ", " * "}[r.IntN(2)] + randomNumber(r, depth-1) + ")"
	}
	return []string{`risk()`, `tokens()`, `worst("toxicity")`, `score("toxic")`, `count("sensitive_data")`, "0.5", "1.0", "2.0", "-1.0", "1e308", "0.0"}[r.IntN(11)]
}

// TestWhatHoldsGoesOnHolding: no condition that compiles becomes false when measures
// rise. Expressions are random, falling ones included: those must be refused.
func TestWhatHoldsGoesOnHolding(t *testing.T) {
	c, err := NewCompiler(names)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 11))
	compiled, refused, changed := 0, 0, 0
	for range 4000 {
		source := randomSource(r, r.IntN(3))
		condition, err := c.Compile(source)
		if err != nil {
			refused++
			continue
		}
		compiled++
		q := Request{Direction: names.Directions[r.IntN(2)], Origin: names.Origins[r.IntN(5)]}
		m := randomMeasures(r)
		for range 10 {
			before, err := condition.Holds(q, m)
			if err != nil {
				t.Fatalf("%s: %v", source, err)
			}
			m = m.grown(r)
			after, err := condition.Holds(q, m)
			if err != nil || before && !after {
				t.Fatalf("%s: %v, then %v with %+v, %v", source, before, after, m, err)
			}
			if before != after {
				changed++
			}
		}
	}
	if compiled < 500 || refused < 500 || changed < 100 {
		t.Errorf("%d compiled, %d refused, %d changed: the test proves little", compiled, refused, changed)
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{`risk() >= 0.5`, `!(origin == "tool")`, "found('pii.email') && 1.0 * score(\"toxic\") > 0.3", "[1, 2]", "\x00", "a.b.c{d: 1}"} {
		f.Add(s)
	}
	c, err := NewCompiler(names)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, source string) {
		condition, err := c.Compile(source)
		if err != nil {
			return
		}
		full := measures{worst: map[string]float64{}, count: map[string]float64{}, score: map[string]float64{}, found: map[string]bool{}, tokens: 1e6, risk: 1}
		for _, n := range names.Categories {
			full.worst[n], full.count[n] = 1, 1e6
		}
		for _, n := range names.Labels {
			full.score[n] = 1
		}
		for _, n := range names.Rules {
			full.found[n] = true
		}
		for _, o := range names.Origins {
			q := Request{Direction: "input", Origin: o, Annotations: map[string]string{"a": long(maxAnnotated)}}
			least, err := condition.Holds(q, measures{})
			most, errMost := condition.Holds(q, full)
			if err != nil || errMost != nil || least && !most {
				t.Fatalf("%q: %v, %v; with everything %v, %v", source, least, err, most, errMost)
			}
		}
	})
}

func BenchmarkHolds(b *testing.B) {
	c := compile(b, `count("sensitive_data") >= 5 && origin in ["tool", "document"] && worst("toxicity") >= 0.3`)
	m := measures{count: map[string]float64{"sensitive_data": 6}, worst: map[string]float64{"toxicity": 0.5}}
	q := Request{Direction: "input", Origin: "tool"}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := c.Holds(q, m); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
