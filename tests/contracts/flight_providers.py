"""The flight providers that the contract runs over: each with its port, and a way to let it go wrong."""

from datetime import date
from typing import Protocol

from bookable.domain.flights.ports import Contact, FlightProvider, FlightQuery, Gender, Traveller, TravellerType
from bookable.integrations.flights import DuffelFlights, KiwiFlights
from bookable.integrations.sandbox import Faults, SandboxAirline
from bookable.kernel.db import Database
from tests.doubles.duffel import DuffelDouble
from tests.doubles.kiwi import KiwiDouble

__all__ = ["CONTACT", "DuffelTester", "FlightTester", "KiwiTester", "SandboxTester", "travellers"]

CONTACT = Contact("ada@customer.example", "+442080160509")
_BORN = {TravellerType.ADULT: 1990, TravellerType.CHILD: 2020, TravellerType.INFANT: 2026}


def travellers(query: FlightQuery, *, last_name: str = "Lovelace") -> list[Traveller]:
    """The party that a search is for."""
    return [
        Traveller(
            type=kind,
            first_name=f"Ada{'abcdefghi'[n]}",
            last_name=last_name,
            born_on=date(_BORN[kind], 5, 1),
            gender=Gender.FEMALE,
            nationality="GB",
            passport_number=f"12345678{n}",
            passport_expiry=date(2034, 1, 1),
        )
        for n, kind in enumerate(query.party)
    ]


class FlightTester(Protocol):
    """A flight provider in the hand of a test. From ZZP its prices change when checked, from ZZS all is gone."""

    port: FlightProvider
    gives_back: bool
    """Whether orders can be cancelled through it."""

    async def break_down(self) -> None:
        """Calls are not answered and have no effect, until `heal`."""
        ...

    async def lose_an_order(self) -> None:
        """The next order takes effect, but its answer gets lost."""
        ...

    async def heal(self) -> None: ...

    async def bought(self) -> int:
        """How many orders the provider has taken, ever."""
        ...


class DuffelTester:
    """The live adapter, with Duffel's double at the other end."""

    gives_back = True

    def __init__(self, double: DuffelDouble, db: Database) -> None:
        self.double = double
        self.port: FlightProvider = DuffelFlights(double.api_key, db, api_base=double.url)

    async def break_down(self) -> None:
        self.double.down = True

    async def lose_an_order(self) -> None:
        self.double.losing.add("/air/orders")

    async def heal(self) -> None:
        self.double.heal()

    async def bought(self) -> int:
        return len(self.double.orders)


class KiwiTester:
    """The live adapter, with Tequila's double at the other end."""

    gives_back = False

    def __init__(self, double: KiwiDouble, db: Database) -> None:
        self.double = double
        self.port: FlightProvider = KiwiFlights(double.api_key, db, api_base=double.url, poll=0.01)

    async def break_down(self) -> None:
        self.double.down = True

    async def lose_an_order(self) -> None:
        self.double.losing.add("/v2/booking/save_booking")

    async def heal(self) -> None:
        self.double.heal()

    async def bought(self) -> int:
        return len(self.double.bought)


class SandboxTester:
    """The airline that needs no account."""

    gives_back = True

    def __init__(self, db: Database) -> None:
        self.port: FlightProvider = SandboxAirline(db)
        self._db = db
        self._faults = Faults(db)

    async def break_down(self) -> None:
        await self._faults.order("airline", "down", 1_000)

    async def lose_an_order(self) -> None:
        await self._faults.order("airline", "error-after-effect", 1)

    async def heal(self) -> None:
        await self._faults.clear()

    async def bought(self) -> int:
        async with self._db.pool.acquire() as conn:
            return int(await conn.fetchval("SELECT count(*) FROM sandbox_orders"))
