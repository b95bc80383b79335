#!/usr/bin/env bash
# Usage: scripts/gpu-bundle.sh
#
# Packs what gpu-test.sh and gpu-bench.sh build and fetch, for a machine with a GPU but
# without Go or a network: the binaries and ONNX Runtime with its CUDA and TensorRT
# providers, into bin/gpu-bundle/part-NN of at most $PART (30M) each. CUDA, cuDNN and a
# Python with numpy, onnx, onnxruntime and torch are that machine's; so is this tree, for
# the scripts, the small graphs and model/export, which makes the large ones there. To
# unpack and run, in the root of the tree:
#
#   mkdir /tmp/gpu && cat bin/gpu-bundle/part-* | tar -xz -C /tmp/gpu
#   PREBUILT=/tmp/gpu scripts/gpu-test.sh
#   PREBUILT=/tmp/gpu scripts/gpu-bench.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
# shellcheck source=scripts/gpu.sh
source "$root/scripts/gpu.sh"
cd "$root"

unset PREBUILT
binaries=$(gpu_binaries)
libraries=$(scripts/fetch.sh onnxruntime cuda)
publish_begin bin/gpu-bundle
tar -cz -C "$binaries" portcullis gpu-bench gpu.test ort.test -C "$libraries" . |
	split --bytes="${PART:-30M}" --numeric-suffixes - "$PUBLISH/part-"
publish_end
ls -l bin/gpu-bundle >&2
say 'unpack it with: cat bin/gpu-bundle/part-* | tar -xz -C DIR'
