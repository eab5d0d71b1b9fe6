"""Pictures come and go: bytes first and row last when one comes, row first and bytes last when it goes."""

from datetime import timedelta
from uuid import UUID

from bookable.domain import identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.ids import new_id
from bookable.kernel.jobs import defer

from . import queries
from .errors import NoSuchPicture, TooManyPictures
from .pictures import Redrawn, redrawn
from .queries import uploads
from .records import Media, Purpose
from .store import Store, path_of

__all__ = ["DISCARD", "delete", "discard", "forget", "keep_picture", "pictures_of", "set_avatar", "sweep"]

DISCARD = "media.discard"
"""The job that takes bytes away once their rows are gone."""

_GRACE = timedelta(hours=1)


async def keep_picture(db: Database, actor: Actor, store: Store, data: bytes, purpose: Purpose) -> Media:
    """Check, redraw and keep a picture that the actor gives.

    Raises `PictureTooLarge`, `NotAPicture`, `BrokenPicture`, `TooManyPictures`, `Unavailable`.
    """
    given = await _stored(actor, store, data)

    async def work(tx: Transaction) -> Media:
        return await _noted(tx, actor, given, purpose)

    return await db.run(actor, work)


async def set_avatar(db: Database, actor: Actor, store: Store, data: bytes) -> identity.User:
    """The picture becomes the actor's avatar, in place of the one before, which is thrown away.

    Raises what `keep_picture` raises; then the avatar is the one it was.
    """
    given = await _stored(actor, store, data)

    async def work(tx: Transaction) -> identity.User:
        kept = await _noted(tx, actor, given, Purpose.AVATAR)
        before = await tx.all(
            queries.remove_others, owner_id=kept.owner_id, purpose=Purpose.AVATAR.value, media_id=kept.id
        )
        if before:
            defer(tx, DISCARD, paths=before)
        return await identity.change_profile(tx, kept.owner_id, {"avatar_url": kept.url})

    return await db.run(actor, work)


async def delete(db: Database, actor: Actor, store: Store, media_id: UUID) -> None:
    """Throw away one of the actor's own. Raises `NoSuchPicture`."""

    async def work(tx: Transaction) -> Media:
        return await tx.one(queries.remove, media_id=media_id, or_raise=NoSuchPicture)

    gone = await db.run(actor, work)
    await store.delete(gone.path)


async def pictures_of(tx: Transaction, user_id: UUID) -> list[Media]:
    """What somebody has given us, the oldest first."""
    return await tx.all(queries.of_owner, owner_id=user_id)


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """Somebody has left: their pictures go with them."""
    await tx.run(uploads.forget, owner_id=event.user_id)
    paths = await tx.all(queries.remove_all, owner_id=event.user_id)
    if paths:
        defer(tx, DISCARD, paths=paths)


async def discard(store: Store, db: Database, system: Actor, *, paths: list[str]) -> None:
    """Take away bytes that no row names any more; as a job, with the store bound to it."""
    async with db.transaction(system) as tx:
        known = set(await tx.all(queries.known, paths=paths))
    for path in paths:
        if path not in known:
            await store.delete(path)


async def sweep(store: Store, db: Database, system: Actor) -> int:
    """Take away bytes that never got their row, an hour after they came. Answers how many pictures that were."""
    swept = 0
    async for paths in store.older_than(system.tenant_id, db.clock.real() - _GRACE):
        async with db.transaction(system) as tx:
            known = set(await tx.all(queries.known, paths=paths))
        for path in set(paths) - known:
            await store.delete(path)
            swept += 1
    return swept


class _Given:
    """A redrawn picture whose bytes are stored, and whose row is still to come."""

    __slots__ = ("digest", "id", "path", "picture")

    def __init__(self, tenant_id: UUID, picture: Redrawn) -> None:
        self.id = new_id()
        self.picture = picture
        self.digest = Store.digest(picture.data)
        self.path = path_of(tenant_id, self.id, self.digest)


async def _stored(actor: Actor, store: Store, data: bytes) -> _Given:
    if actor.id is None:
        raise Unauthenticated
    given = _Given(actor.tenant_id, await redrawn(data))
    await store.put(given.path, given.picture.data)
    return given


async def _noted(tx: Transaction, actor: Actor, given: _Given, purpose: Purpose) -> Media:
    return await tx.one(
        queries.add,
        or_raise=TooManyPictures,
        media_id=given.id,
        owner_id=actor.id,
        purpose=purpose.value,
        content_type="image/webp",
        size=len(given.picture.data),
        width=given.picture.width,
        height=given.picture.height,
        sha256=given.digest,
        path=given.path,
    )
