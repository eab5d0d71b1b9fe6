"""Using a server: to join its users, starting a keeper when there is none, and to leave them again."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bookable.embedded.locks import Lock, is_held
from bookable.embedded.places import EmbeddedError, Place
from bookable.embedded.signals import LAST_USER_LEAVES

__all__ = ["Membership"]

_SOURCE = Path(__file__).resolve().parents[2]
_LEAVE_LIMIT = _JOIN_LIMIT = 60.0
_WATCH_EVERY = 0.25


class Membership:
    """One process's use of one server, from `join` to `leave`."""

    def __init__(self, place: Place, *, durable: bool) -> None:
        self.place = place
        self.durable = durable
        self._users = Lock(place.users)
        self._keeper: subprocess.Popen[str] | None = None
        self._left = threading.Event()
        self._watcher: threading.Thread | None = None

    @classmethod
    def join(cls, place: Place, *, durable: bool, say: Callable[[str], None]) -> "Membership":
        """Be one of its users; when this returns, it takes connections."""
        joined = cls(place, durable=durable)
        try:
            joined._join(say)
        except BaseException:
            joined._users.release()
            raise
        return joined

    @property
    def port(self) -> int:
        port: int = self.place.state["port"]
        return port

    @property
    def password(self) -> str:
        return self.place.secret()[0]

    def leave(self) -> None:
        """Be no user any more; the last one sees the server to its end. Safe to say twice."""
        if self._left.is_set():
            return
        self._left.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._users.take():
            self._wait_for_end()
        self._users.release()

    def watch(self, say: Callable[[str], None]) -> None:
        """Start looking after the keeper, in a thread that ends at `leave`."""
        if self._watcher is None:
            self._watcher = threading.Thread(
                target=self._watch, args=(say,), name=f"watch-{self.place.name}", daemon=True
            )
            self._watcher.start()

    def _join(self, say: Callable[[str], None]) -> None:
        with Lock(self.place.starting):
            if not self._users.take(shared=True, wait=_LEAVE_LIMIT):
                raise EmbeddedError(f"An earlier {self.place.name} of {self.place.data_dir} does not come to its end")
            until = time.monotonic() + _JOIN_LIMIT
            while not self._is_ready():
                if not is_held(self.place.alive):
                    self._start_keeper(say)
                elif time.monotonic() > until:
                    raise EmbeddedError(f"{self.place.name} does not get ready; see {self.place.log}")
                time.sleep(0.02)

    def _is_ready(self) -> bool:
        """Whether a keeper has it ready and it can be reached: not so in a start, an end or a mishap."""
        state = self.place.state
        if not state.get("keeper") or not is_held(self.place.alive):
            return False
        try:
            socket.create_connection(("127.0.0.1", state["port"]), timeout=1).close()
        except OSError:
            return False
        return True

    def _start_keeper(self, say: Callable[[str], None]) -> None:
        command = [sys.executable, "-m", "bookable.embedded", self.place.name, str(self.place.data_dir)]
        python_path = os.pathsep.join(filter(None, [str(_SOURCE), os.environ.get("PYTHONPATH")]))
        with self.place.log.open("ab") as log:
            os.chmod(self.place.log, 0o600)
            self._keeper = subprocess.Popen(  # noqa: S603 - the words are our own
                [*command, "durable" if self.durable else "careless"],
                cwd="/",
                env=os.environ | {"PYTHONPATH": python_path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._hear(self._keeper, say)

    def _hear(self, keeper: subprocess.Popen[str], say: Callable[[str], None]) -> None:
        """Pass on what the keeper tells until it is ready, or leaves it to another one."""
        told = "error it ended without a word"
        with keeper.stdout or open(os.devnull) as lines:
            for line in lines:
                told = line.rstrip("\n")
                if told.startswith("say "):
                    say(told.removeprefix("say "))
                else:
                    break
        if told.strip() not in {"ready", "kept"}:
            keeper.wait()
            raise EmbeddedError(f"{told.removeprefix('error ')} (log: {self.place.log})")

    def _wait_for_end(self) -> None:
        until = time.monotonic() + _LEAVE_LIMIT
        while is_held(self.place.alive) and time.monotonic() < until:
            if keeper := self.place.state.get("keeper"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(keeper, LAST_USER_LEAVES)
            time.sleep(0.02)
        if self._keeper is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._keeper.wait(5)

    def _watch(self, say: Callable[[str], None]) -> None:
        seen = self.place.state
        while not self._left.wait(_WATCH_EVERY):
            if not is_held(self.place.alive):
                self._bring_back(say)
            if (now := self.place.state) != seen and now["keeper"]:
                say(f"{self.place.name} had died; it is up again on port {now['port']}")
                seen = now

    def _bring_back(self, say: Callable[[str], None]) -> None:
        if self._keeper is not None:
            self._keeper.poll()
        try:
            self._join(say)
        except (EmbeddedError, OSError) as error:
            say(f"{self.place.name} had died and does not start again: {error}")
