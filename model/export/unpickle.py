"""Reads the tensors of a pytorch_model.bin without running anything in it.

A pickle is a program. This one may call three functions, all of them here; whatever
else it names is refused. torch.load(weights_only=True) is not used because it could be
broken out of before PyTorch 2.6 (CVE-2025-32434).
"""

import pickle
import zipfile
from collections import OrderedDict

import numpy as np

from export.refused import Refused, must

STORAGES = {
    "FloatStorage": np.float32, "DoubleStorage": np.float64, "HalfStorage": np.float16, "BFloat16Storage": np.uint16,
    "LongStorage": np.int64, "IntStorage": np.int32, "ByteStorage": np.uint8, "BoolStorage": np.bool_,
}  # fmt: skip


def read(path):
    """Tensors by name, float32 where they are floats; refuses any other pickle, and PyTorch's format before 1.6."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path.name)
    except zipfile.BadZipFile:
        raise Refused(
            f"{path.name} is no zip file: it was cut, is a pointer of Git LFS, or in PyTorch's format before 1.6;"
            " load it with transformers and save_pretrained it as model.safetensors"
        ) from None
    except (pickle.UnpicklingError, KeyError, TypeError, ValueError, EOFError, IndexError, AttributeError) as wrong:
        raise Refused(f"{path.name} is damaged or no plain state dict: {wrong}") from None


def _read(archive, name):
    pickles = [entry for entry in archive.namelist() if entry.endswith("/data.pkl")]
    must(len(pickles) == 1, f"{name} holds {len(pickles)} pickles named data.pkl, want 1")
    folder = pickles[0].removesuffix("data.pkl")
    must(_order(archive, folder) == "little", f"{name} was written on a big-endian machine")
    with archive.open(pickles[0]) as file:
        state = _Tensors(file, archive, folder).load()
    must(isinstance(state, dict), f"{name} holds no dictionary of tensors")
    for key, value in state.items():
        must(isinstance(key, str) and isinstance(value, np.ndarray), f"{name}: {key!r} is no tensor")
    return dict(state)


def _order(archive, folder):
    entry = folder + "byteorder"
    return archive.read(entry).decode().strip() if entry in archive.namelist() else "little"


class _Storage:
    """Stands for a storage type in the pickle."""

    def __init__(self, name):
        self.name = name


class _Tensors(pickle.Unpickler):
    def __init__(self, file, archive, folder):
        super().__init__(file)
        self._archive, self._folder = archive, folder

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _parameter
        if module == "torch" and name in STORAGES:
            return _Storage(name)
        raise Refused(f"the pickle asks for {module}.{name}, which is not needed for tensors: do not load this file")

    def persistent_load(self, reference):
        """The numbers of one storage, flat."""
        kind, storage, key, _, count = reference
        must(kind == "storage" and isinstance(storage, _Storage), f"the pickle refers to a {kind}, want a storage")
        values = np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), STORAGES[storage.name])
        must(len(values) == count, f"storage {key} has {len(values)} numbers, the pickle says {count}")
        if storage.name == "BFloat16Storage":
            return (values.astype(np.uint32) << 16).view(np.float32)
        return values.astype(np.float32) if values.dtype.kind == "f" else values


def _tensor(storage, offset, size, stride, *_):
    """A view of the storage; its last number must lie within."""
    last = offset + sum((n - 1) * step for n, step in zip(size, stride))
    must(len(size) == len(stride) and min((offset, *size, *stride)) >= 0, "a tensor has negative sizes")
    must(0 in size or last < len(storage), "a tensor reaches beyond its storage")
    steps = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps, writeable=False)


def _parameter(tensor, *_):
    return tensor
