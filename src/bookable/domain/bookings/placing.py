"""Asking what a meeting costs, and asking for one: from that moment its time is held, as long as the policy says."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bookable.domain import catalogue, identity, inventory
from bookable.kernel.db import Transaction
from bookable.kernel.errors import FieldError, Unauthenticated, Unavailable
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id, person_number, secret_token
from bookable.kernel.security.hashing import token_digest

from .errors import PriceChanged
from .events import BookingConfirmed, BookingPlaced, GuestKeyGiven
from .moving import entry
from .policy import Policy
from .pricing import price
from .promos import promo_for, use_promo
from .queries import writing as queries
from .records import Booking, Placed, Promo, Quote, Request
from .states import By, Status

__all__ = ["bookable_window", "place", "quote", "write"]

_NUMBERS_TRIED = 20


async def quote(tx: Transaction, asked: Request, policy: Policy) -> Quote:
    """What it costs, every line; nothing is taken, and the time may be somebody else's a moment later.

    Raises what `place` raises, save `SlotTaken` where the slot is full.
    """
    offer, _, promo = await _judge(tx, asked, policy)
    return _priced(offer, asked, policy, promo)


async def place(tx: Transaction, asked: Request, policy: Policy) -> Placed:
    """A booking of the transaction's actor, its time held until it is paid; with nothing to pay it is confirmed.

    The actor is a user, or a guest under an id of their own (`Actor.guest(tenant_id, new_id())`), who gets a
    token. Raises `NoSuchListing`, `ValidationFailed` (offer, day, slot, promo code), `PriceChanged`, `SlotTaken`.
    """
    if tx.actor.id is None:
        raise Unauthenticated
    offer, window, promo = await _judge(tx, asked, policy)
    priced = _priced(offer, asked, policy, promo)
    booking_id = new_id()
    until = tx.clock.now() + policy.hold if priced.total_cents else None
    length = timedelta(minutes=offer.duration_minutes)
    taken = await inventory.take_in_slot(tx, window, length, holder_id=booking_id, until=until)
    await use_promo(tx, promo, holder_id=booking_id, until=until)
    token = secret_token() if tx.actor.role == "guest" else None
    row = {
        **_who(tx, asked, token),
        **asdict(priced),
        **_state(tx, priced),
        "id": booking_id,
        "provider_id": offer.owner_id,
        "listing_id": offer.listing_id,
        "supplier": None,
        "offer": offer.offer,
        "day": asked.day,
        "slot": asked.slot,
        "time_zone": offer.time_zone,
        "starts_at": taken.starts_at,
        "ends_at": taken.ends_at,
        "promo_code_id": promo.id if promo else None,
        "hold_expires_at": until,
    }
    booking = await write(tx, row, lambda: person_number(policy.number_prefix, row["created_at"].year))
    await publish(tx, BookingPlaced(booking_id=booking.id))
    if token:
        await publish(tx, GuestKeyGiven(booking_id=booking.id, token=SecretStr(token)))
    if booking.status is Status.CONFIRMED:
        await catalogue.count_booking(tx, booking.listing_id)
        await publish(tx, BookingConfirmed(booking_id=booking.id))
    return Placed(booking, token)


async def _judge(
    tx: Transaction, asked: Request, policy: Policy
) -> tuple[catalogue.Bookable, inventory.Window, Promo | None]:
    try:
        offer = await catalogue.bookable(tx, asked.listing_id, asked.offer)
    except catalogue.NoSuchOffer:
        raise FieldError("meetingType", "This is not offered here.") from None
    window = bookable_window(tx, offer.listing_id, offer.time_zone, asked, policy)
    return offer, window, await promo_for(tx, asked.promo_code, offer.listing_id, offer.currency)


def bookable_window(tx: Transaction, calendar_id: UUID, time_zone: str, asked: Any, policy: Policy) -> inventory.Window:
    """The slot that is asked for (`asked.day`, `asked.slot`), if it can be booked today at all.

    Raises `ValidationFailed` on `date` or `timeSlot` for one that is past, has begun, or is too far ahead.
    """
    now = tx.clock.now()
    today = now.astimezone(ZoneInfo(time_zone)).date()
    part = policy.part(asked.slot)
    if part is None:
        raise FieldError("timeSlot", "There is no such part of the day.")
    if asked.day < today:
        raise FieldError("date", "This day is past.")
    if asked.day > policy.last_day(today):
        raise FieldError("date", f"At most {policy.horizon_days} days ahead can be booked.")
    window = inventory.window(calendar_id, time_zone, asked.day, part)
    if window.opens_at <= now:
        raise FieldError("timeSlot", "This part of the day has begun already.")
    return window


def _priced(offer: catalogue.Bookable, asked: Request, policy: Policy, promo: Promo | None) -> Quote:
    priced = price(offer.price_cents, offer.currency, policy, promo)
    if asked.expected_total_cents not in (None, priced.total_cents):
        raise PriceChanged(
            {
                "subtotalCents": priced.subtotal_cents,
                "platformFeeCents": priced.platform_fee_cents,
                "discountCents": priced.discount_cents,
                "taxCents": priced.tax_cents,
                "totalCents": priced.total_cents,
                "currency": priced.currency,
            }
        )
    return priced


def _who(tx: Transaction, asked: Request, token: str | None) -> dict[str, Any]:
    return {
        "owner_id": tx.actor.id,
        "user_id": None if token else tx.actor.id,
        "guest_token_hash": token_digest(token) if token else None,
        "contact_name": asked.contact_name,
        "contact_email": identity.given_email(asked.contact_email, field="contactEmail"),
        "contact_key": identity.comparable_email(asked.contact_email),
        "contact_phone": asked.contact_phone,
        "special_requests": asked.special_requests,
    }


def _state(tx: Transaction, priced: Quote) -> dict[str, Any]:
    now: datetime = tx.clock.now()
    timeline = [entry(tx, None, Status.PENDING, By.CUSTOMER, None)]
    if priced.total_cents:
        return {"status": Status.PENDING.value, "timeline": timeline, "created_at": now, "confirmed_at": None}
    timeline.append(entry(tx, Status.PENDING, Status.CONFIRMED, By.SYSTEM, "There is nothing to pay."))
    return {"status": Status.CONFIRMED.value, "timeline": timeline, "created_at": now, "confirmed_at": now}


async def write(tx: Transaction, row: dict[str, Any], draw: Callable[[], str]) -> Booking:
    """The booking of this row. Numbers are drawn at random; one that is somebody else's already is drawn again."""
    for _ in range(_NUMBERS_TRIED):
        booking = await tx.first(queries.add, **row, number=draw())
        if booking is not None:
            return booking
    raise Unavailable(retry_after=1)
