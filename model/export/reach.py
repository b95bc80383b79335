"""Measures what goes into each matrix, channel by channel, over some texts."""

from dataclasses import dataclass

import numpy as np
import onnxruntime
from onnx import TensorProto

from export.arithmetic import Single
from export.emit import Emitter
from export.layers import Layers
from export.layout import Padded
from export.session import pad

COUNT, SEED = 64, 5  # of texts made up


@dataclass(frozen=True)
class Reach:
    """Of one matrix's input, float32 [in]: the largest absolute values, and the means over all tokens."""

    top: np.ndarray
    mean: np.ndarray


def reach(weights, config, samples=None):
    """A Reach by the matrix's name. samples: token ids of texts; without, random ones of 4 to 64 tokens."""
    session, names = _session(weights, config)
    outputs = [f"{name}.{part}" for name in names for part in ("top", "sum")]
    tops, sums, tokens = 0, 0, 0
    for ids in samples or _random(config):
        found = session.run(outputs, dict(zip(("input_ids", "attention_mask"), pad([ids]))))
        tops, sums, tokens = np.maximum(tops, np.concatenate(found[0::2])), sums + np.concatenate(found[1::2]), tokens + len(ids)
    cuts = np.cumsum(list(names.values()))[:-1]
    parts = zip(names, np.split(tops, cuts), np.split(sums / tokens, cuts))
    return {name: Reach(top, mean) for name, top, mean in parts}


def _session(weights, config):
    """The layers alone, what is watched their outputs; and the width of each matrix's input by its name."""
    g, watched = Emitter(), _Watched(weights)
    Layers(g, watched, config).run(Padded())
    outputs = [(f"{name}.{part}", TensorProto.FLOAT, [size]) for name, size in watched.seen.items() for part in ("top", "sum")]
    content = g.model(Padded().inputs(TensorProto.INT64, False), outputs).SerializeToString()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"]), watched.seen


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
        g.op("ReduceMax", [g.op("Abs", [x])], name=f"{name}.top", axes=[0, 1], keepdims=0)
        g.op("ReduceSum", [x, g.constant("tokens", np.array([0, 1]))], name=f"{name}.sum", keepdims=0)
