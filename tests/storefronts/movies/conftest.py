"""A Movies of its own for each test, and people who have signed up there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import storefronts
from tests import make
from tests.make_identity import PASSWORD, email
from tests.storefronts.conformance import Conformance

SignUp = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def storefront(server: Any) -> AsyncIterator[Tenant]:
    """A Movies that only this test knows."""
    made = await make.tenant(server.house.db, kind="movies")
    await server.house.tenants.refresh(server.house.db)
    yield made
    await make.end(server.house.db, made)


@pytest.fixture(scope="session")
def conformance() -> Conformance:
    """What Movies' document says of its answers."""
    return Conformance(storefronts()["movies"])


@pytest.fixture
async def browser(
    server: Any, storefront: Tenant, conformance: Conformance
) -> AsyncIterator[Callable[[], httpx.AsyncClient]]:
    """Makes browsers: each has cookies of its own, and what it is answered must be as documented."""
    opened = []

    def make_one() -> httpx.AsyncClient:
        transport = httpx.ASGITransport(server.asgi, client=("127.0.0.1", 50_000))
        base = f"https://bookable.test/{storefront.slug}"
        hooks = conformance.hooks(f"/{storefront.slug}")
        opened.append(httpx.AsyncClient(transport=transport, base_url=base, event_hooks=hooks))
        return opened[-1]

    yield make_one
    for one in opened:
        await one.aclose()


@pytest.fixture
def client(browser: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    """Someone who has not signed in, below `/{tenant}`."""
    return browser()


@pytest.fixture
def signed_up(browser: Callable[[], httpx.AsyncClient]) -> SignUp:
    """Signs somebody up, in a browser of theirs that sends their token."""

    async def sign_up(name: str = "Ada Byron") -> httpx.AsyncClient:
        one = browser()
        answer = await one.post("/auth/signup", json={"name": name, "email": email(), "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        one.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        return one

    return sign_up


@pytest.fixture
async def ada(signed_up: SignUp) -> httpx.AsyncClient:
    return await signed_up()


@pytest.fixture
async def bob(signed_up: SignUp) -> httpx.AsyncClient:
    return await signed_up("Bob")
