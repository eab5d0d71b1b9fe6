"""People with films, made with one call each."""

from typing import Any

from bookable.domain import films, identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant

from .make_identity import email

__all__ = ["added", "somebody", "titles"]


async def somebody(db: Database, tenant: Tenant, name: str = "Ada Byron") -> Actor:
    """Somebody who is known here."""
    async with db.transaction(Actor.system(tenant.id)) as tx:
        new = identity.NewUser(email=email(), first_name=name, last_name="")
        user = await identity.enrol(tx, new, password_hash=None, verified=True, user_id=new_id())
    return Actor(tenant.id, user.id, user.role)


async def added(db: Database, person: Actor, title: str, **more: Any) -> films.Film:
    """A film in their collection."""
    assert person.id is not None
    async with db.transaction(person) as tx:
        return await films.add(tx, person.id, films.Draft(title=title, **more))


async def titles(db: Database, person: Actor, **asked: Any) -> list[str]:
    """The titles of a page of theirs, which is asked for as `films.list_own` is."""
    assert person.id is not None
    async with db.transaction(person) as tx:
        return [film.title for film in (await films.list_own(tx, person.id, **asked)).items]
