"""A refresh token names its session and its place in the family; only our key makes the secret that goes with it.

Because the secret is derived, the successor of a spent token can be said again (two tabs, a lost answer)
although the table keeps digests alone; and a forged token is known as one without asking the table, so that
nobody can end a family whose tokens they never held.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from bookable.kernel.security import derive, same, token_digest

__all__ = ["RefreshToken", "RefreshTokens"]

_NAMED = 16 + 4
_LENGTH = _NAMED + hashlib.sha256().digest_size
_TEXT = -(-_LENGTH * 4 // 3)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A token that was genuinely ours at some time; `text` is what the client holds, `digest` what the table keeps."""

    session_id: UUID
    generation: int
    text: str

    @property
    def digest(self) -> bytes:
        return token_digest(self.text)


class RefreshTokens:
    """Makes and recognises refresh tokens by a key derived from the server's secret."""

    def __init__(self, secret: str | bytes) -> None:
        self._key = derive(secret, "refresh tokens")

    def make(self, tenant_id: UUID, session_id: UUID, generation: int) -> RefreshToken:
        """The one token of this generation."""
        named = session_id.bytes + generation.to_bytes(4, "big")
        text = urlsafe_b64encode(named + self._secret(tenant_id, named)).decode().rstrip("=")
        return RefreshToken(session_id, generation, text)

    def read(self, tenant_id: UUID, text: str) -> RefreshToken | None:
        """What the token names, if our key made it for this tenant; None for any other text."""
        if len(text) != _TEXT:
            return None
        try:
            named = urlsafe_b64decode(text.encode("ascii") + b"==")[:_NAMED]
        except (UnicodeEncodeError, binascii.Error):
            return None
        if len(named) != _NAMED:
            return None
        token = self.make(tenant_id, UUID(bytes=named[:16]), int.from_bytes(named[16:], "big"))
        return token if same(token.text, text) else None

    def _secret(self, tenant_id: UUID, named: bytes) -> bytes:
        return hmac.digest(self._key, tenant_id.bytes + named, "sha256")
