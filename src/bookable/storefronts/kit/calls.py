"""One call to a storefront: who calls, on which tenant, with what at hand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from starlette.requests import Request

from bookable.domain import flights, identity, media
from bookable.domain.notifications.ports import Mailer
from bookable.domain.payments.ports import PaymentGateway
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.ids import new_id
from bookable.kernel.limits import Limit, RateLimiter, client_address
from bookable.kernel.security.sealing import Sealer
from bookable.kernel.shelf import Shelf
from bookable.kernel.tenants import Tenant

from .shapes import Shape

if TYPE_CHECKING:
    from .operations import Operation, Reply

__all__ = ["Call", "Keeping", "Ports", "Tiers"]

T = TypeVar("T")
Keeping = Callable[[Transaction, "Shape | Reply"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Tiers:
    """How often somebody may call: credentials by address and by account, writes and reads by principal."""

    credentials: Limit
    account: Limit
    writes: Limit
    reads: Limit


@dataclass(frozen=True, slots=True)
class Ports:
    """What a storefront works with; made once, by `bookable.wiring`.

    `production` is as APP_ENV says, and so is `development`; a server under test is neither.
    """

    db: Database
    clock: Clock
    gateway: PaymentGateway
    mailer: Mailer
    flights: flights.Desk
    pictures: media.Store
    credentials: identity.Credentials
    sealer: Sealer
    limiter: RateLimiter
    shelf: Shelf
    tiers: Tiers
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    frontend_url: str
    webhook_secret: str
    production: bool
    development: bool


class Call:
    """What an endpoint gets: the caller, the tenant, the ports, and a transaction of the caller's.

    `tx` is there unless the operation works in phases of its own (`phases=True`); it commits when the endpoint
    has returned, before the answer goes out. `actor` is whoever the transaction belongs to.
    """

    __slots__ = ("_address", "_tx", "actor", "keeping", "operation", "ports", "request", "tenant", "work_id")

    def __init__(self, request: Request, ports: Ports, tenant: Tenant, actor: Actor, operation: "Operation") -> None:
        self.request = request
        self.ports = ports
        self.tenant = tenant
        self.actor = actor
        self.operation = operation
        self.work_id = new_id()
        """For what an operation in phases makes: the same whenever it is tried again under one Idempotency-Key."""
        self.keeping: Keeping | None = None
        self._address: str | None = None
        self._tx: Transaction | None = None

    @property
    def tx(self) -> Transaction:
        """The caller's transaction."""
        assert self._tx is not None, "this operation works in phases: open transactions with call.db"
        return self._tx

    def during(self, tx: Transaction | None) -> None:
        """Set by the route as transactions begin and end."""
        self._tx = tx

    def kept_as(self, answer: "Callable[[T], Shape | Reply]") -> Callable[[Transaction, T], Awaitable[None]]:
        """Something to do in the transaction that does the work: keep what it comes to, as `answer` has it on the wire,
        under the caller's Idempotency-Key. For operations in phases; the endpoint then answers just that.
        """

        async def keep(tx: Transaction, outcome: T) -> None:
            if self.keeping is not None:
                await self.keeping(tx, answer(outcome))

        return keep

    @property
    def db(self) -> Database:
        """For operations in phases."""
        return self.ports.db

    @property
    def system(self) -> Actor:
        """The house itself, in this tenant."""
        return Actor.system(self.tenant.id)

    @property
    def user_id(self) -> UUID:
        """Whoever has signed in; raises `Unauthenticated` where nobody has."""
        if self.actor.id is None:
            raise Unauthenticated
        return self.actor.id

    @property
    def address(self) -> str:
        """Where the call came from; proxies are believed only if they are trusted."""
        if self._address is None:
            self._address = client_address(self.request.scope, self.ports.trusted_proxies)
        return self._address

    @property
    def principal(self) -> str:
        """Who is counted and whose idempotency keys these are: the user, or for others their address."""
        return str(self.actor.id) if self.actor.id else f"address:{self.address}"

    async def count_against(self, account: str) -> None:
        """One more try at somebody's credentials: raises `RateLimited` above the account's tier."""
        await self.ports.limiter.hit(self.ports.tiers.account, str(self.tenant.id), account)
