package model

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestParseReturnsWhatMarshalWrote(t *testing.T) {
	want := sound()
	got, err := Parse(marshal(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestParseFillsInWhatMayBeAbsent(t *testing.T) {
	m := sound()
	m.Labels[0].Calibration, m.Tokenizer.StripAccents, m.KnownAnswers, m.Source.Revision = nil, nil, nil, ""
	m.Graphs[1].Layout = ""
	data := marshal(t, m)
	for _, key := range []string{"calibration", "strip_accents", "known_answers", "revision", "layout"} {
		if strings.Contains(string(data), key) {
			t.Errorf("%s is written although it is absent", key)
		}
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Labels[0].Scaling(); s != (Calibration{Scale: 1}) {
		t.Errorf("scaling %+v, want the identity", s)
	}
	if !got.Tokenizer.Strips() {
		t.Error("a tokenizer that lower-cases strips accents unless told otherwise")
	}
	if got.Graphs[1].Packs() || !sound().Graphs[1].Packs() {
		t.Error("a graph is packed if and only if the manifest says so")
	}
	if len(got.Warnings()) != 1 || len(sound().Warnings()) != 0 {
		t.Error("want a warning exactly where there are no known answers")
	}
}

// TestParseRefuses changes one thing of a sound manifest and wants the key named.
func TestParseRefuses(t *testing.T) {
	long := strings.Repeat("a", 65)
	for _, c := range []struct {
		change string // path=JSON value; path- removes
		want   string // in the error
	}{
		{"format=2", "format: this build reads format 1, not 2"},
		{"format=1.5", "format: this build reads format 1"},
		{`format="1"`, `format: want a number, found "1"`},
		{"format-", "format: missing"},
		{"name-", "name: missing"},
		{"name=null", "name: want a string, found null"},
		{"name=7", "name: want a string, found 7"},
		{`name="Big"`, `name: "Big": want`},
		{`name="../x"`, "name:"},
		{`name=""`, "name:"},
		{`name="` + long + `"`, "name:"},
		{`check="a b"`, "check:"},
		{`version=""`, "version: is empty"},
		{`description=" "`, "description: is empty"},
		{`licence=""`, "licence: is empty"},
		{`source="x"`, `source: want an object, found "x"`},
		{`source.url=""`, "source.url: is empty"},
		{`source.revision=""`, "source.revision: is empty"},
		{`source.sha="x"`, "source.sha: unknown key"},
		{`extra=1`, "extra: unknown key"},
		{`Name="x"`, "Name: unknown key"},

		{"labels=[]", "labels: is empty"},
		{"labels={}", "labels: want a list, found an object"},
		{"labels.0=[]", "labels[0]: want an object, found a list"},
		{"labels.0.name-", "labels[0].name: missing"},
		{`labels.0.name="a/b"`, "labels[0].name:"},
		{`labels.1.name="toxic"`, `labels[1].name: "toxic" is given twice`},
		{`labels.0.category="token_limit"`, `labels[0].category: "token_limit" is unknown, want one of toxicity,`},
		{`labels.0.category="neutral"`, "labels: all are neutral"},
		{`labels.0.activation="relu"`, `labels[0].activation: "relu" is unknown`},
		{`labels.1.activation="softmax"`, "labels[1].activation: all labels need the same"},
		{"labels.0.calibration.scale=0", "labels[0].calibration.scale: want a number above 0"},
		{"labels.0.calibration.scale=-1", "labels[0].calibration.scale: want a number above 0"},
		{"labels.0.calibration.scale=1e999", "labels[0].calibration.scale: 1e999 is no number that fits"},
		{`labels.0.origins=["web"]`, `labels[0].origins[0]: "web" is unknown, want one of user, tool, document, model, system`},
		{`labels.0.origins=["tool","tool"]`, `labels[0].origins: "tool" is given twice`},
		{"labels.0.origins=[]", "labels[0].origins: is empty"},
		{"labels.0.origins=null", "labels[0].origins: want a list, found null"},
		{"labels.0.calibration.bias-", "labels[0].calibration.bias: missing"},
		{"labels.0.calibration=null", "labels[0].calibration: want an object, found null"},

		{`tokenizer.kind="bpe"`, `tokenizer.kind: "bpe" is unknown, want one of wordpiece`},
		{"tokenizer.lowercase-", "tokenizer.lowercase: missing"},
		{`tokenizer.lowercase="yes"`, "tokenizer.lowercase: want true or false"},
		{"tokenizer.strip_accents=1", "tokenizer.strip_accents: want true or false, found 1"},
		{`tokenizer.vocab="manifest.json"`, "is the manifest itself"},
		{`tokenizer.sha256="sha256:00"`, "tokenizer.sha256: want 64 lower-case hex digits"},

		{"window.tokens=2", "window.tokens: want 3 to 512"},
		{"window.tokens=513", "window.tokens: want 3 to 512"},
		{"window.tokens=256.5", "window.tokens: want a whole number"},
		{"window.tokens=99999999999999999999", "window.tokens: want a whole number that fits"},
		{"window.overlap=-1", "window.overlap: want 0 to 253"},
		{"window.overlap=254", "window.overlap: want 0 to 253"},

		{"graphs=[]", "graphs: is empty"},
		{"graphs.0.sha256-", "graphs[0].sha256: missing"},
		{`graphs.0.sha256="` + strings.Repeat("A", 64) + `"`, "graphs[0].sha256: want 64 lower-case hex digits"},
		{"graphs.0.bytes=0", "graphs[0].bytes: want the size"},
		{"graphs.0.bytes=9223372036854775807", "graphs[0].bytes: want the size"},
		{`graphs.0.precision="auto"`, `graphs[0].precision: "auto" is unknown`},
		{"graphs.0.providers=[]", "graphs[0].providers: is empty"},
		{`graphs.0.providers.0="rocm"`, `graphs[0].providers[0]: "rocm" is unknown`},
		{`graphs.0.layout="nested"`, `graphs[0].layout: "nested" is unknown, want one of padded, packed`},
		{`graphs.0.layout=""`, "graphs[0].layout: is empty"},
		{"graphs.0.layout=true", "graphs[0].layout: want a string"},
		{"graphs.0.layout=null", "graphs[0].layout: want a string, found null"},
		{`graphs.0.providers=["cpu","cpu"]`, "graphs[0].providers[1]: there is more than one int8 graph for cpu"},
		{
			`graphs.1={"file":"b.onnx","sha256":"` + strings.Repeat("0", 64) + `","bytes":1,"precision":"int8","providers":["cpu"]}`,
			"graphs[1].providers[0]: there is more than one int8 graph for cpu",
		},
		{`graphs.1.file="model.int8.onnx"`, `graphs[1].file: "model.int8.onnx" is given twice`},
		{`graphs.1.file="vocab.txt"`, `graphs[1].file: "vocab.txt" is given twice`},

		{`known_answers.0.text=""`, "known_answers[0].text: is empty"},
		{"known_answers.0.scores={}", "known_answers[0].scores: is empty"},
		{`known_answers.0.scores.rude=0.5`, "known_answers[0].scores.rude: there is no such label"},
		{"known_answers.0.scores.toxic=1.1", "known_answers[0].scores.toxic: want a probability"},
		{`known_answers.0.scores.toxic="0"`, "known_answers[0].scores.toxic: want a number"},
		{"known_answers.0.tolerance=0", "known_answers[0].tolerance: want above 0 and at most 0.25"},
		{"known_answers.0.tolerance=0.5", "known_answers[0].tolerance: want above 0 and at most 0.25"},
	} {
		t.Run(c.change, func(t *testing.T) {
			expectRefused(t, changed(t, c.change), c.want)
		})
	}
}

func TestParseRefusesNamesThatLeaveTheFolder(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../m.onnx", "a/../../m.onnx", "a/../m.onnx", "/m.onnx", "a//m.onnx", "./m.onnx", `..\m.onnx`, `C:m.onnx`, "m\x00.onnx"} {
		value, _ := json.Marshal(name)
		expectRefused(t, changed(t, "graphs.0.file="+string(value)), "graphs[0].file:")
		expectRefused(t, changed(t, "tokenizer.vocab="+string(value)), "tokenizer.vocab:")
	}
}

func TestParseRefusesWhatJSONLetsPass(t *testing.T) {
	good := string(marshal(t, sound()))
	for name, c := range map[string]struct{ data, want string }{
		"nothing":       {"", "not valid JSON"},
		"cut":           {good[:len(good)/2], "not valid JSON"},
		"no object":     {"[]", "the manifest: want an object, found a list"},
		"two values":    {good + "{}", "not valid JSON"},
		"a comment":     {strings.Replace(good, "{", "{ // hello\n", 1), "not valid JSON"},
		"key twice":     {strings.Replace(good, "{", `{"name": "x",`, 1), "name: given twice"},
		"score twice":   {strings.Replace(good, `"safe": 0.99`, `"safe": 0.99, "safe": 0.1`, 1), "known_answers[0].scores.safe: given twice"},
		"not UTF-8":     {strings.Replace(good, "a fixture", "a \xff", 1), "not valid UTF-8"},
		"softmax alone": {softmaxOverOne(t), "a softmax over one label is always 1"},
	} {
		t.Run(name, func(t *testing.T) { expectRefused(t, []byte(c.data), c.want) })
	}
}

func TestParseTellsAllProblemsAtOnce(t *testing.T) {
	m := sound()
	m.Name, m.Window.Tokens, m.Graphs[0].Size = "", 1, 0
	_, err := Parse(marshal(t, m))
	for _, want := range []string{"name:", "window.tokens:", "graphs[0].bytes:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not mention %s", err, want)
		}
	}
}

func softmaxOverOne(t *testing.T) string {
	m := sound()
	m.Labels = []Label{{Name: "toxic", Category: "toxicity", Activation: Softmax}}
	m.KnownAnswers = nil
	return string(marshal(t, m))
}

func expectRefused(t *testing.T, data []byte, want string) {
	t.Helper()
	_, err := Parse(data)
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}

// changed applies "path=JSON" or "path-" to a sound manifest.
func changed(t *testing.T, change string) []byte {
	t.Helper()
	var tree any
	if err := json.Unmarshal(marshal(t, sound()), &tree); err != nil {
		t.Fatal(err)
	}
	path, value, set := strings.Cut(change, "=")
	at, remove := strings.CutSuffix(path, "-")
	if set == remove {
		t.Fatalf("bad change %q", change)
	}
	edit(tree, strings.Split(at, "."), json.RawMessage(value), remove)
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatalf("%s: %v", change, err)
	}
	return data
}

func edit(tree any, path []string, value json.RawMessage, remove bool) {
	last := len(path) == 1
	switch node := tree.(type) {
	case map[string]any:
		if last && remove {
			delete(node, path[0])
		} else if last {
			node[path[0]] = value
		} else {
			edit(node[path[0]], path[1:], value, remove)
		}
	case []any:
		i, _ := strconv.Atoi(path[0])
		if last {
			node[i] = value
		} else {
			edit(node[i], path[1:], value, remove)
		}
	}
}
