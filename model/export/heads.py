"""From the last layer's token vectors to logits, in float32 whatever the layers compute in.

`whole` tells whether a head reads all tokens of a text or its [CLS] alone.
"""

import numpy as np
from onnx import TensorProto

from export.layout import MASKED


def of(weights):
    """The head that the weights belong to."""
    return Pooler(weights) if "pooler.weight" in weights else MeanMax(weights)


class Pooler:
    """BERT's own: [CLS] through a linear layer and tanh, then the classifier."""

    whole = False

    def __init__(self, weights):
        self.weights, self.labels = weights, weights["classifier.bias"].shape[0]

    def build(self, g, x, layout):
        pooled = g.op("Tanh", [_linear(g, self.weights, layout.first(g, x), "pooler")])
        _linear(g, self.weights, pooled, "classifier", "logits")


class MeanMax:
    """The project's own: mean and maximum over the tokens of a text, side by side, then a linear layer."""

    whole = True

    def __init__(self, weights):
        self.weights, self.labels = weights, weights["head.bias"].shape[0]

    def build(self, g, x, layout):
        x, text = layout.texts(g, x)
        keep = g.op("Unsqueeze", [g.cast(text, TensorProto.FLOAT), g.axis(-1)])
        total = g.op("ReduceSum", [g.op("Mul", [x, keep]), g.axis(1)], keepdims=0)
        mean = g.op("Div", [total, g.op("ReduceSum", [keep, g.axis(1)], keepdims=0)])
        away = g.op("Sub", [keep, g.constant("kept", np.float32(1))])
        hidden = g.op("Mul", [away, g.constant("far", -MASKED)])
        top = g.op("ReduceMax", [g.op("Add", [x, hidden])], axes=[1], keepdims=0)
        _linear(g, self.weights, g.op("Concat", [mean, top], axis=1), "head", "logits")


def _linear(g, weights, x, name, output=None):
    weight, bias = (g.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
    return g.op("Gemm", [x, weight, bias], name=output, transB=1)
