"""The people of a demonstration: one to run it, one to use it, one to be booked."""

from collections.abc import Mapping

from bookable.domain import identity
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.security import PasswordHasher
from bookable.kernel.tenants import Tenant

__all__ = ["PASSWORD", "acting", "cast_of", "fan"]

PASSWORD = "Bookable-demo-1"  # noqa: S105 - said aloud in the README
_THREE = (("admin", "Alex", "Admin"), ("user", "Casey", "Customer"), ("user", "Parker", "Provider"))
_NAMES = ("admin", "customer", "provider")


async def cast_of(db: Database, passwords: PasswordHasher, tenant: Tenant) -> Mapping[str, identity.User]:
    """`admin@`, `customer@` and `provider@{storefront}.example`, with proven addresses and one password; as found,
    where they are there already."""
    people = {}
    for name, (role, first, last) in zip(_NAMES, _THREE, strict=True):
        email = f"{name}@{tenant.kind}.example"
        new = identity.NewUser(email=email, first_name=first, last_name=last, role=role)
        people[name] = await _there(db, tenant, email) or await _enrol(db, tenant, new, await passwords.hash(PASSWORD))
    return people


async def fan(db: Database, tenant: Tenant, name: str, first: str, last: str) -> identity.User:
    """Somebody who was here before, and doesn't sign in."""
    email = f"{name}@{tenant.kind}.example"
    new = identity.NewUser(email=email, first_name=first, last_name=last)
    return await _there(db, tenant, email) or await _enrol(db, tenant, new, None)


def acting(tenant: Tenant, user: identity.User) -> Actor:
    """The user, as the wire would let them act."""
    actor = Actor(tenant.id, user.id, user.role)
    return actor.widened() if actor.is_admin else actor


async def _there(db: Database, tenant: Tenant, email: str) -> identity.User | None:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        return await identity.find_by_email(tx, email)


async def _enrol(db: Database, tenant: Tenant, new: identity.NewUser, password_hash: str | None) -> identity.User:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        return await identity.enrol(tx, new, password_hash=password_hash, verified=True)
