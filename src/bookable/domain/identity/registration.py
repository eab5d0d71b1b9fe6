"""Somebody gets an account: one for each email address, however many ask for it at once."""

from collections.abc import Collection
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Forbidden
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id

from . import emails
from .credentials import Credentials
from .errors import EmailTaken
from .events import UserRegistered, VerificationAsked
from .queries import people
from .records import Device, NewUser, SignedIn, User
from .sessions import open_session

__all__ = ["enrol", "register"]

_UNKNOWN = Device()
_OPEN = frozenset({"user"})


async def register(
    db: Database,
    credentials: Credentials,
    tenant_id: UUID,
    new: NewUser,
    password: str,
    *,
    device: Device = _UNKNOWN,
    open_roles: Collection[str] = _OPEN,
) -> SignedIn:
    """An account, its first session, and a mail to prove the address.

    Raises `ValidationFailed` on `email` or `password`, `EmailTaken`, and `Forbidden` for a role that is not
    open to everybody.
    """
    if new.role not in open_roles:
        raise Forbidden("This role is not for anybody to take.")
    credentials.policy.check(password, email=emails.given(new.email))
    password_hash = await credentials.passwords.hash(password)

    async def work(tx: Transaction) -> SignedIn:
        user = await enrol(tx, new, password_hash=password_hash)
        await publish(tx, UserRegistered(user_id=user.id))
        await publish(tx, VerificationAsked(user_id=user.id))
        return await open_session(tx, credentials, user, device)

    return await db.run(Actor.system(tenant_id), work)


async def enrol(
    tx: Transaction, new: NewUser, *, password_hash: str | None, verified: bool = False, user_id: UUID | None = None
) -> User:
    """The account alone, for those who come by another door or with the seed. Raises `EmailTaken`.

    The transaction is the house's own.
    """
    email = emails.given(new.email)
    return await tx.one(
        people.add_user,
        or_raise=EmailTaken,
        id=user_id or new_id(),
        email=email,
        email_key=emails.comparable(email),
        password_hash=password_hash,
        first_name=new.first_name,
        last_name=new.last_name,
        phone=new.phone,
        role=new.role,
        verified=verified,
    )
