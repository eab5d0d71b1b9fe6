"""The same SQL by pgbench: what the database could do if nothing stood in front of it."""

import os
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.capture import Statement
from bookable.embedded import binary_of_postgres

__all__ = ["Script", "script_of"]

CLIENTS = 16
_DAYS = 700
_OPTIONS = "-c role=bookable_app -c timezone=UTC -c jit=off"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d) \d\d:\d\d:\d\d(\.\d+)?\+00")


class Script:
    """A pgbench script on one database; every window uses other listings and other ids than the ones before."""

    def __init__(self, name: str, text: str, url: str, folder: Path) -> None:
        self._file = folder / f"{name}.pgbench.sql"
        self._file.write_text(text)
        self._url = urlsplit(url)
        self._windows = 0

    def run(self, seconds: int) -> float:
        """Transactions a second, connecting apart. Raises RuntimeError when any of them failed."""
        at = self._url
        self._windows += 1
        command = [str(binary_of_postgres("pgbench")), "-n", "-M", "simple", "-c", str(CLIENTS), "-j", "2"]
        command += ["-T", str(seconds), "-f", str(self._file), "-D", "run=0", "-D", f"window={self._windows}"]
        command += ["-h", str(at.hostname), "-p", str(at.port), "-U", str(at.username), at.path[1:]]
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": at.password or "", "PGOPTIONS": _OPTIONS}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=seconds + 60, check=False)
        tps = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        if done.returncode or tps is None or "number of failed transactions: 0 " not in done.stdout:
            raise RuntimeError(f"pgbench failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
        return float(tps[1])


class _Writer:
    """Turns the statements of one request into a script in which every run is a request of its own.

    Each statement is prepared once a connection, word for word, and executed with the values it came with. What
    must differ is made where it stands: the listing is another one after each 700 days, the day another one each
    time, and with it every instant around it; ids that the request had made are made from a running number.
    """

    def __init__(
        self, statements: list[Statement], listing: str | None = None, day: date | None = None, user: str | None = None
    ) -> None:
        self.begin, *self.middle, self.commit = statements
        self.listing = listing
        self.day = day
        self.kept = {user, *re.findall(_UUID, self.begin.sql)}
        self._made: dict[str, str] = {}

    def text(self, listings: list[str]) -> str:
        lines = ["\\if :run = 0"]
        lines += [f"PREPARE s{number} AS {_one_line(s.sql)};" for number, s in enumerate(self.middle) if s.parameters]
        lines += ["\\endif", "\\set unique (:window * 1000000 + :run) * 256 + :client_id"]
        lines += [f"\\set later :run % {_DAYS}", *(self._next_listing(listings) if self.listing else ())]
        lines.append(self.begin.sql.replace(";", "\\;") + ";")
        lines += [self._executed(number, statement) for number, statement in enumerate(self.middle)]
        return "\n".join([*lines, f"{self.commit.sql};", "\\set run :run + 1", ""])

    def _next_listing(self, listings: list[str]) -> list[str]:
        ids = ",".join(f"'{one}'" for one in listings)
        which = f"(:window * {4 * CLIENTS} + :client_id + {CLIENTS} * (:run / {_DAYS})) % {len(listings)} + 1"
        return ["\\if :later = 0", f"SELECT (ARRAY[{ids}])[{which}] AS listing \\gset", "\\endif"]

    def _executed(self, number: int, statement: Statement) -> str:
        if not statement.parameters:
            return f"{_one_line(statement.sql)};"
        values = (self._value(value) for _, value in sorted(statement.parameters.items()))
        return f"EXECUTE s{number} ({', '.join(values)});"

    def _value(self, value: str | None) -> str:
        if value is None:
            return "NULL"
        if value == self.listing:
            return "':listing'"
        return (self._another(value) if self.day is not None else None) or _quoted(value)

    def _another(self, value: str) -> str | None:
        """What stands for a value that must not be the same twice; None for one that may."""
        if _UUID.fullmatch(value) and value not in self.kept:
            number = f":unique::bigint * 16 + {len(self._made)}"
            return self._made.setdefault(value, f"lpad(({number})::text, 32, '0')::uuid")
        if re.fullmatch(r"BK-\d{4}-\d+", value):
            return "'BK-:unique'"
        assert self.day is not None
        if value == self.day.isoformat():
            return f"DATE '{value}' + :later"
        found = _INSTANT.fullmatch(value)
        if found and abs(date.fromisoformat(found[1]) - self.day) <= timedelta(days=1):
            return f"TIMESTAMPTZ '{value}' + :later * INTERVAL '1 day'"
        return None


def _one_line(sql: str) -> str:
    return " ".join(sql.split("\n"))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def script_of(
    name: str,
    statements: list[Statement],
    *,
    url: str,
    folder: Path,
    listings: list[str],
    booked: tuple[str, date, str] | None = None,
) -> Script:
    """The script of a captured request. `booked`: the listing and day that must be others in each run, and by whom."""
    writer = _Writer(statements, *(booked or ()))
    return Script(name, writer.text(listings), url, folder)
