"""What was taken back stays taken back: ended sessions and outdated tokens are refused on every process at once.

Access tokens are checked without the database. Whoever ends a session writes a row in the same transaction
and notifies; every process follows those rows here, woken by the notice and, should one be lost, by the clock.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.security import Claims

from .queries import revocations as queries
from .queries.sessions import end_sessions
from .records import User

__all__ = ["RevocationList", "end_every_session", "revoke"]

_EVERYWHERE = Actor.system(UUID(int=0))


async def revoke(tx: Transaction, subject: UUID, version: int | None = None) -> None:
    """Take back a session's tokens; or, with `version`, every token of a user from before that version.

    Other processes learn of it with the commit. The caller tells its own by `RevocationList.apply_now`.
    """
    await tx.run(queries.revoke, revoked_subject=subject, revoked_version=version)


async def end_every_session(tx: Transaction, user: User, reason: str) -> None:
    """End all of a user's sessions, whose tokens are of before their present version."""
    await tx.run(end_sessions, user_id=user.id, reason=reason)
    await revoke(tx, user.id, user.token_version)


class RevocationList:
    """The revoked, as this process knows them. Entries go when no token that they concern can still live.

    Kept by real time for `keep`, which is the longest life of an access token and an hour besides, for the
    sandbox's clock; at most `most` of them, the oldest of which go first.
    """

    def __init__(self, clock: Clock, *, keep: timedelta = timedelta(hours=2), most: int = 500_000) -> None:
        self._clock = clock
        self._keep = keep
        self._most = most
        self._entries: OrderedDict[UUID, tuple[int | None, datetime]] = OrderedDict()
        self._watermark = 0

    def __len__(self) -> int:
        return len(self._entries)

    def is_revoked(self, claims: Claims) -> bool:
        """Whether the token's session has ended, or its user's older tokens no longer count."""
        if claims.session_id in self._entries:
            return True
        entry = self._entries.get(claims.user_id)
        return entry is not None and entry[0] is not None and claims.version < entry[0]

    def apply_now(self, subject: UUID, version: int | None = None) -> None:
        """Know of one at once, before the notice comes back; called after the commit."""
        self._put(subject, version, self._clock.real())
        self._forget()

    async def refresh(self, db: Database) -> None:
        """Read what was committed since the last time. Safe to call at any time, and more than once at a time."""
        async with db.transaction(_EVERYWHERE) as tx:
            rows = await tx.all(queries.revoked_since, watermark=self._watermark, keep=self._keep)
        for row in rows:
            if row.subject is not None and row.revoked_at is not None:
                self._put(row.subject, row.version, row.revoked_at)
        self._watermark = max(self._watermark, *(row.watermark for row in rows))
        self._forget()

    def _put(self, subject: UUID, version: int | None, at: datetime) -> None:
        known = self._entries.get(subject)
        if known is not None and known[0] is not None and version is not None:
            version = max(known[0], version)
        self._entries[subject] = (version, max(at, known[1]) if known else at)
        self._entries.move_to_end(subject)

    def _forget(self) -> None:
        oldest = self._clock.real() - self._keep
        while self._entries:
            subject, (_, at) = next(iter(self._entries.items()))
            if at > oldest and len(self._entries) <= self._most:
                return
            del self._entries[subject]
