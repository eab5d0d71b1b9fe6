"""Third parties' tokens at rest are useless when stolen, and useless anywhere but in their own place.

Envelope: version (1 byte), key id (4), nonce (12), ciphertext with its tag (AES-256-GCM, NIST SP 800-38D).
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bookable.kernel import metrics

__all__ = ["Bound", "SealBroken", "Sealer"]

_VERSION = b"\x01"
_ID_END = 5
_NONCE_END = 17
_SHORTEST = _NONCE_END + 16


class SealBroken(Exception):
    """The sealed value was altered, moved from its place, or sealed under a key that is gone."""

    def __init__(self) -> None:
        super().__init__("A sealed value can't be opened.")


@dataclass(frozen=True, slots=True)
class Bound:
    """The place that a sealed value belongs to; it opens nowhere else."""

    table: str
    row_id: UUID | int | str
    column: str
    tenant_id: UUID | str

    def encoded(self) -> bytes:
        """Each part with its length before it, so that no two places read the same."""
        parts = (self.table, str(self.row_id), self.column, str(self.tenant_id))
        return b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))


class Sealer:
    """Seals with the first key and opens with any; a key goes when nothing `needs_rotation` to the first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("at least one encryption key is needed")
        if any(len(key) != 32 for key in keys):
            raise ValueError("an encryption key must be 32 bytes")
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        if len(self._ciphers) != len(keys):
            raise ValueError("the same encryption key is given twice")
        self._writing = _key_id(keys[0])
        self._count = metrics.sealed_under(self._writing.hex())

    @classmethod
    def from_setting(cls, text: str) -> "Sealer":
        """From `ENCRYPTION_KEY`: 64 hex digits, or several with commas between. Raises ValueError."""
        try:
            return cls([bytes.fromhex(part.strip()) for part in text.split(",")])
        except ValueError as error:
            wrong_hex = "fromhex" in str(error)
            reason = "64 hex digits are needed for each key" if wrong_hex else str(error)
            raise ValueError(f"ENCRYPTION_KEY: {reason}") from None

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Names of the keys, the writing one first; safe to show."""
        return tuple(key_id.hex() for key_id in self._ciphers)

    def seal(self, plain: str | bytes, *, aad: Bound) -> bytes:
        """The value, readable again only by `open` with the same place."""
        raw = plain.encode() if isinstance(plain, str) else plain
        head, nonce = _VERSION + self._writing, os.urandom(12)
        self._count.inc()
        return head + nonce + self._ciphers[self._writing].encrypt(nonce, raw, head + aad.encoded())

    def open(self, sealed: bytes, *, aad: Bound) -> bytes:
        """What was sealed. Raises `SealBroken`, which tells nothing of why."""
        cipher = self._ciphers.get(sealed[1:_ID_END])
        if cipher is None or sealed[:1] != _VERSION or len(sealed) < _SHORTEST:
            raise SealBroken
        nonce, body = sealed[_ID_END:_NONCE_END], sealed[_NONCE_END:]
        try:
            return cipher.decrypt(nonce, body, sealed[:_ID_END] + aad.encoded())
        except InvalidTag:
            raise SealBroken from None

    def open_text(self, sealed: bytes, *, aad: Bound) -> str:
        """What was sealed from a str."""
        return self.open(sealed, aad=aad).decode()

    def needs_rotation(self, sealed: bytes) -> bool:
        """Whether this value was not sealed under the first key."""
        return sealed[:_ID_END] != _VERSION + self._writing

    def reseal(self, sealed: bytes, *, aad: Bound) -> bytes:
        """The same value under the first key; the very same bytes if it is already."""
        return self.seal(self.open(sealed, aad=aad), aad=aad) if self.needs_rotation(sealed) else sealed


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"bookable:key-id:" + key).digest()[:4]
