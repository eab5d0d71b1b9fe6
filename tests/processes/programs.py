"""`bookable …` as whole processes, which can be killed and started again at the same address."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.processes.nursery import Forked, Nursery

__all__ = ["ForkedServer", "Program", "Server", "free_port"]

_ROOT = Path(__file__).parents[2]
_NO_LIMITS = {f"RATE_LIMIT_{tier}": "off" for tier in ("CREDENTIALS", "ACCOUNT", "WRITES", "READS")}
_START = 60.0


def free_port() -> int:
    """A port of loopback that nobody listens at just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Program:
    """One process of `bookable`, with the settings given and no others."""

    def __init__(self, *words: str, log: Path, **settings: object) -> None:
        self._words = words
        self._log = log
        named = {name.upper(): str(value) for name, value in settings.items()}
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        self._environment = {**kept, "APP_ENV": "test", **_NO_LIMITS, **named}
        self._process: subprocess.Popen[bytes] | Forked | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it said so far, in all its lives."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Start it; it may take a while until it can be used."""
        assert self._process is None
        self._process = self._begun()

    def _begun(self) -> subprocess.Popen[bytes] | Forked:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "bookable.cli", *self._words],
                cwd=self._log.parent,
                env={**self._environment, "PYTHONPATH": str(_ROOT / "src")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, and wait until it has; answers how it did."""
        return self._end(signal.SIGTERM)

    def ask_to_end(self) -> None:
        """Ask it to end, and don't wait."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    def run(self) -> int:
        """Start it and wait for its own end; answers how it ended."""
        self.start()
        return self._waited()

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        return self._waited()

    def _waited(self) -> int:
        assert self._process is not None
        code = self._process.wait(60)
        self._process = None
        return code


class Server(Program):
    """`bookable serve`, at an address that stays the same over its lives."""

    def __init__(self, *words: str, log: Path, **settings: object) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        super().__init__("serve", *words, log=log, port=self.port, **settings)

    def start_and_wait(self) -> float:
        """Start it and wait until it says that it is ready; answers how long that took."""
        began = time.monotonic()
        self.start()
        while not self.is_ready():
            assert self._process is not None
            assert self._process.poll() is None, self.log[-4000:]
            assert time.monotonic() < began + _START, self.log[-4000:]
            time.sleep(0.05)
        return time.monotonic() - began

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.address}/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


class ForkedServer(Server):
    """A server whose lives begin in a nursery: quickly."""

    def __init__(self, nursery: Nursery, *words: str, log: Path, **settings: object) -> None:
        super().__init__(*words, log=log, **settings)
        self._nursery = nursery

    def _begun(self) -> Forked:
        return self._nursery.start(self._words, self._environment, self._log)
