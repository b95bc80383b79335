#!/usr/bin/env python3
"""Makes the graphs of this folder and ../probe.onnx, the same on every run.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install onnx==1.22.0
    cd inference/ort/testdata && /tmp/v/bin/python graphs.py

A classifier of 32 ids and 3 labels: logit[l] is the sum over the tokens that the
mask shows of (id+1)*(l+1)/8, plus 100*type. All sums are exact in float32. The packed ones
give the same of the tokens with the number of the text's first one, and a thousand more
wherever a place or a length is not that of the text.
"""

import onnx
from onnx import TensorProto as T
from onnx import helper as h

VOCABULARY, LABELS = 32, 3
OPSET = 17


def save(path, nodes, inputs, outputs, weights=()):
    graph = h.make_graph(nodes, "g", inputs, outputs, list(weights))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", OPSET)], ir_version=8, producer_name="")
    onnx.checker.check_model(model)
    with open(path, "wb") as f:
        f.write(model.SerializeToString(deterministic=True))


def classifier(path, ids, mask=None, types=None, output="logits", kind=T.FLOAT, listed=False, labels=LABELS, extra=()):
    """mask and types are the element types of those inputs, None leaves them out."""
    weight = h.make_tensor("weight", T.FLOAT, [VOCABULARY, labels], [(v + 1) * (l + 1) / 8 for v in range(VOCABULARY) for l in range(labels)])
    hundred = h.make_tensor("hundred", T.FLOAT, [], [100.0])
    axis, last = h.make_tensor("axis", T.INT64, [1], [1]), h.make_tensor("last", T.INT64, [1], [2])
    inputs = [h.make_tensor_value_info("input_ids", ids, ["batch", "length"])]
    nodes, sum_of = [h.make_node("Gather", ["weight", "input_ids"], ["tokens"])], "tokens"
    if types:
        inputs.append(h.make_tensor_value_info("token_type_ids", types, ["batch", "length"]))
        nodes += [
            h.make_node("Cast", ["token_type_ids"], ["t"], to=T.FLOAT),
            h.make_node("Mul", ["t", "hundred"], ["t100"]),
            h.make_node("Unsqueeze", ["t100", "last"], ["t3"]),
            h.make_node("Add", [sum_of, "t3"], ["typed"]),
        ]
        sum_of = "typed"
    if mask:
        inputs.append(h.make_tensor_value_info("attention_mask", mask, ["batch", "length"]))
        nodes += [
            h.make_node("Cast", ["attention_mask"], ["m"], to=T.FLOAT),
            h.make_node("Unsqueeze", ["m", "last"], ["m3"]),
            h.make_node("Mul", [sum_of, "m3"], ["shown"]),
        ]
        sum_of = "shown"
    nodes.append(h.make_node("ReduceSum", [sum_of, "axis"], ["sum"], keepdims=0))
    nodes.append(h.make_node("Cast", ["sum"], [output], to=kind))
    outputs = [h.make_tensor_value_info(output, kind, ["batch", labels])]
    for name in extra:
        nodes.append(h.make_node("Identity", [output], [name]))
        outputs.append(h.make_tensor_value_info(name, kind, ["batch", labels]))
    if listed:  # old exporters name weights among the inputs
        inputs.append(h.make_tensor_value_info("weight", T.FLOAT, [VOCABULARY, labels]))
    save(path, nodes, inputs, outputs, [weight, hundred, axis, last])


