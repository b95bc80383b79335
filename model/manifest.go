package model

// Format is the version of the manifest that this build reads and writes.
const Format = 1

// ManifestName is the file that makes a folder a model.
const ManifestName = "manifest.json"

// Manifest describes a model: the content of manifest.json. Every key is
// required but those tagged omitempty. Treat it as read-only: copies share
// their slices.
type Manifest struct {
	Format      int    `json:"format"`
	Name        string `json:"name"`    // names the folder, the findings and the metrics
	Version     string `json:"version"` // for people; the digest identifies
	Check       string `json:"check"`   // name of the check it becomes, unique in a service
	Description string `json:"description"`
	Licence     string `json:"licence"` // SPDX identifier
	Source      Source `json:"source"`

	Labels    []Label     `json:"labels"` // in the order of the graph's outputs
	Tokenizer Tokenizer   `json:"tokenizer"`
	Window    Window      `json:"window"`
	Graphs    []GraphFile `json:"graphs"`

	// KnownAnswers prove at start-up that graph, vocabulary and labels belong
	// together. Without them nothing notices a model that answers 0.5 to all.
	KnownAnswers []KnownAnswer `json:"known_answers,omitempty"`
}

// Source says where the files were taken from.
type Source struct {
	URL      string `json:"url"`
	Revision string `json:"revision,omitempty"` // absent when the source told none
}

// Label is one output of the graph.
type Label struct {
	Name       string `json:"name"`
	Category   string `json:"category"`   // one of Categories
	Activation string `json:"activation"` // Sigmoid or Softmax, the same for all labels
	// Origins are of what texts the label says something: each one of Origins. Absent,
	// it speaks of all. What a model was taught of documents alone is no finding about
	// what a user says.
	Origins []string `json:"origins,omitempty"`
	// Calibration is nil for the identity: read it with Scaling.
	Calibration *Calibration `json:"calibration,omitempty"`
}

// Calibration corrects a label's logit before its activation:
// probability = activation(Scale*logit + Bias).
type Calibration struct {
	Scale float64 `json:"scale"` // above 0, so that it never reorders scores
	Bias  float64 `json:"bias"`
}

// Scaling returns the calibration of the label, scale 1 and bias 0 if the
// manifest has none.
func (l Label) Scaling() Calibration {
	if l.Calibration == nil {
		return Calibration{Scale: 1}
	}
	return *l.Calibration
}

// Activations of a label.
const (
	Sigmoid = "sigmoid" // labels are independent
	Softmax = "softmax" // labels exclude one another
)

// Categories are the values that a label's category may have. A neutral label,
// such as "safe", never becomes a finding.
var Categories = []string{
	"toxicity", "prompt_injection", "sensitive_data", "secret", "obfuscation", Neutral, "other",
}

// Origins are who may have written a text.
var Origins = []string{"user", "tool", "document", "model", "system"}

// Neutral is the category of a label that is no risk.
const Neutral = "neutral"

// WordPiece is the only kind of tokenizer that this format knows.
const WordPiece = "wordpiece"

// Tokenizer says how texts become token ids.
type Tokenizer struct {
	Kind      string `json:"kind"`
	Vocab     string `json:"vocab"`  // file in the folder, one token a line
	SHA256    string `json:"sha256"` // of the vocabulary, 64 lower-case hex digits
	Lowercase bool   `json:"lowercase"`
	// StripAccents is nil where the manifest is silent: read it with Strips.
	StripAccents *bool `json:"strip_accents,omitempty"`
}

// Strips reports whether accents are removed. Where the manifest is silent
// they are if and only if the tokenizer lower-cases, as BERT's own does.
func (t Tokenizer) Strips() bool {
	if t.StripAccents == nil {
		return t.Lowercase
	}
	return *t.StripAccents
}

// MaxWindow is the longest window in tokens: BERT has 512 positions, and a
// graph that is given more fails on the whole batch.
const MaxWindow = 512

// Window says how a text longer than the model is cut. Both are in tokens of
// the model; Tokens counts [CLS] and [SEP].
type Window struct {
	Tokens  int `json:"tokens"`
	Overlap int `json:"overlap"` // tokens that neighbouring windows share
}

// MaxGraph is the largest graph in bytes: an ONNX file is one protobuf message,
// and those end at 2 GiB.
const MaxGraph = 2 << 30

// GraphFile is an ONNX graph and what may run it. It holds all its weights:
// the digest would not cover a file of external data.
type GraphFile struct {
	File      string   `json:"file"`
	SHA256    string   `json:"sha256"` // 64 lower-case hex digits
	Size      int64    `json:"bytes"`
	Precision string   `json:"precision"` // one of Precisions
	Providers []string `json:"providers"` // each one of Providers
	// Layout is one of Layouts, empty where the manifest is silent: read it with
	// Packs.
	Layout string `json:"layout,omitempty"`
}

// Packs reports whether the graph takes several texts in a row. Where the
// manifest is silent it does not.
func (g GraphFile) Packs() bool { return g.Layout == Packed }

// Digest identifies the graph in replies, records and metrics: "sha256:...".
func (g GraphFile) Digest() string { return "sha256:" + g.SHA256 }

// Execution providers and precisions. Auto leaves the precision to Model.Graph.
const (
	CPU      = "cpu"
	CUDA     = "cuda"
	TensorRT = "tensorrt"

	Auto = "auto"
	Int8 = "int8"
	FP16 = "fp16"
	FP32 = "fp32"
)

// Layouts of the tensors that a graph takes: one text a row, filled up to the
// longest of the batch, or several texts a row, told apart by inputs of their own.
const (
	Padded = "padded"
	Packed = "packed"
)

// Providers, Precisions and Layouts are the values that a graph may name.
var (
	Providers  = []string{CPU, CUDA, TensorRT}
	Precisions = []string{Int8, FP16, FP32}
	Layouts    = []string{Padded, Packed}
)

// MaxTolerance bounds the tolerance of a known answer. With a wider one a
// model that answers 0.5 to everything would pass both 0 and 1.
const MaxTolerance = 0.25

// KnownAnswer is a text whose scores are known. It is data: package inference
// compares.
type KnownAnswer struct {
	Text string `json:"text"`
	// Scores are probabilities after calibration and activation, by label name;
	// labels that are absent are not compared.
	Scores map[string]float64 `json:"scores"`
	// Tolerance is the largest difference to any of them that still passes.
	Tolerance float64 `json:"tolerance"`
}

// Warnings tells what is allowed but unwise about the model, for people.
func (m Manifest) Warnings() []string {
	if len(m.KnownAnswers) == 0 {
		return []string{"known_answers: there are none, so a wrong graph, vocabulary or order of labels goes unnoticed"}
	}
	return nil
}
