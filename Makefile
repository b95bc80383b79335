# Portcullis: `make help` lists what there is.
#
# Everything a target needs beyond Go, a C compiler, npm and pip is fetched or built once,
# at a pinned version, into a cache outside the tree: see scripts/tool.sh and tools/.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

# onnxruntime_go is C behind Go, and so is the race detector.
export CGO_ENABLED := 1

# What the user may set: make run ARGS='--config my.yaml'.
ARGS ?=
PKG ?= ./...
BENCH ?= .
BENCHTIME ?= 1s
FUZZTIME ?= 10s
AGAINST ?=
export AGAINST
ONLY ?=
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)

LDFLAGS := -X github.com/portcullis-ai/portcullis/internal/build.version=$(VERSION)
# The version is stamped by hand because go's own stamp fails in a checkout that belongs
# to another user, as it does in some containers.
GOBUILD := go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'

##@ Use

.PHONY: help
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: deps build ## install what is missing, build, and serve with the bundled model on the CPU; ARGS='...'
	exec bin/portcullis serve $(ARGS)

.PHONY: build
build: ## build bin/portcullis
	@mkdir -p bin
	$(GOBUILD) -o bin/portcullis ./cmd/portcullis

.PHONY: deps
deps: ## fetch ONNX Runtime for the CPU (npm or pip), checked by digest
	@dir=$$(scripts/fetch.sh onnxruntime); echo "deps: ONNX Runtime is in $$dir"

.PHONY: deps-cuda
deps-cuda: ## fetch ONNX Runtime with its CUDA 13 and TensorRT providers; CUDA and cuDNN are yours
	@dir=$$(scripts/fetch.sh onnxruntime cuda); echo "deps-cuda: ONNX Runtime with CUDA is in $$dir"

##@ Prove

.PHONY: test
test: deps ## run all tests with the race detector; PKG=./guard/... for some
	PORTCULLIS_REQUIRE_ORT=1 go test -race -json $(PKG) | go run -C tools/testreport .

.PHONY: check
check: lint vet arch generate-check breaking ## all that .ci/run asks beside the tests

.PHONY: lint
lint: ## lint Go, the contract and the scripts; formatting counts
	@scripts/lint.sh

.PHONY: vet
vet:
	go vet ./...
	go vet -tags null_backend ./cmd/portcullis
	go -C tools/testreport vet ./...
	go -C tools/typecheck vet ./...
	go -C tools/typecheck run . ../../deploy/plane # vet would compile Kubernetes' client first: more than ten minutes on two cold cores

.PHONY: arch
arch:
	go test ./internal/arch

.PHONY: generate-check
generate-check:
	@scripts/generate.sh --check

.PHONY: breaking
breaking: ## does the contract break clients of the last release? AGAINST='.git#branch=main,subdir=proto'
	@scripts/breaking.sh

.PHONY: fuzz
fuzz: deps ## run every fuzz test for FUZZTIME=10s; PKG=./guard/... for some
	@scripts/fuzz.sh '$(FUZZTIME)' $(PKG)

SOAK ?= 10m
.PHONY: soak
soak: deps ## hold the real service under mixed load and faults for SOAK=10m; look for mild verdicts, leaks and growth
	@scripts/soak.sh '$(SOAK)'

SIEGE ?= 3s
.PHONY: siege
siege: deps build ## attack the real service with raw HTTP/2, SIEGE=3s for each attack, and hold its memory to what its settings come to; ONLY='resets'
	@mkdir -p bin/bench
	@go build -trimpath -buildvcs=false -o bin/bench/siege ./bench/siege
	@bin/bench/siege --binary bin/portcullis --time '$(SIEGE)'$(if $(ONLY), --only '$(ONLY)')

.PHONY: bench
bench: deps ## measure the service beside the bare model, under load, overload and its peers, into bench/results; a quarter of an hour; ONLY=efficiency,cpu
	@VERSION='$(VERSION)' scripts/bench.sh --command 'make bench$(if $(ONLY), ONLY=$(ONLY))' $(if $(ONLY),--only '$(ONLY)') $(ARGS)

.PHONY: bench-check
bench-check: deps ## measure again and fail if a ratio is worse than recorded in bench/results; ONLY=efficiency,cpu
	@VERSION='$(VERSION)' scripts/bench.sh --against bench/results $(if $(ONLY),--only '$(ONLY)') $(ARGS)

.PHONY: benchmarks
benchmarks: deps ## run the Go benchmarks; BENCH=regexp BENCHTIME=1s PKG=./batching
	go test -run '^$$' -bench '$(BENCH)' -benchtime '$(BENCHTIME)' -benchmem $(PKG)

##@ Ship

.PHONY: image-test
image-test: ## build the images with buildah on stand-ins of their bases and try them; root on Debian; ONLY=cpu
	@scripts/image-test.sh $(ONLY)

.PHONY: manifests
manifests: ## write deploy/kubernetes from the chart
	go run -C deploy/check ./manifests

