"""Flights by Duffel: REST, version 2. What may have been booked is looked for by our key, and never sent blindly."""

from http import HTTPStatus

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
from bookable.kernel.errors import NotFound, Unavailable

from . import duffel_asking as asking
from . import duffel_reading as reading
from .calling import Caller, money, not_taken, readable, readable_ones
from .duffel_reading import NAME, Json

__all__ = ["DuffelFlights"]

_BASE = "https://api.duffel.com"
_GONE = frozenset({"offer_no_longer_available", "offer_expired", "not_found", "schedule_changed"})
_DEARER = frozenset({"price_changed", "payment_amount_does_not_match_order_amount"})
_TAKEN = "offer_request_already_booked"
_DONE = frozenset({"already_cancelled", "already_confirmed"})
_PERHAPS_OURS = frozenset({_TAKEN, "order_creation_already_attempted", "duplicate_booking"})
"""Duffel does not know our key: these are how a second try of the same order is answered."""


class _AlreadyBooked(Exception):
    """An offer of the same search has been booked, under no key of ours that can be found."""


class DuffelFlights(FlightProvider):
    """Duffel behind our port. Orders are paid from the account's balance, at once."""

    name = NAME
    demands: Demands = asking.DEMANDS
    own_airports: tuple[Airport, ...] = ()

    def __init__(self, api_key: str, db: Database, *, api_base: str | None = None, timeout: float = 30.0) -> None:
        headers = {"Authorization": f"Bearer {api_key}", "Duffel-Version": "v2", "Accept": "application/json"}
        self._calls = Caller(api_base or _BASE, headers, timeout=timeout)
        self._notes = Notes(db, NAME)

    @readable
    async def search(self, query: FlightQuery) -> list[Offer]:
        answer = await self._calls.ask(
            "POST",
            "/air/offer_requests",
            params={"return_offers": "true", "supplier_timeout": "10000"},
            json={"data": asking.search(query)},
        )
        if answer.is_client_error:
            return not_taken(answer)
        found = readable_ones(lambda one: reading.offer(one, query), answer.json()["data"]["offers"])
        return sorted(found, key=lambda o: (o.price.amount, o.duration_minutes, o.id))

    @readable
    async def offer(self, known: Offer) -> Offer:
        answer = await self._calls.ask("GET", f"/air/offers/{known.id}")
        if not answer.is_success:
            raise _fact(answer)
        now = reading.offer(answer.json()["data"], known.query)
        if now.price != known.price:
            raise OfferChanged(now)
        return now

    @readable
    async def order(self, offer: Offer, travellers: list[Traveller], contact: Contact, *, key: str) -> Order:
        new = await self._notes.begin(key, {"offer": offer.id})
        try:
            return await self._book(offer, travellers, contact, key)
        except _AlreadyBooked:
            if not new:
                raise OfferGone from None
        # The first try of this key, so it was somebody else: of one search Duffel lets only one offer be booked.
        try:
            return await self._book(await self._again(offer), travellers, contact, key)
        except _AlreadyBooked:
            raise OfferGone from None

    @readable
    async def cancel_order(self, order_id: str, *, key: str) -> Cancellation:
        asked = await self._calls.ask("POST", "/air/order_cancellations", json={"data": {"order_id": order_id}})
        if _code(asked) == "already_cancelled":
            return await self._cancelled(order_id)
        if not asked.is_success:
            raise NotFound if asked.status_code == HTTPStatus.NOT_FOUND else _fact(asked)
        path = f"/air/order_cancellations/{asked.json()['data']['id']}/actions/confirm"
        done = await self._calls.ask("POST", path)
        if not done.is_success and _code(done) not in _DONE:
            raise _fact(done)
        return _given_back(order_id, asked.json()["data"])

    async def aclose(self) -> None:
        await self._calls.aclose()

    async def _book(self, offer: Offer, travellers: list[Traveller], contact: Contact, key: str) -> Order:
        """One try, and what came of it as far as can be known."""
        body = asking.order(offer, travellers, contact, key)
        try:
            answer = await self._calls.act("POST", "/air/orders", json={"data": body})
        except Unavailable:
            return await self._ours(travellers, key)
        code = _code(answer)
        if answer.status_code == HTTPStatus.ACCEPTED or code in _PERHAPS_OURS:
            return await self._found_out(travellers, key, taken=code == _TAKEN)
        if code in _DEARER:
            await self.offer(offer)
            raise Unavailable("The airline's prices are not settled at present.", retry_after=5)
        if not answer.is_success:
            raise _fact(answer)
        return reading.order(answer.json()["data"])

    async def _again(self, offer: Offer) -> Offer:
        """The same flights from a search of their own; raises `OfferGone`, and `OfferChanged` at another price."""
        same = [o for o in await self.search(offer.query) if _flights(o) == _flights(offer)]
        if not same:
            raise OfferGone
        fresh = next((o for o in same if o.price == offer.price), same[0])
        if fresh.price != offer.price:
            raise OfferChanged(fresh)
        return fresh

    async def _found_out(self, travellers: list[Traveller], key: str, *, taken: bool) -> Order:
        """The order that our key made."""
        try:
            return await self._ours(travellers, key)
        except Unavailable:
            if taken:
                raise _AlreadyBooked from None
            raise

    async def _ours(self, travellers: list[Traveller], key: str) -> Order:
        """Raises `Unavailable` when no order carries our key: it may still be on its way."""
        named = {"passenger_name[]": travellers[0].last_name, "limit": "200"}
        answer = await self._calls.ask("GET", "/air/orders", params=named)
        for one in answer.json().get("data") or ():
            if (one.get("metadata") or {}).get(asking.KEY) == key:
                return reading.order(one)
        raise Unavailable("It is not known yet whether the airline has taken the booking.", retry_after=10)

    async def _cancelled(self, order_id: str) -> Cancellation:
        answer = await self._calls.ask("GET", "/air/order_cancellations", params={"order_id": order_id})
        done: Json = next((c for c in answer.json().get("data") or () if c.get("confirmed_at")), {})
        return _given_back(order_id, done)


def _flights(offer: Offer) -> list[tuple[str, str, str]]:
    return [(s.direction, s.flight_number, s.departs.isoformat()) for s in offer.segments]


def _given_back(order_id: str, found: Json) -> Cancellation:
    amount, currency = found.get("refund_amount"), found.get("refund_currency")
    return Cancellation(order_id, money(amount, currency) if amount and currency else None)


def _code(answer: httpx.Response) -> str | None:
    """What an error says it is; None for an answer that is none."""
    if answer.is_success:
        return None
    try:
        return str(answer.json()["errors"][0]["code"])
    except (ValueError, KeyError, IndexError, TypeError):
        return "unreadable"


def _fact(answer: httpx.Response) -> OfferGone | OrderRefused:
    code = _code(answer) or ""
    return OfferGone() if code in _GONE else OrderRefused(details={"reason": code})
