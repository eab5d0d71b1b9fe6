"""Cursors: where a page ended, so that the next one begins there and costs what the first did.

A cursor is opaque to clients and proves nothing: its values only ever become parameters of a comparison.
"""

import base64
import binascii
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from bookable.kernel.errors import DomainError, FieldError

__all__ = ["after", "broken", "cursor"]

T = TypeVar("T")
_LONGEST = 2_000


def cursor(order: str, *key: Any) -> str:
    """A cursor that continues behind the row with this sort key, in this order."""
    return base64.urlsafe_b64encode(msgspec.json.encode((order, key))).rstrip(b"=").decode()


def after(text: str, order: str, key: type[T]) -> T:
    """The sort key in a cursor, as the tuple type `key`. Raises `ValidationFailed` on `cursor` for any other."""
    if len(text) > _LONGEST:
        raise broken()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        said, values = msgspec.json.decode(raw, type=tuple[str, msgspec.Raw])
        if said != order:
            raise broken()
        found = msgspec.json.decode(values, type=key)
    except (binascii.Error, UnicodeError, ValueError, msgspec.MsgspecError) as error:
        raise broken() from error
    _aware(found)
    return found


def broken() -> DomainError:
    """What a client hears of a cursor that we did not make, or made for another list."""
    return FieldError("cursor", "This cursor does not belong to this list.")


def _aware(key: Any) -> None:
    for value in key if isinstance(key, tuple) else ():
        if isinstance(value, datetime) and value.tzinfo is None:
            raise broken()
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise broken()
        if isinstance(value, str) and "\0" in value:
            raise broken()
