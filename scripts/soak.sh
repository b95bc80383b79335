#!/usr/bin/env bash
# Usage: scripts/soak.sh TIME
#
# Builds the service and the program that holds it under load and faults, and runs it.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
cd "$root"

[[ $# -eq 1 ]] || die 'usage: scripts/soak.sh TIME'
mkdir -p bin/bench
go build -trimpath -buildvcs=false -o bin/bench/portcullis ./cmd/portcullis
go build -trimpath -buildvcs=false -o bin/bench/soak ./bench/soak
exec bin/bench/soak --binary bin/bench/portcullis --time "$1"
