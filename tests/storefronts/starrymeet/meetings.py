"""Bookings on StarryMeet's wire, in one call each."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

__all__ = ["Later", "advance", "in_days", "job_run", "now", "pay", "place", "shown", "wanted"]

Later = Callable[[timedelta], Awaitable[None]]
"""Time passes by as much, and tokens last."""


async def now(root: httpx.AsyncClient) -> datetime:
    """The application's clock."""
    told: str = (await root.get("/sandbox/clock")).json()["now"]
    return datetime.fromisoformat(told)


async def in_days(root: httpx.AsyncClient, days: int = 10) -> str:
    """A day from now, in UTC."""
    day: date = (await now(root)).astimezone(UTC).date() + timedelta(days=days)
    return day.isoformat()


async def advance(root: httpx.AsyncClient, by: timedelta) -> None:
    """Move the application's clock; what falls due meanwhile is done."""
    answer = await root.post("/sandbox/clock", json={"advanceSeconds": by.total_seconds()})
    assert answer.status_code == 200, answer.text


async def job_run(root: httpx.AsyncClient) -> None:
    """Work the queue off."""
    answer = await root.post("/sandbox/jobs/run")
    assert answer.status_code == 200, answer.text


async def wanted(root: httpx.AsyncClient, celebrity: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A standard meeting on some morning."""
    return {
        "celebrityId": celebrity["id"],
        "meetingType": "standard",
        "date": await in_days(root),
        "timeSlot": "morning",
        "contactName": "Robin Field",
        "contactEmail": "robin@example.com",
        **given,
    }


async def place(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    celebrity: dict[str, Any],
    headers: dict[str, str] | None = None,
    **given: Any,
) -> dict[str, Any]:
    """What placing it answers: `{booking, accessToken?}`."""
    answer = await client.post("/bookings", json=await wanted(root, celebrity, **given), headers=headers)
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def pay(
    client: httpx.AsyncClient,
    booking: dict[str, Any],
    headers: dict[str, str] | None = None,
    *,
    key: str | None = None,
    method: str = "pm_card_visa",
) -> dict[str, Any]:
    """What confirming answers: `{payment, booking}`."""
    with_key = {"accessToken": key} if key else {}
    intent = await client.post(
        "/payments/create-intent", json={"bookingId": booking["id"], **with_key}, headers=headers
    )
    assert intent.status_code == 201, intent.text
    body = {"paymentIntentId": intent.json()["data"]["paymentIntentId"], "paymentMethod": method, **with_key}
    answer = await client.post("/payments/confirm", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def shown(client: httpx.AsyncClient, booking: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """The booking as it reads now."""
    answer = await client.get(f"/bookings/{booking['id']}", headers=headers)
    assert answer.status_code == 200, answer.text
    seen: dict[str, Any] = answer.json()["data"]["booking"]
    return seen
