"""Which tenant a request is for: by host name, or by the first part of its path."""

from dataclasses import dataclass, field
from uuid import UUID

from bookable.kernel.actors import Actor
from bookable.kernel.db import Database

from . import queries
from .queries import Tenant

__all__ = ["Directory"]

_NOBODY = Actor.system(UUID(int=0))


@dataclass(slots=True)
class Directory:
    """This process's copy of the tenants. `hosts` are more host names by configuration: host → slug."""

    hosts: dict[str, str] = field(default_factory=dict)
    by_slug: dict[str, Tenant] = field(default_factory=dict)
    by_host: dict[str, Tenant] = field(default_factory=dict)

    async def refresh(self, db: Database) -> None:
        """Read the tenants again."""
        async with db.transaction(_NOBODY) as tx:
            found = await tx.all(queries.every)
        self.by_slug = {t.slug: t for t in found}
        named = {f"{t.slug}.localhost": t for t in found} | {h.lower(): t for t in found for h in t.hosts}
        self.by_host = named | {h.lower(): self.by_slug[s] for h, s in self.hosts.items() if s in self.by_slug}

    @property
    def all(self) -> list[Tenant]:
        """Every tenant, oldest first."""
        return list(self.by_slug.values())

    def by_id(self, tenant_id: UUID) -> Tenant | None:
        """The tenant with this id."""
        return next((t for t in self.by_slug.values() if t.id == tenant_id), None)
