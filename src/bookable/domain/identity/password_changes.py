"""A new password, by whoever knows the old one or has read the mail; everything that the old one opened is shut."""

from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import publish

from .credentials import Credentials
from .errors import InvalidCredentials
from .events import EmailVerified, PasswordChanged
from .passwords import check_password
from .queries import people
from .records import Device, Purpose, SignedIn, User
from .revocation import end_every_session
from .sessions import open_session
from .tokens import holder_of, use_token

__all__ = ["change_password", "reset_password"]

_UNKNOWN = Device()


async def change_password(
    db: Database,
    credentials: Credentials,
    actor: Actor,
    current: str,
    new: str,
    *,
    device: Device = _UNKNOWN,
    field: str = "newPassword",
) -> SignedIn:
    """Replace one's own password; every session ends, and the answer is a new one for whoever changed it.

    Raises `InvalidCredentials` when `current` is not right, `ValidationFailed` on `field`.
    """
    async with db.transaction(actor) as tx:
        secret = await tx.first(people.secret_by_id, user_id=actor.id)
    known, _ = await check_password(credentials, secret, current)
    credentials.policy.check(new, email=known.email, field=field)
    new_hash = await credentials.passwords.hash(new)

    async def work(tx: Transaction) -> SignedIn:
        seen = {"user_id": known.id, "seen_hash": known.password_hash}
        user = await tx.one(people.change_password, or_raise=InvalidCredentials, **seen, new_hash=new_hash)
        await _shut(tx, user, "password changed")
        return await open_session(tx, credentials, user, device)

    signed_in = await db.run(actor.widened(), work)
    credentials.revocations.apply_now(known.id, signed_in.user.token_version)
    return signed_in


async def reset_password(
    db: Database, credentials: Credentials, tenant_id: UUID, token: str, password: str, *, field: str = "password"
) -> User:
    """Replace a forgotten password by the token from the mail, which proves the address too.

    Every session ends. Raises `ValidationFailed` on `token` or on `field`, and `TokenExpired`; a password
    that is refused leaves the token good.
    """
    system = Actor.system(tenant_id)
    async with db.transaction(system) as tx:
        holder = await holder_of(tx, token, Purpose.RESET_PASSWORD)
    credentials.policy.check(password, email=holder.email, field=field)
    new_hash = await credentials.passwords.hash(password)

    async def work(tx: Transaction) -> User:
        before = await use_token(tx, token, Purpose.RESET_PASSWORD)
        user = await tx.one(people.reset_password, user_id=before.id, new_hash=new_hash)
        if before.email_verified_at is None:
            await publish(tx, EmailVerified(user_id=user.id))
        await _shut(tx, user, "password reset")
        return user

    user = await db.run(system, work)
    credentials.revocations.apply_now(user.id, user.token_version)
    return user


async def _shut(tx: Transaction, user: User, reason: str) -> None:
    await end_every_session(tx, user, reason)
    await publish(tx, PasswordChanged(user_id=user.id))
