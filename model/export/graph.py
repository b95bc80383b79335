"""Builds the ONNX graph of train.bert.Classifier by hand, fp32 or int8.

Inputs  input_ids, attention_mask: int64 [batch, sequence]; mask 1 for text, 0
for padding on the right. Output logits: float32 [batch, labels].

The operators are those ONNX Runtime runs fastest on a CPU: its fused Attention,
SkipLayerNormalization and BiasGelu, and for int8 QAttention and
DynamicQuantizeMatMul with signed weights.
"""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

from export.quantise import per_column, per_row

FUSED = "com.microsoft"
PRECISIONS = ("fp32", "int8")


def build(weights, config, precision):
    """The model proto. weights: float32 arrays named as in train.bert; config: the base model's."""
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} is none of {PRECISIONS}")
    graph = _Graph(weights, config, precision == "int8")
    graph.build()
    labels = weights["head.bias"].shape[0]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "portcullis",
            [_value(name, TensorProto.INT64, ["batch", "sequence"]) for name in ("input_ids", "attention_mask")],
            [_value("logits", TensorProto.FLOAT, ["batch", labels])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
        ir_version=8,
        producer_name="portcullis model/export",
    )
    checker.check_model(model)
    return model


def _value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


class _Graph:
    """Nodes and constants under construction; methods return the name of the tensor they made."""

    def __init__(self, weights, config, int8):
        self.weights, self.int8 = weights, int8
        self.heads, self.epsilon = config["num_attention_heads"], config["layer_norm_eps"]
        self.depth = config["num_hidden_layers"]
        self.nodes, self.constants = [], []

    def build(self):
        mask = self.op("Cast", ["attention_mask"], to=TensorProto.INT32)
        x = self.embeddings()
        for i in range(self.depth):
            x = self.layer(x, mask, f"layers.{i}")
        self.head(x)

    def embeddings(self):
        start, length = self.constant("zero", np.array([0])), self.op("Shape", ["input_ids"], start=1, end=2)
        where = self.op("Slice", [self.tensor("positions.weight"), start, length])
        total = self.op("Add", [self.words(), where])
        scale, bias = self.tensor("norm.weight"), self.tensor("norm.bias")
        return self.op("LayerNormalization", [total, scale, bias], axis=-1, epsilon=self.epsilon)

    def words(self):
        table = self.weights["words.weight"]
        if not self.int8:
            return self.op("Gather", [self.constant("words", table), "input_ids"], axis=0)
        numbers, scales = per_row(table)
        rows = self.op("Gather", [self.constant("words", numbers), "input_ids"], axis=0)
        scale = self.op("Gather", [self.constant("words.scale", scales), "input_ids"], axis=0)
        return self.op("Mul", [self.op("Cast", [rows], to=TensorProto.FLOAT), scale])

    def layer(self, x, mask, name):
        mixed = self.attention(x, mask, f"{name}.qkv")
        x = self.residual(self.matmul(mixed, f"{name}.out"), x, f"{name}.out.bias", f"{name}.norm1")
        up = self.op("BiasGelu", [self.matmul(x, f"{name}.up"), self.tensor(f"{name}.up.bias")], FUSED)
        return self.residual(self.matmul(up, f"{name}.down"), x, f"{name}.down.bias", f"{name}.norm2")

    def attention(self, x, mask, name):
        weight, bias = self.weights[f"{name}.weight"].T, self.tensor(f"{name}.bias")
        if not self.int8:
            inputs = [x, self.constant(f"{name}.weight", weight), bias, mask]
            return self.op("Attention", inputs, FUSED, num_heads=self.heads)
        numbers, scales = per_column(weight)
        rows, scale, zero = self.op("DynamicQuantizeLinear", [x], outputs=3)
        weight, scales = self.constant(f"{name}.weight", numbers), self.constant(f"{name}.scale", scales)
        return self.op("QAttention", [rows, weight, bias, scale, scales, mask, zero], FUSED, num_heads=self.heads)

    def matmul(self, x, name):
        weight = self.weights[f"{name}.weight"].T
        if not self.int8:
            return self.op("MatMul", [x, self.constant(f"{name}.weight", weight)])
        numbers, scales = per_column(weight)
        inputs = [x, self.constant(f"{name}.weight", numbers), self.constant(f"{name}.scale", scales)]
        return self.op("DynamicQuantizeMatMul", inputs, FUSED)

    def residual(self, x, skip, bias, norm):
        inputs = [x, skip, self.tensor(f"{norm}.weight"), self.tensor(f"{norm}.bias"), self.tensor(bias)]
        return self.op("SkipLayerNormalization", inputs, FUSED, epsilon=self.epsilon)

    def head(self, x):
        """Mean and maximum over the tokens that are text, side by side, then a linear layer."""
        last, sequence = self.constant("last", np.array([-1])), self.constant("sequence", np.array([1]))
        keep = self.op("Unsqueeze", [self.op("Cast", ["attention_mask"], to=TensorProto.FLOAT), last])
        total = self.op("ReduceSum", [self.op("Mul", [x, keep]), sequence], keepdims=0)
        mean = self.op("Div", [total, self.op("ReduceSum", [keep, sequence], keepdims=0)])
        away = self.op("Sub", [keep, self.constant("kept", np.float32(1))])
        hidden = self.op("Mul", [away, self.constant("far", np.float32(10000))])
        top = self.op("ReduceMax", [self.op("Add", [x, hidden])], axes=[1], keepdims=0)
        pooled = self.op("Concat", [mean, top], axis=1)
        inputs = [pooled, self.tensor("head.weight"), self.tensor("head.bias")]
        self.nodes.append(helper.make_node("Gemm", inputs, ["logits"], transB=1))

    def op(self, kind, inputs, domain="", outputs=1, **attributes):
        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def tensor(self, name):
        return self.constant(name, self.weights[name])

    def constant(self, name, value=None):
        """Adds a constant; without a value, names one that was added before."""
        if value is not None:
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
