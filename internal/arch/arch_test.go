package arch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageKeepsToItsRow(t *testing.T) {
	for _, v := range violations(load(t, "../..")) {
		t.Error(v)
	}
}

// A rule that cannot fail proves nothing, so testdata/planted breaks each one once and
// holds, beside that, what must not be taken for a breach.
func TestPlantedViolationsAreFound(t *testing.T) {
	want := []string{
		"batching imports golang.org/x/sync/errgroup, but only the standard library is allowed: the hottest code of all, and worth taking elsewhere as it is",
		"model/bundled imports server, which its row does not allow: the bytes of one model",
		"cmd/portcullis: serve.go: os.Exit in serve, but only func main may end the process",
		"guard imports github.com/portcullis-ai/portcullis/internal/config, which is for cmd/portcullis only: a package owns its Config and is handed it; it never looks one up",
		"guard imports internal/config, which its row does not allow: checks and policies come to the engine through its interfaces",
		"guard imports math/rand, which is for nobody: identifiers need crypto/rand; for jitter there is math/rand/v2",
		"inference imports github.com/yalue/onnxruntime_go, which is for inference/ort only: it is one environment a process, and replacing it must touch one package",
		"inference: exit.go: os.Exit in a declaration, but only func main may end the process",
		"inference: exit.go: os.Exit in stop, but only func main may end the process",
		"server imports guard/tokens, which its row does not allow: gRPC in, a domain call, gRPC out: which engine runs and which checks it holds is decided in cmd",
		"server imports inference/ort, which its row does not allow: gRPC in, a domain call, gRPC out: which engine runs and which checks it holds is decided in cmd",
		"stranger has no row in internal/arch/table_test.go: decide on its floor and imports, and say why",
	}
	got := violations(load(t, "testdata/planted"))
	for _, v := range want {
		if !slices.Contains(got, v) {
			t.Errorf("not found: %s", v)
		}
	}
	for _, v := range got {
		if !slices.Contains(want, v) {
			t.Errorf("found what was not planted: %s", v)
		}
	}
}

func TestTheTablePointsDown(t *testing.T) {
	rows := byPackage()
	if len(rows) != len(table) {
		t.Error("the table has two rows for one package")
	}
	for _, r := range table {
		if r.why == "" {
			t.Errorf("%s: a row needs its reason", r.pkg)
		}
		for _, name := range slices.Concat(r.imports, r.never) {
			if lower, ok := rows[name]; !ok || lower.floor >= r.floor {
				t.Errorf("%s names %s, which has no row on a lower floor", r.pkg, name)
			}
		}
	}
}

// A row that outlives its package would let one of the same name in unseen.
func TestEveryRowHasItsPackage(t *testing.T) {
	pkgs := load(t, "../..")
	for _, r := range table {
		if _, ok := pkgs[r.pkg]; !ok {
			t.Errorf("no package %s: remove its row from the table", r.pkg)
		}
	}
}

func byPackage() map[string]row {
	rows := make(map[string]row, len(table))
	for _, r := range table {
		rows[r.pkg] = r
	}
	return rows
}

// violations lists in words whatever the packages do against the table, in a fixed order.
func violations(pkgs map[string]pkg) []string {
	var found []string
	rows := byPackage()
	for _, name := range slices.Sorted(maps.Keys(pkgs)) {
		p := pkgs[name]
		r, ok := rows[name]
		if !ok {
			found = append(found, name+" has no row in internal/arch/table_test.go: decide on its floor and imports, and say why")
			continue
		}
		for _, imported := range p.imports {
			found = append(found, againstRow(r, imported, rows)...)
			found = append(found, againstConfinement(name, imported)...)
		}
		for _, exit := range p.exits {
			found = append(found, name+": "+exit+", but only func main may end the process")
		}
	}
	return found
}

func againstRow(r row, imported string, rows map[string]row) []string {
	ours, ok := strings.CutPrefix(imported, modulePath+"/")
	if ok && !allows(r, ours, rows) {
		return []string{fmt.Sprintf("%s imports %s, which its row does not allow: %s", r.pkg, ours, r.why)}
	}
	host, _, _ := strings.Cut(imported, "/")
	if why, only := standardOnly[r.pkg]; only && strings.Contains(host, ".") {
		return []string{fmt.Sprintf("%s imports %s, but only the standard library is allowed: %s", r.pkg, imported, why)}
	}
	return nil
}

func allows(r row, ours string, rows map[string]row) bool {
	if !r.below {
		return slices.Contains(r.imports, ours)
	}
	lower, ok := rows[ours]
	return ok && lower.floor < r.floor && !slices.Contains(r.never, ours)
}

func againstConfinement(name, imported string) []string {
	var found []string
	for _, c := range confinements {
		inside := imported == c.path || strings.HasPrefix(imported, c.path+"/")
		if !inside || slices.Contains(exceptions, imported) || slices.Contains(c.to, name) {
			continue
		}
		whose := "nobody"
		if len(c.to) > 0 {
			whose = strings.Join(c.to, ", ") + " only"
		}
		found = append(found, fmt.Sprintf("%s imports %s, which is for %s: %s", name, imported, whose, c.why))
	}
	return found
}
