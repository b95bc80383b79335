// Package build knows which version of Portcullis is running.
package build

import (
	"runtime/debug"
	"strings"
)

// version is set with -ldflags "-X …/internal/build.version=…"; see the Makefile.
var version string

// Version is the version of this binary, never empty: what the Makefile stamped, else
// the version of the module that `go install` fetched, else the commit, else "devel".
func Version() string {
	info, _ := debug.ReadBuildInfo() // nil in a binary built without modules
	return pick(version, info)
}

func pick(stamped string, info *debug.BuildInfo) string {
	if stamped != "" {
		return stamped
	}
	if info == nil {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	return commit(info.Settings)
}

// commit names a build by its commit, so that two development builds differ.
func commit(settings []debug.BuildSetting) string {
	var revision, modified string
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			modified = s.Value
		}
	}
	if revision == "" {
		return "devel"
	}
	var b strings.Builder
	b.WriteString("devel-")
	b.WriteString(revision[:min(12, len(revision))])
	if modified == "true" {
		b.WriteString("-dirty")
	}
	return b.String()
}
