"""Bookable itself, as it is deployed: one server process beside PostgreSQL and Valkey, everything switched on."""

import os
import sys
from pathlib import Path

from benchmarks.machine import free_port
from benchmarks.people import crowd, register
from benchmarks.processes import Running, run
from benchmarks.stacks import Stack, fetch
from bookable.embedded import Embedded

__all__ = ["BASE", "House"]

BASE = "/starrymeet/api"
_ROOT = Path(__file__).parent.parent
_BOOKABLE = str(Path(sys.executable).parent / "bookable")
_SECRET = "a-secret-of-the-house-that-only-the-benchmarks-know"
_PEOPLE = 800
_LISTINGS = """
SELECT l.id::text FROM listings l JOIN tenants t ON t.id = l.tenant_id
WHERE t.slug = 'starrymeet' AND l.is_active ORDER BY l.id
"""


class House:
    """The engines and what is started on them. `folder` takes logs and the server's files.

    `database` names one of its own on the same PostgreSQL, made where it is missing.
    """

    def __init__(self, engines: Embedded, folder: Path, *, database: str | None = None) -> None:
        self.engines = engines
        self.folder = folder
        self.database_url = engines.database_url
        if database is not None:
            self.database_url = engines.database_url.rpartition("/")[0] + f"/{database}"
            fetch(engines.admin_url, f"CREATE DATABASE {database}")

    @property
    def environment(self) -> dict[str, str]:
        """As in production: every rate limit where the contract has it, but for signing in; the log as JSON.

        Buyers of the sale come from addresses of their own, as a proxy would say. The code is that of this checkout.
        """
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        return {
            **kept,
            "PYTHONPATH": str(_ROOT / "src"),
            "RATE_LIMIT_CREDENTIALS": "1000/minute",
            "RATE_LIMIT_ACCOUNT": "1000/minute",
            "TRUSTED_PROXIES": "127.0.0.1",
            "JWT_SECRET": _SECRET,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.engines.redis_url,
            "DATA_DIR": str(self.folder / "house"),
            "JWT_EXPIRES_IN": "6h",
            "LOG_FORMAT": "json",
        }

    def seed(self, listings: int) -> None:
        """Demo data, and so many listings more."""
        command = [_BOOKABLE, "seed", "--scale", str(listings)]
        run(command, env=self.environment, cwd=_ROOT, log=self.folder / "seed.log", seconds=3600)

    def serve(self, *, profile: Path | None = None, limited: bool = True) -> Running:
        """A server that answers; with `profile`, one that writes down where its time went when it ends.

        Not `limited`, it lets one and the same reader ask as often as they can.
        """
        port = free_port()
        env = self.environment | {"PORT": str(port)} | ({} if limited else {"RATE_LIMIT_READS": "off"})
        program = [_BOOKABLE]
        if profile is not None:
            program = [sys.executable, "-m", "benchmarks.profiled"]
            env["BENCH_PROFILE"] = str(profile)
        command = [*program, "serve", "--no-worker", "--no-seed"]
        server = Running(command, env=env, cwd=_ROOT, log=self.folder / "server.log", port=port)
        server.wait("/ready")
        return server

    def stack(self, server: Running) -> Stack:
        """The server as one of those compared, with two customers of its own."""
        url, base = self.database_url, server.url + BASE
        me, other = register(base, "bench-me"), register(base, "bench-other")
        return Stack(
            name="Bookable",
            server=server,
            base=BASE,
            ping="/health",
            database_url=url,
            me=me,
            other=other,
            people=crowd(url, _SECRET, me, _PEOPLE),
            celebrities=self.listings()[1000:1500],
        )

    def settle(self) -> None:
        """What autovacuum would do a minute later."""
        fetch(self.database_url, "VACUUM ANALYZE")

    def listings(self) -> list[str]:
        """The ids of all that can be booked, in their order."""
        return fetch(self.database_url, _LISTINGS)
