"""From settings to a working house: the only place where the domain's ports meet their adapters."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

import redis.asyncio as redis

from bookable import subscriptions
from bookable.domain import flights, identity, media, notifications
from bookable.domain.flights.ports import FlightProvider
from bookable.domain.notifications import Mailer
from bookable.domain.payments import PaymentGateway
from bookable.integrations import sandbox
from bookable.kernel import error_reports, metrics
from bookable.kernel.answers import Answers
from bookable.kernel.broadcast import Broadcast
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.jobs.workshop import Workshop
from bookable.kernel.limits import Limit, RateLimiter
from bookable.kernel.security import AccessTokens, PasswordHasher, Sealer
from bookable.kernel.shelf import Shelf
from bookable.kernel.tenants import Directory
from bookable.settings import Settings
from bookable.storefronts.kit import Ports, Storefront, Tiers
from bookable.storefronts.movies import movies
from bookable.storefronts.root.ports import RootPorts, SandboxPorts
from bookable.storefronts.starrymeet import starrymeet
from bookable.storefronts.travel import travel

if TYPE_CHECKING:
    from bookable import backups

__all__ = ["House", "build", "media_url", "storefronts"]

Closer = Callable[[], Awaitable[None]]
_DOCUMENTS, _DOCUMENTS_LAST = 1_000, timedelta(days=1)
"""How many persisted GraphQL queries the processes share, and for how long after each was used last."""


@dataclass(slots=True)
class House:
    """Everything that a process holds open. `open` it before the first request, `close` it after the last."""

    settings: Settings
    db: Database
    clock: Clock
    tenants: Directory
    ports: Ports
    root: RootPorts
    workshop: Workshop
    broadcast: Broadcast
    closing: list[Closer]

    async def open(self) -> None:
        """Read what every process keeps a copy of, and start listening for changes."""
        error_reports.configure(self.settings.sentry_project, environment=self.settings.app_env)
        await self.broadcast.start()

    async def close(self) -> None:
        """Let everything go, in the reverse order of opening."""
        await self.broadcast.stop()
        await self.workshop.close()
        for close in reversed(self.closing):
            await close()
        error_reports.shut_down()


def media_url(settings: Settings) -> str:
    """Where pictures are kept: where the settings say, or in a folder in DATA_DIR."""
    if settings.pictures:
        return settings.pictures
    folder = (settings.data_dir / "media").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder.as_uri()


@cache
def storefronts() -> Mapping[str, Storefront]:
    """The kinds of product that there are."""
    return {s.kind: s for s in (starrymeet(), movies(), travel())}


async def build(settings: Settings, *, send: sandbox.Send | None = None) -> House:
    """Connect everything that these settings name. The database's and the cache's addresses must be there.

    `send` brings the sandbox's webhooks to our own endpoints; without it they come over HTTP to HOST:PORT.
    """
    assert settings.database_url is not None
    url = settings.database_url.get_secret_value()
    clock, heard, closing = Clock(), Subscriptions(), list[Closer]()
    db = await Database.connect(url, clock, heard, size=settings.database_pool_size)
    closing.append(db.close)
    metrics.watch_pool(db.pool.get_size, db.pool.get_idle_size)
    tenants = Directory(hosts=settings.hosts)
    ports = _ports(settings, db, closing)
    postman = notifications.Postman(ports.mailer, ports.sealer, ports.frontend_url)
    subscriptions.fill(
        heard,
        gateway=ports.gateway,
        postman=postman,
        pictures=ports.pictures,
        desk=ports.flights,
        backup=_backup(settings),
    )
    payer = None if settings.production else _payer(heard, ports, send or _over_http(settings, tenants, closing))
    workshop = Workshop(url, db, clock, heard, tenants)
    doors = None if payer is None else _doors(db, workshop, payer)
    root = _root(settings, ports, tenants, doors, closing)
    return House(settings, db, clock, tenants, ports, root, workshop, _broadcast(url, ports, tenants), closing)


def _ports(settings: Settings, db: Database, closing: list[Closer]) -> Ports:
    """Every port with its adapter, or with its sandbox where no account is named."""
    assert settings.redis_url is not None
    gateway, mailer = _gateway(settings, db), _mailer(settings, db, db.clock)
    sealer = Sealer.from_setting(settings.encryption_key.get_secret_value())
    desk = _desk(settings, db, sealer)
    limiter, passwords = RateLimiter(settings.redis_url.get_secret_value()), PasswordHasher()

    async def close_passwords() -> None:
        passwords.close()

    shelf = Shelf(settings.redis_url.get_secret_value(), "documents", most=_DOCUMENTS, lasts=_DOCUMENTS_LAST)
    closing += [limiter.close, shelf.aclose, gateway.aclose, mailer.aclose, desk.aclose, close_passwords]
    return Ports(
        db=db,
        clock=db.clock,
        gateway=gateway,
        mailer=mailer,
        flights=desk,
        pictures=_pictures(settings, db),
        credentials=_credentials(settings, db.clock, passwords),
        sealer=sealer,
        limiter=limiter,
        shelf=shelf,
        tiers=_tiers(settings),
        trusted_proxies=settings.networks,
        frontend_url=settings.frontend_url,
        webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        production=settings.production,
        development=settings.development,
    )


def _pictures(settings: Settings, db: Database) -> media.Store:
    url = media_url(settings)
    if settings.production:
        return media.Store(url, settings.aws)
    return sandbox.SandboxStore(url, db, settings.aws)


def _root(
    settings: Settings, ports: Ports, tenants: Directory, doors: SandboxPorts | None, closing: list[Closer]
) -> RootPorts:
    assert settings.redis_url is not None
    cache = redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=2)
    closing.append(cache.aclose)

    async def cache_answers() -> None:
        await cache.ping()

    return RootPorts(
        db=ports.db,
        clock=ports.clock,
        tenants=tenants,
        pictures=ports.pictures,
        access=ports.credentials.access,
        kinds=frozenset(storefronts()),
        cache_answers=cache_answers,
        sandbox=doors,
    )


def _backup(settings: Settings) -> "backups.Daily | None":
    """Where one backup a day goes, if anywhere."""
    if settings.backup_dir is None:
        return None
    from bookable import backups  # late, with psycopg: for those who have backups made

    return backups.Daily.named_in(settings)


def _broadcast(url: str, ports: Ports, tenants: Directory) -> Broadcast:
    """What this process keeps copies of."""
    broadcast = Broadcast(url, ports.db.presence)
    broadcast.follow(lambda: tenants.refresh(ports.db))
    broadcast.follow(lambda: ports.credentials.revocations.refresh(ports.db))
    if not ports.production:
        broadcast.follow(lambda: sandbox.clock.follow(ports.db, ports.clock))
    return broadcast


def _payer(heard: Subscriptions, ports: Ports, send: sandbox.Send) -> sandbox.Payer:
    payer = sandbox.Payer(ports.db, ports.webhook_secret, send)
    heard.job(sandbox.DELIVER, payer.deliver)
    heard.job(sandbox.ACT, payer.follow_up)
    return payer


def _over_http(settings: Settings, tenants: Directory, closing: list[Closer]) -> sandbox.Send:
    """Webhooks to this server's own address, where there is no server in this process."""
    kinds = storefronts()

    def address(tenant_id: UUID) -> str:
        tenant = tenants.by_id(tenant_id)
        base = kinds[tenant.kind].base if tenant else ""
        return f"http://{settings.host}:{settings.port}/{tenant.slug if tenant else ''}{base}/webhooks/stripe"

    closing.append((sender := sandbox.OverHttp(address)).aclose)
    return sender


