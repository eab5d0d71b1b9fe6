"""Guessing is slow: tries are counted by account and by address, under race too, and success resets nothing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from bookable.app import Application, create
from bookable.edge import Edge
from bookable.kernel.tenants import Tenant
from bookable.settings import Settings
from tests import make

from .people import PASSWORD, bearer, error, mailed_token, new_email, register


@pytest.fixture(scope="module")
async def counting(settings: Settings) -> AsyncIterator[tuple[Edge, Application]]:
    """A server with the limits of the contract."""
    limits = {"rate_limit_credentials": "10/minute", "rate_limit_account": "5/minute"}
    edge = create(settings.model_copy(update=limits), works=False)
    assert isinstance(edge, Edge)
    application = edge._app
    assert isinstance(application, Application)
    await application.open()
    yield edge, application
    await application.close()


@pytest.fixture
async def storefront(counting: tuple[Edge, Application]) -> Tenant:
    house = counting[1].house
    assert house is not None
    made = await make.tenant(house.db)
    await house.tenants.refresh(house.db)
    return made


def caller(edge: Edge, storefront: Tenant, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(edge, client=(address, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=f"http://bookable.test/{storefront.slug}/api")


async def tries(clients: list[httpx.AsyncClient], email: str, password: str = "wrong-password-1") -> Counter[int]:
    body = {"email": email, "password": password}
    answers = await asyncio.gather(*(one.post("/auth/login", json=body) for one in clients))
    refused = [a for a in answers if a.status_code == 429]
    assert all(int(a.headers["retry-after"]) > 0 for a in refused)
    assert all(error(a, 429)["code"] == "RATE_LIMITED" for a in refused)
    return Counter(a.status_code for a in answers)


async def test_five_guesses_a_minute_at_one_account_from_wherever_they_come(
    counting: tuple[Edge, Application], storefront: Tenant
) -> None:
    crowd = [caller(counting[0], storefront, f"203.0.113.{n}") for n in range(40)]
    assert await tries(crowd, new_email()) == {401: 5, 429: 35}


async def test_spellings_of_an_address_are_one_account_and_success_resets_nothing(
    counting: tuple[Edge, Application], storefront: Tenant
) -> None:
    owner, attacker = (caller(counting[0], storefront, f"198.51.100.{n}") for n in (1, 2))
    there = await register(owner)
    email = there["user"]["email"]
    assert await tries([attacker], email.upper()) == {401: 1}
    assert await tries([owner], email, PASSWORD) == {200: 1}
    assert await tries([attacker], email) == {401: 1}
    assert await tries([attacker], email.title()) == {401: 1}
    assert await tries([attacker], email) == {429: 1}, "registering was the first of five"


async def test_ten_tries_a_minute_from_one_address_at_whatever_accounts(
    counting: tuple[Edge, Application], storefront: Tenant
) -> None:
    one = caller(counting[0], storefront, "192.0.2.7")
    answers = [await tries([one], new_email()) for _ in range(12)]
    assert sum(answers, Counter()) == {401: 10, 429: 2}


async def test_asking_for_mails_and_using_their_links_counts_against_their_owner(
    counting: tuple[Edge, Application], storefront: Tenant
) -> None:
    edge = counting[0]
    there = await register(caller(edge, storefront, "198.51.100.10"))
    root = httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url="http://bookable.test")
    token = await mailed_token(root, there["user"]["email"])
    statuses = []
    for number in range(5):
        somebody = caller(edge, storefront, f"198.51.100.{20 + number}")
        statuses.append((await somebody.post("/auth/verify-email", json={"token": token})).status_code)
    assert statuses == [200, 410, 410, 410, 429]
    asking = caller(edge, storefront, "198.51.100.30")
    error(await asking.post("/auth/forgot-password", json={"email": there["user"]["email"]}), 429)


async def test_guessing_ones_way_past_the_present_password_is_as_slow(
    counting: tuple[Edge, Application], storefront: Tenant
) -> None:
    here = caller(counting[0], storefront, "198.51.100.40")
    there = await register(here)
    body = {"currentPassword": "wrong-password-1", "newPassword": "Another-horse-8"}
    answers = [await here.post("/users/me/password", json=body, headers=bearer(there)) for _ in range(7)]
    assert [a.status_code for a in answers] == [401] * 5 + [429] * 2
