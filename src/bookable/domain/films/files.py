"""Films in files: CSV as spreadsheets write and read it, and JSON; what is written here can be read here again."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from bookable.kernel.errors import FieldError, Malformed

from .records import Film

__all__ = ["as_csv", "heading", "rows_of"]

_COLUMNS = {
    "id": "id",
    "title": "title",
    "year": "year",
    "imageUrl": "image_url",
    "notes": "notes",
    "watched": "watched",
    "rating": "rating",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
}
_READ = {"title": "title", "year": "year", "imageurl": "imageUrl", "notes": "notes", "watched": "watched"} | {
    "rating": "rating"
}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet takes for a formula, or would once the apostrophe before it is gone."""
_HIDDEN = re.compile(r"'+[=+\-@\t\r]")


def rows_of(file: BinaryIO) -> Iterator[Any]:
    """The file's rows: JSON if it begins like JSON, CSV otherwise. Raises `Malformed`, `ValidationFailed` on `file`.

    A row is a mapping by the wire's names, or whatever else stands in a JSON array.
    """
    file.seek(0)
    beginning = file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    file.seek(0)
    return iter(_json(file.read())) if beginning in {b"[", b"{"} else _csv(file)


def heading() -> bytes:
    """The first line of a CSV file."""
    return _lines([list(_COLUMNS)])


def as_csv(films: Sequence[Film]) -> bytes:
    """Lines of a CSV file; what would be a formula in a spreadsheet is text, by an apostrophe before it."""
    return _lines([[_cell(getattr(film, field)) for field in _COLUMNS.values()] for film in films])


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return f"'{value}" if _FORMULA.match(value) else value
        case int() | float():
            return f"{value:g}" if isinstance(value, float) and value == round(value, 4) else str(value)
        case _:
            return str(msgspec.to_builtins(value))


def _json(raw: bytes) -> list[Any]:
    try:
        found = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Malformed("The file is not valid JSON.") from None
    rows = found.get("items") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise FieldError("file", "Send an array of movies, or an object with one in `items`.")
    return rows


def _csv(file: BinaryIO) -> Iterator[dict[str, str]]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline(10_000)
        delimiter = max(",;\t", key=first.count)
        text.seek(0)
        lines = csv.reader(text, delimiter=delimiter)
        names = [_READ.get(re.sub(r"[\s_]", "", name).lower(), "") for name in next(lines, [])]
        if "title" not in names:
            raise FieldError("file", "The first line must name the columns, and `title` must be one of them.")
        for line in lines:
            if any(line):
                yield {name: _shown(cell) for name, cell in zip(names, line, strict=False) if name}
    except UnicodeDecodeError:
        raise Malformed("The file must be text in UTF-8.") from None
    except csv.Error:
        raise Malformed("The file is not valid CSV.") from None
    finally:
        text.detach()


def _shown(cell: str) -> str:
    """A cell without the apostrophe that `as_csv` hides formulas by."""
    return cell[1:] if _HIDDEN.match(cell) else cell
