"""What nobody may give themselves, prices that are not believed, and days at the ends of time."""

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests.races.arena import rows

from ..access import filled
from .requests import STARRYMEET
from .scene import Meeting

PRIVILEGED = {
    **dict.fromkeys(("isAdmin", "admin", "isVerified", "isFeatured", "isActive", "verified", "suspended"), True),
    **dict.fromkeys(("emailVerified", "email_verified_at", "is_superuser", "staff", "confirmed", "paid"), True),
    **dict.fromkeys(("role", "roles", "scope", "permissions", "user.role", "user[role]"), "admin"),
    **dict.fromkeys(("status", "state", "payment_status", "paymentStatus"), "confirmed"),
    **dict.fromkeys(("totalCents", "total_cents", "subtotalCents", "platformFeeCents", "platform_fee", "taxCents"), 1),
    **dict.fromkeys(("priceCents", "price", "discountCents", "depositCents", "averageRating", "totalReviews"), 1),
    **dict.fromkeys(("id", "userId", "user_id", "ownerId", "owner_id"), "01890a5d-ac96-774b-bcce-b302099a8057"),
    **dict.fromkeys(("tenantId", "tenant_id", "providerId", "listingId"), "01890a5d-ac96-774b-bcce-b302099a8057"),
    **dict.fromkeys(("createdAt", "created_at", "confirmedAt", "holdExpiresAt", "startsAt"), "2020-01-01T00:00:00Z"),
    **{name: {"role": "admin"} for name in ("__proto__", "constructor", "prototype", "user")},
    **dict.fromkeys(("password_hash", "passwordHash", "version", "password"), "$2b$12$x"),
}
STATE = {
    "PATCH /users/me": "SELECT to_jsonb(u) - '{first_name,updated_at}'::text[] AS is FROM users u WHERE id = $1",
    "PATCH /celebrities/{name}": """
        SELECT to_jsonb(l) - '{bio,updated_at,search,words,document}'::text[] AS is FROM listings l WHERE id = $1""",
    "PATCH /bookings/{reference}/reschedule": """
        SELECT to_jsonb(b) - '{day,slot,starts_at,ends_at,sequence,timeline,updated_at}'::text[] AS is
        FROM bookings b WHERE id = $1""",
}


@pytest.mark.parametrize("operation", STATE)
async def test_nobody_gives_themselves_what_is_not_theirs_to_give(
    client: httpx.AsyncClient, house: House, storefront: Tenant, operation: str
) -> None:
    method, template = operation.split()
    scene = Meeting(house, storefront, storefront, client)
    id_ = await STARRYMEET.requests[operation].named(scene)
    right = STARRYMEET.requests[operation].given(id_)["json"]
    headers = await scene.headers(STARRYMEET.rightful(operation))
    subject = id_ or (await scene.person("owner")).user.id
    before = (await rows(house.db, STATE[operation], subject))[0]["is"]
    for name, value in PRIVILEGED.items():
        body = {name: value} | right
        answer = await client.request(method, filled(template, id_), json=body, headers=headers)
        assert answer.status_code in (200, 403, 422), f"{name}: {answer.text}"
        assert (await rows(house.db, STATE[operation], subject))[0]["is"] == before, name


async def test_a_price_that_the_client_sends_is_not_believed(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    scene = Meeting(house, storefront, storefront, client)
    request = STARRYMEET.requests["POST /bookings"]
    right = request.given(await request.named(scene))["json"]
    headers = await scene.headers("owner")
    booked = await client.post("/bookings", json=PRIVILEGED | right, headers=headers)
    booking = booked.json()["data"]["booking"]
    lines = [booking[f"{name}Cents"] for name in ("subtotal", "platformFee", "discount", "tax", "total")]
    assert lines == [10_000, 1_500, 0, 920, 12_420]
    assert (booking["status"], booking["confirmedAt"]) == ("pending", None)
    assert booking["id"] != PRIVILEGED["id"]
    cheap = right | {"expectedTotalCents": 1, "timeSlot": "morning"}
    answer = await client.post("/bookings", json=cheap, headers=headers)
    assert answer.json()["error"]["code"] == "PRICE_CHANGED"
    assert answer.json()["error"]["details"]["totalCents"] == 12_420


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "1999-12-31", "2200-01-02", "9999-12-30", "9999-12-31"])
async def test_days_at_the_ends_of_time_are_refused(
    client: httpx.AsyncClient, house: House, storefront: Tenant, day: str
) -> None:
    scene = Meeting(house, storefront, storefront, client)
    listing, owner = await scene.listing(), await scene.headers("celebrity")
    slots = {"items": [{"date": day, "timeSlot": "morning"}]}
    assert (await client.put(f"/celebrities/{listing}/availability", json=slots, headers=owner)).status_code == 422
    booking_id = await scene.booking()
    moved = {"date": day, "timeSlot": "morning"}
    path = f"/bookings/{booking_id}/reschedule"
    assert (await client.patch(path, json=moved, headers=await scene.headers("owner"))).status_code == 422
