#!/usr/bin/env bash
# Usage: scripts/generate.sh [--check]
#
# Writes the Go code of every .proto beside it, with the pinned buf and plugins. With
# --check it writes nothing and fails when what is checked in differs from what would
# be written; that needs no git and works in a tree with other changes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
cd "$root"

buf=$(scripts/tool.sh buf)
for plugin in protoc-gen-go protoc-gen-go-grpc; do
	binary=$(scripts/tool.sh "$plugin")
	PATH=$(dirname "$binary"):$PATH
done

# generated prints the generated files below DIR, relative to it.
generated() { (cd "$1" && find proto -name '*.pb.go' | LC_ALL=C sort); }

fresh=
make_temp fresh
"$buf" generate --output "$fresh"
stale=$(comm -23 <(generated .) <(generated "$fresh"))

if [[ ${1:-} != --check ]]; then
	cp -R "$fresh/proto" .
	[[ -z $stale ]] || { xargs rm -- <<<"$stale"; }
	say "wrote $(generated "$fresh" | wc -l) files below proto"
	exit
fi

failed=
[[ -z $stale ]] || { say "no .proto gives: $stale"; failed=1; }
while read -r file; do
	cmp -s "$file" "$fresh/$file" || { say "not up to date: $file"; failed=1; }
done < <(generated "$fresh")
[[ -z $failed ]] || die 'run: make generate'
say 'the generated code is up to date'
