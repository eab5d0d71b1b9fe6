"""The SQL that one request really runs, read from PostgreSQL's own log."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

__all__ = ["Statement", "transaction_of"]

_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[(\d+)\] \S* ?(LOG|DETAIL|STATEMENT|ERROR|[A-Z]+): +(.*)$")
_RUN = re.compile(r"^duration: [\d.]+ ms +(?:execute [^:]+|statement): (.*)$", re.DOTALL)
_PARAMETER = re.compile(r"\$(\d+) = (NULL|'((?:[^']|'')*)')")


@dataclass
class Statement:
    """One statement as it was sent, with the values of its parameters by number (None: NULL)."""

    sql: str
    parameters: dict[int, str | None] = field(default_factory=dict)


@dataclass
class _Entry:
    pid: str
    kind: str
    text: str


def transaction_of(url: str, log: Path, request: Callable[[], object]) -> list[Statement]:
    """Every statement of the transaction that `request` runs as its user, BEGIN and COMMIT included."""
    asyncio.run(_told(url, "0"))
    start = log.stat().st_size
    try:
        request()
        time.sleep(0.3)
    finally:
        asyncio.run(_told(url, "-1"))
    with log.open(errors="replace") as file:
        file.seek(start)
        entries = list(_entries(file.read()))
    return _of_a_user(entries)


async def _told(url: str, milliseconds: str) -> None:
    """Have PostgreSQL log every statement with its parameters, or none; other sessions hear of it at once."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"ALTER SYSTEM SET log_min_duration_statement = {milliseconds}")
        await connection.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(0.3)
    finally:
        await connection.close()


def _entries(text: str) -> Iterator[_Entry]:
    entry: _Entry | None = None
    for line in text.splitlines():
        if found := _ENTRY.match(line):
            if entry:
                yield entry
            entry = _Entry(found[1], found[2], found[3])
        elif entry:
            entry.text += "\n" + line.removeprefix("\t")
    if entry:
        yield entry


def _of_a_user(entries: list[_Entry]) -> list[Statement]:
    """From the BEGIN that names a user to that session's COMMIT. Parsing and binding are logged too, and left out."""
    pid, statements, latest = "", list[Statement](), Statement("")
    for entry in entries:
        run = _RUN.match(entry.text) if entry.kind == "LOG" else None
        if run and run[1].startswith("BEGIN") and "app.user_id" in run[1]:
            pid, statements = entry.pid, []
        if entry.pid != pid:
            continue
        if entry.kind == "LOG":
            latest = Statement(run[1].strip() if run else "")
            statements += [latest] if run else []
        elif entry.kind == "DETAIL":
            latest.parameters = _parameters(entry.text)
        if latest.sql == "COMMIT":
            return statements
    raise RuntimeError("the request's transaction is not in PostgreSQL's log")


def _parameters(text: str) -> dict[int, str | None]:
    found = _PARAMETER.finditer(text)
    return {int(p[1]): None if p[2] == "NULL" else p[3].replace("''", "'") for p in found}
