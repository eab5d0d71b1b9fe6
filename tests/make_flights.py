"""A Travel in one piece, for tests of the domain: people, a flight, a booking, money, and the jobs behind them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bookable import subscriptions
from bookable.domain import bookings, flights, media, notifications, payments
from bookable.domain.bookings import Policy, Status
from bookable.domain.flights import Contact, FlightQuery, Person, Trip
from bookable.domain.flights.ports import FlightProvider
from bookable.integrations import sandbox
from bookable.integrations.sandbox.airline import fares
from bookable.kernel.actors import Actor
from bookable.kernel.answers import Answers
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.security import Sealer
from tests import make_catalogue, make_payments
from tests.make_payments import as_owner

__all__ = ["POLICY", "Ended", "Opened", "Travel", "opened", "opening", "person"]

POLICY = Policy(fee_bps=0, tax_bps=0, parts=())


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a booking: what it says, where its money is, and what the airline has of it."""

    status: Status
    steps: list[str]
    captured: int
    refunded: int
    orders: int
    kept: int
    """Orders that were not given back."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Everything that flights need, with nothing behind a door: real gateway and airline sandboxes."""

    db: Database
    system: Actor
    desk: flights.Desk
    gateway: sandbox.SandboxGateway
    mailbox: sandbox.Mailbox
    jobs: Mapping[str, Any]

    async def somebody(self) -> Actor:
        """A customer with an account."""
        return await make_catalogue.user(self.db, self.system.tenant_id)

    async def shown(self, ahead: int, **given: Any) -> flights.Flight:
        """The cheapest direct flight so many days ahead."""
        asked = {"origin": "LHR", "destination": "VIE", "max_stops": 0, **given}
        query = FlightQuery(departure_date=self.day(ahead), **asked)
        found = await flights.search(self.db, Actor.nobody(self.system.tenant_id), self.desk, query)
        return found.flights[0]

    def day(self, ahead: int) -> date:
        return (self.db.clock.now() + timedelta(days=ahead)).date()

    async def leave(self, flight: flights.Flight, seats: int) -> None:
        """All other seats of the flight are sold."""
        (leg,) = flight.offer.segments
        place = (f"{leg.flight_number} {leg.origin}-{leg.destination}", leg.departs.date(), leg.cabin)
        async with as_owner(self.db) as owner:
            await owner.execute(
                "INSERT INTO sandbox_seats (flight, day, cabin, taken) VALUES ($1, $2, $3, $4)"
                " ON CONFLICT (flight, day, cabin) DO UPDATE SET taken = excluded.taken",
                *place,
                fares.capacity(*place) - seats,
            )

    async def seats_left(self, flight: flights.Flight) -> int:
        """By the airline's own count."""
        (leg,) = flight.offer.segments
        place = (f"{leg.flight_number} {leg.origin}-{leg.destination}", leg.departs.date(), leg.cabin)
        async with as_owner(self.db) as owner:
            taken = await owner.fetchval(
                "SELECT taken FROM sandbox_seats WHERE (flight, day, cabin) = ($1, $2, $3)", *place
            )
        return fares.capacity(*place) - (taken or 0)

    async def book(self, who: Actor, flight: flights.Flight, *, email: str = "ada@example.com") -> Trip:
        contact = Contact(email, "+442079460123")
        return await flights.place(self.db, who, self.desk, flight.id, [person()], contact)

    async def present(self, who: Actor, trip: Trip) -> str:
        """The intent to pay it with."""
        shown = await bookings.begin_payment(self.db, who, self.gateway, trip.booking.id)
        assert shown.payment.intent_id is not None
        return shown.payment.intent_id

    async def pay(self, who: Actor, trip: Trip) -> payments.Payment:
        intent = await self.present(who, trip)
        return await payments.confirm(self.db, who, self.gateway, intent, "pm_card_visa")

    async def order(self, trip: Trip) -> None:
        """What a worker does with the job that buys it."""
        await flights.order(self.db, self.system, booking_id=str(trip.booking.id), desk=self.desk)

    async def cancel(self, who: Actor, trip: Trip) -> bookings.Cancelled:
        async with self.db.transaction(who.widened()) as tx:
            return await bookings.cancel(tx, trip.booking.id, POLICY)

    async def work_off(self) -> None:
        """Every job that is due, and what it brings about."""
        await make_payments.work_off(self.db, self.system, self.jobs)

    async def ended(self, trip: Trip) -> Ended:
        async with self.db.transaction(self.system) as tx:
            seen = await flights.trip(tx, trip.booking.id)
        intent = seen.payment.intent_id if seen.payment else None
        money = await self.gateway.intent(intent) if intent else None
        made = await self._orders(trip.booking.id)
        return Ended(
            status=seen.booking.status,
            steps=[step["to"] for step in seen.booking.timeline],
            captured=money.captured if money else 0,
            refunded=money.refunded if money else 0,
            orders=len(made),
            kept=sum(not cancelled for cancelled in made),
        )

    async def _orders(self, booking_id: UUID) -> list[bool]:
        """One for each order that the airline has ever taken: whether it was given back."""
        async with as_owner(self.db) as owner:
            rows = await owner.fetch(
                "SELECT cancelled_at IS NOT NULL AS gone FROM sandbox_orders WHERE key LIKE $1 || '%'",
                f"order:{booking_id}",
            )
        return [row["gone"] for row in rows]


def person(**given: Any) -> Person:
    """A traveller whom every airline takes."""
    usual = {"first_name": "Ada", "last_name": "Byron", "date_of_birth": date(1985, 12, 10), "gender": "female"}
    return Person(**{"type": "adult", **usual, **given})


def opened(
    db: Database,
    heard: Subscriptions,
    system: Actor,
    redis_url: str,
    folder: Path,
    *,
    airline: FlightProvider | None = None,
) -> Travel:
    """Wired as the house is, without a server. Whoever opens it closes its desk."""
    answers = Answers(
        redis_url,
        db.clock,
        fresh=flights.FRESH,
        stale=flights.STALE,
        patience=flights.PATIENCE,
        impatience=flights.IMPATIENCE,
    )
    sealer, gateway = Sealer([b"k" * 32]), sandbox.SandboxGateway(db)
    desk = flights.Desk(airline or sandbox.SandboxAirline(db), answers, sealer)
    postman = notifications.Postman(sandbox.SandboxMailer(db), sealer, "http://front.example")
    pictures = media.Store(folder.as_uri())
    subscriptions.fill(heard, gateway=gateway, postman=postman, pictures=pictures, desk=desk)
    payer = sandbox.Payer(db, make_payments.SECRET, make_payments.send_home(db, gateway))
    heard.job(sandbox.DELIVER, payer.deliver)
    heard.job(sandbox.ACT, payer.follow_up)
    return Travel(db, system, desk, gateway, sandbox.Mailbox(db), heard.jobs)


Opened = Callable[..., Travel]


@asynccontextmanager
async def opening(
    db: Database, heard: Subscriptions, system: Actor, redis_url: str, folder: Path
) -> AsyncIterator[Opened]:
    """Opens Travels, with the airline that is given or the sandbox's own; their desks are closed at the end."""
    desks: list[flights.Desk] = []

    def open_one(airline: FlightProvider | None = None) -> Travel:
        travel = opened(db, heard, system, redis_url, folder, airline=airline)
        desks.append(travel.desk)
        return travel

    yield open_one
    for desk in desks:
        await desk.aclose()
