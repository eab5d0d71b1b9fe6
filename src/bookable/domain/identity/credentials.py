"""What it takes to let people in: passwords hashed, tokens made, checked and taken back, and how long they last."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.security import AccessTokens, PasswordHasher, PasswordPolicy

from .records import SignedIn, User
from .refresh_tokens import RefreshToken, RefreshTokens
from .revocation import RevocationList

__all__ = ["Credentials"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """One a process; `dataclasses.replace` gives a storefront its own lifetimes and password policy."""

    passwords: PasswordHasher
    access: AccessTokens
    refresh: RefreshTokens
    revocations: RevocationList
    policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    access_lifetime: timedelta = timedelta(minutes=15)
    refresh_lifetime: timedelta = timedelta(days=7)

    def authenticate(self, token: str, *, audience: UUID, now: datetime) -> Actor:
        """Who calls, by their access token. Asks no database. Raises `Unauthenticated`."""
        claims = self.access.verify(token, audience=audience, now=now)
        if self.revocations.is_revoked(claims):
            raise Unauthenticated("This session has ended; sign in again.")
        return Actor(claims.tenant_id, claims.user_id, claims.role, session_id=claims.session_id)

    def signed_in(self, tenant_id: UUID, user: User, refresh: RefreshToken, now: datetime) -> SignedIn:
        """A new access token for the session of a refresh token that holds."""
        token = self.access.issue(
            user_id=user.id,
            tenant_id=tenant_id,
            session_id=refresh.session_id,
            role=user.role,
            version=user.token_version,
            now=now,
            lifetime=self.access_lifetime,
        )
        return SignedIn(user, refresh.session_id, token, refresh.text, now + self.access_lifetime)
