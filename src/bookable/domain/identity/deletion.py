"""Somebody leaves: who they were is forgotten; what accounting must keep stays, under an id that tells nothing."""

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.events import publish

from .credentials import Credentials
from .events import UserDeleted, UserLeaving
from .passwords import check_password
from .queries import people, sessions, tokens
from .revocation import end_every_session

__all__ = ["delete_account"]


async def delete_account(db: Database, credentials: Credentials, actor: Actor, password: str) -> None:
    """Anonymise the caller's account, free its email address, and end every session.

    Raises `InvalidCredentials`, and whatever a listener to `UserLeaving` raises to refuse: then nothing
    has happened. The listeners act with the whole tenant in sight.
    """
    async with db.transaction(actor) as tx:
        secret = await tx.first(people.secret_by_id, user_id=actor.id)
    known, _ = await check_password(credentials, secret, password)

    async def work(tx: Transaction) -> int:
        await tx.one(people.lock_user, user_id=known.id)
        await publish(tx, UserLeaving(user_id=known.id))
        gone = await tx.one(people.anonymise, user_id=known.id)
        await end_every_session(tx, gone, "account deleted")
        await tx.run(sessions.forget_devices, user_id=gone.id)
        await tx.run(tokens.void_every_token, user_id=gone.id)
        await publish(tx, UserDeleted(user_id=gone.id))
        return gone.token_version

    version = await db.run(actor.widened(), work)
    credentials.revocations.apply_now(known.id, version)
