"""Listings for tests: one call each, and only what matters to the claim is said."""

import secrets
from typing import Any
from uuid import UUID

from bookable.domain import catalogue, identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database

__all__ = ["draft", "listing", "prices", "user"]


def prices(quick: int = 10_000, standard: int = 20_000, premium: int = 40_000) -> tuple[catalogue.Offer, ...]:
    """The three meetings of a celebrity."""
    return (
        catalogue.Offer("quick", 15, quick),
        catalogue.Offer("standard", 30, standard),
        catalogue.Offer("premium", 60, premium),
    )


def draft(**given: Any) -> catalogue.Draft:
    """A celebrity that could be."""
    name = secrets.token_hex(6)
    return catalogue.Draft(
        **{
            "kind": "celebrity",
            "username": f"u-{name}",
            "display_name": f"Name {name}",
            "category": "Hollywood",
            "currency": "USD",
            "time_zone": "Europe/Paris",
            "offers": prices(),
            **given,
        }
    )


async def listing(db: Database, tenant_id: UUID, *, rated: tuple[int, ...] = (), **given: Any) -> UUID:
    """A listing, and the ratings it has had."""
    system = Actor.system(tenant_id)
    async with db.transaction(system) as tx:
        made = await catalogue.add(tx, system, draft(**given))
        for stars in rated:
            await catalogue.rate(tx, made, stars)
    return made


async def user(db: Database, tenant_id: UUID, role: str = "user", **given: Any) -> Actor:
    """Somebody with an account, acting as the wire would let them."""
    person = identity.NewUser(
        **{
            "email": f"{secrets.token_hex(6)}@example.com",
            "first_name": "Robin",
            "last_name": "Field",
            "role": role,
            **given,
        }
    )
    async with db.transaction(Actor.system(tenant_id)) as tx:
        made = await identity.enrol(tx, person, password_hash=None)
    actor = Actor(tenant_id, made.id, role)
    return actor.widened() if role == "admin" else actor
