"""Builds the ONNX graph of a BERT classifier by hand, in any precision and layout.

Inputs and output are those of docs/models.md: ids and mask [batch, sequence], or
packed rows, to logits float32 [batch, labels]. There is no input for token types:
a text is one segment, so type 0 is part of the position table.

The operators are those ONNX Runtime runs fastest: its fused Attention,
SkipLayerNormalization and BiasGelu, and for int8 QAttention and
DynamicQuantizeMatMul with signed weights.
"""

from onnx import TensorProto

from export import heads
from export.arithmetic import Eight, Half, Single
from export.emit import FUSED, KINDS, Emitter
from export.layout import Packed, Padded

PRECISIONS = {"fp32": Single, "int8": Eight, "fp16": Half}
LAYOUTS = {"padded": Padded, "packed": Packed}
ACTIVATIONS = {"gelu": "BiasGelu", "gelu_new": "FastGelu", "gelu_pytorch_tanh": "FastGelu"}


def build(weights, config, precision, layout="padded", ids="int64"):
    """The model proto.

    weights: float32 arrays named as in train.bert, or with pooler and classifier in
    place of the head. config: keys and values as in a BERT's config.json. ids: the
    type of all inputs, int32 or int64.
    """
    for value, allowed in ((precision, PRECISIONS), (layout, LAYOUTS), (ids, KINDS)):
        if value not in allowed:
            raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    head, where = heads.of(weights), LAYOUTS[layout]()
    g = Emitter()
    x = _Layers(g, PRECISIONS[precision](weights), config).run(where)
    head.build(g, g.cast(x, TensorProto.FLOAT) if precision == "fp16" else x, where)
    return g.model(where.inputs(KINDS[ids], head.whole), [("logits", TensorProto.FLOAT, [where.rows, head.labels])])


class _Layers:
    """Embeddings and transformer layers; methods return the name of the tensor they made."""

    def __init__(self, g, arithmetic, config):
        self.g, self.arithmetic = g, arithmetic
        self.heads, self.depth = config["num_attention_heads"], config["num_hidden_layers"]
        self.epsilon = arithmetic.epsilon(config["layer_norm_eps"])
        self.activation = ACTIVATIONS[config.get("hidden_act", "gelu")]

    def run(self, layout):
        mask = self.arithmetic.mask(self.g, layout)
        x = self.embeddings(layout)
        for i in range(self.depth):
            x = self.layer(x, mask, f"layers.{i}")
        return x

    def embeddings(self, layout):
        where = layout.positions(self.g, self.tensor("positions.weight"))
        total = self.g.op("Add", [self.arithmetic.words(self.g), where])
        scale, bias = self.tensor("norm.weight"), self.tensor("norm.bias")
        return self.g.op("LayerNormalization", [total, scale, bias], axis=-1, epsilon=self.epsilon)

    def layer(self, x, mask, name):
        mixed = self.arithmetic.attention(self.g, x, mask, f"{name}.qkv", self.heads)
        x = self.residual(self.matmul(mixed, f"{name}.out"), x, f"{name}.out.bias", f"{name}.norm1")
        up = self.g.op(self.activation, [self.matmul(x, f"{name}.up"), self.tensor(f"{name}.up.bias")], FUSED)
        return self.residual(self.matmul(up, f"{name}.down"), x, f"{name}.down.bias", f"{name}.norm2")

    def residual(self, x, skip, bias, norm):
        inputs = [x, skip, self.tensor(f"{norm}.weight"), self.tensor(f"{norm}.bias"), self.tensor(bias)]
        return self.g.op("SkipLayerNormalization", inputs, FUSED, epsilon=self.epsilon)

    def matmul(self, x, name):
        return self.arithmetic.matmul(self.g, x, name)

    def tensor(self, name):
        return self.arithmetic.tensor(self.g, name)
