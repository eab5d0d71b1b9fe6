"""Opaque tokens are kept only as digests, compared in constant time; one secret gives many by purpose."""

import hashlib
import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

__all__ = ["derive", "same", "token_digest"]


def token_digest(token: str) -> bytes:
    """SHA-256 of a token, to store and to look up by. Only for tokens of 128 random bits and more."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def same(left: str | bytes, right: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_as_bytes(left), _as_bytes(right))


def derive(secret: str | bytes, purpose: str, length: int = 32) -> bytes:
    """A key of its own for each purpose (HKDF-SHA256, RFC 5869); knowing one tells nothing of another."""
    kdf = HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=b"bookable:" + purpose.encode())
    return kdf.derive(_as_bytes(secret))


def _as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
