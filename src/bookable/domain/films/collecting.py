"""A person's collection: films come into it, change, and go; nobody else's are touched."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from bookable.domain import identity
from bookable.kernel.db import Transaction

from . import rules
from .errors import NoSuchFilm, NotYourFilm
from .queries import commenting, importing, preferring, reading, writing
from .records import Draft, Film

__all__ = ["add", "add_many", "add_uncounted", "change", "count", "forget", "get", "get_many", "remove"]

_FIELDS = frozenset({"title", "year", "image_url", "notes", "watched", "rating"})
_HIGHEST = 2**63


async def get(tx: Transaction, owner_id: UUID, film_id: int) -> Film:
    """One of the owner's own films. Raises `NoSuchFilm`, and `NotYourFilm` for one of somebody else's."""
    if _possible(film_id) and (film := await tx.first(reading.one, owner_id=owner_id, film_id=film_id)) is not None:
        return film
    raise await _refusal(tx, film_id)


async def get_many(tx: Transaction, owner_id: UUID, film_ids: Sequence[int]) -> dict[int, Film]:
    """Those of the films that there are and that are the owner's, by number."""
    asked = [i for i in film_ids if _possible(i)]
    return {film.id: film for film in await tx.all(reading.several, owner_id=owner_id, ids=asked)}


async def add(tx: Transaction, owner_id: UUID, draft: Draft) -> Film:
    """A film more in the owner's collection. Raises `ValidationFailed` on each field that is wrong."""
    fields = asdict(draft)
    rules.check(fields, this_year=tx.clock.now().year)
    film = await tx.one(writing.add, owner_id=owner_id, title_key=rules.folded(draft.title), **fields)
    await tx.run(writing.tally, owner_id=owner_id, years=[film.year or 0], counts=[1])
    return film


async def add_many(tx: Transaction, owner_id: UUID, drafts: Sequence[Draft]) -> list[int]:
    """Many at once; answers their numbers, in order. Raises `ValidationFailed` at the first that is wrong."""
    for draft in drafts:
        rules.check(asdict(draft), this_year=tx.clock.now().year)
    ids = await add_uncounted(tx, owner_id, drafts)
    await count(tx, owner_id, Counter(draft.year or 0 for draft in drafts))
    return ids


async def add_uncounted(tx: Transaction, owner_id: UUID, drafts: Sequence[Draft]) -> list[int]:
    """Films that are known to be right, and that the caller counts afterwards; answers their numbers, in order."""
    columns: dict[str, list[Any]] = {name: [getattr(d, name) for d in drafts] for name in _FIELDS}
    keys = [rules.folded(d.title) for d in drafts]
    return await tx.all(writing.add_many, owner_id=owner_id, title_key=keys, **columns)


async def count(tx: Transaction, owner_id: UUID, films_by_year: Mapping[int, int]) -> None:
    """Note that so many films have come (by year, 0 for none); the owner's other changes wait from here on."""
    years, counts = list(films_by_year), list(films_by_year.values())
    await tx.run(writing.tally, owner_id=owner_id, years=years, counts=counts)


async def change(tx: Transaction, owner_id: UUID, film_id: int, changes: Mapping[str, Any]) -> Film:
    """Set `title`, `year`, `image_url`, `notes`, `watched`, `rating`, those that are given.

    Raises `ValidationFailed`, `NoSuchFilm`, `NotYourFilm`.
    """
    if unknown := changes.keys() - _FIELDS:
        raise TypeError(f"a film has no {sorted(unknown)}")
    before = await get(tx, owner_id, film_id)
    rules.check(changes, this_year=tx.clock.now().year)
    if not changes:
        return before
    new = {f"new_{name}": value for name, value in changes.items()}
    names = set(changes)
    if "title" in changes:
        names.add("title_key")
        new["new_title_key"] = rules.folded(changes["title"])
    before = await tx.one(writing.locked, owner_id=owner_id, film_id=film_id, or_raise=NoSuchFilm)
    after = await tx.one(
        writing.change(frozenset(names)), owner_id=owner_id, film_id=film_id, or_raise=NoSuchFilm, **new
    )
    moved = before.year != after.year
    if moved:
        await tx.run(writing.untally, owner_id=owner_id, year=before.year or 0)
    await tx.run(writing.tally, owner_id=owner_id, years=[after.year or 0], counts=[int(moved)])
    return after


async def remove(tx: Transaction, owner_id: UUID, film_id: int) -> None:
    """Take a film out of the collection, with what was said of it. Raises `NoSuchFilm`, `NotYourFilm`."""
    if not _possible(film_id) or (gone := await tx.first(writing.remove, owner_id=owner_id, film_id=film_id)) is None:
        raise await _refusal(tx, film_id)
    await tx.run(writing.untally, owner_id=owner_id, year=gone.year or 0)


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """Somebody has left: their films go with them, and what they said of others'."""
    await tx.run(commenting.forget, author_id=event.user_id)
    await tx.run(writing.forget, owner_id=event.user_id)
    await tx.run(writing.forget_tallies, owner_id=event.user_id)
    await tx.run(preferring.forget, user_id=event.user_id)
    await tx.run(importing.forget, owner_id=event.user_id)


async def _refusal(tx: Transaction, film_id: int) -> Exception:
    """What somebody hears who may not have this film: that it is another's, or that there is none."""
    there = _possible(film_id) and await tx.first(reading.exists, film_id=film_id) is not None
    return NotYourFilm() if there else NoSuchFilm()


def _possible(film_id: int) -> bool:
    return 0 < film_id < _HIGHEST
