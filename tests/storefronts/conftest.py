"""The whole server, wired as it is shipped with its sandboxes, and a StarryMeet of its own for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bookable import settings as settings_module
from bookable.app import Application, create
from bookable.edge import Edge
from bookable.kernel.tenants import Tenant
from bookable.settings import Settings
from bookable.wiring import House, storefronts
from tests import make
from tests.doubles.s3 import S3Double
from tests.storefronts.access import Matrix
from tests.storefronts.conformance import Conformance
from tests.storefronts.stages import Stage

Staged = Callable[[Matrix], Awaitable[Stage]]


@dataclass(frozen=True, slots=True)
class Server:
    """The running application: to ask over HTTP, and to look behind."""

    asgi: Any
    house: House


def _quiet(database_url: str, redis_url: str, data_dir: Path, **more: Any) -> Settings:
    """Settings for tests: no rate limits but where a test brings its own server."""
    return settings_module.load(
        _env_file=None,
        app_env="test",
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        data_dir=data_dir,
        rate_limit_credentials="off",
        rate_limit_account="off",
        rate_limit_writes="off",
        rate_limit_reads="off",
        **more,
    )


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[Server]:
    """The server; its jobs are worked off by `/sandbox/jobs/run`, not in the background."""
    edge = create(settings, works=False)
    assert isinstance(edge, Edge)
    application = edge._app
    assert isinstance(application, Application)
    await application.open()
    assert application.house is not None
    yield Server(edge, application.house)
    await application.close()


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return _quiet(database_url, redis_url, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
async def server(settings: Settings) -> AsyncIterator[Server]:
    """One server a worker."""
    async with _serving(settings) as one:
        yield one


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Double]:
    """A bucket."""
    with S3Double() as double:
        yield double


@pytest.fixture(scope="session")
async def s3_server(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory, s3: S3Double
) -> AsyncIterator[Server]:
    """Another one, which keeps its pictures in the bucket, below a prefix."""
    access = {name.lower(): value for name, value in s3.settings.items()}
    folder = tmp_path_factory.mktemp("data")
    async with _serving(
        _quiet(database_url, redis_url, folder, media_url=f"s3://{s3.bucket}/of/people", **access)
    ) as one:
        yield one


@pytest.fixture
def house(server: Server) -> House:
    return server.house


@pytest.fixture(scope="session")
async def staged(server: Server) -> Staged:
    """Each storefront's stage, built when it is first asked for."""
    built: dict[str, Stage] = {}

    async def stage(matrix: Matrix) -> Stage:
        if matrix.kind not in built:
            built[matrix.kind] = await Stage.build(server.asgi, server.house, matrix)
        return built[matrix.kind]

    return stage


@pytest.fixture
async def storefront(server: Server) -> AsyncIterator[Tenant]:
    """A StarryMeet that only this test knows."""
    made = await make.tenant(server.house.db)
    await server.house.tenants.refresh(server.house.db)
    yield made
    await make.end(server.house.db, made)


@pytest.fixture
async def root(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Someone at the server's root: health, sandbox doors."""
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://bookable.test") as client:
        yield client
        if server.house.clock.offset:
            await client.delete("/sandbox/clock")
        await client.delete("/sandbox/faults")


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    """What StarryMeet's document says of its answers."""
    return Conformance(storefronts()["starrymeet"])


@pytest.fixture
async def client(server: Server, storefront: Tenant, conformance: Conformance) -> AsyncIterator[httpx.AsyncClient]:
    """Someone who has not signed in, below `/{tenant}/api`; whatever they are answered must be as documented."""
    transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
    base = f"http://bookable.test/{storefront.slug}/api"
    hooks = conformance.hooks(f"/{storefront.slug}")
    async with httpx.AsyncClient(transport=transport, base_url=base, event_hooks=hooks) as someone:
        yield someone
