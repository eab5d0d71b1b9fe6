"""Promo codes: what they take off, when, for whom, and never more often than they say."""

from datetime import datetime
from uuid import UUID

from bookable.domain import catalogue, inventory
from bookable.kernel.db import Transaction, constraint
from bookable.kernel.errors import Conflict, FieldError
from bookable.kernel.ids import new_id

from .queries import promos as queries
from .records import Promo

__all__ = ["CodeTaken", "add_promo", "list_promos", "promo_for", "use_promo"]

_FIELD = "promoCode"


class CodeTaken(Conflict):
    """There is such a promo code already."""

    message = "There is a promo code by that name."


constraint("uq_promo_codes_code", CodeTaken)


async def add_promo(
    tx: Transaction,
    code: str,
    *,
    currency: str,
    percent_off: int | None = None,
    amount_off_cents: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    max_uses: int | None = None,
    listing_id: UUID | None = None,
) -> Promo:
    """A new code, by a percentage or by an amount. Codes are compared without regard to case.

    Raises `CodeTaken`, `NoSuchListing`, and `ValidationFailed` where neither or both kinds are given, or it ends
    before it starts.
    """
    if (percent_off is None) == (amount_off_cents is None):
        raise FieldError("percentOff", "Give either percentOff or amountOffCents.")
    if starts_at and ends_at and ends_at <= starts_at:
        raise FieldError("endsAt", "This is not after the start.")
    if listing_id:
        await catalogue.find(tx, listing_id, even_inactive=True)
    pool_id = await inventory.open_pool(tx, max_uses) if max_uses is not None else None
    await tx.run(
        queries.add,
        id=new_id(),
        code=_named(code),
        percent_off=percent_off,
        amount_off_cents=amount_off_cents,
        currency=currency,
        starts_at=starts_at,
        ends_at=ends_at,
        pool_id=pool_id,
        listing_id=listing_id,
    )
    return await tx.one(queries.by_code, code=_named(code))


async def list_promos(tx: Transaction, *, limit: int = 100) -> list[Promo]:
    """The newest codes."""
    return await tx.all(queries.newest, limit=limit)


async def promo_for(tx: Transaction, code: str | None, listing_id: UUID, currency: str) -> Promo | None:
    """The code as it applies here and now; None where none was given. Raises `ValidationFailed` on `promoCode`."""
    if code is None or not code.strip():
        return None
    promo = await tx.first(queries.by_code, code=_named(code))
    if promo is None or promo.listing_id not in (None, listing_id):
        raise FieldError(_FIELD, "This code is not valid here.")
    now = tx.clock.now()
    if promo.starts_at and now < promo.starts_at:
        raise FieldError(_FIELD, "This code is not valid yet.")
    if promo.ends_at and now >= promo.ends_at:
        raise FieldError(_FIELD, "This code is no longer valid.")
    if promo.amount_off_cents is not None and promo.currency != currency:
        raise FieldError(_FIELD, "This code is for another currency.")
    if promo.pool_id and (left := await inventory.places(tx, promo.pool_id)) and left.taken >= left.capacity:
        raise FieldError(_FIELD, "This code has been used up.")
    return promo


async def use_promo(tx: Transaction, promo: Promo | None, *, holder_id: UUID, until: datetime | None) -> None:
    """One use of the code is `holder_id`'s, held like time is. Raises `ValidationFailed` when none is left."""
    if promo is None or promo.pool_id is None:
        return
    try:
        await inventory.take_from_pool(tx, promo.pool_id, 1, holder_id=holder_id, until=until)
    except inventory.SoldOut:
        raise FieldError(_FIELD, "This code has been used up.") from None


def _named(code: str) -> str:
    return code.strip().upper()
