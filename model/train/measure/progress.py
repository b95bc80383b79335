"""Tells on standard error what is being scored and how long it will take."""

import sys
import time


class Progress:
    """Lines at most every `every` seconds, and one at the end of each set that took longer."""

    def __init__(self, every=5.0, out=sys.stderr):
        self.every, self.out, self.began = every, out, time.monotonic()

    def watch(self, items, what, unit="texts"):
        """The items, one by one."""
        begun = told = time.monotonic()
        for done, item in enumerate(items):
            yield item
            now = time.monotonic()
            if now - told >= self.every:
                told = now
                left = (now - begun) / (done + 1) * (len(items) - done - 1)
                self.say(f"{what}: {done + 1} of {len(items)} {unit}, {left:.0f} s left")
        self.say(f"{what}: {len(items)} {unit} in {time.monotonic() - begun:.1f} s")

    def say(self, line):
        print(f"{time.monotonic() - self.began:5.0f} s  {line}", file=self.out, flush=True)
