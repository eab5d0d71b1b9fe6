"""Passwords that were hashed by an older system still open its users' accounts, until the next login."""

import hashlib
from base64 import b64encode

import bcrypt

from bookable.kernel.security.hashing import same

__all__ = ["matches"]

_BCRYPT = ("$2a$", "$2b$", "$2y$")
_BCRYPT_READS = 72
_MOST_ROUNDS = 10_000_000


def matches(stored: str, password: bytes) -> bool:
    """bcrypt (which never read past 72 bytes), Django's `bcrypt_sha256$` and `pbkdf2_sha256$`; no other."""
    try:
        if stored.startswith(_BCRYPT):
            return bcrypt.checkpw(password[:_BCRYPT_READS], stored.encode())
        if stored.startswith("bcrypt_sha256$"):
            digest = hashlib.sha256(password).hexdigest().encode()
            return bcrypt.checkpw(digest, stored.removeprefix("bcrypt_sha256$").encode())
        return stored.startswith("pbkdf2_sha256$") and _pbkdf2_matches(stored, password)
    except ValueError:  # not a hash after all
        return False


def _pbkdf2_matches(stored: str, password: bytes) -> bool:
    _, rounds, salt, expected = stored.split("$")
    if not 0 < int(rounds) <= _MOST_ROUNDS:
        return False
    found = hashlib.pbkdf2_hmac("sha256", password, salt.encode(), int(rounds))
    return same(b64encode(found), expected)
