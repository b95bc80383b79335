"""The whole exporter on folders that transformers wrote, and what it refuses.

golden/make.sh made the folders, and golden/NAME.npz with transformers' ids and logits.
"""

import contextlib
import hashlib
import io
import json
import pickle
import shutil
import tempfile
import unittest
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from export import architecture, checkpoint, huggingface
from export.graph import build
from export.session import Session
from export.wordpieces import WordPieces

GOLDEN = Path(__file__).parent / "golden"
NAMES = ("gelu", "gelu_new")  # the second is a pytorch_model.bin
FP32, PACKED, FP16, INT8 = 1e-4, 1e-5, 0.1, 0.5  # logits; these spread over 2.5


class Golden(unittest.TestCase):
    """Ids and logits against transformers."""

    def test_ids(self):
        for name in NAMES:
            texts = json.loads((GOLDEN / "texts.json").read_text())
            tokenizer = WordPieces(GOLDEN / name).tokenizer()
            tokenizer.enable_truncation(64)
            self.assertEqual([e.ids for e in tokenizer.encode_batch(texts)], golden(name)[1])

    def test_logits(self):
        bounds = {("fp32", "padded"): FP32, ("fp32", "packed"): FP32, ("fp16", "padded"): FP16,
                  ("fp16", "packed"): FP16, ("int8", "padded"): INT8, ("int8", "packed"): INT8}  # fmt: skip
        for name in NAMES:
            truth, ids = golden(name)
            for (precision, layout), bound in bounds.items():
                for kind in ("int32", "int64"):
                    with self.subTest(name=name, precision=precision, layout=layout, ids=kind):
                        session = Session(graph(name, precision, layout, kind))
                        found = session.logits(ids) if layout == "padded" else session.packed(ids, 64)
                        self.assertLess(np.abs(found - truth).max(), bound)

    def test_packed_is_unpacked(self):
        """In any rows, and alone in a row of its own length."""
        _, ids = golden("gelu")
        alone = Session(graph("gelu", "fp32")).each(ids)
        packed = Session(graph("gelu", "fp32", "packed"))
        for width in (64, 65, 200, 600):
            self.assertLess(np.abs(packed.packed(ids, width) - alone).max(), PACKED)
        each = np.concatenate([packed.packed([row], len(row)) for row in ids])
        self.assertLess(np.abs(each - alone).max(), PACKED)

    def test_int8_suffers_no_outlier(self):
        """A channel that reaches a hundred times as far as the others costs them nothing."""
        config, weights = read("gelu")
        weights["layers.0.norm1.weight"][3] *= 100
        weights["layers.0.up.weight"][:, 3] /= 100
        _, ids = golden("gelu")
        found = [Session(build(weights, config, p).SerializeToString()).each(ids) for p in ("fp32", "int8")]
        self.assertLess(np.abs(found[0] - found[1]).max(), INT8)


