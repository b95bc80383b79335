#!/usr/bin/env bash
# Usage: scripts/gpu-test.sh [--provider cuda|tensorrt|cpu]
#
# What must be true on an NVIDIA GPU, tried on the one of this machine: scores, buffers,
# signals, memory, failures, several devices (internal/gpu says each in words). With the
# provider cpu it runs whatever needs no card. Every line is ok, FAIL or NOT RUN and why;
# it fails if any has failed. docs/operations.md, "On a GPU", says more.
#
#   GPU_PROVIDER  the same as --provider; cuda without either
#   GPU_MODEL     model folders, joined by colons, in place of BERT-base with random weights, padded
#                 and packed (on the CPU a tiny one)
#   GPU_SHAPES    how many shapes the memory test runs (10000)
#   PREBUILT      a folder that `make gpu-bundle` made, on a machine without Go
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
# shellcheck source=scripts/gpu.sh
source "$root/scripts/gpu.sh"
cd "$root"

gpu_provider "$@"
gpu_libraries
binaries=$(gpu_binaries)
export GPU_BINARY=$binaries/portcullis GPU_SHAPES=${GPU_SHAPES:-10000}
if [[ -z ${GPU_MODEL:-} ]]; then
	GPU_MODEL=$PWD/internal/gpu/testdata/tiny-padded:$PWD/internal/gpu/testdata/tiny-packed
	[[ $provider == cpu ]] || GPU_MODEL=$(gpu_model bert-base padded):$(gpu_model bert-base packed)
fi
export GPU_MODEL

work=
make_temp work
failed=

# lines turns the output of a test binary into a line for each test and what it logged.
lines() {
	awk '
		/^=== (RUN|NAME|CONT)/ { test = $3 }
		/^ *--- (PASS|FAIL|SKIP)/ {
			word = /PASS/ ? "ok" : /FAIL/ ? "FAIL" : "NOT RUN"
			name = $3
			if (gsub("/", "/", $3) < 2 || word == "FAIL") printf "%-8s %s%s\n", word, name, said[name]
		}
		/_test\.go:[0-9]+: / { sub(/^.*_test\.go:[0-9]+: /, ""); said[test] = said[test] "\n           " $0; next }
		/^(panic|fatal error|signal|SIG)/ { print }'
}

# tests FOLDER BINARY ARGS... runs a test binary where its testdata lies.
tests() {
	local folder=$1 binary=$2
	shift 2
	if ! (cd "$folder" && "$binary" -test.v -test.timeout 60m "$@") >"$work/log" 2>&1; then
		failed=1
		cp "$work/log" "$work/failed"
	fi
	lines <"$work/log"
}

# on PROVIDER runs the programme on it.
on() {
	printf '\n%s, %s\n' "$1" "$(tr : '\n' <<<"$GPU_MODEL" | sed 's|.*/||' | paste -sd' ')"
	GPU_PROVIDER=$1 tests internal/gpu "$binaries/gpu.test"
}

on "$provider"
tests inference/ort "$binaries/ort.test" -test.run 'TestCard|TestKeepSignals'
if [[ $provider == cuda ]]; then
	if loads libnvinfer.so.10 libnvonnxparser.so.10; then
		on tensorrt
	else
		printf '\nNOT RUN  everything on TensorRT\n           libnvinfer.so.10 is not on this machine: pip install "tensorrt-cu13-libs<11", then run this again\n'
	fi
fi

if [[ $provider == cpu ]]; then
	printf '\nNOT RUN  on a card, of what is ok above: batches in one tensor, CUDA'"'"'s signal handlers and memory, a device that stays broken\n'
fi
[[ -z $failed ]] || { cat "$work/failed"; die 'failed: the whole output of a run that failed is above'; }
printf '\n'
say "nothing failed on $provider; what was not run is said above"
