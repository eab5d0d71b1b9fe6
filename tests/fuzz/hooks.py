"""Schemathesis' hooks: three times out of four, what is made up becomes something that is really there.

What there is stands in `BOOKABLE_FUZZ_IDS`, by the name of the parameter or field. Which one is taken depends on what
was made up, so that the same seed asks the same.
"""

import json
import os
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis

_IDS: dict[str, list[Any]] = json.loads(os.environ.get("BOOKABLE_FUZZ_IDS", "{}"))


def _dice(value: Any) -> int:
    return zlib.crc32(repr(value).encode("utf-8", "replace"))


def _real(name: str, value: Any) -> Any:
    thrown = _dice((name, value))
    if name in _IDS and thrown % 4:
        return _IDS[name][(thrown // 4) % len(_IDS[name])]
    if name == "date" and isinstance(value, str) and thrown % 4:
        return (datetime.now(UTC).date() + timedelta(days=2 + thrown // 4 % 300)).isoformat()
    return value


def _named(values: Any) -> Any:
    return {name: _real(name, value) for name, value in values.items()} if isinstance(values, dict) else values


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: Any) -> Any:
    """Real celebrities, bookings, films, payments, people."""
    return _named(path_parameters or {})


@schemathesis.hook
def map_query(context: schemathesis.HookContext, query: Any) -> Any:
    """Real airports, days and signatures."""
    return _named(query)


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """The same in bodies, and GraphQL that can be read."""
    return _named(body)
