"""Who acts: every transaction is somebody's, in one tenant; the database shows that somebody their rows only."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

__all__ = ["Actor", "Scope"]


class Scope(StrEnum):
    """How much of the tenant the database shows: one principal's private rows, or all of them."""

    OWN = "own"
    TENANT = "tenant"


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal inside one tenant. `id` is a user's or a guest's id; None for nobody and for the system."""

    tenant_id: UUID
    id: UUID | None
    role: str
    scope: Scope = Scope.OWN
    session_id: UUID | None = None

    @classmethod
    def nobody(cls, tenant_id: UUID) -> Self:
        """Someone who has not signed in: sees what is public."""
        return cls(tenant_id, None, "anonymous")

    @classmethod
    def guest(cls, tenant_id: UUID, guest_id: UUID) -> Self:
        """Someone without an account who holds the key to one booking."""
        return cls(tenant_id, guest_id, "guest")

    @classmethod
    def system(cls, tenant_id: UUID) -> Self:
        """The house itself: jobs, webhooks, sign-in before it is known who it is."""
        return cls(tenant_id, None, "system", Scope.TENANT)

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"

    @property
    def is_system(self) -> bool:
        return self.role == "system"

    def widened(self) -> "Actor":
        """The same person, once a rule has allowed them to see the whole tenant."""
        return Actor(self.tenant_id, self.id, self.role, Scope.TENANT, self.session_id)
