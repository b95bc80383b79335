#!/usr/bin/env python3
"""Makes slow.onnx and the model folder fragile, the same on every run.

    model/train/.venv/bin/python internal/gpu/testdata/graphs.py

slow     takes seconds on any card: a loop of products of 512 by 512, which ends
         early only if it is stopped between two of them.
fragile  is a classifier of one label that is harmless to everything, but whose device
         breaks on the word "poison": its id becomes one far past the embeddings. The
         operator that looks it up checks ids on the CPU and returns an error; on a card
         it does not (contrib_ops/cuda/bert/embed_layer_norm_impl.cu) and reads memory
         that nobody owns, after which everything the process asks of that card fails.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper

HERE = Path(__file__).parent
FUSED = "com.microsoft"
WIDTH, TOKENS = 64, 64
FAR = 30_000_000  # FAR * WIDTH is below 2^31: the card counts places in 32 bits


def model(nodes, inputs, outputs, constants, name="g"):
    graph = h.make_graph(nodes, name, inputs, outputs, [numpy_helper.from_array(v, k) for k, v in constants.items()])
    opsets = [h.make_opsetid("", 17), h.make_opsetid(FUSED, 1)]
    made = h.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="")
    onnx.checker.check_model(made)
    return made.SerializeToString(deterministic=True)


def slow():
    body = h.make_graph(
        [
            h.make_node("MatMul", ["x", "start"], ["product"]),
            h.make_node("Softmax", ["product"], ["next"]),
            h.make_node("Identity", ["go"], ["on"]),
        ],
        "body",
        [
            h.make_tensor_value_info("i", T.INT64, []),
            h.make_tensor_value_info("go", T.BOOL, []),
            h.make_tensor_value_info("x", T.FLOAT, [512, 512]),
        ],
        [h.make_tensor_value_info("on", T.BOOL, []), h.make_tensor_value_info("next", T.FLOAT, [512, 512])],
    )
    nodes = [
        h.make_node("ReduceSum", ["input_ids"], ["sum"], keepdims=0),
        h.make_node("Cast", ["sum"], ["number"], to=T.FLOAT),
        h.make_node("Reshape", ["number", "one"], ["single"]),
        h.make_node("Expand", ["single", "square"], ["start"]),
        h.make_node("Loop", ["rounds", "", "start"], ["end"], body=body),
        h.make_node("ReduceSum", ["end"], ["all"], keepdims=0),
        h.make_node("Reshape", ["all", "one"], ["logits"]),
    ]
    constants = {
        "one": np.array([1, 1]),
        "square": np.array([512, 512]),
        "rounds": np.array(200_000),
    }
    inputs = [h.make_tensor_value_info("input_ids", T.INT64, ["batch", "length"])]
    return model(nodes, inputs, [h.make_tensor_value_info("logits", T.FLOAT, ["batch", 1])], constants)


def fragile(vocabulary):
    random = np.random.default_rng(7)
    constants = {
        "poison": np.array(vocabulary.index("poison"), np.int32),
        "far": np.array(FAR, np.int32),
        "words": random.normal(0, 1, (len(vocabulary), WIDTH)).astype(np.float32),
        "positions": random.normal(0, 0.1, (TOKENS, WIDTH)).astype(np.float32),
        "scale": np.ones(WIDTH, np.float32),
        "shift": np.zeros(WIDTH, np.float32),
        "weight": random.normal(0, 0.05, (WIDTH, 1)).astype(np.float32),
        "bias": np.array([-4], np.float32),
        "axis": np.array([1]),
        "last": np.array([-1]),
    }
    nodes = [
        h.make_node("Cast", ["input_ids"], ["ids"], to=T.INT32),
        h.make_node("Equal", ["ids", "poison"], ["hit"]),
        h.make_node("Cast", ["hit"], ["hits"], to=T.INT32),
        h.make_node("Mul", ["hits", "far"], ["jump"]),
        h.make_node("Add", ["ids", "jump"], ["place"]),
        h.make_node(
            "EmbedLayerNormalization",
            ["place", "", "words", "positions", "", "scale", "shift"],
            ["x", "unused"],
            domain=FUSED,
        ),
        h.make_node("Cast", ["attention_mask"], ["mask"], to=T.FLOAT),
        h.make_node("Unsqueeze", ["mask", "last"], ["keep"]),
        h.make_node("Mul", ["x", "keep"], ["kept"]),
        h.make_node("ReduceSum", ["kept", "axis"], ["sum"], keepdims=0),
        h.make_node("ReduceSum", ["keep", "axis"], ["count"], keepdims=0),
        h.make_node("Div", ["sum", "count"], ["mean"]),
        h.make_node("Gemm", ["mean", "weight", "bias"], ["logits"]),
    ]
    inputs = [h.make_tensor_value_info(n, T.INT64, ["batch", "tokens"]) for n in ("input_ids", "attention_mask")]
    return model(nodes, inputs, [h.make_tensor_value_info("logits", T.FLOAT, ["batch", 1])], constants)


def manifest(graph, vocabulary):
    def digest(content):
        return hashlib.sha256(content).hexdigest()

    return {
        "format": 1,
        "name": "fragile",
        "version": "1",
        "check": "fragile",
        "description": "a model whose device breaks on the word poison",
        "licence": "Apache-2.0",
        "source": {"url": "https://github.com/portcullis-ai/portcullis"},
        "labels": [{"name": "toxic", "category": "toxicity", "activation": "sigmoid"}],
        "tokenizer": {"kind": "wordpiece", "vocab": "vocab.txt", "sha256": digest(vocabulary), "lowercase": True},
        "window": {"tokens": TOKENS, "overlap": 16},
        "graphs": [
            {
                "file": "model.fp32.onnx",
                "sha256": digest(graph),
                "bytes": len(graph),
                "precision": "fp32",
                "providers": ["cpu", "cuda", "tensorrt"],
            }
        ],
        "known_answers": [{"text": "good morning", "scores": {"toxic": 0.02}, "tolerance": 0.02}],
    }


def main():
    (HERE / "slow.onnx").write_bytes(slow())
    folder = HERE / "fragile"
    folder.mkdir(exist_ok=True)
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "morning", "evening", "poison"]
    text = "".join(f"{word}\n" for word in vocabulary).encode()
    graph = fragile(vocabulary)
    (folder / "vocab.txt").write_bytes(text)
    (folder / "model.fp32.onnx").write_bytes(graph)
    (folder / "manifest.json").write_text(json.dumps(manifest(graph, text), indent=2) + "\n")


if __name__ == "__main__":
    main()
