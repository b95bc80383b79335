"""Collects the nodes and constants of an ONNX graph while it is being built."""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

FUSED = "com.microsoft"
KINDS = {"int32": TensorProto.INT32, "int64": TensorProto.INT64}


class Emitter:
    """Methods return the name of the tensor they made. No tensor has two makers."""

    def __init__(self):
        self.nodes, self.constants = [], {}

    def op(self, kind, inputs, domain="", outputs=1, name=None, **attributes):
        """Adds a node; its output's name, or a list of them. name: of the one output, else it is made up."""
        names = [name or f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, name, value):
        """Adds a constant; the same name again means the same value."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def axis(self, i):
        """An int64 [1], as operators want their axes."""
        return self.constant(f"axis {i}", np.array([i]))

    def number(self, n):
        """An int64 without dimensions."""
        return self.constant(f"number {n}", np.int64(n))

    def cast(self, x, kind):
        return self.op("Cast", [x], to=kind)

    def model(self, inputs, outputs):
        """The checked model proto. inputs, outputs: lists of (name, element type, shape)."""
        values = [[helper.make_tensor_value_info(*value) for value in side] for side in (inputs, outputs)]
        model = helper.make_model(
            helper.make_graph(self.nodes, "portcullis", *values, list(self.constants.values())),
            opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)],
            ir_version=8,
            producer_name="portcullis model/export",
        )
        checker.check_model(model)
        return model
