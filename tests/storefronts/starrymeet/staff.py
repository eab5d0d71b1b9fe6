"""Somebody of the house, and a celebrity that they list, in one call each."""

import secrets
from typing import Any

import httpx

from bookable.domain import identity
from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests.make_identity import PASSWORD

from .people import bearer, new_email

__all__ = ["add_celebrity", "admin_bearer"]


async def admin_bearer(client: httpx.AsyncClient, house: House, storefront: Tenant) -> dict[str, str]:
    """An admin's bearer."""
    email = new_email()
    new = identity.NewUser(email=email, first_name="Root", last_name="Admin", role="admin")
    await identity.register(house.db, house.ports.credentials, storefront.id, new, PASSWORD, open_roles={"admin"})
    answer = await client.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return bearer(answer.json()["data"])


async def add_celebrity(client: httpx.AsyncClient, admin: dict[str, str], **given: Any) -> dict[str, Any]:
    """A celebrity, as an admin lists them."""
    body = {
        "username": f"c-{secrets.token_hex(6)}",
        "displayName": "Cleo Hartwell",
        "category": "Hollywood",
        "quickMeetPriceCents": 10_000,
        "standardMeetPriceCents": 20_000,
        "premiumMeetPriceCents": 40_000,
        **given,
    }
    answer = await client.post("/celebrities", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    celebrity: dict[str, Any] = answer.json()["data"]["celebrity"]
    return celebrity
