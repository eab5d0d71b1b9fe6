"""The keys that access tokens are signed with: one shared secret, or a key pair with its public half in the open."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm
from jwt.utils import base64url_encode

from bookable.kernel.security.hashing import derive

__all__ = ["TokenKeys"]

_SMALLEST_SECRET = 32
_SMALLEST_RSA = 2048
_MEMBERS = {"OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}


@dataclass(frozen=True, slots=True)
class TokenKeys:
    """One algorithm, the key that signs, and those that check, by key id (None where there is no id)."""

    algorithm: str
    signing: Any
    checking: Mapping[str | None, Any]
    kid: str | None = None
    jwks: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def from_secret(cls, secret: str) -> "TokenKeys":
        """HS256. A secret under 32 bytes (RFC 7518, 3.2) is stretched: fit for development, not for production."""
        if not secret:
            raise ValueError("JWT_SECRET must not be empty")
        raw = secret.encode()
        key = raw if len(raw) >= _SMALLEST_SECRET else derive(raw, "access tokens")
        return cls("HS256", key, {None: key})

    @classmethod
    def from_key_pair(cls, private_pem: str | bytes, *retired_public_pems: str | bytes) -> "TokenKeys":
        """EdDSA (Ed25519) or RS256 (2,048 bits and more), by the kind of key. Raises ValueError.

        Tokens of the retired keys, which are of the same kind, are still accepted and published.
        """
        private = _load_private(private_pem)
        algorithm = "EdDSA" if isinstance(private, Ed25519PrivateKey) else "RS256"
        publics = [private.public_key(), *map(_load_public, retired_public_pems)]
        if any(type(public) is not type(publics[0]) for public in publics):
            raise ValueError("a retired key must be of the same kind as the present one")
        jwks = [_as_jwk(public, algorithm) for public in publics]
        checking: dict[str | None, Any] = {jwk["kid"]: public for jwk, public in zip(jwks, publics, strict=True)}
        return cls(algorithm, private, checking, kid=jwks[0]["kid"], jwks=_once(jwks))


def _load_private(pem: str | bytes) -> Ed25519PrivateKey | RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, password=None)
    except (ValueError, TypeError):
        raise ValueError("the signing key must be an unencrypted PEM private key") from None
    if isinstance(key, RSAPrivateKey) and key.key_size < _SMALLEST_RSA:
        raise ValueError("an RSA signing key must have at least 2,048 bits")
    if not isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        raise ValueError("the signing key must be Ed25519 or RSA")  # noqa: TRY004 - a wrong setting
    return key


def _load_public(pem: str | bytes) -> Ed25519PublicKey | RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode() if isinstance(pem, str) else pem)
    except ValueError:
        raise ValueError("a retired key must be a PEM public key") from None
    if not isinstance(key, Ed25519PublicKey | RSAPublicKey):
        raise ValueError("a retired key must be Ed25519 or RSA")  # noqa: TRY004 - a wrong setting
    return key


def _as_jwk(key: Ed25519PublicKey | RSAPublicKey, algorithm: str) -> dict[str, Any]:
    if isinstance(key, Ed25519PublicKey):
        full = OKPAlgorithm.to_jwk(key, as_dict=True)
    else:
        full = RSAAlgorithm.to_jwk(key, as_dict=True)
    jwk: dict[str, Any] = {name: full[name] for name in _MEMBERS[full["kty"]]}
    return {**jwk, "kid": _thumbprint(jwk), "use": "sig", "alg": algorithm}


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    """RFC 7638: the digest of the required members, sorted, without spaces."""
    canonical = json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()
    return base64url_encode(hashlib.sha256(canonical).digest()).decode()


def _once(jwks: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple({jwk["kid"]: jwk for jwk in jwks}.values())
