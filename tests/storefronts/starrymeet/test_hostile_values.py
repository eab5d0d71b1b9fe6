"""Every field of every body and query, given what nobody in their right mind would send: refused or taken, never a 5xx.

The conformance check of the client finds every status and shape that is not documented.
"""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bookable.kernel.tenants import Tenant
from bookable.wiring import House
from tests.races.arena import rows
from tests.storefronts.conformance import Conformance

from .requests import REQUESTS
from .scene import Scene
from .test_access import EXPECTED, _filled

JSON = {"Content-Type": "application/json"}
DEEP = "[" * 150 + "]" * 150
VALUES = [
    *("null", "true", "0", "-1", "1e30", "1e400", "0.1", "-0.0", str(2**31), str(2**63), str(2**64), "9" * 400),
    *('""', '" "', '"a\\u0000b"', '"\\ud83e"', '"\\ud83e\\udd2f"', '"\\u202e\\u2066"', '"' + "x" * 100_000 + '"'),
    *('"1"', '"true"', '"null"', '"\'; DROP TABLE users; --"', '"%s%n${7*7}{{7*7}}"', '"../../etc/passwd"'),
    *('"0001-01-01"', '"9999-12-31"', '"2026-02-30"', '"2026-11-21T25:00:00Z"', '"9999-12-31T23:59:59+14:00"'),
    *(
        '"infinity"',
        '"00000000-0000-0000-0000-000000000000"',
        "[]",
        "[null]",
        "{}",
        DEEP,
        '{"a":' * 50 + "1" + "}" * 50,
    ),
]
QUERIES = [
    "",
    " ",
    "-1",
    "0",
    "9" * 400,
    "1e3",
    "x",
    "a\tb",
    "\N{SHOCKED FACE WITH EXPLODING HEAD}",
    "'; --",
    "null",
    "[]",
    "0001-01-01",
]
QUERIES += ["9999-12-31", "2026-02-30", "%ZZ", "%ff", "%00", "+", "x" * 3000]


def allowed(operation: str) -> str:
    """Somebody who may do this."""
    return next((who for who in ("owner", "celebrity", "admin") if EXPECTED[operation][who] < 300), "owner")


def bodies(document: dict[str, Any]) -> list[tuple[str, list[str]]]:
    found = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            named = schema.get("$ref", "").rsplit("/", 1)[-1]
            fields = list(document["components"]["schemas"].get(named, {}).get("properties", {}))
            if fields:
                found.append((f"{method.upper()} {path.removeprefix('/api')}", fields))
    return found


async def test_every_field_of_every_body_takes_or_refuses_everything(
    client: httpx.AsyncClient, house: House, storefront: Tenant, conformance: Conformance
) -> None:
    asked = 0
    for operation, fields in bodies(conformance.document):
        method, template = operation.split()
        scene = Scene(house, storefront, storefront, client)
        id_, request = await REQUESTS[operation](scene)
        headers = await scene.headers(allowed(operation)) | JSON
        for name in fields:
            rest = {n: v for n, v in request["json"].items() if n != name}
            for value in VALUES:
                body = json.dumps(rest)[:-1] + (", " if rest else "") + f'"{name}": {value}}}'
                answer = await client.request(method, _filled(template, id_), content=body, headers=headers)
                assert answer.status_code < 500, f"{operation} {name}={value[:60]}: {answer.text}"
                asked += 1
    print(f"{asked} requests")
    assert asked > 1_000


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "1999-12-31", "2200-01-02", "9999-12-30", "9999-12-31"])
async def test_days_at_the_ends_of_time_are_refused(
    client: httpx.AsyncClient, house: House, storefront: Tenant, day: str
) -> None:
    scene = Scene(house, storefront, storefront, client)
    listing, owner = await scene.listing(), await scene.headers("celebrity")
    slots = {"items": [{"date": day, "timeSlot": "morning"}]}
    assert (await client.put(f"/celebrities/{listing}/availability", json=slots, headers=owner)).status_code == 422
    booking = await scene.booking()
    moved = {"date": day, "timeSlot": "morning"}
    path = f"/bookings/{booking.id}/reschedule"
    assert (await client.patch(path, json=moved, headers=await scene.headers("owner"))).status_code == 422


async def test_every_parameter_of_every_query_takes_or_refuses_everything(
    client: httpx.AsyncClient, house: House, storefront: Tenant, conformance: Conformance
) -> None:
    asked = 0
    for path, item in conformance.document["paths"].items():
        parameters = [p["name"] for p in item.get("get", {}).get("parameters", []) if p["in"] == "query"]
        operation = f"GET {path.removeprefix('/api')}"
        scene = Scene(house, storefront, storefront, client)
        if parameters:
            id_, _ = await REQUESTS[operation](scene)
            headers = await scene.headers(allowed(operation))
        for name in parameters:
            for value in QUERIES:
                raw = value if "%" in value else quote(value)
                answer = await client.get(f"{_filled(operation.split()[1], id_)}?{name}={raw}", headers=headers)
                assert answer.status_code < 500, f"{operation} {name}={value}: {answer.text}"
                asked += 1
    print(f"{asked} requests")
    assert asked > 300


async def test_every_place_in_every_path_takes_or_refuses_everything(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    scene = Scene(house, storefront, storefront, client)
    for operation in (o for o in EXPECTED if "{" in o):
        method, template = operation.split()
        headers = await scene.headers(allowed(operation)) | JSON
        for value in (
            "%00",
            "%0a",
            "%ff",
            "%F0%9F%A4%AF",
            "x" * 3000,
            "..%2f..",
            "%2e%2e",
            "null",
            "-1",
            "BK-2026-1",
            "*",
        ):
            content = b"{}" if method != "GET" else b""
            answer = await client.request(method, _filled(template, value), content=content, headers=headers)
            assert answer.status_code in (204, 400, 404, 405, 422), f"{operation} {value}: {answer.text}"


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
    scene = Scene(house, storefront, storefront, client)
    id_, request = await REQUESTS[operation](scene)
    headers = await scene.headers(allowed(operation))
    subject = id_ or (await scene.person("owner")).user.id
    before = (await rows(house.db, STATE[operation], subject))[0]["is"]
    for name, value in PRIVILEGED.items():
        body = {name: value} | request["json"]
        answer = await client.request(method, _filled(template, id_), json=body, headers=headers)
        assert answer.status_code in (200, 403, 422), f"{name}: {answer.text}"
        assert (await rows(house.db, STATE[operation], subject))[0]["is"] == before, name


async def test_a_price_that_the_client_sends_is_not_believed(
    client: httpx.AsyncClient, house: House, storefront: Tenant
) -> None:
    scene = Scene(house, storefront, storefront, client)
    _, request = await REQUESTS["POST /bookings"](scene)
    headers = await scene.headers("owner")
    booked = await client.post("/bookings", json=PRIVILEGED | request["json"], headers=headers)
    booking = booked.json()["data"]["booking"]
    lines = [booking[f"{name}Cents"] for name in ("subtotal", "platformFee", "discount", "tax", "total")]
    assert lines == [10_000, 1_500, 0, 920, 12_420]
    assert (booking["status"], booking["confirmedAt"]) == ("pending", None)
    assert booking["id"] != PRIVILEGED["id"]
    cheap = request["json"] | {"expectedTotalCents": 1, "timeSlot": "morning"}
    answer = await client.post("/bookings", json=cheap, headers=headers)
    assert answer.json()["error"]["code"] == "PRICE_CHANGED"
    assert answer.json()["error"]["details"]["totalCents"] == 12_420
