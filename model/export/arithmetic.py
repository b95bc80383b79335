"""What the layers compute in: float32, float16, or eight bits.

Each is given the weights in float32, named as in train.bert, and emits the fused
operators that ONNX Runtime runs fastest in it. `kind` is the element type of the
vectors between operators.
"""

import numpy as np
from onnx import TensorProto

from export.emit import FUSED
from export.quantise import per_column, per_row

GELU_DEPTH = np.float32(0.2)  # no GELU goes as far below 0


class Single:
    """float32 throughout."""

    kind, number = TensorProto.FLOAT, np.float32

    def __init__(self, weights):
        self.weights = weights

    def epsilon(self, value):
        return value

    def tensor(self, g, name, transposed=False):
        value = self.weights[name].astype(self.number)
        return g.constant(name, value.T if transposed else value)

    def words(self, g):
        return g.op("Gather", [self.tensor(g, "words.weight"), "input_ids"], axis=0)

    def mask(self, g, layout):
        return layout.mask(g, self.kind)

    def attention(self, g, x, mask, name, heads):
        """mask: what self.mask returned; it serves all layers."""
        index, bias = mask
        inputs = [x, self.tensor(g, f"{name}.weight", True), self.tensor(g, f"{name}.bias"), index, "", bias]
        while not inputs[-1]:
            inputs.pop()
        return g.op("Attention", inputs, FUSED, num_heads=heads)

    def matmul(self, g, x, name):
        return g.op("MatMul", [x, self.tensor(g, f"{name}.weight", True)])


class Half(Single):
    """float16 for a card, with float32 where half a float is too small.

    ONNX Runtime sums softmax and LayerNormalization in float32 on a card; what is
    left is the epsilon, which must not vanish, and the head, which is float32.
    """

    kind, number = TensorProto.FLOAT16, np.float16

    def epsilon(self, value):
        return max(value, 1e-7)

    def tensor(self, g, name, transposed=False):
        if np.abs(self.weights[name]).max() > np.finfo(np.float16).max:
            raise ValueError(f"{name} has weights beyond float16's range: leave fp16 out")
        return super().tensor(g, name, transposed)


class Eight(Single):
    """Matrices and the embedding table in eight bits; activations are quantised on the fly, the rest is float32.

    The weights are those that export.equalise returned: where it scaled a matrix's
    inputs up, they are first scaled down.
    """

    def words(self, g):
        numbers, scales = per_row(self.weights["words.weight"])
        rows = g.op("Gather", [g.constant("words", numbers), "input_ids"], axis=0)
        scale = g.op("Gather", [g.constant("words.scale", scales), "input_ids"], axis=0)
        return g.op("Mul", [g.cast(rows, TensorProto.FLOAT), scale])

    def mask(self, g, layout):
        return layout.dense_mask(g)

    def attention(self, g, x, mask, name, heads):
        rows, scale, zero = g.op("DynamicQuantizeLinear", [self._even(g, x, name)], outputs=3)
        weight, scales = self._quantised(g, name)
        inputs = [rows, weight, self.tensor(g, f"{name}.bias"), scale, scales, mask, zero]
        return g.op("QAttention", inputs, FUSED, num_heads=heads)

    def matmul(self, g, x, name):
        """up and down are done by token: their inputs have some that reach ten times as far as the others."""
        if name.endswith(".up"):
            x = self._even(g, x, name)
            return self._by_token(g, x, g.op("ReduceMax", [g.op("Abs", [x])], axes=[-1], keepdims=1), name)
        if name.endswith(".down"):  # behind a GELU
            top = g.op("ReduceMax", [x], axes=[-1], keepdims=1)
            return self._by_token(g, x, g.op("Max", [top, g.constant("gelu depth", GELU_DEPTH)]), name)
        return self._multiply(g, x, name)

    def _even(self, g, x, name):
        return g.op("Mul", [x, self.tensor(g, f"{name}.even")])

    def _by_token(self, g, x, unit, name):
        """Each token's vector in units of its own."""
        return g.op("Mul", [self._multiply(g, g.op("Div", [x, unit]), name), unit])

    def _multiply(self, g, x, name):
        return g.op("DynamicQuantizeMatMul", [x, *self._quantised(g, name)], FUSED)

    def _quantised(self, g, name):
        numbers, scales = per_column(self.weights[f"{name}.weight"].T)
        return g.constant(f"{name}.weight", numbers), g.constant(f"{name}.scale", scales)
