"""Films that are shown to others: by a link that anyone may open, and talked about by those who have signed in."""

import secrets
from collections.abc import Awaitable, Callable
from uuid import UUID

from bookable.domain import identity
from bookable.kernel import cursors
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.ids import new_id

from .collecting import get
from .errors import NoSuchFilm, NotYourFilm
from .queries import commenting, reading, writing
from .records import Comment, CommentPage, Film

__all__ = ["Said", "comment", "comments_on", "share", "shared", "unshare"]

_LONGEST_TOKEN = 100
_OLDEST = "oldest comments"


async def share(tx: Transaction, owner_id: UUID, film_id: int) -> str:
    """The token that opens this film for reading: the one it has, or a new one. Raises `NoSuchFilm`, `NotYourFilm`."""
    await get(tx, owner_id, film_id)
    return await tx.one(
        writing.share, owner_id=owner_id, film_id=film_id, token=secrets.token_urlsafe(24), or_raise=NoSuchFilm
    )


async def unshare(tx: Transaction, owner_id: UUID, film_id: int) -> None:
    """The link opens nothing any more, for good. Raises `NoSuchFilm`, `NotYourFilm`."""
    await get(tx, owner_id, film_id)
    await tx.run(writing.unshare, owner_id=owner_id, film_id=film_id)


async def shared(db: Database, tenant_id: UUID, token: str) -> Film:
    """The film behind a link. Raises `NoSuchFilm` for every text that opens nothing."""
    if len(token) > _LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise NoSuchFilm
    async with db.transaction(Actor.system(tenant_id)) as tx:
        return await tx.one(reading.by_token, token=token, or_raise=NoSuchFilm)


Said = tuple[Comment, identity.User]
"""What was said, and by whom."""


async def comment(
    db: Database,
    actor: Actor,
    film_id: int,
    text: str,
    *,
    also: Callable[[Transaction, Said], Awaitable[None]] | None = None,
) -> Said:
    """Say something of a film that is shared, or one's own. `also` is done in the same transaction.

    Raises `NoSuchFilm`, `NotYourFilm`.
    """

    async def work(tx: Transaction) -> Said:
        author = await identity.get(tx, await _admitted(tx, film_id))
        said = await tx.one(commenting.add, id=new_id(), film_id=film_id, author_id=author.id, text=text), author
        if also is not None:
            await also(tx, said)
        return said

    return await db.run(actor.widened(), work)


async def comments_on(
    db: Database, actor: Actor, film_id: int, *, page: int = 1, limit: int = 20, cursor: str | None = None
) -> tuple[CommentPage, dict[UUID, identity.User]]:
    """What is said of a film that is shared, or one's own, the oldest first; with those who said it, by id.

    Raises `NoSuchFilm`, `NotYourFilm`, `ValidationFailed` on `cursor`.
    """
    after = cursors.after(cursor, _OLDEST, tuple[UUID])[0] if cursor else UUID(int=0)
    offset = 0 if cursor else (page - 1) * limit
    async with db.transaction(actor.widened()) as tx:
        await _admitted(tx, film_id)
        found = await tx.all(commenting.of_film, film_id=film_id, after=after, limit=limit + 1, offset=offset)
        total = await tx.one(commenting.count, film_id=film_id)
        authors = await identity.get_many(tx, {c.author_id for c in found[:limit]})
    more = cursors.cursor(_OLDEST, found[limit - 1].id) if len(found) > limit else None
    return CommentPage(found[:limit], total, more), authors


async def _admitted(tx: Transaction, film_id: int) -> UUID:
    """Who acts, if they may hear what is said of this film."""
    if tx.actor.id is None:
        raise Unauthenticated
    if not 0 < film_id < 2**63:
        raise NoSuchFilm
    film = await tx.one(reading.anyones, film_id=film_id, or_raise=NoSuchFilm)
    if film.owner_id != tx.actor.id and film.share_token is None:
        raise NotYourFilm
    return tx.actor.id
