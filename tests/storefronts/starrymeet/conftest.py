"""The people of a StarryMeet test: an admin, a customer, a celebrity's profile and whoever it belongs to."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import House

from .meetings import Later, advance
from .people import bearer, register, sign_in
from .staff import add_celebrity, admin_bearer

SignedIn = list[tuple[str, dict[str, str]]]


@pytest.fixture
def signed_in() -> SignedIn:
    """Who has signed in, and the header they call with."""
    return []


@pytest.fixture
async def admin(client: httpx.AsyncClient, house: House, storefront: Tenant) -> dict[str, str]:
    """An admin's bearer."""
    return await admin_bearer(client, house, storefront)


@pytest.fixture
async def star(client: httpx.AsyncClient) -> dict[str, Any]:
    """Whoever the celebrity's profile belongs to."""
    return await register(client)


@pytest.fixture
async def celebrity(client: httpx.AsyncClient, admin: dict[str, str], star: dict[str, Any]) -> dict[str, Any]:
    """A profile, as an admin has listed it."""
    return await add_celebrity(client, admin, timeZone="UTC", userId=star["user"]["id"])


@pytest.fixture
async def stars(
    client: httpx.AsyncClient, celebrity: dict[str, Any], star: dict[str, Any], signed_in: SignedIn
) -> dict[str, str]:
    """The celebrity's own bearer, from when the profile was theirs."""
    headers = await sign_in(client, star["user"]["email"])
    signed_in.append((star["user"]["email"], headers))
    return headers


@pytest.fixture
async def customer(client: httpx.AsyncClient, signed_in: SignedIn) -> dict[str, str]:
    """A customer's bearer."""
    person = await register(client)
    headers = bearer(person)
    signed_in.append((person["user"]["email"], headers))
    return headers


@pytest.fixture
def later(client: httpx.AsyncClient, root: httpx.AsyncClient, signed_in: SignedIn) -> Later:
    """Time passes, and whoever had signed in does so again: access tokens last fifteen minutes."""

    async def pass_by(time: timedelta) -> None:
        await advance(root, time)
        for email, headers in signed_in:
            headers.update(await sign_in(client, email))

    return pass_by
