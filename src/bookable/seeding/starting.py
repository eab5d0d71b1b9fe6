"""The first start: the five storefronts, and outside production the people and listings that make them look real."""

from collections.abc import Callable
from dataclasses import dataclass

from bookable.kernel import tenants
from bookable.kernel.tenants import Tenant
from bookable.settings import Settings
from bookable.wiring import House, build

from . import movies, starrymeet
from .crowd import crowd
from .people import PASSWORD, cast_of

__all__ = ["fill", "make_tenants", "prepare"]


@dataclass(frozen=True, slots=True)
class First:
    """A storefront that is there from the start, with its contract's numbers."""

    slug: str
    name: str
    fee_bps: int
    tax_bps: int


FIRST = (
    First("starrymeet", "StarryMeet", 1500, 800),
    First("sioree", "Sioree", 1000, 0),
    First("movies", "Movies", 0, 0),
    First("travel", "Travel", 0, 0),
    First("appointments", "Appointments", 1000, 0),
)


async def make_tenants(house: House) -> dict[str, Tenant]:
    """The five tenants, made where they are missing."""
    made = {}
    for first in FIRST:
        made[first.slug] = house.tenants.by_slug.get(first.slug) or await tenants.ensure(
            house.db,
            first.slug,
            kind=first.slug,
            name=first.name,
            currency="USD",
            fee_bps=first.fee_bps,
            tax_bps=first.tax_bps,
        )
    await house.tenants.refresh(house.db)
    return made


async def prepare(settings: Settings, *, demo: bool, say: Callable[[str], None]) -> None:
    """What every start makes sure of; quick when it is there."""
    house = await build(settings)
    try:
        await house.tenants.refresh(house.db)
        if demo:
            await fill(house, scale=0, say=say)
        else:
            await make_tenants(house)
    finally:
        for close in reversed(house.closing):
            await close()


async def fill(house: House, *, scale: int, say: Callable[[str], None]) -> None:
    """Demo data where it is missing, and `scale` listings besides; the former is safe to repeat, and at once."""
    async with house.db.alone("seeding"):
        made = await _show(house, say)
    if scale:
        await crowd(house.db, made["starrymeet"], scale, progress=lambda n: say(f"{n:,} listings."))


async def _show(house: House, say: Callable[[str], None]) -> dict[str, Tenant]:
    made = await make_tenants(house)
    stars = await starrymeet.demo(
        house.db.url, house.ports.credentials.passwords, house.ports.pictures, made["starrymeet"]
    )
    if stars:
        say(f"{len(made)} storefronts, {stars} celebrities; sign in as customer@starrymeet.example, {PASSWORD}.")
    await cast_of(house.db, house.ports.credentials.passwords, made["travel"])
    if kept := await movies.demo(house.db, house.ports.credentials.passwords, made["movies"]):
        say(f"{kept} films; sign in as customer@movies.example.")
    return made
