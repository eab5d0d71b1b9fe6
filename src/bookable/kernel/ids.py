"""Names for rows: UUIDv7, in the order they were made; and numbers for people, which tell nothing."""

import secrets
from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["new_id", "person_number", "secret_token"]


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and sorted by time within a process."""
    return uuid7()


def secret_token() -> str:
    """256 random bits, URL-safe: for links in mails and guests' access."""
    return secrets.token_urlsafe(32)


def person_number(prefix: str, year: int) -> str:
    """`BK-2026-483920`: to read out; not guessable in order, made unique by the table that keeps it."""
    return f"{prefix}-{year}-{secrets.randbelow(1_000_000):06d}"
