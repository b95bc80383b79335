package ort

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// In a process of its own, since a process has one ONNX Runtime, and a home of its own,
// which must be as empty afterwards as it was.
func TestONNXRuntimeReportsToNobody(t *testing.T) {
	if os.Getenv("QUIET_CHILD") == "1" {
		openRuntime(t, config())
		return
	}
	need(t, config())
	library, err := FindLibrary(config())
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	child.Env = append(os.Environ(), "QUIET_CHILD=1", "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"),
		"TMPDIR="+home, "ORT_DISABLE_TELEMETRY=", "PORTCULLIS_ONNXRUNTIME_LIBRARY="+library)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	err = filepath.WalkDir(home, func(name string, _ fs.DirEntry, err error) error {
		if err == nil && name != home {
			t.Errorf("it left %s", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
