"""What may be said of a film: the same for one that is typed, imported or sent by another program."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bookable.kernel.errors import ValidationFailed

__all__ = ["EARLIEST_YEAR", "LONGEST_NOTES", "LONGEST_TITLE", "LONGEST_URL", "check", "folded", "problems", "words"]

LONGEST_TITLE = 200
LONGEST_NOTES = 5_000
LONGEST_URL = 2_000
EARLIEST_YEAR = 1888
_YEARS_AHEAD = 10
_HIGHEST_RATING = 10
_LONGEST_KEY = 300
_MOST_WORDS = 8


def problems(fields: Mapping[str, Any], *, this_year: int) -> dict[str, str]:
    """What is wrong, by field as the wire names it; `fields` are a draft's or some of them."""
    found = {}
    for name, value in fields.items():
        wrong = _RULES[name](value, this_year) if name in _RULES else None
        if wrong is not None:
            found["imageUrl" if name == "image_url" else name] = wrong
    return found


def check(fields: Mapping[str, Any], *, this_year: int) -> None:
    """Raises `ValidationFailed` on every field that is wrong."""
    if found := problems(fields, this_year=this_year):
        raise ValidationFailed(found)


def folded(text: str) -> str:
    """What is searched and sorted by: no case, no accents, single spaces; long enough to tell titles apart."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(plain.casefold().split())[:_LONGEST_KEY]


def words(search: str | None) -> tuple[str, ...]:
    """The words that a title must have, folded, the longest first."""
    found = dict.fromkeys(folded((search or "").replace("\0", "")).split())
    return tuple(sorted(found, key=len, reverse=True))[:_MOST_WORDS]


def _title(value: Any, _: int) -> str | None:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TITLE:
        return f"Must be 1 to {LONGEST_TITLE} characters."
    return _text(value)


def _notes(value: Any, _: int) -> str | None:
    if value is None:
        return None
    return f"At most {LONGEST_NOTES:,} characters." if len(value) > LONGEST_NOTES else _text(value)


def _text(value: str) -> str | None:
    unfit = any((ord(c) < 32 and c not in "\t\r\n") or 0xD800 <= ord(c) <= 0xDFFF for c in value)
    return "Must not have control characters." if unfit else None


def _year(value: Any, this_year: int) -> str | None:
    if value is None or EARLIEST_YEAR <= value <= this_year + _YEARS_AHEAD:
        return None
    return f"Must be from {EARLIEST_YEAR} to {this_year + _YEARS_AHEAD}."


def _rating(value: Any, _: int) -> str | None:
    if value is None or (math.isfinite(value) and 0 <= value <= _HIGHEST_RATING):
        return None
    return f"Must be from 0 to {_HIGHEST_RATING}."


def _image_url(value: Any, _: int) -> str | None:
    if value is None:
        return None
    wrong = "Must be an http or https address."
    if len(value) > LONGEST_URL or any(c.isspace() or not c.isprintable() or c in '<>"\\' for c in value):
        return wrong
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return wrong
    return None if parts.scheme in {"http", "https"} and parts.hostname else wrong


_RULES = {"title": _title, "notes": _notes, "year": _year, "rating": _rating, "image_url": _image_url}
