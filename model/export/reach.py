"""Measures how far each channel of each matrix's input reaches, over some texts."""

import numpy as np
import onnxruntime
from onnx import TensorProto

from export.arithmetic import Single
from export.emit import Emitter
from export.layers import Layers
from export.layout import Padded
from export.session import pad

COUNT, SEED = 64, 5  # of texts made up


def reach(weights, config, samples=None):
    """By the matrix's name, float32 [in]: the largest absolute value of each input channel.

    samples: token ids of texts; without, random ones of 4 to 64 tokens.
    """
    session, names = _session(weights, config)
    found = None
    for ids in samples or _random(config):
        tops = session.run(names, dict(zip(("input_ids", "attention_mask"), pad([ids]))))
        found = tops if found is None else [np.maximum(a, b) for a, b in zip(found, tops)]
    return dict(zip(names, found))


def _session(weights, config):
    """The layers alone, each matrix's reach an output."""
    g, watched = Emitter(), _Watched(weights)
    Layers(g, watched, config).run(Padded())
    outputs = [(name, TensorProto.FLOAT, [size]) for name, size in watched.seen.items()]
    content = g.model(Padded().inputs(TensorProto.INT64, False), outputs).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"]), list(watched.seen)


def _random(config):
    random = np.random.default_rng(SEED)
    longest = min(64, config["max_position_embeddings"])
    return [random.integers(1, config["vocab_size"], n).tolist() for n in random.integers(4, longest + 1, COUNT)]


class _Watched(Single):
    """float32 that also says what went into each matrix."""

    def __init__(self, weights):
        super().__init__(weights)
        self.seen = {}  # width of the input by the matrix's name

    def attention(self, g, x, mask, name, heads):
        self._watch(g, x, name)
        return super().attention(g, x, mask, name, heads)

    def matmul(self, g, x, name):
        self._watch(g, x, name)
        return super().matmul(g, x, name)

    def _watch(self, g, x, name):
        self.seen[name] = self.weights[f"{name}.weight"].shape[1]
        g.op("ReduceMax", [g.op("Abs", [x])], name=name, axes=[0, 1], keepdims=0)
