"""Many films at once: from a file, row by row, each taken or refused with its reasons; and out again, page by page."""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from operator import length_hint
from typing import Any, BinaryIO

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import FieldError

from . import collecting, rules
from .errors import FileTooLarge
from .files import rows_of
from .following import Progress
from .queries import reading
from .records import Draft, Film

__all__ = ["MOST_BYTES", "MOST_ROWS", "ImportReport", "RowReport", "bring_in", "everything"]

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 100_000
_BATCH = 1_000
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row (the first is 1): the film's number, or what is wrong with it by field."""

    row: int
    film_id: int | None = None
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ImportReport:
    """What became of every row, in the file's order."""

    imported: int = 0
    failed: int = 0
    rows: list[RowReport] = field(default_factory=list)


async def bring_in(
    db: Database,
    actor: Actor,
    file: BinaryIO,
    progress: Progress,
    *,
    also: Callable[[Transaction, ImportReport], Awaitable[None]] | None = None,
) -> ImportReport:
    """Add a film for each row of the file that is right; all of these or, if the file can't be read to its end, none.

    `progress` says how far it is, and that it is done in the same moment as the films are there, and `also` is.
    Raises `FileTooLarge`, `Malformed`, `ValidationFailed` on `file`.
    """
    size = file.seek(0, 2)
    progress.total = progress.received = size
    if size > MOST_BYTES:
        raise FileTooLarge

    async def work(tx: Transaction) -> ImportReport:
        report = await _bring_in(tx, file, progress)
        await progress.done(tx)
        if also is not None:
            await also(tx, report)
        return report

    return await db.run(actor, work)


async def _bring_in(tx: Transaction, file: BinaryIO, progress: Progress) -> ImportReport:
    assert tx.actor.id is not None
    report, counted = ImportReport(), Counter[int]()
    rows = await asyncio.to_thread(rows_of, file)
    while batch := list(islice(rows, _BATCH)):
        if len(report.rows) + len(batch) > MOST_ROWS:
            raise FieldError("file", f"At most {MOST_ROWS:,} rows.")
        drafts = _judge(batch, report, this_year=tx.clock.now().year)
        ids = iter(await collecting.add_uncounted(tx, tx.actor.id, drafts) if drafts else [])
        report.rows[-len(batch) :] = [
            row if row.errors else RowReport(row.row, next(ids)) for row in report.rows[-len(batch) :]
        ]
        counted.update(draft.year or 0 for draft in drafts)
        progress.imported, progress.failed = report.imported, report.failed
        progress.read = _read_so_far(file, rows, len(report.rows))
    if counted:
        await collecting.count(tx, tx.actor.id, counted)
    return report


def _read_so_far(file: BinaryIO, rows: Iterator[Any], done: int) -> int:
    """Of a file that was read at once (and then its rows know how many are left) the share that is done."""
    left = length_hint(rows)
    return file.tell() * done // (done + left)


def _judge(batch: list[Any], report: ImportReport, *, this_year: int) -> list[Draft]:
    """The rows that are right; the report gets a line for every one."""
    drafts = []
    for row in batch:
        draft, errors = _read(row, this_year)
        report.rows.append(RowReport(len(report.rows) + 1, errors=errors))
        if draft is None:
            report.failed += 1
        else:
            report.imported += 1
            drafts.append(draft)
    return drafts


def _read(row: Any, this_year: int) -> tuple[Draft | None, dict[str, str]]:
    if not isinstance(row, Mapping):
        return None, {"row": "Must be an object."}
    wrong: dict[str, str] = {}

    def value(name: str, read: Callable[[Any], Any]) -> Any:
        try:
            return read(row.get(name))
        except ValueError as error:
            wrong[name] = str(error)
            return None

    draft = Draft(
        title=value("title", _text) or "",
        year=value("year", _year),
        image_url=value("imageUrl", _text),
        notes=value("notes", _text),
        watched=bool(value("watched", _watched)),
        rating=value("rating", _rating),
    )
    errors = rules.problems(asdict(draft), this_year=this_year) | wrong
    return (None if errors else draft), errors


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("Must be text.")
    return (value or "").strip() or None


def _year(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = _text(value)
    if text is None:
        return None
    if not (len(text) == 4 and text.isascii() and text.isdigit()):
        raise ValueError("Must have four digits.")
    return int(text)


def _watched(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    known = _WORDS.get(value.strip().lower()) if isinstance(value, str) else None
    if known is None:
        raise ValueError("Must be true or false.")
    return known


def _rating(value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        rating = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        rating = math.nan
    if math.isnan(rating):
        raise ValueError("Must be a number.")
    return rating


async def everything(db: Database, actor: Actor) -> AsyncIterator[list[Film]]:
    """All of the actor's films, the oldest first, in pages; no transaction stays open between them."""
    last = 0
    while True:
        async with db.transaction(actor) as tx:
            page = await tx.all(reading.following, owner_id=actor.id, after=last, limit=_BATCH)
        if page:
            yield page
        if len(page) < _BATCH:
            return
        last = page[-1].id
