"""Runs an ONNX graph on the CPU, as the service does."""

import numpy as np
import onnxruntime

TYPES = {"tensor(int32)": np.int32, "tensor(int64)": np.int64}


class Session:
    """model: a path or serialised bytes. One thread, so figures do not depend on the machine's load."""

    def __init__(self, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        source = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        self._types = {value.name: TYPES[value.type] for value in self._session.get_inputs()}

    def logits(self, sequences):
        """float32 [len(sequences), labels] for one padded batch of token id lists."""
        return self.run(*pad(sequences))

    def run(self, ids, mask):
        return self.feed({"input_ids": ids, "attention_mask": mask})

    def each(self, sequences):
        """The same, one sequence at a time: what the service computes."""
        return np.concatenate([self.logits([sequence]) for sequence in sequences])

    def packed(self, sequences, width):
        """The same for a packed graph: rows of `width` tokens, filled first-fit in the order given."""
        return self.feed(pack(sequences, width))

    def feed(self, tensors):
        """Logits for integer tensors by the inputs' names; those the graph has no input for are left out."""
        given = {name: tensors[name].astype(kind) for name, kind in self._types.items()}
        return self._session.run(["logits"], given)[0]


def pad(sequences):
    """ids and mask, int64 [batch, longest], padded with 0 on the right."""
    ids = np.zeros((len(sequences), max(map(len, sequences))), np.int64)
    mask = np.zeros_like(ids)
    for i, sequence in enumerate(sequences):
        ids[i, : len(sequence)] = sequence
        mask[i, : len(sequence)] = 1
    return ids, mask


def pack(sequences, width):
    """The inputs of a packed graph, laid out as docs/models.md says. width: at least the longest sequence."""
    used, starts = [], []
    for sequence in sequences:
        row = next((i for i, end in enumerate(used) if end + len(sequence) <= width), len(used))
        used += [0] * (row == len(used))
        starts.append(row * width + used[row])
        used[row] += len(sequence)
    ids, texts, places = np.zeros((3, len(used) * width), np.int64)
    for i, (start, sequence) in enumerate(zip(starts, sequences)):
        here = slice(start, start + len(sequence))
        ids[here], texts[here], places[here] = sequence, i + 1, range(len(sequence))
    rows = {"input_ids": ids, "sequence_ids": texts, "position_ids": places}
    tensors = {name: flat.reshape(-1, width) for name, flat in rows.items()}
    lengths = [len(sequence) for sequence in sequences]
    return tensors | {"text_starts": np.array(starts), "text_lengths": np.array(lengths)}
