"""A server under test: started with its log in a file, waited for, measured, ended."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from benchmarks.machine import cpu_seconds, own_cpu_seconds, resident_mb

__all__ = ["Running", "run"]


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path, seconds: float = 600) -> None:
    """A step that must succeed; raises with the end of its log when it doesn't."""
    with log.open("a") as out:
        code = subprocess.run(
            command, env=env, cwd=cwd, stdout=out, stderr=out, stdin=subprocess.DEVNULL, timeout=seconds, check=False
        ).returncode
    if code:
        raise RuntimeError(f"{command[0]} ended with {code}:\n{_end_of(log)}")


class Running:
    """A server on a port of its own."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path, port: int) -> None:
        self.port = port
        self.log = log
        with log.open("a") as out:
            self._process = subprocess.Popen(
                command, env=env, cwd=cwd, stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cpu(self) -> float:
        """CPU seconds so far, children included."""
        return cpu_seconds(self._process.pid)

    @property
    def own_cpu(self) -> float:
        """CPU seconds so far, without children that are still there."""
        return own_cpu_seconds(self._process.pid)

    @property
    def memory_mb(self) -> float:
        return resident_mb(self._process.pid)

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def wait(self, path: str, seconds: float = 120) -> None:
        """Until it answers 200; raises with the end of its log when it ends or takes too long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._process.poll() is None:
            try:
                if httpx.get(self.url + path, timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"the server did not come up:\n{_end_of(self.log)}")

    def stop(self) -> None:
        """End it in order, or else at once."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