def packed(path, ids, sequences, positions, starts, lengths=None):
    """The arguments are the element types of the inputs; without lengths there is no such input."""
    weight = h.make_tensor("weight", T.FLOAT, [VOCABULARY, LABELS], [(v + 1) * (l + 1) / 8 for v in range(VOCABULARY) for l in range(LABELS)])
    thousand = h.make_tensor("thousand", T.FLOAT, [], [1000.0])
    whole = {name: h.make_tensor(name, T.INT64, shape, value) for name, shape, value in (
        ("flat", [1], [-1]), ("down", [1], [1]), ("across", [1], [0]), ("nought", [], [0]), ("one", [], [1]))}
    inputs = [h.make_tensor_value_info(name, kind, ["rows", "tokens"]) for name, kind in (
        ("input_ids", ids), ("sequence_ids", sequences), ("position_ids", positions))]
    inputs.append(h.make_tensor_value_info("text_starts", starts, ["texts"]))
    nodes = [
        h.make_node("Reshape", ["input_ids", "flat"], ["i"]),
        h.make_node("Reshape", ["sequence_ids", "flat"], ["s"]),
        h.make_node("Reshape", ["position_ids", "flat"], ["p"]),
        h.make_node("Gather", ["weight", "i"], ["tokens"]),
        h.make_node("Gather", ["s", "text_starts"], ["number"]),  # of each text
        h.make_node("Unsqueeze", ["number", "down"], ["number1"]),
        h.make_node("Unsqueeze", ["s", "across"], ["s1"]),
        h.make_node("Equal", ["number1", "s1"], ["mine"]),  # [texts, rows * tokens]
        h.make_node("Cast", ["mine"], ["m"], to=T.FLOAT),
        h.make_node("MatMul", ["m", "tokens"], ["sum"]),
        # how far each token of a text stands from where its position says
        h.make_node("Shape", ["i"], ["count1"]),
        h.make_node("Squeeze", ["count1"], ["count"]),
        h.make_node("Range", ["nought", "count", "one"], ["index"]),
        h.make_node("Cast", ["p"], ["p64"], to=T.INT64),
        h.make_node("Sub", ["index", "p64"], ["begins"]),
        h.make_node("Unsqueeze", ["begins", "across"], ["begins1"]),
        h.make_node("Cast", ["text_starts"], ["t64"], to=T.INT64),
        h.make_node("Unsqueeze", ["t64", "down"], ["t1"]),
        h.make_node("Sub", ["begins1", "t1"], ["off64"]),
        h.make_node("Cast", ["off64"], ["off"], to=T.FLOAT),
        h.make_node("Abs", ["off"], ["far"]),
        h.make_node("Mul", ["far", "m"], ["wrong"]),
        h.make_node("ReduceSum", ["wrong", "down"], ["misplaced"], keepdims=1),
    ]
    fault = "misplaced"
    if lengths:
        inputs.append(h.make_tensor_value_info("text_lengths", lengths, ["texts"]))
        nodes += [
            h.make_node("ReduceSum", ["m", "down"], ["found"], keepdims=1),
            h.make_node("Cast", ["text_lengths"], ["l"], to=T.FLOAT),
            h.make_node("Unsqueeze", ["l", "down"], ["l1"]),
            h.make_node("Sub", ["found", "l1"], ["missing"]),
            h.make_node("Abs", ["missing"], ["short"]),
            h.make_node("Add", [fault, "short"], ["faults"]),
        ]
        fault = "faults"
    nodes += [h.make_node("Mul", [fault, "thousand"], ["penalty"]), h.make_node("Add", ["sum", "penalty"], ["logits"])]
    save(path, nodes, inputs, [h.make_tensor_value_info("logits", T.FLOAT, ["texts", LABELS])], [weight, thousand, *whole.values()])


def slow(path):
    """Takes seconds: a chain of products of 1024 by 1024, stopped between any two."""
    shape = h.make_tensor("shape", T.INT64, [2], [1024, 1024])
    one = h.make_tensor("one", T.INT64, [2], [1, 1])
    nodes = [
        h.make_node("ReduceSum", ["input_ids"], ["s"], keepdims=0),
        h.make_node("Cast", ["s"], ["f"], to=T.FLOAT),
        h.make_node("Reshape", ["f", "one"], ["f1"]),
        h.make_node("Expand", ["f1", "shape"], ["x0"]),
    ]
    for i in range(300):
        nodes.append(h.make_node("MatMul", [f"x{i}", "x0"], [f"y{i}"]))
        nodes.append(h.make_node("Softmax", [f"y{i}"], [f"x{i + 1}"]))
    nodes.append(h.make_node("ReduceSum", ["x300"], ["all"], keepdims=0))
    nodes.append(h.make_node("Reshape", ["all", "one"], ["logits"]))
    inputs = [h.make_tensor_value_info("input_ids", T.INT64, ["batch", "length"])]
    save(path, nodes, inputs, [h.make_tensor_value_info("logits", T.FLOAT, ["batch", 1])], [shape, one])


x = h.make_tensor_value_info("x", T.FLOAT, [1])
y = h.make_tensor_value_info("y", T.FLOAT, [1])
save("../probe.onnx", [h.make_node("Add", ["x", "x"], ["y"])], [x], [y])
classifier("int64.onnx", T.INT64, T.INT64, T.INT64)
classifier("int32.onnx", T.INT32, T.INT32, T.INT32, output="scores")
classifier("no-types.onnx", T.INT64, T.INT64, listed=True)
classifier("only-ids.onnx", T.INT32)
classifier("mixed.onnx", T.INT32, T.INT64, T.INT64, extra=["hidden"])
classifier("bad-double.onnx", T.INT64, T.INT64, kind=T.DOUBLE)
classifier("bad-float-mask.onnx", T.INT64, T.FLOAT)
classifier("bad-two-outputs.onnx", T.INT64, T.INT64, output="first", extra=["second"])
packed("packed.onnx", T.INT64, T.INT64, T.INT64, T.INT64)
packed("packed-lengths.onnx", T.INT32, T.INT32, T.INT32, T.INT64, T.INT32)
slow("slow.onnx")
