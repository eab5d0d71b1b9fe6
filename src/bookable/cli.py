"""`bookable`: start it, look after it, ask it questions."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bookable import settings as settings_module
from bookable.settings import Settings, WrongSettings

if TYPE_CHECKING:
    from bookable.wiring import House

__all__ = ["app"]

app = typer.Typer(
    help="Bookable: the backend of booking marketplaces.", no_args_is_help=True, pretty_exceptions_enable=False
)
tenants = typer.Typer(help="The storefronts that people can reach.", no_args_is_help=True)
ledger = typer.Typer(help="The double-entry ledger.", no_args_is_help=True)
keys = typer.Typer(help="Encryption keys.", no_args_is_help=True)
jobs = typer.Typer(help="Jobs that failed for good, and another try for them.", no_args_is_help=True)
config = typer.Typer(help="Settings.", no_args_is_help=True)
for group, name in ((tenants, "tenant"), (ledger, "ledger"), (keys, "keys"), (jobs, "jobs"), (config, "config")):
    app.add_typer(group, name=name)

T = TypeVar("T")


def _say(text: str) -> None:
    typer.echo(text, err=True)


@contextmanager
def _wrong_ones_named() -> Iterator[None]:
    """A wrong setting ends the command with the line that names it, and 2."""
    try:
        yield
    except WrongSettings as wrong:
        _say(str(wrong))
        raise typer.Exit(2) from None


def _settings() -> Settings:
    with _wrong_ones_named():
        loaded = settings_module.load()
    from bookable.kernel import logs

    logs.configure(loaded.log_level, json=loaded.json_logs)
    return loaded


def _proven_settings() -> Settings:
    """The settings, of which those that others must agree with have been tried."""
    from bookable import reaching

    loaded = _settings()
    with _wrong_ones_named():
        reaching.prove(loaded, _say)
    return loaded


def _in_the_house(work: "Callable[[House], Awaitable[T]]", loaded: Settings | None = None) -> T:
    """Run `work` with everything connected; embedded servers that run already are joined, not disturbed."""
    from bookable import migrate, wiring
    from bookable.serving import standing

    async def inside(ready: Settings) -> T:
        house = await wiring.build(ready)
        try:
            await house.open()
            return await work(house)
        finally:
            await house.close()

    with _wrong_ones_named(), standing(loaded or _settings(), _say) as ready:
        migrate.upgrade(ready.owner_url)
        return asyncio.run(inside(ready))


@app.command()
def serve(
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave the jobs to `bookable worker`.")] = False,
    no_seed: Annotated[bool, typer.Option("--no-seed", help="Start without demo data.")] = False,
) -> None:
    """Start everything: databases (embedded unless DATABASE_URL and REDIS_URL name others), schema, demo data
    (outside production), the server on HOST:PORT, and the worker inside. Ctrl-C or SIGTERM ends it in order."""
    from bookable import serving

    loaded = _proven_settings()
    try:
        with _wrong_ones_named():
            serving.serve(loaded, works=not no_worker, demo=not (loaded.production or no_seed), say=_say)
    except KeyboardInterrupt:
        _say("Stopped.")


@app.command()
def worker() -> None:
    """Work jobs off in a process of its own, beside servers started with --no-worker. Ctrl-C or SIGTERM ends it when
    what is in hand is done."""

    async def work(house: "House") -> None:
        working = asyncio.create_task(house.workshop.work())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
        _say("Working. Ctrl-C ends it.")
        with suppress(asyncio.CancelledError):
            await working

    with suppress(KeyboardInterrupt):
        _in_the_house(work, _proven_settings())
    _say("Stopped.")


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema (DATABASE_MIGRATION_URL names its owner, where that is another role)."""
    from bookable import migrate as migrations
    from bookable.serving import standing

    with _wrong_ones_named(), standing(_settings(), _say) as ready:
        changed = migrations.upgrade(ready.owner_url)
    typer.echo(f"{'Now' if changed else 'Already'} at {migrations.head()}.")


@app.command()
def seed(
    scale: Annotated[int, typer.Option(help="Make this many listings, for trying size.", min=0)] = 0,
) -> None:
    """Demo data: tenants, people, twelve celebrities. Safe to repeat."""
    from bookable.seeding import starting

    async def work(house: "House") -> None:
        await starting.fill(house, scale=scale, say=typer.echo)

    _in_the_house(work)


@app.command()
def routes() -> None:
    """Every operation of every storefront: method, path, who may call."""
    from bookable.wiring import storefronts

    for storefront in storefronts().values():
        for route in storefront.routes:
            o = route.operation
            who = ",".join(sorted(o.roles)) or o.access.value
            typer.echo(f"{storefront.kind:<14}{o.method:<7}{storefront.base}{o.path:<44}{who}")


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="A new file; in BACKUP_DIR or here without.")] = None,
) -> None:
    """Back everything up into one new file: the database as it is at this moment, while it is in use, and the pictures
    where they are kept in a folder. The settings are not in it: keep ENCRYPTION_KEY elsewhere."""
    from bookable.backups.commands import back_up

    _with_databases(lambda ready: back_up(ready, file, typer.echo))


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `bookable backup` has made.")]) -> None:
    """Restore a backup into an empty database, bring it to the newest schema, and prove its ledger. Every byte of the
    file is checked first; a database that holds anything is left alone."""
    from bookable.backups.commands import bring_back

    _with_databases(lambda ready: bring_back(ready, file, typer.echo))


