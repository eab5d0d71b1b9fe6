"""The double keeps Stripe's promise about idempotency keys, the awkward half included."""

import asyncio

import httpx
import pytest

from tests.doubles.stripe import StripeDouble

INTENTS = "/v1/payment_intents"
ORDER = "amount=1099&currency=eur&metadata[booking]=b1"


def under(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


async def test_the_first_answer_comes_again_and_says_so(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    first = await wire.post(INTENTS, content=ORDER, headers=under("k"))
    again = await wire.post(INTENTS, content=ORDER, headers=under("k"))
    assert (again.status_code, again.content) == (200, first.content)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"] != again.headers["request-id"]
    assert len(stripe.intents(booking="b1")) == 1
    assert [(call.key, call.status, call.replayed) for call in stripe.calls()] == [
        ("k", 200, False),
        ("k", 200, True),
    ]


async def test_without_a_key_each_call_acts(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    for _ in range(2):
        await wire.post(INTENTS, content=ORDER)
    assert len(stripe.intents()) == 2


async def test_other_parameters_or_another_path_under_the_same_key_are_refused(wire: httpx.AsyncClient) -> None:
    intent = (await wire.post(INTENTS, content=ORDER, headers=under("k"))).json()["id"]
    for path, form in ((INTENTS, ORDER + "0"), (f"{INTENTS}/{intent}/cancel", "")):
        refused = await wire.post(path, content=form, headers=under("k"))
        assert refused.status_code == 400
        assert refused.json()["error"]["type"] == "idempotency_error"


async def test_the_order_of_parameters_does_not_matter(wire: httpx.AsyncClient) -> None:
    first = await wire.post(INTENTS, content="amount=1099&currency=eur", headers=under("k"))
    again = await wire.post(INTENTS, content="currency=eur&amount=1099", headers=under("k"))
    assert again.content == first.content


async def test_a_declined_card_comes_again_under_its_key(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    intent = (await wire.post(INTENTS, content=ORDER)).json()["id"]
    path, form = f"{INTENTS}/{intent}/confirm", "payment_method=pm_card_chargeDeclined&return_url=https://a.test"
    first, again = [await wire.post(path, content=form, headers=under("k")) for _ in range(2)]
    assert (first.status_code, again.status_code) == (402, 402)
    assert again.content == first.content
    assert len(stripe.charges(intent, status="failed")) == 1


async def test_a_500_is_stored_whether_it_acted_or_not(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    for mode, effects in (("error_before", 0), ("error_after", 1)):
        stripe.inject(mode)
        order = f"amount=1099&currency=eur&metadata[booking]={mode}"
        answers = [await wire.post(INTENTS, content=order, headers=under(mode)) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [500, 500]
        assert answers[1].headers["idempotent-replayed"] == "true"
        assert answers[0].headers["stripe-should-retry"] == "false"
        assert len(stripe.intents(booking=mode)) == effects


@pytest.mark.parametrize(("mode", "status"), [("rate_limit", 429), ("down", 503)])
async def test_what_is_refused_at_the_door_is_not_stored(
    wire: httpx.AsyncClient, stripe: StripeDouble, mode: str, status: int
) -> None:
    stripe.inject(mode)
    refused = await wire.post(INTENTS, content=ORDER, headers=under("k"))
    assert refused.status_code == status
    assert (await wire.post(INTENTS, content=ORDER, headers=under("k"))).status_code == 200
    assert len(stripe.intents()) == 1


async def test_neither_wrong_parameters_nor_a_wrong_secret_are_stored(
    wire: httpx.AsyncClient, stripe: StripeDouble
) -> None:
    wrong = await wire.post(INTENTS, content="amount=ten&currency=eur", headers=under("k"))
    assert wrong.status_code == 400
    nobody = {**under("k"), "Authorization": "Bearer sk_test_other"}
    assert (await wire.post(INTENTS, content=ORDER, headers=nobody)).status_code == 401
    assert (await wire.post(INTENTS, content=ORDER, headers=under("k"))).status_code == 200
    assert len(stripe.intents()) == 1


async def test_a_key_in_use_is_a_conflict_that_is_not_stored(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    stripe.inject("hang_before", seconds=0.4)
    first = asyncio.create_task(wire.post(INTENTS, content=ORDER, headers=under("k")))
    await asyncio.sleep(0.15)
    second = await wire.post(INTENTS, content=ORDER, headers=under("k"))
    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert (await first).status_code == 200
    third = await wire.post(INTENTS, content=ORDER, headers=under("k"))
    assert (third.status_code, third.content) == (200, (await first).content)
    assert len(stripe.intents()) == 1


async def test_twenty_at_once_under_one_key_act_once(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    calls = [wire.post(INTENTS, content=ORDER, headers=under("k")) for _ in range(20)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert len(stripe.intents()) == 1


async def test_after_a_day_the_key_is_forgotten_and_acts_again(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    await wire.post(INTENTS, content=ORDER, headers=under("k"))
    stripe.advance(24 * 3600 - 60)
    assert "idempotent-replayed" in (await wire.post(INTENTS, content=ORDER, headers=under("k"))).headers
    stripe.advance(3600)
    await wire.post(INTENTS, content=ORDER, headers=under("k"))
    assert len(stripe.intents()) == 2


async def test_keys_of_connected_accounts_are_their_own(wire: httpx.AsyncClient, stripe: StripeDouble) -> None:
    account = (await wire.post("/v1/accounts", content="country=DE")).json()["id"]
    await wire.post(INTENTS, content=ORDER, headers=under("k"))
    theirs = {**under("k"), "Stripe-Account": account}
    assert (await wire.post(INTENTS, content="amount=500&currency=eur", headers=theirs)).status_code == 200
    assert len(stripe.intents()) == 2


async def test_a_key_is_at_most_255_characters(wire: httpx.AsyncClient) -> None:
    assert (await wire.post(INTENTS, content=ORDER, headers=under("k" * 255))).status_code == 200
    assert (await wire.post(INTENTS, content=ORDER, headers=under("k" * 256))).status_code == 400


async def test_a_cut_connection_leaves_the_answer_for_the_next_try(
    wire: httpx.AsyncClient, stripe: StripeDouble
) -> None:
    stripe.inject("reset_after")
    with pytest.raises(httpx.TransportError):
        await wire.post(INTENTS, content=ORDER, headers=under("k"))
    assert len(stripe.intents()) == 1
    assert (await wire.post(INTENTS, content=ORDER, headers=under("k"))).status_code == 200
    assert len(stripe.intents()) == 1

    stripe.inject("reset_before")
    with pytest.raises(httpx.TransportError):
        await wire.post(INTENTS, content=ORDER, headers=under("l"))
    assert len(stripe.intents()) == 1
