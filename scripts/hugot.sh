#!/usr/bin/env bash
# Usage: scripts/hugot.sh DIR PYTHON
#
# Builds into DIR the service around hugot of bench/peers/hugot, and the bundled model as
# hugot reads it. Its tokenizer is a Rust library of the Go module daulet/tokenizers; one
# dependency of it lies on GitHub only, for tokenizers that no BERT has, and is taken from
# crates.io in its place.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

[[ $# -eq 2 ]] || die 'usage: scripts/hugot.sh DIR PYTHON'
publish_begin "$1"
work=''
make_temp work
say 'building hugot and its tokenizer, once: some minutes'
cp -r "$(go -C "$root/bench/peers/hugot" list -m -f '{{.Dir}}' github.com/daulet/tokenizers)/." "$work"
chmod -R u+w "$work"
rm -f "$work/Cargo.lock"
sed -i 's|^tiktoken-rs = .*|tiktoken-rs = "=0.7.0"|' "$work/Cargo.toml"
cargo build --quiet --release --lib --manifest-path "$work/Cargo.toml" >&2
CGO_LDFLAGS="-L$work/target/release" go -C "$root/bench/peers/hugot" build -tags ORT -trimpath -buildvcs=false -o "$PUBLISH/hugot" .
"$2" "$root/bench/peers/folder.py" --model "$root/model/bundled" --out "$PUBLISH/model"
publish_end
