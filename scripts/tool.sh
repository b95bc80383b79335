#!/usr/bin/env bash
# Usage: scripts/tool.sh NAME
#
# Builds the Go tool pinned in tools/NAME/go.mod, if that has not been done yet,
# and prints the path of the binary. Each tool is a module of its own, so neither
# its dependencies nor another tool's can change the product's versions.
#
# Binaries are kept outside the tree. The folder's name holds the digest of go.mod
# and go.sum and the Go version, so a changed pin is a new folder and a stale
# binary can never be picked up.
set -euo pipefail

name=${1:?usage: scripts/tool.sh NAME}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
module=$root/tools/$name
if [[ ! -f $module/go.mod ]]; then
	printf 'tool.sh: no tool named %s: tools/%s/go.mod is missing\n' "$name" "$name" >&2
	exit 2
fi

# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

key=$({ cat "$module/go.mod" "$module/go.sum"; go env GOVERSION GOOS GOARCH; } | sha256)
dir=$(cache_dir)/tools/$name-${key:0:16}
if [[ ! -x $dir/$name ]]; then
	say "building $name (once for each version; kept in $dir)"
	publish_begin "$dir"
	# GOFLAGS of the caller, such as -race or -mod=mod, must not leak into a tool.
	GOFLAGS='' GOWORK=off go -C "$module" build -trimpath -buildvcs=false -o "$PUBLISH/$name" tool
	publish_end
fi
printf '%s\n' "$dir/$name"
