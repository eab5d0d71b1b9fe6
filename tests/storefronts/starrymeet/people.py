"""What people do on StarryMeet's wire, in one call each."""

import re
import secrets
from typing import Any

import httpx

__all__ = ["PASSWORD", "bearer", "error", "mailed_token", "new_email", "register", "sign_in"]

PASSWORD = "Correct-horse-7"


def new_email() -> str:
    """An address that nobody has."""
    return f"p{secrets.token_hex(6)}@example.com"


async def register(client: httpx.AsyncClient, **given: Any) -> dict[str, Any]:
    """Somebody new: `{user, token, refreshToken}`."""
    body = {"email": new_email(), "password": PASSWORD, "firstName": "Ada", "lastName": "Byron", **given}
    answer = await client.post("/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def sign_in(client: httpx.AsyncClient, email: str) -> dict[str, str]:
    """Their bearer, from now on."""
    answer = await client.post("/auth/login", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return bearer(answer.json()["data"])


def bearer(signed_in: dict[str, Any]) -> dict[str, str]:
    """The header that says who calls."""
    return {"Authorization": f"Bearer {signed_in['token']}"}


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error of an answer with this status, which has the storefront's envelope."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body.keys() == {"success", "error"}
    assert body["success"] is False
    assert body["error"].keys() == {"code", "message", "details"}
    refused: dict[str, Any] = body["error"]
    return refused


async def mailed_token(root: httpx.AsyncClient, to: str) -> str:
    """The token in the newest mail to somebody, once the queue is worked off."""
    assert (await root.post("/sandbox/jobs/run")).status_code == 200
    mails = (await root.get("/sandbox/mail", params={"to": to})).json()["items"]
    found = re.search(r"[?&]token=([A-Za-z0-9_-]+)", mails[0]["text"])
    assert found, mails[0]["text"]
    return found[1]
