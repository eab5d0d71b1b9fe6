"""The keeper of one embedded server: a process that starts it, starts it again when it dies, and ends it
when nobody needs it any more. `python -m bookable.embedded` is started by the front door, not by people.

It tells how the start goes on its standard output: `say …` lines, then `ready`, or `kept` when another keeper was
quicker, or one `error …`.
"""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bookable.embedded.locks import Lock
from bookable.embedded.places import EmbeddedError, Place
from bookable.embedded.postgres import Postgres
from bookable.embedded.processes import end_left_overs
from bookable.embedded.signals import drain, wake_up_pipe
from bookable.embedded.valkey import Valkey

__all__ = ["main"]

Server = Postgres | Valkey

_KINDS: dict[str, type[Postgres] | type[Valkey]] = {"postgres": Postgres, "valkey": Valkey}
_START_LIMIT = 120.0
_STOP_LIMIT = 20.0
_LOOK_EVERY = 0.25
_LOG_LIMIT = 10 * 1024 * 1024


class _Died(Exception):
    """The server ended before it was ready."""


class Keeper:
    """Holds one server up. Everything is done in one thread; signals only wake it."""

    def __init__(self, server: Server, say: Callable[[str], None]) -> None:
        self.server = server
        self.place = server.place
        self.say = say
        self.leaving = False
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """From whatever was left to a server that is ready; `EmbeddedError` when that can't be."""
        self._not_ready()
        first = self.server.stop_signals[0]
        if end_left_overs(self.place.tag, gently=first, patience=_STOP_LIMIT):
            self.note("ended what an earlier keeper had left running")
        self.server.prepare(self.say)
        port = self.place.state.get("port") or _free_port()
        for _ in range(5):
            try:
                return self._launch(port if _is_free(port) else (port := _free_port()))
            except _Died:
                port = _free_port()
        raise EmbeddedError(f"{self.server.title} does not start; the reason is at the end of {self.place.log}")

    def keep(self, users: Lock) -> None:
        """Stay until the last user has gone; a server that dies meanwhile is started again on its port."""
        wake, pause, failures = wake_up_pipe(self._leave), _LOOK_EVERY, 0
        while not self.leaving and not users.take():
            select.select([wake], [], [], pause)
            drain(wake)
            if self.process is not None and self.process.poll() is None:
                self._trim_log()
                continue
            failures = 0 if self._start_again() else failures + 1
            pause = min(_LOOK_EVERY * 2**failures, 5.0)

    def stop(self) -> None:
        """End the server in its own orderly way, by force only when it does not come to an end."""
        self._not_ready()
        if self.process is None:
            return
        for how in self.server.stop_signals:
            self.process.send_signal(how)
            try:
                self.process.wait(_STOP_LIMIT)
                break
            except subprocess.TimeoutExpired:
                self.note(f"has not ended {_STOP_LIMIT:.0f} s after {how.name}")
        end_left_overs(self.place.tag, gently=signal.SIGTERM, patience=1.0)

    def note(self, what: str) -> None:
        """Write a line about this server into its own log."""
        with self.place.log.open("a") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S UTC} [keeper] {self.server.title} {what}\n")

    def _start_again(self) -> bool:
        code = self.process.returncode if self.process else None
        self.note(f"died (exit {code}); starting it again")
        try:
            end_left_overs(self.place.tag, gently=signal.SIGTERM, patience=1.0)
            self.server.prepare(self.say)
            self._launch(self.place.state["port"])
        except (_Died, EmbeddedError, OSError) as error:
            self.note(f"did not start again: {error}")
            return False
        return True

    def _launch(self, port: int) -> None:
        with self.place.log.open("ab") as log:
            self.process = process = self.server.launcher.start(
                self.server.command(port),
                cwd=self.place.home,
                output=log.fileno(),
                dies_with_us=self.server.stop_signals[0],
            )
        if process.stdin is not None:
            process.stdin.write(self.server.told(port).encode())
            process.stdin.close()
        self._wait_until_ready(process, port)
        self.starts += 1
        self.place.write_state(port=port, pid=process.pid, keeper=os.getpid(), starts=self.starts)

    def _wait_until_ready(self, process: subprocess.Popen[bytes], port: int) -> None:
        until = time.monotonic() + _START_LIMIT
        while not self.server.ready(port, process.pid):
            if process.poll() is not None:
                raise _Died(f"exit {process.returncode}")
            if time.monotonic() > until:
                raise EmbeddedError(
                    f"{self.server.title} is not ready after {_START_LIMIT:.0f} s; see {self.place.log}"
                )
            time.sleep(0.01)

    def _not_ready(self) -> None:
        self.place.write_state(**self.place.state | {"keeper": 0})

    def _trim_log(self) -> None:
        """Keep one old log; the file is emptied in place because the server goes on appending to it."""
        if self.place.log.stat().st_size > _LOG_LIMIT:
            shutil.copyfile(self.place.log, self.place.log.with_suffix(".log.1"))
            os.truncate(self.place.log, 0)

    def _leave(self) -> None:
        self.leaving = True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _tell(word: str, text: str = "") -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever asked for the start may be gone; others may need it
        print(word, text, flush=True)  # noqa: T201 - this is the protocol with joining.py


def main(name: str, data_dir: str, durable: str) -> int:
    """Keep one server of this DATA_DIR for as long as anybody uses it."""
    place = Place(Path(data_dir), name)
    alive, users = Lock(place.alive), Lock(place.users)
    if not alive.take(wait=0.5):
        _tell("kept")
        return 0
    keeper = Keeper(_KINDS[name](place, durable == "durable"), lambda text: _tell("say", text))
    try:
        keeper.start()
        _tell("ready")
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        keeper.keep(users)
    except (EmbeddedError, _Died) as error:
        _tell("error", str(error))
        return 1
    finally:
        keeper.stop()
    return 0
