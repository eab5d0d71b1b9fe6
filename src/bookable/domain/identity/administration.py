"""Who may do what, decided by admins: looking through people, giving roles, suspending; effective at once."""

from datetime import datetime, timedelta
from uuid import UUID

from bookable.kernel import cursors
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Forbidden

from .credentials import Credentials
from .errors import OwnAccount
from .queries import listing, people, revocations, sessions, tokens
from .records import DayCount, User, UserPage
from .revocation import end_every_session, revoke

__all__ = ["amend", "count_users", "counts_by_day", "give_role", "list_users", "sweep"]

_LOWEST = "user"
_NEWEST = "newest users"
_KEPT = timedelta(days=30)


async def list_users(
    tx: Transaction, *, search: str | None = None, page: int = 1, limit: int = 20, cursor: str | None = None
) -> UserPage:
    """Newest first. `search` is looked for in addresses and names; `cursor` continues another page instead of `page`.

    The transaction must have the whole tenant in sight. Raises `ValidationFailed` on `cursor`.
    """
    at, last = cursors.after(cursor, _NEWEST, tuple[datetime, UUID]) if cursor else (None, None)
    position = {"after_at": at, "after_id": last} if cursor else {}
    statement = listing.found(search=bool(search), after=bool(cursor))
    offset = 0 if cursor else (page - 1) * limit
    found = await tx.all(statement, limit=limit + 1, offset=offset, **_pattern(search), **position)
    shown = found[:limit]
    more = cursors.cursor(_NEWEST, shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return UserPage(shown, await count_users(tx, search=search), more)


async def count_users(tx: Transaction, *, search: str | None = None) -> int:
    """How many `list_users` would find."""
    return sum(await tx.all(listing.count(search=bool(search)), **_pattern(search)))


async def counts_by_day(tx: Transaction, *, since: datetime) -> list[DayCount]:
    """How many registered on each day (UTC) from `since` on; days on which nobody did are left out."""
    return await tx.all(listing.by_day, since=since)


async def amend(
    db: Database,
    credentials: Credentials,
    admin: Actor,
    user_id: UUID,
    *,
    role: str | None = None,
    suspended: bool | None = None,
) -> User:
    """Give a role, suspend or let in again. What is taken away is gone at once: older access tokens are refused.

    A suspension ends every session; another role leaves them, to go on with the next refresh. Raises
    `Forbidden`, `NotFound`, and `OwnAccount` for what an admin would take from themselves.
    """
    if not admin.is_admin:
        raise Forbidden

    async def work(tx: Transaction) -> tuple[User, bool]:
        before = await tx.one(people.lock_user, user_id=user_id)
        wanted = role or before.role
        shut = before.suspended_at is not None if suspended is None else suspended
        demoted = wanted != before.role and before.role != _LOWEST
        if user_id == admin.id and (shut or demoted):
            raise OwnAccount
        less = demoted or (shut and before.suspended_at is None)
        user = await tx.one(people.amend, user_id=user_id, new_role=wanted, suspended=shut, versions=int(less))
        if shut and less:
            await end_every_session(tx, user, "suspended")
        elif less:
            await revoke(tx, user.id, user.token_version)
        return user, less

    user, less = await db.run(admin.widened(), work)
    if less:
        credentials.revocations.apply_now(user.id, user.token_version)
    return user


async def give_role(tx: Transaction, user_id: UUID, role: str) -> bool:
    """Make a plain user something more, for other modules; whoever is more already stays what they are.

    The transaction must have the whole tenant in sight. Their next access token says so.
    """
    return bool(await tx.run(people.promote, user_id=user_id, old_role=_LOWEST, new_role=role))


async def sweep(db: Database, system: Actor) -> None:
    """Throw away what has meant nothing for a month: sessions that are over, tokens, and old revocations."""
    async with db.transaction(system) as tx:
        await tx.run(sessions.forget_sessions, keep=_KEPT)
        await tx.run(tokens.forget_tokens, keep=_KEPT)
        await tx.run(revocations.forget_revocations, keep=_KEPT)


def _pattern(search: str | None) -> dict[str, str]:
    if not search:
        return {}
    literal = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"pattern": f"%{literal}%"}
