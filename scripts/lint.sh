#!/usr/bin/env bash
# Usage: scripts/lint.sh
#
# Runs every linter to its end, so that one run shows all there is to mend, and fails if
# any has found something. Formatting counts; `make format` mends that.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
cd "$root"

failed=()
# step NAME COMMAND... runs one linter.
step() {
	local name=$1
	shift
	"$@" || { say "$name: the findings are above"; failed+=("$name"); return; }
	say "$name: clean"
}

# The tools are modules of their own, which golangci-lint does not enter.
gofmt_tools() {
	local listed
	listed=$(gofmt -l tools deploy bench/peers)
	[[ -z $listed ]] || { printf 'not formatted: %s\n' "$listed"; return 1; }
}

# go mod verify compares what was downloaded with go.sum.
go_mod() { go mod verify >/dev/null; }

buf=$(scripts/tool.sh buf)
step 'buf lint' "$buf" lint
step 'buf format' "$buf" format --diff --exit-code
step 'gofmt of the nested modules' gofmt_tools
step 'go mod verify' go_mod
step 'go mod tidy' go mod tidy -diff
case "$(uname -s)/$(uname -m)" in
Linux/x86_64)
	shells=(.ci/run)
	while read -r file; do shells+=("$file"); done < <(find . -name '*.sh' -not -path '*/.*/*' -not -path '*/node_modules/*' | sort)
	step 'shellcheck' "$(scripts/tool.sh shellcheck)" -x "${shells[@]}"
	;;
*) say 'shellcheck: left out, it is pinned for Linux on x86_64 only' ;;
esac
golangci=$(scripts/tool.sh golangci-lint)
step '.golangci.yml' "$golangci" config verify
step 'golangci-lint' "$golangci" run --allow-serial-runners ./... # waits for another run on this machine

[[ ${#failed[@]} -eq 0 ]] || die "$(printf 'failed: %s; ' "${failed[@]}")formatting is mended by: make format"
