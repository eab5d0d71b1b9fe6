"""People and the keys to the house, made with one call each."""

import secrets
from datetime import timedelta

from bookable.domain import identity
from bookable.domain.identity import Credentials, Device, NewUser, RefreshTokens, RevocationList, SignedIn
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.security import AccessTokens, PasswordHasher, TokenKeys
from bookable.kernel.tenants import Tenant

__all__ = ["PASSWORD", "SECRET", "actor", "credentials", "email", "person"]

PASSWORD = "Correct-horse-7"
SECRET = "a secret of the tests, long enough to sign with"
_hasher = PasswordHasher(threads=2, waiting=256)


def credentials(db: Database, secret: str = SECRET) -> Credentials:
    """What one process has; two of them share the secret and nothing else."""
    return Credentials(
        passwords=_hasher,
        access=AccessTokens(TokenKeys.from_secret(secret), issuer="https://bookable.test"),
        refresh=RefreshTokens(secret),
        revocations=RevocationList(db.clock),
        access_lifetime=timedelta(minutes=15),
        refresh_lifetime=timedelta(days=7),
    )


def email() -> str:
    """An address that nobody has."""
    return f"p{secrets.token_hex(6)}@example.com"


async def person(
    db: Database,
    tenant: Tenant,
    keys: Credentials,
    *,
    email: str | None = None,
    password: str = PASSWORD,
    role: str = "user",
    device: Device | None = None,
) -> SignedIn:
    """Somebody who has registered and is signed in."""
    new = NewUser(email=email or globals()["email"](), first_name="Ada", last_name="Byron", phone="+4912345", role=role)
    return await identity.register(
        db, keys, tenant.id, new, password, device=device or Device("Firefox", "127.0.0.1"), open_roles={role}
    )


def actor(tenant: Tenant, signed_in: SignedIn) -> Actor:
    """Them, as their access token would say."""
    return Actor(tenant.id, signed_in.user.id, signed_in.user.role, session_id=signed_in.session_id)
