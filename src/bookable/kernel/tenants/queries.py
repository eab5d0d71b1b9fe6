"""Reading and making tenants."""

from uuid import UUID

import sqlalchemy as sa

from bookable.kernel.db import Record, command, query

from .tables import tenants

__all__ = ["Tenant", "add", "every", "tell_everyone"]


class Tenant(Record, frozen=True):
    """A storefront that people can reach, with its numbers. Fees and taxes are in basis points."""

    id: UUID
    slug: str
    kind: str
    name: str
    hosts: list[str]
    currency: str
    fee_bps: int
    tax_bps: int
    settings: dict[str, object]


_columns = (
    tenants.c.id,
    tenants.c.slug,
    tenants.c.kind,
    tenants.c.name,
    tenants.c.hosts,
    tenants.c.currency,
    tenants.c.fee_bps,
    tenants.c.tax_bps,
    tenants.c.settings,
)

every = query(sa.select(*_columns).order_by(tenants.c.created_at, tenants.c.id), Tenant)

add = command(sa.insert(tenants).values({c.name: sa.bindparam(c.name) for c in _columns}).inline())

tell_everyone = query(sa.select(sa.func.pg_notify("bookable", "tenants")), str)