class Export(unittest.TestCase):
    """The command, on a copy of a golden folder that each test spoils in its own way."""

    def setUp(self):
        room = tempfile.TemporaryDirectory()
        self.addCleanup(room.cleanup)
        self.folder, self.out = Path(room.name) / "from", Path(room.name) / "to"
        shutil.copytree(GOLDEN / "gelu", self.folder)

    def test_writes_a_model(self):
        self.run_export("--graphs", "int8,fp16-packed,fp32", "--ids", "int32", "--name", "tiny")
        manifest = json.loads((self.out / "manifest.json").read_text())
        self.assertEqual((manifest["format"], manifest["name"], manifest["check"]), (1, "tiny", "tiny"))
        self.assertEqual({label["category"] for label in manifest["labels"]}, {"toxicity"})
        self.assertEqual({label["activation"] for label in manifest["labels"]}, {"sigmoid"})
        self.assertEqual(manifest["window"], {"tokens": 64, "overlap": 8})
        layouts = [(g["precision"], g.get("layout"), g["providers"][0]) for g in manifest["graphs"]]
        self.assertEqual(layouts, [("int8", None, "cpu"), ("fp16", "packed", "cuda"), ("fp32", None, "cpu")])
        for graph in manifest["graphs"]:
            content = (self.out / graph["file"]).read_bytes()
            self.assertEqual((graph["bytes"], graph["sha256"]), (len(content), hashlib.sha256(content).hexdigest()))
        self.assertEqual(len(manifest["known_answers"]), 4)

    def test_replaces_a_model_and_nothing_else(self):
        self.run_export()
        self.run_export("--graphs", "fp32")
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), ["manifest.json", "model.fp32.onnx", "vocab.txt"])
        (self.out / "manifest.json").unlink()
        self.refuses("holds files but no manifest.json")

    def test_reads_what_the_config_says(self):
        self.edit("config.json", problem_type="single_label_classification",
                  id2label={str(i): name for i, name in enumerate(("SAFE", "jailbreak", "Hate Speech", "x", "y", "z"))})  # fmt: skip
        self.edit("tokenizer_config.json", do_lower_case=False, strip_accents=True, model_max_length=40)
        self.run_export("--graphs", "fp32", *(f"--category={name}=other" for name in "xyz"))
        manifest = json.loads((self.out / "manifest.json").read_text())
        found = [(label["name"], label["category"]) for label in manifest["labels"][:3]]
        self.assertEqual(found, [("SAFE", "neutral"), ("jailbreak", "prompt_injection"), ("Hate_Speech", "toxicity")])
        self.assertEqual(manifest["labels"][0]["activation"], "softmax")
        self.assertAlmostEqual(sum(manifest["known_answers"][0]["scores"].values()), 1, places=3)
        self.assertEqual((manifest["tokenizer"]["lowercase"], manifest["tokenizer"]["strip_accents"]), (False, True))
        self.assertEqual(manifest["window"]["tokens"], 40)

    def test_refuses_configs(self):
        for key, value, words in (
            ("architectures", ["RobertaForSequenceClassification"], "RobertaForSequenceClassification"),
            ("architectures", None, "architectures is None"),
            ("model_type", "distilbert", "'distilbert'"),
            ("position_embedding_type", "relative_key", "position_embedding_type is 'relative_key'"),
            ("hidden_act", "relu", "hidden_act is 'relu', want one of gelu"),
            ("is_decoder", True, "is_decoder is True"),
            ("pruned_heads", {"0": [1]}, "pruned_heads"),
            ("quantization_config", {"bits": 8}, "quantization_config"),
            ("num_attention_heads", 3, "no multiple of num_attention_heads"),
            ("hidden_size", "16", "hidden_size is '16'"),
            ("problem_type", None, "--activation sigmoid"),
            ("problem_type", "regression", "'regression'"),
            ("id2label", {"0": "toxic", "2": "x"}, "id2label has the keys"),
            ("id2label", {str(i): f"LABEL_{i}" for i in range(6)}, "--category LABEL_0=C"),
            ("id2label", {str(i): "toxic" for i in range(6)}, "have one name"),
            ("id2label", {"0": "toxic", "1": "insult"}, "classifier.weight has the shape (6, 16), config.json wants (2, 16)"),
            ("num_hidden_layers", 1, "no place for: bert.encoder.layer.1"),
            ("num_hidden_layers", 3, "no tensor bert.encoder.layer.2"),
            ("vocab_size", 50, "vocab.txt has"),
        ):
            with self.subTest(key=key, value=value):
                shutil.copy(GOLDEN / "gelu" / "config.json", self.folder)
                self.edit("config.json", **{key: value})
                self.refuses(words)

    def test_refuses_tokenizers(self):
        for key, value, words in (
            ("tokenizer_class", "RobertaTokenizer", "'RobertaTokenizer'"),
            ("tokenize_chinese_chars", False, "tokenize_chinese_chars is False"),
            ("do_basic_tokenize", False, "do_basic_tokenize is False"),
            ("cls_token", "<s>", "cls_token is '<s>'"),
            ("additional_special_tokens", ["[USER]"], "added tokens, which the service would not match: [USER]"),
        ):
            with self.subTest(key=key):
                shutil.copy(GOLDEN / "gelu" / "tokenizer_config.json", self.folder)
                self.edit("tokenizer_config.json", **{key: value})
                self.refuses(words)
        (self.folder / "tokenizer_config.json").unlink()
        self.refuses("--lowercase yes")
        self.run_export("--lowercase", "yes", "--graphs", "fp32")
        (self.folder / "vocab.txt").write_text("a\nb\n")
        self.refuses("no entry [UNK]", "--lowercase", "yes")
        (self.folder / "vocab.txt").unlink()
        self.refuses("has no vocab.txt", "--lowercase", "yes")

    def test_refuses_weights(self):
        path = self.folder / "model.safetensors"
        for name, change, words in (
            ("classifier.bias", lambda w: w * np.nan, "classifier.bias holds something else than finite"),
            ("bert.pooler.dense.weight", lambda w: w[:3], "bert.pooler.dense.weight has the shape (3, 16)"),
        ):
            state = load_file(GOLDEN / "gelu" / "model.safetensors")
            save_file(state | {name: change(state[name]).copy()}, path)
            self.refuses(words)
        path.write_bytes(b"cut")
        self.refuses("model.safetensors cannot be read")
        path.rename(self.folder / "model.safetensors.index.json")
        self.refuses("save it in one file")

    def test_refuses_flags(self):
        for flags, words in (
            (["--activation", "softmax"], "contradicts config.json"),
            (["--category", "safe=neutral"], "there is no such label"),
            ([f"--category={n}=neutral" for n in ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")], "all labels are neutral"),
            (["--window", "65"], "3 to 64 tokens"),
            (["--window", "20", "--overlap", "18"], "want 0 to 17"),
            (["--name", "No Name"], "--name No Name"),
        ):
            with self.subTest(flags=flags):
                self.refuses(words, *flags)

    def test_runs_no_pickle(self):
        """A pickle that calls anything is refused before it is called."""
        (self.folder / "model.safetensors").unlink()
        witness = self.folder / "ran"

        class Attack:
            def __reduce__(self):
                return Path.touch, (witness,)

        with zipfile.ZipFile(self.folder / "pytorch_model.bin", "w") as archive:
            archive.writestr("model/data.pkl", pickle.dumps({"x": Attack()}))
        self.refuses("the pickle asks for")
        self.assertFalse(witness.exists())
        (self.folder / "pytorch_model.bin").write_bytes(pickle.dumps({}))
        self.refuses("is no zip file")

    def edit(self, file, **values):
        path = self.folder / file
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    def run_export(self, *flags):
        self.assertEqual(self.command(*flags), "")

    def refuses(self, words, *flags):
        """The command fails with these words."""
        said = self.command(*flags)
        self.assertIn(words, said)

    def command(self, *flags):
        """What it wrote to stderr; empty if and only if it returned 0."""
        said, fixed = io.StringIO(), [str(self.folder), "--out", str(self.out), "--source", "https://example.org", "--licence", "MIT"]
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            code = huggingface.main([*fixed, *flags])
        self.assertEqual(code == 0, said.getvalue() == "", said.getvalue())
        return said.getvalue()


def golden(name):
    """transformers' logits, and the ids of each text."""
    found = np.load(GOLDEN / f"{name}.npz")
    return found["logits"], [row.tolist() for row in np.split(found["ids"], np.cumsum(found["lengths"])[:-1])]


def read(name):
    config = architecture.read(GOLDEN / name)
    return config, checkpoint.read(GOLDEN / name, config, 6)


def graph(name, precision, layout="padded", ids="int64"):
    config, weights = read(name)
    return build(weights, config, precision, layout, ids).SerializeToString()


if __name__ == "__main__":
    unittest.main()
