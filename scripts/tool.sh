#!/usr/bin/env bash
# Usage: scripts/tool.sh NAME
#
# Prints the path of the tool NAME at its pinned version, after building or fetching
# it if this machine has not got it yet. tools/NAME holds the pin: a go.mod for a Go
# program, a fetch.lock for one that comes ready-built. Each Go tool is a module of
# its own, so neither its dependencies nor another tool's can move the product's.
# Programs that are released together share one: kubernetes/kubectl is the program
# kubectl of the module tools/kubernetes, whose programs are all built at once.
#
# Binaries are kept outside the tree. A built one lies in a folder named after the
# digest of go.mod, go.sum, ldflags and the Go version, so a changed pin is a new folder
# and a stale binary is never picked up.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

[[ $# -eq 1 ]] || die 'usage: scripts/tool.sh NAME'
name=${1%/*}
program=${1##*/}
module=$root/tools/$name

if [[ -f $module/fetch.lock ]]; then
	dir=$("$root/scripts/fetch.sh" "$name")
	printf '%s\n' "$dir/$name"
	exit
fi
[[ -f $module/go.mod ]] || die "no tool is named '$name': tools/$name has neither a go.mod nor a fetch.lock"

flags=
[[ ! -f $module/ldflags ]] || flags=$(<"$module/ldflags")
key=$({
	cat "$module/go.mod" "$module/go.sum"
	printf '%s' "$flags"
	go env GOVERSION GOHOSTOS GOHOSTARCH
} | sha256)
dir=$(cache_dir)/tools/$name-${key:0:16}
if [[ ! -x $dir/$program ]]; then
	say "building $name, once for this version (kept in $dir)"
	publish_begin "$dir"
	# One program is named after the tool, whatever its package is called.
	to=$PUBLISH/
	[[ $name != "$program" ]] || to=$PUBLISH/$name
	# Settings meant for the product, such as -race or another GOOS, must not reach a tool.
	GOFLAGS='' GOWORK=off GOOS='' GOARCH='' go -C "$module" build -trimpath -buildvcs=false -ldflags "$flags" -o "$to" tool
	[[ -x $PUBLISH/$program ]] || die "tools/$name/go.mod names no program '$program'"
	publish_end
fi
printf '%s\n' "$dir/$program"
