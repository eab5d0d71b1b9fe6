"""Promo codes on the wire: made by admins, used by customers."""

from typing import Any

import httpx

from .meetings import place, wanted
from .people import error


async def test_a_promo_code_is_made_by_admins_and_lowers_the_price(
    client: httpx.AsyncClient,
    root: httpx.AsyncClient,
    customer: dict[str, str],
    admin: dict[str, str],
    celebrity: dict[str, Any],
) -> None:
    body = {"code": "spring10", "percentOff": 10, "maxUses": 1, "celebrityId": celebrity["id"]}
    error(await client.post("/admin/promo-codes", json=body, headers=customer), 403)
    answer = await client.post("/admin/promo-codes", json=body, headers=admin)
    assert answer.status_code == 201, answer.text
    promo = answer.json()["data"]["promoCode"]
    assert (promo["code"], promo["percentOff"], promo["maxUses"], promo["uses"]) == ("SPRING10", 10, 1, 0)
    assert error(await client.post("/admin/promo-codes", json=body, headers=admin), 409)["code"] == "CONFLICT"
    for wrong in ({"code": "X1"}, {"code": "X2", "percentOff": 101}, {"code": "X3", "amountOffCents": 0}):
        error(await client.post("/admin/promo-codes", json=wrong, headers=admin), 422)
    booking = (await place(client, root, celebrity, customer, promoCode="Spring10"))["booking"]
    assert (booking["discountCents"], booking["totalCents"]) == (2_000, 22_680)
    used_up = await wanted(root, celebrity, timeSlot="evening", promoCode="spring10")
    refused = error(await client.post("/bookings", json=used_up, headers=customer), 422)
    assert refused["details"]["fields"][0]["field"] == "promoCode"
    (listed,) = (await client.get("/admin/promo-codes", headers=admin)).json()["data"]["items"]
    assert (listed["id"], listed["uses"]) == (promo["id"], 1)
