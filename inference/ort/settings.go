package ort

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// cudaSettings is what the CUDA provider is told. cuDNN has no settings here: they
// are about convolutions, and a BERT has none. CUDA graphs stay off: a graph
// that is replayed reads none of the inputs that this binding can give
// (docs/adr/0013-no-cuda-graphs.md).
func cudaSettings(c Config, device int) map[string]string {
	settings := map[string]string{
		"device_id": strconv.Itoa(device),
		// The default doubles the arena with each new shape.
		"arena_extend_strategy": "kSameAsRequested",
	}
	if c.MemoryLimit > 0 {
		settings["gpu_mem_limit"] = strconv.FormatInt(c.MemoryLimit, 10)
	}
	if c.Precision == FP32 { // asked for, so exact: TF32 keeps 10 bits of 23
		settings["use_tf32"] = "0"
	}
	return settings
}

// tensorRTSettings is what the TensorRT provider is told; cache is empty where
// no engine is to be kept. Which shapes an engine takes is not told: TensorRT
// learns it from the smallest and the largest batch, which the warm-up runs.
func tensorRTSettings(c Config, device int, precision Precision, cache string) map[string]string {
	settings := map[string]string{"device_id": strconv.Itoa(device)}
	if precision == FP16 {
		settings["trt_fp16_enable"] = "1"
	}
	if c.MemoryLimit > 0 {
		settings["trt_max_workspace_size"] = strconv.FormatInt(c.MemoryLimit, 10)
	}
	if cache != "" {
		settings["trt_engine_cache_enable"] = "1"
		settings["trt_engine_cache_path"] = cache
		settings["trt_timing_cache_enable"] = "1"
		settings["trt_timing_cache_path"] = cache
	}
	return settings
}

// engineCache makes the folder of a graph's TensorRT engines and returns it, empty
// for a graph without a digest. Engines of another version of ONNX Runtime or
// of another graph are never found, as they lie elsewhere; the card's
// generation is in the names that the provider gives them.
func engineCache(c Card, g Graph) (string, error) {
	if g.Digest == "" {
		return "", nil
	}
	root := c.EngineCache
	if root == "" {
		cache, err := cacheRoot()
		if err != nil {
			return "", fmt.Errorf("a folder for TensorRT's engines: %w; name one in card.engine_cache", err)
		}
		root = filepath.Join(cache, "tensorrt")
	}
	dir := filepath.Join(root, Version, filepath.Base(g.Digest))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("a folder for TensorRT's engines: %w; name one in card.engine_cache", err)
	}
	info, err := os.Stat(dir)
	if err == nil && info.Mode().Perm()&0o022 != 0 {
		err = fmt.Errorf("others may write to %s, and what lies there is run", dir)
	}
	return dir, err
}
