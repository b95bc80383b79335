#!/usr/bin/env bash
# Usage: scripts/deploy-test.sh [FLAGS OF go test...]
#
# Installs the chart on a Kubernetes control plane that it starts on loopback, and tries what
# docs/operations.md promises: see deploy/plane. The plane's programs are built once, which
# takes a quarter of an hour or, on a busy machine, an hour; after that it is minutes.
# It needs neither root nor a container engine. When it fails it says where the logs are.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

bin=
make_temp bin
for tool in etcd kubernetes/kube-apiserver kubernetes/kube-controller-manager kubernetes/kube-scheduler kubernetes/kubectl kwok helm; do
	path=$("$root/scripts/tool.sh" "$tool")
	ln -s "$path" "$bin/$(basename "$path")"
done
# Not cached: what is tried lies outside of the module, and should be tried again.
PLANE_BIN=$bin go test -C "$root/deploy/plane" -v -count=1 -timeout 45m "$@" ./...
