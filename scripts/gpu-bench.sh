#!/usr/bin/env bash
# Usage: scripts/gpu-bench.sh [--provider cuda|tensorrt|cpu] [--seconds N] [--texts N] [--smoke]
#
# Measures BERT-base with random weights on the NVIDIA GPU of this machine, or on its CPU,
# beside PyTorch on the same device, and writes bench/results/DATE-bert-base-CARD.md.
# --seconds is how long each figure is measured, --texts how many are mixed. --smoke
# measures nothing worth keeping, a tiny model for moments, and prints it: CI sees with it
# that the program still runs. docs/operations.md, "On a GPU", says more.
#
#   GPU_PROVIDER  the same as --provider; cuda without either
#   GPU_MODEL     model folders, joined by colons, in place of BERT-base with random weights
#   PREBUILT      a folder that `make gpu-bundle` made, on a machine without Go
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"
# shellcheck source=scripts/gpu.sh
source "$root/scripts/gpu.sh"
cd "$root"

gpu_provider "$@"
smoke=
texts=20000 seconds=1
[[ $provider != cpu ]] || texts=200 seconds=3
set -- ${rest[@]+"${rest[@]}"}
while [[ $# -gt 0 ]]; do
	case $1 in
	--smoke) smoke=1 texts=20 seconds=0.02 ;;
	--seconds) seconds=${2:?--seconds wants a number} && shift ;;
	--texts) texts=${2:?--texts wants a number} && shift ;;
	*) die "$1 is not a flag of this script: see its first lines" ;;
	esac
	shift
done

gpu_libraries
binaries=$(gpu_binaries)
if [[ -n ${GPU_MODEL:-} ]]; then
	IFS=: read -ra models <<<"$GPU_MODEL"
elif [[ -n $smoke ]]; then
	models=(internal/gpu/testdata/tiny-{padded,packed})
else
	models=("$(gpu_model bert-base padded)" "$(gpu_model bert-base packed)")
fi
args=()
for model in "${models[@]}"; do args+=(--model "$model"); done

# PyTorch is measured first, alone: two programs on one device measure each other.
work=
make_temp work
if [[ -z $smoke && -f ${models[0]}/config.json ]]; then
	device=cuda code='import torch; assert torch.cuda.is_available()'
	[[ $provider != cpu ]] || device=cpu code='import torch'
	python=$(gpu_python "$code" torch)
	say "PyTorch, $python"
	if "$python" bench/gpu/torch_bench.py --config "${models[0]}/config.json" --device "$device" \
		--seconds "$seconds" --texts "$texts" >"$work/torch.json"; then
		args+=(--torch "$work/torch.json")
	else
		say 'PyTorch could not be measured: its columns stay empty'
	fi
fi

"$binaries/gpu-bench" --provider "$provider" --binary "$binaries/portcullis" --time "${seconds}s" --texts "$texts" \
	--command "GPU_PROVIDER=$provider make gpu-bench ARGS='--seconds $seconds --texts $texts'" "${args[@]}" >"$work/result.md"
if [[ -n $smoke ]]; then
	cat "$work/result.md"
	exit
fi
card=cpu
[[ $provider == cpu ]] || card=$(nvidia-smi --query-gpu=name --format=csv,noheader | head -1 | tr 'A-Z ' 'a-z-')
result=bench/results/$(date +%F)-bert-base-$card.md
mv "$work/result.md" "$result"
cat "$result"
say "written to $result"