def _with_databases(work: Callable[[Settings], bool]) -> None:
    """Do it while the databases stand; exit code 1 where it could not be done."""
    from bookable.serving import standing

    with _wrong_ones_named(), standing(_settings(), _say) as ready:
        done = work(ready)
    if not done:
        raise typer.Exit(1)


@tenants.command("create")
def tenant_create(
    slug: Annotated[str, typer.Argument(help="Its path: /SLUG.")],
    kind: Annotated[str, typer.Option(help="starrymeet, sioree, movies, travel or appointments.")],
    name: Annotated[str, typer.Option(help="Its name, in mails and pages.")],
    host: Annotated[list[str] | None, typer.Option(help="A host name of its own; may be repeated.")] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217.")] = "USD",
    fee_bps: Annotated[int, typer.Option(help="Platform fee in basis points.", min=0, max=10_000)] = 1500,
    tax_bps: Annotated[int, typer.Option(help="Tax in basis points.", min=0, max=10_000)] = 800,
) -> None:
    """Make a storefront: its own users, listings, bookings and money, at /SLUG and its hosts."""
    from bookable.kernel import tenants as domain
    from bookable.kernel.errors import DomainError

    async def work(house: "House") -> domain.Tenant:
        return await domain.create(
            house.db,
            slug,
            kind=kind,
            name=name,
            currency=currency,
            fee_bps=fee_bps,
            tax_bps=tax_bps,
            hosts=tuple(host or ()),
        )

    try:
        made = _in_the_house(work)
    except (DomainError, ValueError) as wrong:
        _say(str(wrong))
        raise typer.Exit(1) from None
    typer.echo(f"{made.slug} is at /{made.slug}" + "".join(f", http://{h}" for h in made.hosts))


@tenants.command("list")
def tenant_list() -> None:
    """Every storefront: slug, kind, currency, fee, tax, hosts."""

    async def work(house: "House") -> None:
        for t in house.tenants.all:
            typer.echo(f"{t.slug:<20}{t.kind:<14}{t.currency}  {t.fee_bps:>5} {t.tax_bps:>5}  {' '.join(t.hosts)}")

    _in_the_house(work)


@ledger.command("check")
def ledger_check() -> None:
    """Prove the ledger: every movement balances, none was changed, the hash chain holds. Exit 1 names what is wrong."""
    from bookable.domain import ledger as domain

    async def work(house: "House") -> bool:
        report = await domain.check(house.db)
        for problem in report.problems:
            typer.echo(str(problem))
        sums = ", ".join(f"{unit} {total}" for unit, total in sorted(report.totals.items())) or "nothing yet"
        typer.echo(f"{report.movements} movements in {report.batches} sealed batches, {report.unsealed} to be sealed.")
        typer.echo(f"Sums: {sums}. {'Sound.' if report.ok else f'{len(report.problems)} problems.'}")
        return report.ok

    if not _in_the_house(work):
        raise typer.Exit(1)


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal everything anew under the first key of ENCRYPTION_KEY; after it, the old keys can go."""
    from bookable.rotation import rotate

    rotated = _in_the_house(rotate)
    typer.echo(f"{rotated.done} values are sealed under the newest key.")
    if rotated.broken:
        _say(f"{rotated.broken} values can't be opened with any key of ENCRYPTION_KEY; they were left as they are.")
        raise typer.Exit(1)


@jobs.command("list")
def jobs_list(limit: Annotated[int, typer.Option(min=1, max=1000)] = 100) -> None:
    """Jobs that were tried twelve times and failed, newest first."""

    async def work(house: "House") -> None:
        for job in await house.workshop.dead_letters(limit):
            typer.echo(f"{job['id']:>8}  {job['task_name']:<36}{job['attempts']} tries, last {job['failed_at']}")

    _in_the_house(work)


@jobs.command("retry")
def jobs_retry(job_id: Annotated[int | None, typer.Argument(help="One job; all of them without.")] = None) -> None:
    """Put failed jobs back on the queue."""

    async def work(house: "House") -> int:
        return await house.workshop.retry(job_id)

    typer.echo(f"{_in_the_house(work)} jobs are back on the queue.")


@config.command("check")
def config_check() -> None:
    """Read the settings and say which are set; a wrong one is named, and the exit code is 2."""
    loaded = _settings()
    for name in sorted(loaded.model_fields_set):
        typer.echo(f"{name.upper()} is set")
    typer.echo(f"The settings are good for {loaded.app_env}.")


if __name__ == "__main__":
    app()
