"""Bookable itself, as it is deployed: one server process beside PostgreSQL and Valkey, everything switched on."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.machine import free_port
from benchmarks.processes import Running, run
from benchmarks.stacks import Stack, fetch
from bookable.embedded import Embedded

__all__ = ["BASE", "House", "Person", "register"]

BASE = "/starrymeet/api"
_ROOT = Path(__file__).parent.parent
_BOOKABLE = str(Path(sys.executable).parent / "bookable")
_LIMITS = ("RATE_LIMIT_CREDENTIALS", "RATE_LIMIT_ACCOUNT", "RATE_LIMIT_WRITES", "RATE_LIMIT_READS")
_LISTINGS = """
SELECT l.id::text FROM listings l JOIN tenants t ON t.id = l.tenant_id
WHERE t.slug = 'starrymeet' AND l.is_active ORDER BY l.id
"""


@dataclass(frozen=True)
class Person:
    """Somebody who has an account."""

    id: str
    token: str


class House:
    """The engines and what is started on them. `folder` takes logs and the server's files."""

    def __init__(self, engines: Embedded, folder: Path) -> None:
        self.engines = engines
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """Rate limits count, only too high to be met; the log goes where it would in production."""
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
        return {
            **kept,
            **dict.fromkeys(_LIMITS, "100000000/minute"),
            "DATABASE_URL": self.engines.database_url,
            "REDIS_URL": self.engines.redis_url,
            "DATA_DIR": str(self.folder / "house"),
            "JWT_EXPIRES_IN": "6h",
            "LOG_FORMAT": "json",
        }

    def seed(self, listings: int) -> None:
        """Demo data, and so many listings more."""
        command = [_BOOKABLE, "seed", "--scale", str(listings)]
        run(command, env=self.environment, cwd=_ROOT, log=self.folder / "seed.log", seconds=3600)

    def serve(self, *, profile: Path | None = None) -> Running:
        """A server that answers; with `profile`, one that writes down where its time went when it ends."""
        port = free_port()
        env = self.environment | {"PORT": str(port)}
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
        me, other = register(server, "bench-me"), register(server, "bench-other")
        return Stack(
            name="Bookable",
            server=server,
            base=BASE,
            ping="/health",
            database_url=self.engines.database_url,
            me=me.token,
            other=other.token,
            my_id=me.id,
            celebrities=self.listings()[1000:1500],
        )

    def listings(self) -> list[str]:
        """The ids of all that can be booked, in their order."""
        return fetch(self.engines.database_url, _LISTINGS)


def register(server: Running, name: str) -> Person:
    """Somebody new, or the same as before."""
    email, password = f"{name}@example.com", "Bench-mark-4711"
    said = {"email": email, "password": password, "firstName": "Ada", "lastName": "Lovelace"}
    with httpx.Client(base_url=server.url + BASE, timeout=30) as client:
        answer = client.post("/auth/register", json=said)
        if answer.status_code == 409:
            answer = client.post("/auth/login", json={"email": email, "password": password})
    answer.raise_for_status()
    data = answer.json()["data"]
    return Person(data["user"]["id"], data["token"])
