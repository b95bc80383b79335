#!/usr/bin/env bash
# Usage: scripts/fuzz.sh TIME PACKAGE...
#
# Runs every fuzz test of the packages for TIME each, one after the other: `go test -fuzz`
# takes only one at a time. What it finds is written to the package's testdata, to be
# checked in with the fix.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
cd "$root"

[[ $# -ge 2 ]] || die 'usage: scripts/fuzz.sh TIME PACKAGE...'
time=$1
shift

# `go test -list` prints the names of a package's tests and then "ok PACKAGE TIME".
listed=$(go test -list '^Fuzz' "$@")
names=()
count=0
while read -r first package _; do
	case $first in
	Fuzz*) names+=("$first") ;;
	ok)
		for name in ${names[@]+"${names[@]}"}; do
			say "$package $name for $time"
			# What a service covers differs from run to run, so an input that is made
			# smaller seldom covers the same: without a bound that takes all the time.
			go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 20x "$package"
			count=$((count + 1))
		done
		names=()
		;;
	esac
done <<<"$listed"
say "$count fuzz tests found nothing"
