#!/usr/bin/env bash
# Usage: scripts/bench.sh [--only PART,...] [FLAG...]
#
# Builds the service, the one without a model, the measuring program and the peers, and
# measures. Flags are those of bin/bench/prove --help; --only takes several parts, with
# commas. A peer that cannot be built here is left out, with a word why.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
cd "$root"

only='' flags=()
while [[ $# -gt 0 ]]; do
	case $1 in
	--only) only=${2//,/ } && shift 2 ;;
	*) flags+=("$1") && shift ;;
	esac
done
for part in $only; do flags+=(--only "$part"); done

# wants PART tells whether a part is measured.
wants() { [[ -z $only || " $only " == *" $1 "* ]]; }

# build OUT ARGUMENTS... builds a Go program as it is shipped.
build() { go build -trimpath -buildvcs=false -ldflags "-X github.com/portcullis-ai/portcullis/internal/build.version=${VERSION:-devel}" -o "$@"; }

# python_peer prints a Python with what the peers in Python need, made once.
python_peer() {
	local dir
	dir=$(cache_dir)/bench/python-$(sha256 bench/peers/requirements.txt | cut -c-16)
	if [[ ! -x $dir/bin/python ]]; then
		command -v python3 >/dev/null || { say 'no python3: its loop and its service are left out'; return; }
		say 'installing the Python peers, once'
		rm -rf "$dir"
		if ! { python3 -m venv "$dir" && "$dir/bin/pip" install --quiet --disable-pip-version-check -r bench/peers/requirements.txt >&2; }; then
			rm -rf "$dir"
			say 'the Python peers could not be installed: they are left out'
			return
		fi
	fi
	printf '%s\n' "$dir/bin/python"
}

# hugot_peer PYTHON prints the service around hugot, built once.
hugot_peer() {
	local dir
	dir=$(cache_dir)/bench/hugot-$({ cat bench/peers/hugot/go.mod bench/peers/hugot/go.sum bench/peers/hugot/main.go model/bundled/manifest.json; go env GOVERSION; } | sha256 | cut -c-16)
	if [[ ! -x $dir/hugot ]]; then
		command -v cargo >/dev/null || { say 'no cargo, which builds the tokenizer of hugot: it is left out'; return; }
		scripts/hugot.sh "$dir" "$1" || { say 'hugot could not be built: it is left out'; return; }
	fi
	printf '%s\n' "$dir/hugot"
}

say 'building'
mkdir -p bin/bench
build bin/bench/portcullis ./cmd/portcullis
build bin/bench/portcullis-null -tags null_backend ./cmd/portcullis
build bin/bench/prove ./bench/prove
if wants efficiency || wants peers; then
	python=$(python_peer)
	[[ -z $python ]] || flags+=(--python "$python")
	if [[ -n $python ]] && wants peers; then
		hugot=$(hugot_peer "$python")
		[[ -z $hugot ]] || flags+=(--hugot "$hugot")
	fi
fi
exec bin/bench/prove --binary bin/bench/portcullis --null bin/bench/portcullis-null "${flags[@]}"
