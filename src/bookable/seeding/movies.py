"""Movies as if somebody had used it for a while: a collection of thirty films, one of them shared and talked about."""

from bookable.domain import films
from bookable.domain.films import Draft
from bookable.kernel.db import Database
from bookable.kernel.security import PasswordHasher
from bookable.kernel.tenants import Tenant

from .people import acting, cast_of

__all__ = ["FILMS", "demo"]

_SHARED = "Spirited Away"
_SAID = ("One for a rainy evening.", "Watched it twice in a week.")
_WATCHED = (
    ("A Trip to the Moon", 1902, 8.1),
    ("Metropolis", 1927, 8.3),
    ("City Lights", 1931, 8.5),
    ("Casablanca", 1942, 8.5),
    ("Bicycle Thieves", 1948, 8.2),
    ("Rashomon", 1950, 8.1),
    ("Singin' in the Rain", 1952, 8.3),
    ("Seven Samurai", 1954, 8.6),
    ("12 Angry Men", 1957, 9.0),
    ("Vertigo", 1958, 8.2),
    ("Breathless", 1960, 7.7),
    ("2001: A Space Odyssey", 1968, 8.3),
    ("The Godfather", 1972, 9.2),
    ("Alien", 1979, 8.5),
    ("Blade Runner", 1982, 8.1),
    ("Wings of Desire", 1987, 7.9),
    ("Chungking Express", 1994, 8.0),
    ("Heat", 1995, 8.3),
    ("The Matrix", 1999, 8.7),
    ("Amélie", 2001, 8.3),
    (_SHARED, 2001, 8.6),
    ("City of God", 2002, 8.6),
    ("Pan's Labyrinth", 2006, 8.2),
    ("A Separation", 2011, 8.3),
    ("Mad Max: Fury Road", 2015, 8.1),
    ("Parasite", 2019, 8.5),
)
_WANTED = (("Stalker", 1979), ("Yi Yi", 2000), ("Portrait of a Lady on Fire", 2019), ("Drive My Car", 2021))
FILMS = (
    *(Draft(title=title, year=year, rating=rating, watched=True) for title, year, rating in _WATCHED),
    *(Draft(title=title, year=year, notes="To watch") for title, year in _WANTED),
)


async def demo(db: Database, passwords: PasswordHasher, tenant: Tenant) -> int:
    """The three people, and films for the customer where there are none; answers how many films that were."""
    people = await cast_of(db, passwords, tenant)
    customer, friend = acting(tenant, people["customer"]), acting(tenant, people["provider"])
    owner_id = people["customer"].id
    async with db.transaction(customer) as tx:
        if (await films.list_own(tx, owner_id, limit=1)).total:
            return 0
        ids = await films.add_many(tx, owner_id, FILMS)
        shared = ids[[film.title for film in FILMS].index(_SHARED)]
        await films.share(tx, owner_id, shared)
    for actor, text in zip((customer, friend), _SAID, strict=True):
        await films.comment(db, actor, shared, text)
    return len(ids)
