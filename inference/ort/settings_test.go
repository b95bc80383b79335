package ort

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCUDASettings(t *testing.T) {
	plain := map[string]string{"device_id": "3", "arena_extend_strategy": "kSameAsRequested"}
	if got := cudaSettings(Default(), 3); !maps.Equal(got, plain) {
		t.Errorf("by default %v, want %v", got, plain)
	}
	exact := maps.Clone(plain)
	exact["use_tf32"], exact["gpu_mem_limit"] = "0", "4294967296"
	if got := cudaSettings(Config{Precision: FP32, MemoryLimit: 4 << 30}, 3); !maps.Equal(got, exact) {
		t.Errorf("exact and bounded %v, want %v", got, exact)
	}
}

func TestTensorRTSettings(t *testing.T) {
	plain := map[string]string{"device_id": "1"}
	if got := tensorRTSettings(Default(), 1, FP32, ""); !maps.Equal(got, plain) {
		t.Errorf("by default %v, want %v", got, plain)
	}
	full := map[string]string{
		"device_id": "1", "trt_fp16_enable": "1", "trt_max_workspace_size": "1024",
		"trt_engine_cache_enable": "1", "trt_engine_cache_path": "cache",
		"trt_timing_cache_enable": "1", "trt_timing_cache_path": "cache",
	}
	if got := tensorRTSettings(Config{MemoryLimit: 1024}, 1, FP16, "cache"); !maps.Equal(got, full) {
		t.Errorf("with all of it %v, want %v", got, full)
	}
}

func TestEngineCache(t *testing.T) {
	cache, own := t.TempDir(), t.TempDir()
	t.Setenv("PORTCULLIS_CACHE", cache)
	for folder, want := range map[string]string{
		"":  filepath.Join(cache, "tensorrt", Version, "abc"),
		own: filepath.Join(own, Version, "abc"),
	} {
		got, err := engineCache(Card{EngineCache: folder}, Graph{Digest: "abc"})
		if err != nil || got != want {
			t.Fatalf("%s, %v, want %s", got, err, want)
		}
		if info, err := os.Stat(got); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v, want a folder for us alone", info, err)
		}
	}
	if got, err := engineCache(Card{}, Graph{}); got != "" || err != nil {
		t.Errorf("%q, %v for a graph without a digest", got, err)
	}
	if err := os.Chmod(filepath.Join(own, Version, "abc"), 0o770); err != nil {
		t.Fatal(err)
	}
	if _, err := engineCache(Card{EngineCache: own}, Graph{Digest: "abc"}); err == nil || !strings.Contains(err.Error(), "others may write") {
		t.Errorf("a folder that others may write to: %v", err)
	}
	file := filepath.Join(own, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := engineCache(Card{EngineCache: file}, Graph{Digest: "abc"}); err == nil || !strings.Contains(err.Error(), "card.engine_cache") {
		t.Errorf("no folder: %v, want the key to set", err)
	}
}
