"""Asks the service itself: what it decides about texts, with which scores.

Runs the binary with the model under test and its default configuration, and
talks to it over one gRPC stream (grpcurl), as any client would.
"""

import hashlib
import json
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
STREAM = "portcullis.v1.ValidationService/ValidateStream"
START_SECONDS = 60
# A busy machine must not make verdicts out of deadlines: few texts at once, each with time.
PATIENCE = ("server.default_deadline=60s", "server.stream_in_flight=4")
BATCH = 250  # texts a stream, so that progress can be told


@dataclass(frozen=True)
class Verdict:
    decision: str  # ALLOW, SANITIZE, REVIEW or BLOCK
    scores: dict  # of the model, by label


class Service:
    """binary: portcullis; model: a folder with manifest.json; grpcurl: a path."""

    def __init__(self, binary, model, grpcurl):
        self.binary, self.model, self.grpcurl = binary, model, grpcurl

    def verdicts(self, requests, progress, cache):
        """A Verdict for each (text, origin), under the default policy. Answers of the same binary and model
        to the same requests are read from the folder `cache`."""
        file = cache / f"verdicts-{self._digest(requests)}.json"
        if not file.exists():
            answers = []
            with self._running() as address:
                for part in progress.watch(_parts(requests), "served policy", f"parts of {BATCH} texts"):
                    answers += self._ask(address, part)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(answers))
        return [Verdict(*answer) for answer in json.loads(file.read_text())]

    def _digest(self, requests):
        content = [self.binary.read_bytes(), (self.model / "manifest.json").read_bytes(), json.dumps(requests).encode()]
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in content)).hexdigest()[:16]

    @contextmanager
    def _running(self):
        address, metrics = (f"127.0.0.1:{_free_port()}" for _ in range(2))
        flags = ["--model", str(self.model), "--provider", "cpu", "--log-level", "warn"]
        settings = [f"server.listen={address}", f"server.metrics_listen={metrics}", *PATIENCE]
        command = [str(self.binary), "serve", *flags, *(f"--set={setting}" for setting in settings)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            self._wait(process, address)
            yield address
        finally:
            process.terminate()
            process.wait()

    def _wait(self, process, address):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            probe = [str(self.binary), "healthcheck", "--addr", address]
            if subprocess.run(probe, capture_output=True).returncode == 0:
                return
            time.sleep(0.2)
        raise SystemExit(f"{self.binary.name} serve did not start with the model {self.model.name}")

    def _ask(self, address, requests):
        lines = [
            json.dumps({"id": str(i), "request": {"text": text, "origin": f"ORIGIN_{origin.upper()}"}})
            for i, (text, origin) in enumerate(requests)
        ]
        command = [str(self.grpcurl), "-plaintext", "-max-msg-sz", str(32 << 20), "-d", "@", address, STREAM]
        run = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(f"grpcurl: {run.stderr}")
        answers = dict(filter(None, map(_answer, _objects(run.stdout))))
        return [answers[str(i)] for i in range(len(requests))]


def tool(name):
    """The path of a tool that the project pins, built if need be."""
    return Path(subprocess.check_output([str(ROOT / "scripts" / "tool.sh"), name], text=True).strip())


def _answer(message):
    """(id, [decision, scores]) of a verdict; None for a partial result. A refused text is an error."""
    if "rejection" in message:
        raise SystemExit(f"the service refused a text: {message['rejection']}")
    if "verdict" not in message:
        return None
    verdict = message["verdict"]
    failed = [check for check in verdict["checks"] if check["state"] in ("CHECK_STATE_FAILED", "CHECK_STATE_TIMED_OUT")]
    if failed:
        raise SystemExit(f"a check failed, so the verdict says nothing of the model: {failed}")
    scores = {s["label"]: s.get("score", 0.0) for s in verdict.get("scores", [])}
    return message["id"], [verdict["decision"].removeprefix("DECISION_"), scores]


def _objects(text):
    """The JSON values of a text that holds one behind the other."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(text):
        value, place = decoder.raw_decode(text, place)
        yield value
        while place < len(text) and text[place].isspace():
            place += 1


def _parts(requests):
    return [requests[i : i + BATCH] for i in range(0, len(requests), BATCH)]


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
