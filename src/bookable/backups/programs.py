"""pg_dump and pg_restore, from the PostgreSQL wheel, as children; where to go stands in their environment.

A password stands neither on a command line, where every user of the machine could read it, nor in what is said.
"""

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

from psycopg.pq import Conninfo

from bookable.embedded import binary_of_postgres
from bookable.kernel.redaction import redacted_text

from .errors import BackupError

__all__ = ["dumped", "major_version", "script_of"]

_AT_ONCE = 1024 * 1024
_LONGEST_WAIT_FOR_A_LOCK = "60s"
_KEPT = ("PATH", "HOME", "TMPDIR", "PGPASSFILE", "PGSERVICEFILE")


def dumped(url: str) -> Generator[bytes, None, None]:
    """The whole database as it is at one moment, in pg_dump's custom format. Raises `BackupError`."""
    command = [
        *(str(binary_of_postgres("pg_dump")), "--format=custom", "--no-password"),
        f"--lock-wait-timeout={_LONGEST_WAIT_FOR_A_LOCK}",
    ]
    with tempfile.TemporaryFile() as said:
        process = _started(command, _variables(url), said, stdout=subprocess.PIPE)
        try:
            assert process.stdout is not None
            while chunk := process.stdout.read(_AT_ONCE):
                yield chunk
            _must_have_worked("pg_dump", process, said)
        finally:
            _ended(process)


@contextmanager
def script_of(dump: IO[bytes]) -> Iterator[Iterator[bytes]]:
    """What pg_restore makes of a dump: the lines of an SQL script, after which everything belongs to whoever runs it
    and the application's role has the rights it had. Raises `BackupError` at its end where it is not whole."""
    command = [str(binary_of_postgres("pg_restore")), "--no-owner", "--file=-"]
    with tempfile.TemporaryFile() as said:
        process = _started(command, {}, said, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        feeder = threading.Thread(target=_fed, args=(process, dump), daemon=True)
        feeder.start()
        try:
            assert process.stdout is not None
            yield iter(process.stdout)
            _must_have_worked("pg_restore", process, said)
        finally:
            _ended(process)
            feeder.join()


def major_version() -> int:
    """The newest PostgreSQL that these programs know."""
    words = subprocess.run(  # noqa: S603 - the words are our own
        [str(binary_of_postgres("pg_dump")), "--version"], capture_output=True, text=True, check=True
    ).stdout.split()
    return int(words[-1].split(".")[0])


def _started(
    command: list[str], address: Mapping[str, str], said: IO[bytes], *, stdin: int = subprocess.DEVNULL, stdout: int
) -> subprocess.Popen[bytes]:
    """Of our own variables it gets only those by which its files are found."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment = {**kept, "LC_ALL": "C", "PGAPPNAME": "bookable backup", **address}
    return subprocess.Popen(command, env=environment, stdin=stdin, stdout=stdout, stderr=said)  # noqa: S603 - our words


def _variables(url: str) -> dict[str, str]:
    """The address in libpq's own variables."""
    return {o.envvar.decode(): o.val.decode() for o in Conninfo.parse(url.encode()) if o.envvar and o.val}


def _fed(process: subprocess.Popen[bytes], dump: IO[bytes]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it says itself why it ended
        shutil.copyfileobj(dump, process.stdin, _AT_ONCE)
        process.stdin.close()


def _must_have_worked(program: str, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    if process.wait() == 0:
        return
    said.seek(0)
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    why = " ".join(lines[:4]) or f"{program} ended with {process.returncode}"
    raise BackupError(redacted_text(why))


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Whatever happened, it does not go on."""
    if process.poll() is None:
        process.terminate()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
