"""A link in a mail proves that its reader owns the address: good once, for a while, and only the newest of its kind."""

from datetime import timedelta
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id, secret_token
from bookable.kernel.jobs import defer
from bookable.kernel.security import token_digest

from . import emails
from .errors import TokenExpired, unknown_token
from .events import EmailVerified, PasswordResetAsked, VerificationAsked
from .queries import people
from .queries import tokens as queries
from .records import Purpose, User

__all__ = [
    "FORGOTTEN",
    "account_behind",
    "forgot_password",
    "issue_token",
    "look_for_forgetful",
    "resend_verification",
    "verify_email",
]

FORGOTTEN = "identity.look_for_forgetful"
"""The job that `forgot_password` asks for; `look_for_forgetful` does it."""

_LIFETIMES = {Purpose.VERIFY_EMAIL: timedelta(hours=24), Purpose.RESET_PASSWORD: timedelta(hours=1)}


async def issue_token(tx: Transaction, user_id: UUID, purpose: Purpose) -> str:
    """A new token for a mail to this user; those of the same purpose from before are void.

    It is told here only: the table keeps a digest. The transaction is the house's own. Raises `NotFound`
    when the account is gone.
    """
    await tx.one(people.lock_user, user_id=user_id)
    await tx.run(queries.void_tokens, user_id=user_id, purpose=purpose)
    token = secret_token()
    await tx.run(
        queries.add_token,
        new_id=new_id(),
        user_id=user_id,
        for_purpose=purpose,
        new_digest=token_digest(token),
        lifetime=_LIFETIMES[purpose],
    )
    return token


async def account_behind(db: Database, tenant_id: UUID, token: str) -> str | None:
    """Whose token this is or was, for counting tries: their address in the form that is compared. None for no token."""
    async with db.transaction(Actor.system(tenant_id)) as tx:
        return await tx.first(queries.account_behind, digest=token_digest(token))


async def holder_of(tx: Transaction, token: str, purpose: Purpose) -> queries.Holder:
    """Whose token this is. Raises `ValidationFailed` on `token` if it never was, `TokenExpired` if it no longer is."""
    holder = await tx.one(queries.token_holder, or_raise=unknown_token, digest=token_digest(token), purpose=purpose)
    if not holder.usable:
        raise TokenExpired
    return holder


async def use_token(tx: Transaction, token: str, purpose: Purpose) -> User:
    """Spend the token; its user as they are, whose row is held from here on. Raises as `holder_of` does.

    The user's row is taken first, as `issue_token` takes it, so that the two never wait for each other in a ring.
    """
    holder = await holder_of(tx, token, purpose)
    user = await tx.one(people.lock_user, or_raise=TokenExpired, user_id=holder.user_id)
    await tx.one(queries.use_token, or_raise=TokenExpired, digest=token_digest(token), purpose=purpose)
    return user


async def verify_email(db: Database, tenant_id: UUID, token: str) -> User:
    """The address is proven. Raises `ValidationFailed` on `token` or `TokenExpired`."""

    async def work(tx: Transaction) -> User:
        user = await use_token(tx, token, Purpose.VERIFY_EMAIL)
        if user.email_verified_at is not None:
            return user
        await publish(tx, EmailVerified(user_id=user.id))
        return await tx.one(people.mark_verified, user_id=user.id)

    return await db.run(Actor.system(tenant_id), work)


async def resend_verification(tx: Transaction, actor: Actor) -> None:
    """Have the mail sent again, if the caller's address is still to be proven."""
    user = await tx.one(people.user_by_id, or_raise=NotFound, user_id=actor.id)
    if user.email_verified_at is None:
        await publish(tx, VerificationAsked(user_id=user.id))


def forgot_password(tx: Transaction, email: str) -> None:
    """Have a mail sent to whoever has this address. Whether anybody has is not even looked up here.

    So it takes the same time for all. Raises `ValidationFailed` for what is no address.
    """
    defer(tx, FORGOTTEN, email=emails.given(email))


async def look_for_forgetful(db: Database, system: Actor, *, email: str) -> None:
    """The job behind `forgot_password`: asks for the mail if there is such an account, to its own address."""
    async with db.transaction(system) as tx:
        user = await tx.first(people.user_by_email, email_key=emails.comparable(email))
        if user is not None and user.suspended_at is None:
            await publish(tx, PasswordResetAsked(user_id=user.id))
