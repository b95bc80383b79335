"""One model against the reference: every graph, over all texts, with what each must keep to."""

import json
import subprocess
import time

import numpy as np
from onnx import TensorProto, numpy_helper

from export.agreement import Agreement
from export.graph import build
from export.session import Session

LOGITS, PACKED, HALF = 1e-3, 1e-4, 5e-3  # fp32 against PyTorch; packed against one by one; probabilities of fp16
# int8 is held to what tells a sound graph from a broken one. The aim is stricter.
EIGHT_MEAN, EIGHT_RANK, EIGHT_SERVED = 1e-2, 0.97, 0.1
EIGHT_AIM, RANK_AIM = 2e-2, 0.995
CHUNK, ROW = 25, 512  # texts between two words of progress; tokens in a packed row
INT32_TEXTS = 100


class Proof:
    """Collects the lines of the table, and what was missed."""

    def __init__(self, name, weights, config, truth, ids):
        """weights, config: as export.graph.build takes them; truth: PyTorch's logits; ids: token ids of each text."""
        self.name, self.weights, self.config, self.truth, self.ids = name, weights, config, truth, ids
        self.lines, self.missed = [], []

    def run(self):
        single = self.graph("fp32")
        found = self.compare("fp32", self.truth, single)
        self.must(found.logit <= LOGITS, f"fp32: logits differ by {found.logit:.1e}, allowed {LOGITS:.0e}")
        self.same("fp32, int32 ids", single[:INT32_TEXTS], self.graph("fp32", ids="int32", texts=INT32_TEXTS), 1e-6)
        self.same("fp32, packed", single, self.graph("fp32", "packed"), PACKED)
        self.eight(self.compare("int8", self.truth, self.graph("int8")))
        found = self.compare("fp16 on the CPU", self.truth, self.graph("fp16"))
        self.must(found.worst <= HALF, f"fp16: probabilities differ by {found.worst:.1e}, allowed {HALF:.0e}")
        self.round_trip()

    def eight(self, found):
        self.must(found.mean <= EIGHT_MEAN, f"int8: probabilities differ by {found.mean:.1e} on average, allowed {EIGHT_MEAN:.0e}")
        self.must(found.rank >= EIGHT_RANK, f"int8: rank correlation {found.rank:.4f}, wanted {EIGHT_RANK}")
        for what, value, aim in (("worst", found.worst, EIGHT_AIM), ("of 99 %", found.usual, EIGHT_AIM), ("rank", -found.rank, -RANK_AIM)):
            print(f"{self.name}: int8, {what}: {abs(value):.4f}, aim {abs(aim)}: {'met' if value <= aim else 'not met'}")

    def graph(self, precision, layout="padded", ids="int64", texts=None):
        """Logits of the first texts, all by default."""
        session = Session(build(self.weights, self.config, precision, layout, ids).SerializeToString())
        rows, done, began = self.ids[:texts], [], time.monotonic()
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            done.append(session.each(chunk) if layout == "padded" else session.packed(chunk, ROW))
            took = time.monotonic() - began
            print(f"\r{self.name}: {precision} {layout}: {start + len(chunk)} of {len(rows)} texts, {took:.0f} s", end="", flush=True)
        print()
        return np.concatenate(done)

    def compare(self, what, truth, logits):
        found = Agreement(truth, logits)
        self.lines.append(f"| {self.name} | {what} | {found.row()} |")
        return found

    def same(self, what, one, other, allowed):
        found = self.compare(f"{what}, against fp32", one, other)
        self.must(found.logit <= allowed, f"{what}: logits differ by {found.logit:.1e} from fp32's, allowed {allowed:.0e}")

    def round_trip(self):
        """The fp16 graph holds the nearest half of every weight, and float only at its edges."""
        graph = build(self.weights, self.config, "fp16").graph
        turned = {node.input[1] for node in graph.node if node.op_type in ("MatMul", "Attention")}
        halves = {c.name: numpy_helper.to_array(c) for c in graph.initializer if c.data_type == TensorProto.FLOAT16}
        for name, half in halves.items():
            weight = self.weights[name].T if name in turned else self.weights[name]
            step = np.maximum(np.abs(weight) * 2**-11, 2**-25)
            self.must((np.abs(half.astype(np.float32) - weight) <= step).all(), f"fp16: {name} is not the nearest half")
        self.must(graph.output[0].type.tensor_type.elem_type == TensorProto.FLOAT, "fp16: logits are not float32")
        left = sorted(name for name in self.weights if name not in halves and not name.startswith(("pooler", "classifier", "head")))
        self.must(not left, f"fp16: weights left out: {', '.join(left)}")
        print(f"{self.name}: {len(halves)} tensors in fp16, each the nearest half of its weight")

    def must(self, holds, why):
        if not holds:
            self.missed.append(f"{self.name}: {why}")


def served(binary, folder, texts, truth):
    """Runs the service's own binary on a model folder; what it says that differs, as a list of words.

    It verifies the folder, loads it, which compares the known answers, and scores the texts with int8.
    """
    subprocess.run([binary, "model", "verify", str(folder)], check=True)
    missed = []
    for text, logits in zip(texts, truth):
        ran = subprocess.run([binary, "check", "--model", str(folder), "--json", text], capture_output=True, text=True)
        scores = [entry["score"] for entry in json.loads(ran.stdout)["scores"]]
        apart = float(np.abs(np.array(scores) - 1 / (1 + np.exp(-logits))).max())
        print(f"served: {len(text)} characters, scores within {apart:.1e} of PyTorch's")
        if not apart <= EIGHT_SERVED:
            missed.append(f"served: scores of {text[:40]!r} differ by {apart:.1e}, allowed {EIGHT_SERVED}")
    return missed
