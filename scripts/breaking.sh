#!/usr/bin/env bash
# Usage: scripts/breaking.sh [--accept]
#
# Fails when the contract breaks a client of the last release. What that release
# promised is checked in as proto/baseline.txtpb, so the check needs no history and no
# network and works in a shallow clone. --accept makes the contract of this tree the
# new promise, which belongs to a release and refuses to break the old one.
#
# AGAINST names another baseline, for example a branch:
#   AGAINST='.git#branch=main,subdir=proto' scripts/breaking.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
cd "$root"

buf=$(scripts/tool.sh buf)
against=${AGAINST:-proto/baseline.txtpb}

# Naming the module compares it alone: a workspace that grows a second one could not be
# compared with a baseline of one.
"$buf" breaking proto --against "$against" ||
	die "the contract breaks clients that speak to $against. Add instead of changing, or open portcullis.v2."
say "the contract keeps what $against promised"

if [[ ${1:-} == --accept ]]; then
	"$buf" build proto --exclude-source-info --output proto/baseline.txtpb
	say 'proto/baseline.txtpb now holds the contract of this tree'
fi
