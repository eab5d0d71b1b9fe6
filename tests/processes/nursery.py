"""Has read all of Bookable once and starts its processes by fork, each in a fraction of the time it takes to read.

Run as `python -m tests.processes.nursery`, one JSON object a line: `{"start": words, "environment": …, "folder": …,
"log": …}` is answered with the process's id, `{"poll": pid}` with how it ended, or null.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["Forked", "Nursery"]

_ROOT = Path(__file__).parents[2]


class Nursery:
    """The program, from the side of a test: `with Nursery() as nursery: …nursery.start(…)…`."""

    def __enter__(self) -> "Nursery":
        self._program = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT / "src")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *exc: object) -> None:
        self._program.communicate(timeout=10)

    def ask(self, **what: Any) -> Any:
        """The program's answer."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps(what) + "\n")
        self._program.stdin.flush()
        return json.loads(self._program.stdout.readline())

    def start(self, words: tuple[str, ...], environment: dict[str, str], log: Path) -> "Forked":
        """`bookable` with these words and settings."""
        pid = self.ask(start=words, environment=environment, folder=str(log.parent), log=str(log))
        return Forked(self, pid)


class Forked:
    """One of its processes: what `subprocess.Popen` offers, as far as it is needed."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._nursery.ask(poll=self.pid)
        return self._code

    def send_signal(self, how: int) -> None:
        if self._code is None:
            os.kill(self.pid, how)

    def wait(self, timeout: float) -> int:
        end = time.monotonic() + timeout
        while (code := self.poll()) is None:
            assert time.monotonic() < end, "it does not end"
            time.sleep(0.01)
        return code


def _start(what: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.chdir(what["folder"])
    log = os.open(what["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for mine, theirs in ((os.open(os.devnull, os.O_RDONLY), 0), (log, 1), (log, 2)):
        os.dup2(mine, theirs)
    os.environ.clear()
    os.environ.update(what["environment"])
    from bookable.cli import app

    try:
        app(what["start"])
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    os._exit(1)


def _poll(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import bookable.app
    import bookable.cli
    import bookable.integrations.stripe
    import bookable.migrate
    import bookable.seeding.starting  # noqa: F401 - read before the first fork

    for line in sys.stdin:
        what = json.loads(line)
        print(json.dumps(_start(what) if "start" in what else _poll(what["poll"])), flush=True)


if __name__ == "__main__":
    _main()
