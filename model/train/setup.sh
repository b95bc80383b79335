#!/bin/sh
# Makes model/train/.venv: Debian's CPU build of PyTorch with a fast BLAS, and
# the pinned packages of requirements.txt. Safe to run again.
set -eu
cd "$(dirname "$0")"

packages="python3-torch python3-venv libopenblas0-pthread"
# shellcheck disable=SC2086  # a list of words
if ! dpkg -s $packages >/dev/null 2>&1; then
	root=""
	[ "$(id -u)" -eq 0 ] || root=sudo
	$root apt-get update
	$root apt-get install -y --no-install-recommends $packages
fi

[ -x .venv/bin/python ] || /usr/bin/python3 -m venv --system-site-packages .venv
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.txt
.venv/bin/python -c 'import onnx, onnxruntime, safetensors, tokenizers, torch; print("torch", torch.__version__, "onnxruntime", onnxruntime.__version__)'
