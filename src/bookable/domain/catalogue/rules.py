"""What a listing may say of itself."""

import re
from zoneinfo import available_timezones

from msgspec import UNSET

from bookable.kernel.errors import ValidationFailed

from .records import Change, Draft, Offer

__all__ = ["check_change", "check_draft"]

_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,28})[a-z0-9]")
_HIGHEST_PRICE = 1_000_000_000
_LONGEST = {"display_name": 100, "category": 60, "bio": 5_000, "location": 120, "avatar_url": 2_000, "cover_url": 2_000}
_ZONES = frozenset(available_timezones())


def check_draft(draft: Draft) -> None:
    """Raises `ValidationFailed` with every field that is wrong."""
    wrong = _texts(draft)
    if not draft.offers:
        wrong["offers"] = "At least one offer."
    _report(wrong, draft.offers)


def check_change(changes: Change) -> None:
    """The same for what a change gives."""
    _report(_texts(changes), changes.offers)


def _texts(said: Draft | Change) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for field, most in _LONGEST.items():
        value = getattr(said, field)
        if isinstance(value, str) and (len(value) > most or "\0" in value):
            wrong[_named(field)] = f"At most {most} characters, none of them NUL."
    for field in ("display_name", "category"):
        if (value := getattr(said, field)) is not UNSET and not value.strip():
            wrong[_named(field)] = "May not be empty."
    if said.username is not UNSET and not _USERNAME.fullmatch(str(said.username)):
        wrong["username"] = "3 to 30 of a-z, 0-9, dot, dash and underscore, with a letter or digit at both ends."
    if said.time_zone is not UNSET and said.time_zone not in _ZONES:
        wrong["timeZone"] = "Not a time zone of the IANA database."
    return wrong


def _named(field: str) -> str:
    """As clients know it."""
    first, *others = field.split("_")
    return first + "".join(word.title() for word in others)


def _report(wrong: dict[str, str], offers: tuple[Offer, ...]) -> None:
    for offer in offers:
        if not 0 <= offer.price_cents <= _HIGHEST_PRICE:
            wrong[offer.name] = f"Between 0 and {_HIGHEST_PRICE}."
    if wrong:
        raise ValidationFailed(wrong)
