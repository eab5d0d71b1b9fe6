"""The sandbox's payer and its webhooks: what comes by itself, what is repeated, what is sent again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from bookable.domain.payments.ports import GatewayIntent
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import InvalidState, NotFound, Unavailable, ValidationFailed
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from bookable.kernel.tenants import Tenant
from tests.doubles.receiver import Receiver
from tests.make_payments import work_off

SECRET = "whsec_here"


@pytest.fixture
def gateway(db: Database) -> sandbox.SandboxGateway:
    return sandbox.SandboxGateway(db)


@pytest.fixture
async def endpoint() -> AsyncIterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def payer(db: Database, endpoint: Receiver) -> AsyncIterator[sandbox.Payer]:
    send = sandbox.OverHttp(lambda tenant_id: f"{endpoint.url}{tenant_id}")
    yield sandbox.Payer(db, SECRET, send)
    await send.aclose()


@pytest.fixture
async def intent(gateway: sandbox.SandboxGateway, tenant: Tenant) -> GatewayIntent:
    return await made(gateway, tenant.id)


async def made(gateway: sandbox.SandboxGateway, tenant_id: UUID, *, held: bool = False) -> GatewayIntent:
    money = Money(1_000, "USD")
    return await gateway.create_intent(money, key=str(new_id()), metadata={}, tenant_id=tenant_id, manual_capture=held)


async def delivered(db: Database, system: Actor, payer: sandbox.Payer, endpoint: Receiver) -> list[str]:
    """The types of the webhooks that arrive when the due jobs are done."""
    gateway = sandbox.SandboxGateway(db)
    await work_off(db, system, {sandbox.DELIVER: payer.deliver, sandbox.ACT: payer.follow_up})
    events = [gateway.verify(r.body, r.headers["stripe-signature"], secret=SECRET) for r in endpoint.take()]
    return [event.type for event in events]


async def test_a_webhook_goes_to_the_endpoint_of_its_tenant(
    db: Database, tenant: Tenant, system: Actor, payer: sandbox.Payer, endpoint: Receiver, intent: GatewayIntent
) -> None:
    await work_off(db, system, {sandbox.DELIVER: payer.deliver})
    assert [received.path for received in endpoint.take()] == [f"/{tenant.id}"]


async def test_what_is_repeated_and_delayed_comes_often_and_late(
    db: Database,
    system: Actor,
    payer: sandbox.Payer,
    endpoint: Receiver,
    intent: GatewayIntent,
    clock: Clock,
) -> None:
    assert await payer.act(intent.id, "succeed", duplicate=2, delay_seconds=60) == "succeeded"
    assert await delivered(db, system, payer, endpoint) == ["payment_intent.created"]
    clock.offset = timedelta(seconds=61)
    told = await delivered(db, system, payer, endpoint)
    assert told.count("payment_intent.succeeded") == 3


async def test_what_is_so_already_is_told_again_only_as_a_duplicate(
    db: Database, system: Actor, payer: sandbox.Payer, endpoint: Receiver, intent: GatewayIntent
) -> None:
    await payer.act(intent.id, "succeed")
    await work_off(db, system, {sandbox.DELIVER: payer.deliver})
    first = {r.body for r in endpoint.take()}
    await payer.act(intent.id, "succeed")
    assert await delivered(db, system, payer, endpoint) == []
    await payer.act(intent.id, "succeed", duplicate=2)
    await work_off(db, system, {sandbox.DELIVER: payer.deliver})
    again = [r.body for r in endpoint.take()]
    assert len(again) == 2
    assert set(again) <= first


async def test_a_webhook_that_is_not_taken_fails_its_job_and_is_signed_anew_next_time(
    db: Database, system: Actor, payer: sandbox.Payer, endpoint: Receiver, intent: GatewayIntent
) -> None:
    async with db.pool.acquire() as conn:
        delivery = await conn.fetchval("SELECT id FROM sandbox_deliveries WHERE tenant_id = $1", system.tenant_id)
    endpoint.answer_with(503)
    with pytest.raises(Unavailable):
        await payer.deliver(db, system, delivery_id=str(delivery))
    await payer.deliver(db, system, delivery_id=str(delivery))
    assert len(endpoint.take()) == 2


async def test_a_hold_that_nobody_captures_lapses_by_itself_after_a_week(
    db: Database,
    tenant: Tenant,
    system: Actor,
    gateway: sandbox.SandboxGateway,
    payer: sandbox.Payer,
    endpoint: Receiver,
    clock: Clock,
) -> None:
    kept, lost = [await made(gateway, tenant.id, held=True) for _ in range(2)]
    for one in (kept, lost):
        await gateway.confirm(one.id, key=str(new_id()), method="pm_card_visa")
    await gateway.capture(kept.id, key=str(new_id()))
    clock.offset = timedelta(days=7, seconds=1)
    told = await delivered(db, system, payer, endpoint)
    assert told.count("payment_intent.canceled") == 1
    assert (await gateway.intent(kept.id)).state == "succeeded"
    assert (await gateway.intent(lost.id)).state == "canceled"


@pytest.mark.parametrize("act", ["authenticate", "expire-authorization", "dispute"])
async def test_an_act_out_of_season_is_refused(payer: sandbox.Payer, intent: GatewayIntent, act: str) -> None:
    with pytest.raises(InvalidState):
        await payer.act(intent.id, act)


async def test_an_unknown_act_or_intent_is_not_found(payer: sandbox.Payer, intent: GatewayIntent) -> None:
    with pytest.raises(NotFound):
        await payer.act(intent.id, "explode")
    with pytest.raises(NotFound):
        await payer.act("pi_nobodys", "succeed")


async def test_trouble_is_used_up_by_calls_and_ends_by_order(
    db: Database, gateway: sandbox.SandboxGateway, intent: GatewayIntent
) -> None:
    faults = sandbox.Faults(db)
    await faults.order("stripe", "down", 2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await gateway.intent(intent.id)
    assert (await gateway.intent(intent.id)).id == intent.id
    await faults.order("stripe", "down", 100)
    await faults.clear()
    assert (await gateway.intent(intent.id)).id == intent.id


@pytest.mark.parametrize(("provider", "mode"), [("stripes", "down"), ("stripe", "up")])
async def test_trouble_that_there_is_not_is_refused(db: Database, provider: str, mode: str) -> None:
    with pytest.raises(ValidationFailed):
        await sandbox.Faults(db).order(provider, mode, 1)
