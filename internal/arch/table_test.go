package arch

// A row allows one package its imports from this module. Packages stand on floors and
// import downwards only, so nothing that decides can depend on what transports, and any
// floor can be tested with nothing above it.
type row struct {
	pkg     string
	floor   int
	imports []string // of ours; nil with below unset means none
	below   bool     // everything on a lower floor, except never
	never   []string
	why     string
}

var table = []row{
	{pkg: "proto/portcullis/v1", floor: 0, why: "a client imports the contract and gets nothing else with it"},
	{pkg: "batching", floor: 0, why: "grouping calls knows neither texts nor models"},
	{pkg: "inference", floor: 0, why: "scores of a text, over any backend; neighbours are handed in as functions"},
	{pkg: "guard/decode", floor: -1, why: "strings in, readings out: what is hidden in a text, whoever asks"},
	{pkg: "internal/crew", floor: -1, why: "goroutines, whatever they do"},
	{pkg: "guard", floor: 0, imports: []string{"guard/decode", "internal/crew"}, why: "checks and policies come to the engine through its interfaces"},
	{pkg: "model", floor: 0, why: "what lies on disk does not depend on what runs it"},
	{pkg: "internal/metrics", floor: 0, why: "every package may be measured, so this one may import none of them"},
	{pkg: "internal/secret", floor: 0, why: "what must not be seen, whoever holds it"},
	{pkg: "internal/quota", floor: 0, why: "accounts of callers by their names; who they are is found out elsewhere"},
	{pkg: "internal/door", floor: 0, why: "connections by where they come from; what is called on them is told by who serves"},
	{pkg: "internal/memory", floor: 0, why: "how much there is and how much is used, whoever uses it"},
	{pkg: "internal/reload", floor: 0, why: "lending and exchanging what is served, whatever it is"},
	{pkg: "internal/sink", floor: 0, why: "lines to where they go, whatever they say"},
	{pkg: "internal/tracing", floor: 0, why: "spans to a collector; what is followed is decided by who serves"},
	{pkg: "internal/build", floor: 0, why: "the version of the binary"},
	{pkg: "internal/arch", floor: 0, why: "tests only"},
	{pkg: "internal/process", floor: 0, why: "a program beside this one, whatever it is"},
	{pkg: "guard/policy/condition", floor: 0, why: "an expression over numbers that only rise; what it decides is the policy's"},
	{pkg: "guard/internal/confusables", floor: 0, why: "a program that writes one of guard's tables"},

	{pkg: "guard/pattern", floor: 1, imports: []string{"guard", "guard/decode"}, why: "one check"},
	{pkg: "guard/tokens", floor: 1, imports: []string{"guard"}, why: "one check"},
	{pkg: "guard/article", floor: 1, imports: []string{"guard"}, why: "the article's check and its policy, beside the others"},
	{pkg: "guard/policy", floor: 1, imports: []string{"guard", "guard/policy/condition"}, why: "a decision sees what was measured, not who measured it"},
	{pkg: "guard/classify", floor: 1, imports: []string{"guard", "inference"}, why: "where the words of a model become findings"},
	{pkg: "inference/wordpiece", floor: 1, imports: []string{"inference", "model"}, why: "a tokenizer is made of a model's vocabulary"},
	{pkg: "inference/ort", floor: 1, imports: []string{"inference", "model"}, why: "a backend; the only door to ONNX Runtime"},
	{pkg: "inference/cache", floor: 1, imports: []string{"inference"}, why: "between a classifier and whatever runs its model"},
	{pkg: "inference/inferencetest", floor: 1, imports: []string{"inference"}, why: "a fake and the suite for backends; for tests, so nothing lists it"},
	{pkg: "internal/auth", floor: 1, imports: []string{"internal/quota", "internal/secret"}, why: "who is calling and what they may do, whatever carries the call"},
	{pkg: "internal/auth/authtest", floor: 1, why: "certificates and an issuer for tests, so nothing lists it"},
	{pkg: "model/bundled", floor: 1, imports: []string{"model"}, why: "the bytes of one model"},
	{pkg: "model/hub", floor: 1, imports: []string{"model"}, why: "fetches models; nothing that serves may reach for the network"},

	{
		pkg: "server", floor: 2, below: true,
		never: []string{"inference/ort", "inference/inferencetest", "internal/auth/authtest", "guard/tokens", "guard/pattern", "model/hub"},
		why:   "gRPC in, a domain call, gRPC out: which engine runs and which checks it holds is decided in cmd",
	},
	{
		pkg: "internal/config", floor: 3, below: true, never: []string{"inference/inferencetest", "internal/auth/authtest"},
		why: "one Config made of every package's own",
	},
	{
		pkg: "internal/gpu", floor: 3, imports: []string{"inference", "inference/ort", "internal/process", "model", "proto/portcullis/v1"},
		why: "tests of a card and what measures it: a model's graphs, and the service as its callers see it",
	},
	{pkg: "bench/gpu", floor: 4, imports: []string{"batching", "inference", "inference/ort", "internal/gpu", "internal/process", "proto/portcullis/v1"}, why: "a program that measures; nothing is built on it"},
	{pkg: "bench/texts", floor: 1, imports: []string{"inference"}, why: "texts to send; a tokenizer counts them"},
	{pkg: "bench/figures", floor: 0, why: "numbers in, JSON, drawings and a page out, whatever was measured"},
	{pkg: "bench/prove", floor: 4, below: true, never: []string{"server", "internal/config", "internal/metrics"}, why: "measures the service from outside, and what it is made of beside it"},
	{pkg: "bench/soak", floor: 4, imports: []string{"internal/gpu", "proto/portcullis/v1"}, why: "callers, good and bad, of a service in a process of its own"},
	{pkg: "bench/siege", floor: 4, imports: []string{"internal/gpu", "proto/portcullis/v1"}, why: "attackers of a service in a process of its own"},
	{pkg: "bench/load", floor: 1, imports: []string{"proto/portcullis/v1"}, why: "a client and a clock"},
	{
		pkg: "cmd/portcullis", floor: 4, below: true, never: []string{"inference/inferencetest", "internal/auth/authtest", "internal/gpu", "internal/process", "bench/figures", "bench/texts", "bench/load"},
		why: "builds the graph, so it may know everyone; nobody may know it",
	},
}

