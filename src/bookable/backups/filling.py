"""Running a dump's script: in one transaction, on every version of PostgreSQL that Bookable runs on.

pg_restore itself would begin with a setting that PostgreSQL 15 and 16 don't know, and give up.
"""

import re
from collections.abc import Iterator
from typing import IO

import psycopg

from . import programs

__all__ = ["fill"]

_COPY = re.compile(rb"COPY \S+ \(.*\) FROM stdin;\n")
_END_OF_ROWS = b"\\.\n"
_LEFT_OUT = re.compile(rb"SET transaction_timeout = 0;\n|\\(un)?restrict \w+\n")
"""Unknown before PostgreSQL 17; and what tells psql to take no commands from a script."""


def fill(url: str, dump: IO[bytes]) -> None:
    """Bring the dump into the empty database, all of it or nothing. Raises `BackupError`, `psycopg.Error`."""
    with psycopg.connect(url) as owner, programs.script_of(dump) as lines:
        statements: list[bytes] = []
        for line in lines:
            if _COPY.fullmatch(line):
                _run(owner, statements)
                _copy(owner, line, lines)
            elif not _LEFT_OUT.fullmatch(line):
                statements.append(line)
        _run(owner, statements)


def _run(owner: psycopg.Connection, statements: list[bytes]) -> None:
    owner.execute(b"".join(statements))
    statements.clear()


def _copy(owner: psycopg.Connection, statement: bytes, lines: Iterator[bytes]) -> None:
    with owner.cursor().copy(statement) as rows:
        for line in lines:
            if line == _END_OF_ROWS:
                break
            rows.write(line)
