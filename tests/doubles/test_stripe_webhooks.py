"""The double's webhooks: signed with the real algorithm, and as unreliable as asked for."""

import json
import time
from typing import Any

import httpx
import pytest
import stripe as sdk

from tests.doubles.receiver import Received, Receiver
from tests.doubles.stripe import StripeDouble

SECRET = "whsec_of_the_double"


def told(received: list[Received]) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in received]


def pay(client: sdk.StripeClient) -> str:
    made = client.v1.payment_intents.create(
        {
            "amount": 1099,
            "currency": "eur",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    return made.id


ORDER = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_each_event_comes_once_in_order_and_the_sdk_believes_it(
    stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver
) -> None:
    stripe.deliver_to(receiver.url, SECRET)
    pay(client)
    stripe.webhooks.drain()
    came = receiver.take()
    assert [one["type"] for one in told(came)] == ORDER
    for one in came:
        event = sdk.Webhook.construct_event(one.body, one.headers["stripe-signature"], SECRET)
        assert event.request is not None
        assert event.request.idempotency_key
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.Webhook.construct_event(came[0].body + b" ", came[0].headers["stripe-signature"], SECRET)


def test_duplicates_share_their_id(stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver) -> None:
    stripe.deliver_to(receiver.url, SECRET, duplicates=2)
    pay(client)
    stripe.webhooks.drain()
    ids = [event["id"] for event in told(receiver.take())]
    assert (len(ids), len(set(ids))) == (9, 3)


def test_jitter_mixes_the_order(stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver) -> None:
    stripe.deliver_to(receiver.url, SECRET, jitter=0.3, duplicates=3, seed=1)
    pay(client)
    stripe.webhooks.drain()
    types = [event["type"] for event in told(receiver.take())]
    assert sorted(types) == sorted(ORDER * 4)
    assert types != ORDER * 4


def test_dropped_events_never_come_but_are_listed(
    stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver
) -> None:
    stripe.deliver_to(receiver.url, SECRET, drop=1.0)
    pay(client)
    stripe.webhooks.drain()
    assert receiver.take() == []
    assert [event["type"] for event in stripe.events()] == ORDER
    assert len(stripe.webhooks.dropped) == 3


def test_held_events_come_when_and_in_the_order_they_are_released(
    stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver
) -> None:
    stripe.deliver_to(receiver.url, SECRET, hold=True)
    pay(client)
    stripe.webhooks.drain()
    assert receiver.take() == []
    stripe.webhooks.release(reversed, times=2)
    stripe.webhooks.drain()
    expected = [name for name in reversed(ORDER) for _ in range(2)]
    assert [event["type"] for event in told(receiver.take())] == expected


def test_events_may_come_before_the_answer(stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver) -> None:
    stripe.deliver_to(receiver.url, SECRET, before_answer=True, delay=0.1)
    pay(client)
    assert [event["type"] for event in told(receiver.take())] == ORDER


def test_delayed_events_come_after_the_answer(
    stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver
) -> None:
    stripe.deliver_to(receiver.url, SECRET, delay=0.3)
    pay(client)
    assert receiver.take() == []
    stripe.webhooks.drain()
    assert len(receiver.take()) == 3


def test_what_is_not_taken_is_sent_again(stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver) -> None:
    receiver.answer_with(500, 500, 500, 503)
    stripe.deliver_to(receiver.url, SECRET, retries=3, retry_after=0.02)
    pay(client)
    stripe.webhooks.drain()
    assert len(receiver.take()) == 7
    assert sorted(one.status for one in stripe.webhooks.deliveries) == [200, 200, 200, 500, 500, 500, 503]


def test_the_same_seed_brings_the_same_luck(client: sdk.StripeClient, stripe: StripeDouble, receiver: Receiver) -> None:
    came = []
    for _ in range(2):
        stripe.deliver_to(receiver.url, SECRET, drop=0.5, seed=7)
        for _ in range(3):
            pay(client)
        stripe.webhooks.drain()
        came.append(sorted(event["type"] for event in told(receiver.take())))
    assert came[0] == came[1]
    assert 0 < len(came[0]) < 9


def test_signatures_carry_real_time_wherever_the_doubles_clock_stands(
    stripe: StripeDouble, client: sdk.StripeClient, receiver: Receiver
) -> None:
    stripe.advance(90 * 86_400)
    stripe.deliver_to(receiver.url, SECRET)
    pay(client)
    stripe.webhooks.drain()
    came = receiver.take()[0]
    stamp = int(came.headers["stripe-signature"].split(",")[0].removeprefix("t="))
    assert abs(stamp - time.time()) < 10
    assert json.loads(came.body)["created"] > time.time() + 80 * 86_400


async def test_every_verb_can_be_said_over_http(
    stripe: StripeDouble, wire: httpx.AsyncClient, receiver: Receiver
) -> None:
    async def say(verb: str, **arguments: Any) -> Any:
        answer = await wire.post(f"/_control/{verb}", json=arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()

    await say("deliver_to", url=receiver.url, secret=SECRET, hold=True)
    made = (await wire.post("/v1/payment_intents", content="amount=1099&currency=eur&metadata[b]=1")).json()
    await say("succeed", intent_id=made["id"])
    assert len(await say("charges", intent_id=made["id"])) == 1
    assert [one["id"] for one in await say("intents", b="1")] == [made["id"]]
    assert [call["path"] for call in await say("calls", match="POST")] == ["/v1/payment_intents"]
    await say("release", times=2)
    while await say("pending"):
        pass
    assert len(receiver.take()) == 6
    await say("inject", mode="down")
    assert (await wire.get(f"/v1/payment_intents/{made['id']}")).status_code == 503
    await say("advance", seconds=60)
    assert (await say("totals"))["eur"]["captured"] == 1099
    assert (await wire.post("/_control/fail", json={"intent_id": made["id"]})).status_code == 400
    assert (await wire.post("/_control/devour", json={})).status_code == 404
