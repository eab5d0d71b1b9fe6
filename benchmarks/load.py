"""The load generator, as the harness sees it."""

import subprocess
import sys
from types import TracebackType
from typing import Self

import msgspec

from benchmarks.plans import Order, Outcome

__all__ = ["Generator"]


class Generator:
    """A context manager around the process that makes the load."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.generator"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()

    def run(self, order: Order) -> Outcome:
        """Carry the order out; returns when its last answer is in."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(msgspec.json.encode(order).decode() + "\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Outcome)
