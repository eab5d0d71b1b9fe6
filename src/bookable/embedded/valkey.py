"""Valkey in DATA_DIR: memory only, password-only, loopback only, forgetting the oldest expiring keys first."""

import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bookable.embedded.launch import Launcher, launcher_for
from bookable.embedded.places import Place, binary_of_valkey

__all__ = ["Valkey"]


@dataclass(frozen=True)
class Valkey:
    """One server without persistence: what it holds may be lost at any time, by design."""

    place: Place
    durable: bool = True
    title: str = "Valkey"
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGKILL)

    @cached_property
    def launcher(self) -> Launcher:
        return launcher_for(binary_of_valkey(), self.place.data_dir)

    def prepare(self, say: Callable[[str], None]) -> None:
        """See that its folder and its password are there."""
        self.launcher.make_folder(self.place.home)
        self.place.secret()

    def command(self, port: int) -> list[str | Path]:
        """What is run; its settings come on its input, because a command line can be read by anyone."""
        return [binary_of_valkey(), "-"]

    def told(self, port: int) -> str:
        """Its settings, with the password."""
        settings = {
            "port": str(port),
            "bind": "127.0.0.1",
            "requirepass": self.place.secret()[0],
            "dir": f'"{self.place.home}"',
            "save": '""',
            "appendonly": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",
            "daemonize": "no",
            "proc-title-template": f'"{{title}} {{listen-addr}} {self.place.tag}"',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def ready(self, port: int, pid: int) -> bool:
        """Whether it answers to its password."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
                wire.sendall(f"AUTH {self.place.secret()[0]}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := wire.recv(256)):
                    answer += part
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
