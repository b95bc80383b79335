#!/bin/sh
# Makes the folders here with transformers: run ../../setup.sh first. The two differ in
# activation and file of weights; NAME.npz holds what transformers says to texts.json.
set -eu
cd "$(dirname "$0")"
reference() { ../../.venv/bin/python ../../reference.py "$@"; }

cp gelu/vocab.txt vocab.txt
reference make gelu --vocab vocab.txt --size golden
reference make gelu_new --vocab vocab.txt --size golden --act gelu_new --bin
rm vocab.txt
for name in gelu gelu_new; do reference score "$name" texts.json "$name.npz"; done
