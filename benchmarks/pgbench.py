"""The same SQL by pgbench: what the database could do if nothing stood in front of it."""

import os
import re
import subprocess
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.capture import Statement
from bookable.embedded import binary_of_postgres

__all__ = ["Script", "script_of"]

CLIENTS = 16
_DAYS = 700
_OPTIONS = "-c role=bookable_app -c timezone=UTC -c jit=off"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d(\.\d+)?\+00")
_FRESH = "lpad((:u::bigint * 16 + {})::text, 32, '0')::uuid"


class Script:
    """A pgbench script on one database. `name` tells its files apart; `per_window` listings are used up in each."""

    per_window = 4 * CLIENTS

    def __init__(self, name: str, text: str, url: str, folder: Path, values: Mapping[str, str]) -> None:
        self._file = folder / f"{name}.pgbench.sql"
        self._file.write_text(text)
        self._url = urlsplit(url)
        self._values = dict(values)
        self._windows = 0

    def run(self, seconds: int) -> float:
        """Transactions a second, connecting apart. Raises RuntimeError when any of them failed."""
        at = self._url
        self._values |= {"n": "0", "base": str(self._windows * self.per_window), "window": str(self._windows)}
        self._windows += 1
        given = [word for name, value in self._values.items() for word in ("-D", f"{name}={value}")]
        command = [str(binary_of_postgres("pgbench")), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
        command += ["-T", str(seconds), "-f", str(self._file), *given]
        command += ["-h", str(at.hostname), "-p", str(at.port), "-U", str(at.username), at.path[1:]]
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": at.password or "", "PGOPTIONS": _OPTIONS}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=seconds + 60, check=False)
        tps = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        if done.returncode or tps is None or "number of failed transactions: 0 " not in done.stdout:
            raise RuntimeError(f"pgbench failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
        return float(tps[1])


class _Writer:
    """Turns the statements of one request into a script in which every run is a request of its own.

    Constants go in as parameters, just as they came; what must differ is made where it stands: the listing is
    another one after each 700 days, the day another one each time, and with it every instant around it; ids
    that the request had made are made from a running number.
    """

    def __init__(self, statements: list[Statement], *, listing: str | None, day: date | None, kept: set[str]) -> None:
        self.statements = statements
        self.listing = listing
        self.day = day
        self.kept = kept
        self.values: dict[str, str] = {}
        self._made: dict[str, str] = {}

    def text(self, listings: list[str]) -> str:
        begin, *middle, commit = self.statements
        lines = ["\\set u (:window * 1000000 + :n) * 256 + :client_id"]
        if self.listing is not None:
            lines += self._next_listing(begin.sql, listings)
        lines += [f"\\set d :n % {_DAYS}", "\\startpipeline", *_pieces(begin.sql), "\\endpipeline"]
        lines += [self._written(number, statement) for number, statement in enumerate(middle)]
        return "\n".join([*lines, f"{commit.sql};", "\\set n :n + 1", ""])

    def _next_listing(self, begin: str, listings: list[str]) -> list[str]:
        ids = ",".join(f"'{one}'" for one in listings)
        which = f"(:base::int + :client_id::int + {CLIENTS} * (:n::int / {_DAYS})) % {len(listings)} + 1"
        return [
            f"\\set turn :n % {_DAYS}",
            "\\if :turn = 0",
            f"SELECT (ARRAY[{ids}])[{which}] AS listing \\gset",
            "\\endif",
        ]

    def _written(self, number: int, statement: Statement) -> str:
        def stands_for(found: re.Match[str]) -> str:
            return self._value(f"s{number}p{found[1]}", statement.parameters[int(found[1])])

        return re.sub(r"\$(\d+)", stands_for, statement.sql).replace("\n", " ") + ";"

    def _value(self, name: str, value: str | None) -> str:
        if value is None:
            return "NULL"
        if value == self.listing:
            return ":listing"
        if self.day is not None and (moved := self._moved(value)):
            return moved
        if self.day is not None and _UUID.fullmatch(value) and value not in self.kept:
            return self._made.setdefault(value, _FRESH.format(len(self._made)))
        if self.day is not None and re.fullmatch(r"BK-\d{4}-\d+", value):
            return "('BK-' || :u)"
        self.values[name] = value
        return f":{name}"

    def _moved(self, value: str) -> str | None:
        """A day or an instant of the slot that was booked, as many days later as this run is."""
        assert self.day is not None
        if value == self.day.isoformat():
            return f"(DATE '{value}' + :d::int)"
        found = _INSTANT.fullmatch(value)
        if found and abs(date.fromisoformat(found[1]) - self.day) <= timedelta(days=1):
            return f"(TIMESTAMPTZ '{value}' + :d::int * INTERVAL '1 day')"
        return None


def _pieces(sql: str) -> list[str]:
    """Several statements in one message, as the same in one pipeline."""
    return [f"{piece.strip()};" for piece in sql.split(";") if piece.strip()]


def script_of(
    name: str,
    statements: list[Statement],
    *,
    url: str,
    folder: Path,
    kept: set[str],
    listings: list[str],
    booked: tuple[str, date] | None = None,
) -> Script:
    """The script of a captured request. `booked`: the listing and day that must be others in each run."""
    listing, day = booked or (None, None)
    writer = _Writer(statements, listing=listing, day=day, kept=kept)
    return Script(name, writer.text(listings), url, folder, writer.values)
