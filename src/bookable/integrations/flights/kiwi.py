"""Flights by Kiwi's Tequila: search, check until it is checked, save the booking, and pay for it."""

import asyncio
import json
from dataclasses import replace

import httpx

from bookable.domain.flights.ports import (
    Airport,
    Cancellation,
    Contact,
    Demands,
    FlightProvider,
    FlightQuery,
    Offer,
    OfferChanged,
    OfferGone,
    Order,
    OrderRefused,
    Traveller,
)
from bookable.integrations.notes import Notes
from bookable.kernel.db import Database
from bookable.kernel.errors import Unavailable
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money

from . import kiwi_asking as asking
from . import kiwi_reading as reading
from .calling import Caller, money, not_taken, readable, readable_ones
from .kiwi_reading import NAME, Json

__all__ = ["KiwiFlights"]

_BASE = "https://api.tequila.kiwi.com"
_CHECKS = 4


class KiwiFlights(FlightProvider):
    """Tequila behind our port, for those who have a key from before 2024.

    It knows no idempotency: a booking is saved first, which buys nothing, then noted down under our key, then paid.
    Whoever comes again with the key pays for the noted one, unless it is noted that it was paid.
    """

    name = NAME
    demands: Demands = asking.DEMANDS
    own_airports: tuple[Airport, ...] = ()

    def __init__(
        self, api_key: str, db: Database, *, api_base: str | None = None, timeout: float = 30.0, poll: float = 3.0
    ) -> None:
        self._calls = Caller(api_base or _BASE, {"apikey": api_key}, timeout=timeout)
        self._clock = db.clock
        self._notes = Notes(db, NAME)
        self._poll = poll

    @readable
    async def search(self, query: FlightQuery) -> list[Offer]:
        answer = await self._calls.ask("GET", "/v2/search", params=asking.search(query))
        if answer.is_client_error:
            return not_taken(answer)
        found, now = answer.json(), self._clock.now()
        currency = found["currency"]
        offers = readable_ones(lambda one: reading.offer(one, query, currency, now), found["data"])
        fitting = [o for o in offers if query.max_stops is None or o.stops <= query.max_stops]
        return sorted(fitting, key=lambda o: (o.price.amount, o.duration_minutes))

    @readable
    async def offer(self, known: Offer) -> Offer:
        checked = await self._checked(known)
        price = _total(checked, known)
        if price != known.price:
            raise OfferChanged(_at(known, price, checked))
        return replace(known, passports_required=_wants_papers(checked))

    @readable
    async def order(self, offer: Offer, travellers: list[Traveller], contact: Contact, *, key: str) -> Order:
        saved = await self._notes.of(key)
        if saved is None:
            saved = await self._notes.keep(key, await self._save(offer, travellers, contact))
        await self._pay(saved, key)
        return Order(
            id=str(saved["booking_id"]),
            reference=str(saved["booking_id"]),
            provider=NAME,
            price=Money(saved["amount"], saved["currency"]),
        )

    async def cancel_order(self, order_id: str, *, key: str) -> Cancellation:
        raise OrderRefused(
            "Bookings at this provider are given back by its own customer service.", details={"reason": "by_hand"}
        )

    async def aclose(self) -> None:
        await self._calls.aclose()

    async def _checked(self, known: Offer) -> Json:
        """Asked again until Kiwi has looked at every flight; raises `OfferGone`, and `Unavailable` if it takes long."""
        query = known.query
        asked = {
            "booking_token": json.loads(known.ref)["token"],
            "bnum": 0,
            "adults": query.adults,
            "children": query.children,
            "infants": query.infants,
            "currency": known.price.currency,
            "session_id": new_id().hex,
            "v": 2,
        }
        for attempt in range(_CHECKS):
            answer = await self._calls.ask("GET", "/v2/booking/check_flights", params=asked)
            found = _body(answer)
            if not answer.is_success or found["flights_invalid"]:
                raise OfferGone
            if found["flights_checked"]:
                return found
            asked["booking_token"] = found.get("booking_token") or asked["booking_token"]
            asked["session_id"] = found.get("session_id") or asked["session_id"]
            await asyncio.sleep(self._poll if attempt < _CHECKS - 1 else 0)
        raise Unavailable("The airline is still checking this flight.", retry_after=10)

    async def _save(self, offer: Offer, travellers: list[Traveller], contact: Contact) -> Json:
        """A booking that holds nothing until it is paid: when its answer is lost, it lapses by itself."""
        checked = await self._checked(offer)
        price = _total(checked, offer)
        if price != offer.price:
            raise OfferChanged(_at(offer, price, checked))
        answer = await self._calls.act(
            "POST", "/v2/booking/save_booking", json=asking.booking(offer, checked, travellers, contact)
        )
        found = _body(answer)
        if found.get("flights_invalid"):
            raise OfferGone
        if not answer.is_success or found.get("status") != "success":
            raise OrderRefused(details={"reason": "not_saved"})
        return {
            "booking_id": found["booking_id"],
            "transaction_id": found["transaction_id"],
            "amount": price.amount,
            "currency": price.currency,
        }

    async def _pay(self, saved: Json, key: str) -> None:
        """Confirm the payment, which Tequila wants to be asked once: a refusal is only believed of the first try.

        After one whose answer was lost it may mean that it is paid: then this raises `Unavailable`.
        """
        if await self._notes.of(f"{key}:paid") is not None:
            return
        asked = {"booking_id": saved["booking_id"], "transaction_id": saved["transaction_id"]}
        first = await self._notes.begin(f"{key}:paying", asked)
        answer = await self._calls.act("POST", "/v2/booking/confirm_payment", json=asked)
        if answer.is_success and _body(answer).get("status") in {0, "success"}:
            await self._notes.keep(f"{key}:paid", asked)
        elif first:
            raise OrderRefused(details={"reason": "payment_not_confirmed"})
        else:
            raise Unavailable("It is not known whether this booking is paid.", retry_after=10)


def _total(checked: Json, known: Offer) -> Money:
    return money(checked["total"], checked.get("currency") or known.price.currency)


def _at(known: Offer, price: Money, checked: Json) -> Offer:
    """The same flights at what they cost now, as an offer of its own."""
    token = checked.get("booking_token") or json.loads(known.ref)["token"]
    ref, papers = json.dumps({"token": token}), _wants_papers(checked)
    return replace(known, id=f"kiwi_{new_id().hex}", price=price, ref=ref, passports_required=papers)


def _wants_papers(checked: Json) -> bool:
    """For the booking or for the check-in: nobody comes back to the traveller for them."""
    return bool((checked.get("document_options") or {}).get("document_need"))


def _body(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        raise Unavailable("The flight provider's answer can't be read.") from None
    if not isinstance(found, dict):
        raise Unavailable("The flight provider's answer can't be read.")
    return found
