"""What a flight provider must be able to do for us, in our own words."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from re import Pattern
from typing import Protocol
from zoneinfo import ZoneInfo

from bookable.kernel.money import Money

from .airports import Airport
from .errors import OfferChanged, OfferGone, OrderRefused

__all__ = [
    "Airport",
    "Baggage",
    "Cabin",
    "Cancellation",
    "Contact",
    "Demands",
    "Direction",
    "FareRules",
    "FlightProvider",
    "FlightQuery",
    "Gender",
    "Offer",
    "OfferChanged",
    "OfferGone",
    "Order",
    "OrderRefused",
    "Segment",
    "Traveller",
    "TravellerType",
]


class Cabin(StrEnum):
    """Where one sits."""

    ECONOMY = "economy"
    PREMIUM_ECONOMY = "premium_economy"
    BUSINESS = "business"
    FIRST = "first"


class Direction(StrEnum):
    """Which way of a round trip; a one-way trip is all `OUTBOUND`."""

    OUTBOUND = "outbound"
    RETURN = "return"


class TravellerType(StrEnum):
    """By age on the day of travel: 12 and over, 2 to 11, under 2."""

    ADULT = "adult"
    CHILD = "child"
    INFANT = "infant"


class Gender(StrEnum):
    """As an airline asks for it."""

    FEMALE = "female"
    MALE = "male"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightQuery:
    """What somebody looks for. `max_stops` holds for each direction by itself; infants sit on a lap."""

    origin: str
    destination: str
    departure_date: date
    return_date: date | None = None
    adults: int = 1
    children: int = 0
    infants: int = 0
    cabin: Cabin = Cabin.ECONOMY
    currency: str = "USD"
    max_stops: int | None = None

    @property
    def seats(self) -> int:
        """How many seats the party takes."""
        return self.adults + self.children

    @property
    def party(self) -> tuple[TravellerType, ...]:
        """One type a traveller: adults, then children, then infants."""
        kinds = TravellerType
        return (kinds.ADULT,) * self.adults + (kinds.CHILD,) * self.children + (kinds.INFANT,) * self.infants


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One flight from take-off to landing. `departs` and `arrives` are wall times in their own airport's zone."""

    direction: Direction
    origin: str
    destination: str
    departs: datetime
    departs_zone: str
    arrives: datetime
    arrives_zone: str
    airline: str
    airline_name: str
    flight_number: str
    duration_minutes: int
    cabin: Cabin
    aircraft: str | None = None

    @property
    def number(self) -> str:
        """`BA 117`, however the provider writes it."""
        return f"{self.airline} {self.flight_number.removeprefix(self.airline).strip()}"

    @property
    def departs_at(self) -> datetime:
        """The instant of departure."""
        return self.departs.replace(tzinfo=ZoneInfo(self.departs_zone))

    @property
    def arrives_at(self) -> datetime:
        """The instant of arrival, also where the clocks go back and its wall time comes twice."""
        arrival = self.departs_at.astimezone(UTC) + timedelta(minutes=self.duration_minutes)
        return arrival.astimezone(ZoneInfo(self.arrives_zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Baggage:
    """Pieces included for each traveller who has a seat; None is not said."""

    carry_on: int | None = None
    checked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FareRules:
    """Before departure: may it be given back or changed, and at what cost for the party. None is not said."""

    refundable: bool | None = None
    changeable: bool | None = None
    refund_fee: Money | None = None
    change_fee: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A trip at a price, both directions together, as it was answered to `query`.

    `id` is fresh in every search. `ref` is the provider's own handle: opaque, kept, never shown. `price` is the
    whole party's. `seats_left` is None where the provider does not say. `expires_at` is an instant in UTC. With
    `passports_required`, everyone's passport is part of the order: number, nationality and expiry.
    """

    id: str
    ref: str
    provider: str
    query: FlightQuery
    price: Money
    segments: tuple[Segment, ...]
    cabin: Cabin
    expires_at: datetime
    outbound_minutes: int
    return_minutes: int = 0
    seats_left: int | None = None
    baggage: Baggage = Baggage()
    fare_rules: FareRules = FareRules()
    passports_required: bool = False
    deep_link: str | None = None

    def flown(self, direction: Direction) -> tuple[Segment, ...]:
        """The segments of one direction, in order."""
        return tuple(s for s in self.segments if s.direction is direction)

    @property
    def outbound(self) -> tuple[Segment, ...]:
        return self.flown(Direction.OUTBOUND)

    @property
    def homebound(self) -> tuple[Segment, ...]:
        return self.flown(Direction.RETURN)

    @property
    def duration_minutes(self) -> int:
        """From gate to gate with the waiting between, both directions together."""
        return self.outbound_minutes + self.return_minutes

    @property
    def stops(self) -> int:
        """Changes of plane in the direction that has more of them."""
        return max(len(self.outbound), len(self.homebound)) - 1

    @property
    def airline(self) -> str:
        """Who flies the first segment, by name."""
        return self.segments[0].airline_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """A person as the passport has it."""

    type: TravellerType
    first_name: str
    last_name: str
    born_on: date
    gender: Gender = Gender.UNSPECIFIED
    nationality: str | None = None
    passport_number: str | None = None
    passport_expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom the airline reaches; the phone number is E.164."""

    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was bought. `reference` is the airline's own (the record locator), `id` the provider's."""

    id: str
    reference: str
    provider: str
    price: Money
    tickets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancellation:
    """An order given back, and what the provider returns for it (None where it does not say)."""

    order_id: str
    refund: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a provider insists on, so that it can be said before anybody pays. All else it takes as it comes."""

    genders: frozenset[Gender] = frozenset(Gender)
    names: Pattern[str] | None = None
    """Of a first or a last name, whole."""
    phone: Pattern[str] | None = None


class FlightProvider(Protocol):
    """Sells flights. Every call may raise `Unavailable`; of a search or a re-check it says only: not now."""

    name: str
    demands: Demands
    own_airports: tuple[Airport, ...]
    """Airports that only this provider knows, beyond the world's."""

    async def search(self, query: FlightQuery) -> list[Offer]:
        """Every offer, cheapest first; empty when nobody flies there. Their ids are new each time."""
        ...

    async def offer(self, known: Offer) -> Offer:
        """The offer as it stands now, at the price that is known.

        Raises `OfferChanged` (with the offer that holds now) when it costs more or less, `OfferGone`.
        """
        ...

    async def order(self, offer: Offer, travellers: list[Traveller], contact: Contact, *, key: str) -> Order:
        """Buy it at the price of `offer`, and at no other. The same key never buys twice.

        Raises `OfferChanged`, `OfferGone` and `OrderRefused`: nothing was bought; `Unavailable`: not known
        whether it was, and the same key is always safe to repeat and finds out.
        """
        ...

    async def cancel_order(self, order_id: str, *, key: str) -> Cancellation:
        """Give an order back; one that has been is answered again. Raises `NotFound`, `OrderRefused`."""
        ...

    async def aclose(self) -> None: ...
