"""Many listings at once, all different and all invented: for trying how things go at size."""

import random
from collections.abc import Callable
from itertools import islice

from bookable.domain import catalogue
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant

__all__ = ["crowd"]

_CHUNK = 2_000
_BEGINNINGS = (
    "Al",
    "Ber",
    "Cor",
    "Dal",
    "El",
    "Fen",
    "Gar",
    "Hol",
    "Is",
    "Jor",
    "Kel",
    "Lor",
    "Mar",
    "Nor",
    "Or",
    "Pal",
    "Quin",
    "Ros",
    "Sor",
    "Tal",
    "Ul",
    "Ver",
    "Wil",
    "Yor",
    "Zan",
)
_MIDDLES = ("a", "e", "i", "o", "ar", "en", "il", "or", "un", "ia")
_ENDINGS = (
    "da",
    "den",
    "dor",
    "fa",
    "la",
    "lin",
    "mir",
    "na",
    "nor",
    "ra",
    "ric",
    "sa",
    "ta",
    "ton",
    "va",
    "vin",
    "wen",
    "ya",
    "zo",
)
_PLACES = (
    ("Los Angeles, USA", "America/Los_Angeles"),
    ("New York, USA", "America/New_York"),
    ("London, UK", "Europe/London"),
    ("Paris, France", "Europe/Paris"),
    ("Lagos, Nigeria", "Africa/Lagos"),
    ("Mumbai, India", "Asia/Kolkata"),
    ("Seoul, South Korea", "Asia/Seoul"),
    ("São Paulo, Brazil", "America/Sao_Paulo"),
    ("Sydney, Australia", "Australia/Sydney"),
    ("Toronto, Canada", "America/Toronto"),
)
_CALLINGS = {
    "Hollywood": ("actor", "director", "screenwriter", "stunt performer", "producer", "voice artist"),
    "Musicians": ("singer", "pianist", "drummer", "violinist", "songwriter", "guitarist"),
    "Athletes": ("sprinter", "swimmer", "climber", "goalkeeper", "cyclist", "fencer"),
    "Business": ("founder", "investor", "engineer", "restaurateur", "publisher", "inventor"),
}
_LOVES = (
    "astronomy",
    "baking",
    "chess",
    "diving",
    "embroidery",
    "falconry",
    "gardening",
    "hiking",
    "improvisation",
    "jazz",
    "kayaking",
    "lacquer",
)


async def crowd(db: Database, tenant: Tenant, count: int, *, progress: Callable[[int], None] = lambda _: None) -> int:
    """Add `count` listings to the tenant, in transactions of some thousand; calls `progress` with how many there are.

    Every call adds new ones. Answers how many were added.
    """
    house = Actor.system(tenant.id)
    someone = random.Random()  # noqa: S311 - invented people, no secrets
    made = 0
    while made < count:
        drafts = [_invented(someone, tenant.currency) for _ in islice(range(count - made), _CHUNK)]

        async def work(tx: Transaction, drafts: list[catalogue.Draft] = drafts) -> None:
            await catalogue.add_many(tx, house, drafts)

        await db.run(house, work)
        made += len(drafts)
        progress(made)
    return made


def _invented(some: random.Random, currency: str) -> catalogue.Draft:
    name = f"{_word(some)} {_word(some)}"
    category = some.choice(list(_CALLINGS))
    calling = some.choice(_CALLINGS[category])
    place, zone = some.choice(_PLACES)
    price = some.randrange(20, 2_000) * 500
    love, other = some.sample(_LOVES, 2)
    return catalogue.Draft(
        kind="celebrity",
        username=f"{name.split()[0].lower()}-{new_id().hex[-14:]}",
        display_name=name,
        category=category,
        bio=f"{name.split()[0]} is a {calling} from {place.split(',')[0]} who cares for {love} and {other}.",
        location=place,
        time_zone=zone,
        currency=currency,
        is_featured=some.random() < 0.001,
        is_verified=some.random() < 0.3,
        offers=(
            catalogue.Offer("quick", 15, price),
            catalogue.Offer("standard", 30, price * 9 // 5),
            catalogue.Offer("premium", 60, price * 3),
        ),
    )


def _word(some: random.Random) -> str:
    return some.choice(_BEGINNINGS) + some.choice(_MIDDLES) + some.choice(_ENDINGS)