def _gateway(settings: Settings, db: Database) -> PaymentGateway:
    if settings.stripe_secret_key is None:
        return sandbox.SandboxGateway(db)
    from bookable.integrations.stripe import StripeGateway  # 15 MB and half a second, for those who use it

    return StripeGateway(
        settings.stripe_secret_key.get_secret_value(),
        publishable_key=settings.stripe_publishable_key,
        api_base=settings.stripe_api_base,
    )


def _mailer(settings: Settings, db: Database, clock: Clock) -> Mailer:
    if settings.smtp_url is not None:
        from bookable.integrations.mail.smtp import SmtpMailer, SmtpServer

        server = SmtpServer.parse(settings.smtp_url.get_secret_value())
        return SmtpMailer(server, sender=settings.sendgrid_from_email, clock=clock)
    if settings.sendgrid_api_key is not None:
        from bookable.integrations.mail.sendgrid import SendGridMailer

        return SendGridMailer(
            settings.sendgrid_api_key.get_secret_value(),
            sender=settings.sendgrid_from_email,
            api_base=settings.sendgrid_api_base,
        )
    return sandbox.SandboxMailer(db)


def _desk(settings: Settings, db: Database, sealer: Sealer) -> flights.Desk:
    assert settings.redis_url is not None
    answers = Answers(
        settings.redis_url.get_secret_value(),
        db.clock,
        fresh=flights.FRESH,
        stale=flights.STALE,
        patience=flights.PATIENCE,
        impatience=flights.IMPATIENCE,
    )
    return flights.Desk(_airline(settings, db), answers, sealer)


def _airline(settings: Settings, db: Database) -> FlightProvider:
    if settings.duffel_api_key is None and settings.kiwi_api_key is None:
        return sandbox.SandboxAirline(db)
    from bookable.integrations.flights import DuffelFlights, KiwiFlights

    if (duffel := settings.duffel_api_key) is not None:
        return DuffelFlights(duffel.get_secret_value(), db, api_base=settings.duffel_api_base)
    assert settings.kiwi_api_key is not None
    return KiwiFlights(settings.kiwi_api_key.get_secret_value(), db, api_base=settings.kiwi_api_base)


def _credentials(settings: Settings, clock: Clock, passwords: PasswordHasher) -> identity.Credentials:
    return identity.Credentials(
        passwords=passwords,
        access=AccessTokens(settings.token_keys(), issuer="bookable"),
        refresh=identity.RefreshTokens(settings.jwt_secret.get_secret_value()),
        revocations=identity.RevocationList(clock, keep=settings.jwt_expires_in + timedelta(hours=1)),
        access_lifetime=settings.jwt_expires_in,
        refresh_lifetime=settings.jwt_refresh_expires_in,
    )


def _tiers(settings: Settings) -> Tiers:
    return Tiers(
        credentials=Limit.parse("credentials", settings.rate_limit_credentials, exact=True),
        account=Limit.parse("account", settings.rate_limit_account, exact=True),
        writes=Limit.parse("writes", settings.rate_limit_writes, exact=True),
        reads=Limit.parse("reads", settings.rate_limit_reads),
    )


def _doors(db: Database, workshop: Workshop, payer: sandbox.Payer) -> SandboxPorts:
    return SandboxPorts(
        workshop=workshop,
        save_clock=lambda offset: sandbox.clock.save(db, offset),
        mailbox=sandbox.Mailbox(db),
        payer=payer,
        faults=sandbox.Faults(db),
    )
