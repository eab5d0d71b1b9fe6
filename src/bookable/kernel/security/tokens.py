"""An access token says who calls, in which tenant and session; only our own key makes one that holds.

JWT as profiled by RFC 9068 (`at+jwt`) and checked by the advice of RFC 8725: one algorithm, chosen by the
server's key; nothing in the token's header is ever followed; every claim is required and typed.
"""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from jwt.utils import base64url_decode, base64url_encode

from bookable.kernel.errors import Unauthenticated
from bookable.kernel.ids import new_id
from bookable.kernel.security.token_keys import TokenKeys

__all__ = ["AccessTokens", "Claims"]

_TYPE = "at+jwt"
_LONGEST = 4096
_HEADER = frozenset({"alg", "typ", "kid"})
_REFUSAL = "The access token is missing, has expired or is not valid."


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. Whether the session and the user's `version` still hold is not asked here."""

    user_id: UUID
    tenant_id: UUID
    session_id: UUID
    token_id: UUID
    role: str
    version: int
    issued_at: int
    expires_at: int


class AccessTokens:
    """Makes access tokens with one key; checks them and remembers, within bounds, those that held."""

    def __init__(self, keys: TokenKeys, *, issuer: str, leeway: int = 0, remembered: int = 10_000) -> None:
        self._keys = keys
        self._issuer = issuer
        self._leeway = leeway
        self._remembered = remembered
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def jwks(self) -> dict[str, Any]:
        """The public keys as a JWK set (RFC 7517); empty where the key is a shared secret."""
        return {"keys": list(self._keys.jwks)}

    def issue(
        self,
        *,
        user_id: UUID,
        tenant_id: UUID,
        session_id: UUID,
        role: str,
        version: int,
        now: datetime,
        lifetime: timedelta = timedelta(minutes=15),
    ) -> str:
        """A token for one user of one tenant, from `now` until `now + lifetime`."""
        issued_at = int(now.timestamp())
        payload = {
            "iss": self._issuer,
            "aud": str(tenant_id),
            "sub": str(user_id),
            "sid": str(session_id),
            "role": role,
            "ver": version,
            "iat": issued_at,
            "exp": issued_at + int(lifetime.total_seconds()),
            "jti": str(new_id()),
        }
        headers = {"typ": _TYPE} | ({"kid": self._keys.kid} if self._keys.kid else {})
        return jwt.encode(payload, self._keys.signing, algorithm=self._keys.algorithm, headers=headers)

    def verify(self, token: str, *, audience: UUID, now: datetime) -> Claims:
        """What the token says, if it is ours, for this tenant, and not over at `now`.

        Raises `Unauthenticated`, with one text whatever was wrong. A token "from the future" is accepted.
        """
        claims = self._verified.get(token)
        if claims is None:
            claims = self._read(token)
        if claims.tenant_id != audience or claims.expires_at + self._leeway <= now.timestamp():
            raise Unauthenticated(_REFUSAL)
        return claims

    def _read(self, token: str) -> Claims:
        try:
            claims = self._claims_in(self._payload_of(token))
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, RecursionError):
            raise Unauthenticated(_REFUSAL) from None
        if len(self._verified) >= self._remembered:
            self._verified.popitem(last=False)
        self._verified[token] = claims
        return claims

    def _payload_of(self, token: str) -> Mapping[str, Any]:
        """The payload, if the header is exactly one of ours and the signature holds; raises anything in `_read`."""
        if len(token) > _LONGEST or not token.isascii() or not all(map(_canonical, token.split("."))):
            raise ValueError("not a token")
        header = jwt.get_unverified_header(token)
        algorithm = self._keys.algorithm
        if not header.keys() <= _HEADER or (header["typ"], header["alg"]) != (_TYPE, algorithm):
            raise ValueError("not a header of ours")
        key = self._keys.checking[header.get("kid")]
        payload = json.loads(jwt.PyJWS().decode(token, key, algorithms=[algorithm]), object_pairs_hook=_unique)
        if not isinstance(payload, dict):
            raise TypeError("not an object")
        return payload

    def _claims_in(self, payload: Mapping[str, Any]) -> Claims:
        if payload["iss"] != self._issuer:
            raise ValueError("another issuer")
        return Claims(
            user_id=_uuid(payload["sub"]),
            tenant_id=_uuid(payload["aud"]),
            session_id=_uuid(payload["sid"]),
            token_id=_uuid(payload["jti"]),
            role=_text(payload["role"]),
            version=_number(payload["ver"]),
            issued_at=_number(payload["iat"]),
            expires_at=_number(payload["exp"]),
        )


def _canonical(segment: str) -> bool:
    """Base64url has several spellings of the same bytes; only the one that we write is accepted."""
    return base64url_encode(base64url_decode(segment)) == segment.encode()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a claim twice")
    return names


def _uuid(value: object) -> UUID:
    found = UUID(_text(value))
    if str(found) != value:
        raise ValueError("not written as we write it")
    return found


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise TypeError("not a number")
    return value