// A confinement names the only packages that may import a path or what lies below it.
type confinement struct {
	path string
	to   []string
	why  string
}

var confinements = []confinement{
	{"github.com/yalue/onnxruntime_go", []string{"inference/ort"}, "it is one environment a process, and replacing it must touch one package"},
	{"github.com/pkoukk/tiktoken-go", []string{"guard/tokens"}, "its default loader downloads, and its Encode panics on some texts: one package knows how to hold it"},
	{"github.com/pkoukk/tiktoken-go-loader", []string{"guard/tokens"}, "as above"},
	{"go.opentelemetry.io/otel", []string{"server", "cmd/portcullis", "internal/tracing"}, "what decides must not know who follows it"},
	{"go.opentelemetry.io/otel/sdk", []string{"internal/tracing"}, "one package knows how spans leave"},
	{"go.opentelemetry.io/otel/exporters", []string{"internal/tracing"}, "as above"},
	{"github.com/HdrHistogram/hdrhistogram-go", []string{"bench/load"}, "for measuring; the service has Prometheus"},
	{"github.com/maypok86/otter/v2", []string{"inference/cache"}, "what is remembered, and for how long, is settled in one place"},
	{"cel.dev/cel-go", []string{"guard/policy/condition"}, "a large language of which conditions use a little: one package knows how little"},
	{"github.com/go-jose/go-jose/v4", []string{"internal/auth", "internal/auth/authtest"}, "which algorithms and keys a token may have is settled in one place"},
	{"google.golang.org/grpc", []string{"proto/portcullis/v1", "server", "cmd/portcullis", "internal/gpu", "bench/load", "bench/prove", "bench/soak", "bench/siege"}, "what decides must not know what carries it"},
	{"github.com/portcullis-ai/portcullis/internal/config", []string{"cmd/portcullis"}, "a package owns its Config and is handed it; it never looks one up"},
	{"log", nil, "log/slog with a context, so that a line carries the request it belongs to"},
	{"math/rand", nil, "identifiers need crypto/rand; for jitter there is math/rand/v2"},
	{"C", []string{"inference/ort"}, "C has no bounds; the library that needs it is held in one package"},
}

// exceptions are paths that lie below a confined one but are free.
var exceptions = []string{"log/slog", "math/rand/v2"}

// standardOnly are the packages that import nothing but the standard library.
var standardOnly = map[string]string{
	"batching": "the hottest code of all, and worth taking elsewhere as it is",
}
