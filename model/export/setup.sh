#!/bin/sh
# Makes model/export/.venv: Hugging Face transformers over Debian's PyTorch, the
# reference that `make model-prove` compares with. Safe to run again.
set -eu
cd "$(dirname "$0")"

../train/setup.sh
[ -x .venv/bin/python ] || /usr/bin/python3 -m venv --system-site-packages .venv
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement requirements-prove.txt
.venv/bin/python -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)'
