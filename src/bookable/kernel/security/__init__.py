"""Secrets: passwords hashed, tokens signed, third parties' tokens sealed, opaque ones kept as digests."""

from bookable.kernel.security.hashing import derive, same, token_digest
from bookable.kernel.security.password_policy import PasswordPolicy
from bookable.kernel.security.passwords import PasswordHasher
from bookable.kernel.security.passwords import parameters as password_parameters
from bookable.kernel.security.sealing import Bound, SealBroken, Sealer
from bookable.kernel.security.token_keys import TokenKeys
from bookable.kernel.security.tokens import AccessTokens, Claims

__all__ = [
    "AccessTokens",
    "Bound",
    "Claims",
    "PasswordHasher",
    "PasswordPolicy",
    "SealBroken",
    "Sealer",
    "TokenKeys",
    "derive",
    "password_parameters",
    "same",
    "token_digest",
]
