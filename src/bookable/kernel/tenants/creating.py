"""Making tenants."""

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, constraint
from bookable.kernel.errors import Conflict
from bookable.kernel.ids import new_id

from . import queries
from .queries import Tenant

__all__ = ["KINDS", "SlugTaken", "create", "ensure"]

KINDS = ("starrymeet", "sioree", "movies", "travel", "appointments")


class SlugTaken(Conflict):
    """Another tenant has this slug."""

    message = "A tenant with this slug exists already."


constraint("uq_tenants_slug", SlugTaken)


async def create(
    db: Database,
    slug: str,
    *,
    kind: str,
    name: str,
    currency: str,
    fee_bps: int,
    tax_bps: int,
    hosts: tuple[str, ...] = (),
) -> Tenant:
    """A new storefront of a kind; every process serves it within a second. Raises `SlugTaken`."""
    if kind not in KINDS:
        raise ValueError(f"a kind is one of {', '.join(KINDS)}")
    tenant = Tenant(new_id(), slug, kind, name, list(hosts), currency, fee_bps, tax_bps, {})
    async with db.transaction(Actor.system(tenant.id)) as tx:
        await tx.run(
            queries.add,
            id=tenant.id,
            slug=slug,
            kind=kind,
            name=name,
            hosts=list(hosts),
            currency=currency,
            fee_bps=fee_bps,
            tax_bps=tax_bps,
            settings={},
        )
        await tx.first(queries.tell_everyone)
    return tenant


async def ensure(db: Database, slug: str, *, kind: str, name: str, currency: str, fee_bps: int, tax_bps: int) -> Tenant:
    """The tenant with this slug, made if it is not there yet."""
    try:
        return await create(db, slug, kind=kind, name=name, currency=currency, fee_bps=fee_bps, tax_bps=tax_bps)
    except SlugTaken:
        async with db.transaction(Actor.system(new_id())) as tx:
            return next(t for t in await tx.all(queries.every) if t.slug == slug)
