"""An email address is stored as given, and compared so that no two people can hold spellings of the same one."""

import re
import unicodedata
from contextlib import suppress

import idna
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from bookable.kernel.errors import FieldError

__all__ = ["comparable", "given"]

_LONGEST = 254

# What most people have: sound beyond doubt and without a second spelling, found so in a fiftieth of the time.
_PLAIN = re.compile(
    r"(?=.{1,64}@)[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*"
    rf"@(?:[A-Za-z0-9]{{1,63}}\.)+(?!(?:{'|'.join(SPECIAL_USE_DOMAIN_NAMES)})\Z)[A-Za-z]{{2,24}}",
    re.ASCII | re.IGNORECASE,
)


def given(email: str, *, field: str = "email") -> str:
    """The address as it is stored: as typed, without spaces around it. Raises `ValidationFailed` on `field`.

    Only the form is judged; whether mail arrives is what verification is for.
    """
    typed = email.strip()
    if _is_plain(typed):
        return typed
    try:
        if len(typed) > _LONGEST:
            raise EmailNotValidError("too long")
        validate_email(typed, check_deliverability=False, test_environment=True, strict=True)
        typed.encode()
        idna.encode(_domain(typed), uts46=True)
    except (EmailNotValidError, ValueError):
        raise FieldError(field, "This is not a valid email address.") from None
    return typed


def comparable(email: str) -> str:
    """What addresses are compared by: NFKC and case folded, the domain in its ASCII form (UTS 46)."""
    typed = email.strip()
    if _is_plain(typed):
        return typed.lower()
    local, _, domain = _folded(typed).rpartition("@")
    with suppress(UnicodeError):  # else it is not an address at all, so nobody's
        domain = idna.encode(domain, uts46=True).decode()
    return f"{local}@{domain}"


def _is_plain(typed: str) -> bool:
    return typed.isascii() and len(typed) <= _LONGEST and _PLAIN.fullmatch(typed) is not None


def _domain(email: str) -> str:
    return _folded(email).rpartition("@")[2]


def _folded(text: str) -> str:
    """Folding can undo the normal form and the normal form can undo the folding, hence twice (Unicode 3.13, D145)."""
    once = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", once).casefold()
