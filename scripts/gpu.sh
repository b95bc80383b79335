# Functions that gpu-test.sh, gpu-bench.sh and gpu-bundle.sh share. Source it behind
# lib.sh, in the root of the tree; it does nothing alone.
# shellcheck shell=bash

# provider is what models run on: $GPU_PROVIDER, or --provider of the command line.
provider=${GPU_PROVIDER:-cuda}

# gpu_provider ARGS... reads --provider and keeps the rest in `rest`.
gpu_provider() {
	rest=()
	while [[ $# -gt 0 ]]; do
		case $1 in
		--provider) provider=${2:?--provider wants cuda, tensorrt or cpu} && shift ;;
		*) rest+=("$1") ;;
		esac
		shift
	done
	[[ $provider =~ ^(cuda|tensorrt|cpu)$ ]] || die "provider $provider is none of cuda, tensorrt, cpu"
	if [[ $provider != cpu ]]; then
		nvidia-smi -L >&2 || die 'there is no NVIDIA card; --provider cpu runs what needs none, and names the rest'
	fi
	export GPU_PROVIDER=$provider
}

# loads LIBRARY... says whether the dynamic linker finds and loads them.
loads() { python3 -c 'import ctypes, sys; [ctypes.CDLL(name) for name in sys.argv[1:]]' "$@" 2>/dev/null; }

# add_libraries FOLDERS puts folders, joined by colons, behind LD_LIBRARY_PATH.
add_libraries() { export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$1; }

# wheel_folders prints where Python's NVIDIA packages, PyTorch's among them, keep their
# libraries, joined by colons.
wheel_folders() {
	python3 - <<'PYTHON'
import glob, importlib.util
found = []
for name, below in (("nvidia", "/*/lib"), ("tensorrt_libs", "")):
    spec = importlib.util.find_spec(name)
    for root in (spec and spec.submodule_search_locations) or ():
        found += [folder for folder in glob.glob(root + below) if glob.glob(folder + "/*.so*")]
print(":".join(found))
PYTHON
}

cuda_libraries=(libcudart.so.13 libcublasLt.so.13 libcublas.so.13 libcurand.so.10 libcudnn.so.9)

# gpu_libraries finds ONNX Runtime and, for a card, the libraries that its provider
# opens: the machine's own, else those of Python's packages, else fetched ones.
gpu_libraries() {
	local ort=${PREBUILT:-}
	if [[ -z $ort ]]; then
		ort=$(if [[ $provider == cpu ]]; then scripts/fetch.sh onnxruntime; else scripts/fetch.sh onnxruntime cuda; fi)
	fi
	export PORTCULLIS_ONNXRUNTIME_LIBRARY=$ort/libonnxruntime.so.1
	[[ $provider != cpu ]] || return 0
	loads "${cuda_libraries[@]}" || add_libraries "$(wheel_folders)"
	loads "${cuda_libraries[@]}" || add_libraries "$(scripts/fetch.sh cuda)"
	loads "${cuda_libraries[@]}" || die "CUDA 13 and cuDNN 9 do not load: ${cuda_libraries[*]}"
	say "CUDA libraries: $(python3 -c 'import ctypes
ctypes.CDLL("libcublasLt.so.13"); ctypes.CDLL("libcudnn.so.9")
print(*sorted({l.split()[-1].rsplit("/", 1)[0] for l in open("/proc/self/maps") if "cublasLt" in l or "libcudnn.so" in l}))')"
}

# gpu_binaries builds what runs on the card, or takes it from $PREBUILT, and prints the
# folder.
gpu_binaries() {
	if [[ -n ${PREBUILT:-} ]]; then
		printf '%s\n' "$PREBUILT"
		return
	fi
	make build >&2
	mkdir -p bin/gpu
	cp bin/portcullis bin/gpu/
	go build -trimpath -buildvcs=false -o bin/gpu/gpu-bench ./bench/gpu
	go test -c -o bin/gpu/gpu.test ./internal/gpu
	go test -c -o bin/gpu/ort.test ./inference/ort
	printf '%s\n' "$PWD/bin/gpu"
}

# gpu_python CODE PACKAGE... prints a Python that runs CODE without an error: $GPU_PYTHON,
# that of the training, the machine's, or one of the cache, into which the packages are
# installed.
gpu_python() {
	local code=$1 python
	shift
	for python in ${GPU_PYTHON:-} "$PWD/model/train/.venv/bin/python" python3 "$(cache_dir)/gpu-python/bin/python"; do
		if "$python" -c "$code" 2>/dev/null; then
			printf '%s\n' "$python"
			return
		fi
	done
	say "installing $* into $(cache_dir)/gpu-python"
	[[ -x $python ]] || python3 -m venv "$(cache_dir)/gpu-python" >&2
	"$python" -m pip install --quiet --disable-pip-version-check --constraint bench/gpu/constraints.txt "$@" >&2
	printf '%s\n' "$python"
}

# gpu_model SIZE LAYOUT prints the folder of a model with random weights, made once for
# this state of model/export.
gpu_model() {
	local python key dir
	key=$(cat model/export/*.py | sha256)
	dir=$(cache_dir)/gpu-models/${key:0:16}/$1-$2
	if [[ ! -f $dir/manifest.json ]]; then
		python=$(gpu_python 'import numpy, onnx, onnxruntime' numpy onnx onnxruntime)
		say "making $1, $2, with random weights in $dir"
		publish_begin "$dir"
		(cd model && PYTHONPATH=. "$python" -m export.sample "$1" "$2" "$PUBLISH") >&2
		publish_end
	fi
	printf '%s\n' "$dir"
}
