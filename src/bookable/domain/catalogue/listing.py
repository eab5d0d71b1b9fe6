"""A listing's life: added by an admin, changed by its owner, taken off the list; its prices always with it."""

from collections import Counter
from uuid import UUID

import msgspec
from msgspec import UNSET

from bookable.domain import identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Transaction
from bookable.kernel.errors import FieldError, Forbidden, NotFound
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id

from . import rules
from .errors import NoSuchListing
from .events import ListingChanged, ListingDeactivated, ListingOwnerChanged, ListingsAdded
from .queries import listings as queries
from .records import Change, Draft, Offer
from .spelling import words_in

__all__ = ["add", "add_many", "change", "deactivate", "forget"]

_HOUSE_ONLY = ("owner_id", "is_verified", "is_featured", "is_active")


async def add(tx: Transaction, actor: Actor, draft: Draft) -> UUID:
    """List something; admins only. Its owner, if named, becomes a `celebrity`. Answers the listing's id.

    Raises `UsernameTaken`, and `ValidationFailed` by the fields' names in camelCase.
    """
    (listing_id,) = await add_many(tx, actor, [draft])
    if draft.owner_id is not None:
        await _hand_over(tx, listing_id, draft.owner_id, None)
    return listing_id


async def add_many(tx: Transaction, actor: Actor, drafts: list[Draft]) -> list[UUID]:
    """List many things at once, as fast as the database takes them; owners are taken as they are."""
    _admins_only(actor)
    for draft in drafts:
        rules.check_draft(draft)
    ids = [new_id() for _ in drafts]
    await tx.run(queries.add, **_columns(ids, drafts))
    await tx.run(queries.add_offers, **_offer_columns(ids, drafts))
    texts = [t for d in drafts for t in (d.display_name, d.category, d.location, d.bio)]
    await tx.run(queries.add_words, words=words_in(*texts))
    for category, active in sorted(Counter(d.category for d in drafts if d.is_active).items()):
        await tx.run(queries.tally, category=category, by=active)
    await publish(tx, ListingsAdded(listing_ids=ids))
    return ids


async def change(tx: Transaction, actor: Actor, listing_id: UUID, changes: Change) -> None:
    """Change what is given and leave the rest; by its owner or an admin, and some of it by an admin alone.

    Raises `NoSuchListing`, `Forbidden`, `UsernameTaken`, `ValidationFailed`.
    """
    present = await tx.one(queries.to_change, listing_id=listing_id, or_raise=NoSuchListing)
    given = _given(changes)
    _may_change(actor, present, given)
    rules.check_change(changes)
    if given:
        await tx.run(queries.change(frozenset(given)), listing_id=listing_id, **given)
    await _change_offers(tx, listing_id, changes)
    await _keep_words(tx, given)
    if "owner_id" in given and given["owner_id"] != present.owner_id:
        await _hand_over(tx, listing_id, changes.owner_id or None, present.owner_id)
    await _keep_tally(tx, present, given)
    await publish(tx, ListingChanged(listing_id=listing_id))
    if present.is_active and given.get("is_active") is False:
        await publish(tx, ListingDeactivated(listing_id=listing_id))


async def deactivate(tx: Transaction, actor: Actor, listing_id: UUID) -> None:
    """Take a listing off the list; admins only. What was booked stays booked. Doing it twice changes nothing."""
    _admins_only(actor)
    await change(tx, actor, listing_id, Change(is_active=False))


async def forget(tx: Transaction, event: identity.UserDeleted) -> None:
    """Nobody is left to like anything, or to act for their listings: these can't be booked any more."""
    house = Actor.system(tx.actor.tenant_id)
    await tx.run(queries.forget_favourites, user_id=event.user_id)
    for listing in await tx.all(queries.by_owner, owner_id=event.user_id, user_id=None):
        await deactivate(tx, house, listing.id)


def _admins_only(actor: Actor) -> None:
    if not (actor.is_admin or actor.is_system):
        raise Forbidden


def _may_change(actor: Actor, present: queries.Present, given: dict[str, object]) -> None:
    if actor.is_admin or actor.is_system:
        return
    if actor.id is None or actor.id != present.owner_id:
        raise Forbidden
    if any(field in given for field in _HOUSE_ONLY):
        raise Forbidden("Only an admin may set this.")


def _given(changes: Change) -> dict[str, object]:
    fields = msgspec.structs.asdict(changes)
    return {f: v for f, v in fields.items() if v is not UNSET and not f.startswith("offers")}


async def _change_offers(tx: Transaction, listing_id: UUID, changes: Change) -> None:
    if not changes.offers and not changes.offers_ended:
        return
    if changes.offers:
        await tx.run_many(queries.put_offers, [_offer(listing_id, offer) for offer in changes.offers])
    if changes.offers_ended:
        await tx.run(queries.end_offers, listing_id=listing_id, names=list(changes.offers_ended))
    if not await tx.run(queries.reprice, listing_id=listing_id):
        raise FieldError("offers", "At least one offer must remain.")


def _offer(listing_id: UUID, offer: Offer) -> dict[str, object]:
    return {
        "id": new_id(),
        "listing_id": listing_id,
        "name": offer.name,
        "duration_minutes": offer.duration_minutes,
        "price_cents": offer.price_cents,
    }


async def _keep_words(tx: Transaction, given: dict[str, object]) -> None:
    texts = [str(given[f]) for f in ("display_name", "category", "location", "bio") if given.get(f)]
    if texts:
        await tx.run(queries.add_words, words=words_in(*texts))


async def _keep_tally(tx: Transaction, before: queries.Present, given: dict[str, object]) -> None:
    """Every change moves its category's tally on, so that counts made before it are made again."""
    after = (str(given.get("category", before.category)), bool(given.get("is_active", before.is_active)))
    moves: Counter[str] = Counter()
    moves[before.category] -= before.is_active
    moves[after[0]] += after[1]
    for category, by in sorted(moves.items()):
        await tx.run(queries.tally, category=category, by=by)


async def _hand_over(tx: Transaction, listing_id: UUID, owner_id: UUID | None, previous: UUID | None) -> None:
    if owner_id is not None:
        await _as_celebrity(tx, owner_id)
    event = ListingOwnerChanged(listing_id=listing_id, owner_id=owner_id, previous_owner_id=previous)
    await publish(tx, event)


async def _as_celebrity(tx: Transaction, user_id: UUID) -> None:
    try:
        await identity.get(tx, user_id)
    except NotFound:
        raise FieldError("userId", "There is no such user.") from None
    await identity.give_role(tx, user_id, "celebrity")


def _columns(ids: list[UUID], drafts: list[Draft]) -> dict[str, list[object]]:
    return {
        "id": list(ids),
        **{c: [getattr(d, c) for d in drafts] for c in queries.GIVEN},
        "lowest_price_cents": [min(o.price_cents for o in d.offers) for d in drafts],
    }


def _offer_columns(ids: list[UUID], drafts: list[Draft]) -> dict[str, list[object]]:
    rows = [_offer(listing_id, offer) for listing_id, draft in zip(ids, drafts, strict=True) for offer in draft.offers]
    return {c: [row[c] for row in rows] for c in ("id", "listing_id", "name", "duration_minutes", "price_cents")}