.PHONY: deploy-check
deploy-check: ## render the chart and hold it to the API's types, our settings and our metrics; test the alerts; lint the Dockerfiles
	go test -C deploy/check ./...
	go test -C deploy/image ./...

.PHONY: deploy-test
deploy-test: ## install the chart on a control plane of its own and drain, scale, upgrade and remove it; the plane is built once, a quarter of an hour; ARGS='-run Drain'
	@scripts/deploy-test.sh $(ARGS)

.PHONY: rules-test
rules-test: ## test the alerts with promtool itself, which takes minutes to build; deploy-check has the same tests
	@promtool=$$(scripts/tool.sh promtool); "$$promtool" check rules deploy/helm/portcullis/files/rules.yaml; "$$promtool" test rules deploy/prometheus/rules_test.yaml

##@ On an NVIDIA GPU

.PHONY: gpu-test
gpu-test: ## test on the GPU of this machine; GPU_PROVIDER=cpu runs what needs none
	@scripts/gpu-test.sh

.PHONY: gpu-bench
gpu-bench: ## measure on the GPU and write bench/results; GPU_PROVIDER=cpu, ARGS='--smoke'
	@scripts/gpu-bench.sh $(ARGS)

.PHONY: gpu-bundle
gpu-bundle: ## pack both for a machine with a GPU but without Go or a network
	@scripts/gpu-bundle.sh

##@ Change

.PHONY: format
format: ## format the Go code and the contract
	@$$(scripts/tool.sh golangci-lint) fmt ./...
	@gofmt -w tools deploy bench/peers
	@$$(scripts/tool.sh buf) format -w
	@echo 'format: done'

.PHONY: generate
generate: ## write the code that comes from the contract
	@scripts/generate.sh

.PHONY: clean
clean: ## remove what was built here; the cache outside the tree stays
	rm -rf bin

##@ Train the bundled model

DATA ?=
# make eval DATA=DIR EVAL_ARGS='--card' writes the figures into the model card;
# EVAL_ARGS='--help' lists more, such as --model FOLDER.
EVAL_ARGS ?=
MODEL_PYTHON = cd model && PYTHONPATH=. train/.venv/bin/python

.PHONY: train-setup
train-setup:
	@[ -n '$(DATA)' ] || { echo 'make: say where the training data lies: make $(or $(MAKECMDGOALS),train) DATA=DIR (see model/train/README.md)' >&2; exit 2; }
	@model/train/setup.sh

.PHONY: train
train: train-setup ## from DATA=DIR to model/bundled: train, quantise, calibrate, write the manifest
	$(MODEL_PYTHON) -m train.fit --data '$(abspath $(DATA))'
	$(MODEL_PYTHON) -m export.bundle --data '$(abspath $(DATA))'

.PHONY: eval
eval: train-setup deps build ## measure the bundled model, alone and served, on what it never saw of DATA=DIR; draws docs/model
	$(MODEL_PYTHON) -m train.evaluate --data '$(abspath $(DATA))' $(EVAL_ARGS)

.PHONY: model-check
model-check: ## compare the graphs that we export with PyTorch and transformers on small random weights; test reader, exporter and measures
	@model/train/setup.sh
	$(MODEL_PYTHON) -m export.selfcheck
	$(MODEL_PYTHON) -m unittest discover -s export/tests
	$(MODEL_PYTHON) -m unittest discover -s train/tests

FROM ?=
TO ?=
# make model-export FROM=. TO=. EXPORT_ARGS=--help lists them; --source and --licence must be said.
EXPORT_ARGS ?=
# make model-prove PROVE_ARGS='--size tiny --texts 100' is over in a minute or two.
PROVE_ARGS ?=

.PHONY: model-export
model-export: ## from a Hugging Face folder FROM=DIR to a model folder TO=DIR; EXPORT_ARGS='--source URL --licence SPDX'
	@[ -n '$(FROM)' ] && [ -n '$(TO)' ] || { echo "make: say from where to where: make model-export FROM=DIR TO=DIR EXPORT_ARGS='--source URL --licence SPDX' (see docs/models.md)" >&2; exit 2; }
	@model/train/setup.sh
	$(MODEL_PYTHON) -m export.huggingface '$(abspath $(FROM))' --out '$(abspath $(TO))' $(EXPORT_ARGS)

.PHONY: model-prove
model-prove: deps build ## compare the exporter with Hugging Face transformers over a thousand texts, to the served score; half an hour
	@model/export/setup.sh
	$(MODEL_PYTHON) -m export.prove --portcullis '$(abspath bin/portcullis)' $(PROVE_ARGS)

##@ Drive a running service

ADDR ?= 127.0.0.1:50051

.PHONY: ghz
ghz: ## load a running service with ghz and the settings of bench/ghz, open loop; ADDR=host:port ARGS='--rps 100'
	@ghz=$$(scripts/tool.sh ghz); for config in bench/ghz/*.json; do "$$ghz" --config "$$config" $(ARGS) '$(ADDR)'; done

.PHONY: grpcurl
grpcurl: ## print the path of grpcurl, building it first: $(make grpcurl) -plaintext localhost:50051 list
	@scripts/tool.sh grpcurl
