"""The ledger's promises: once only, zero in sum, never changed without showing."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from bookable.domain import ledger
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make


async def moved(db: Database, actor: Actor, source: str, amounts: dict[str, int], kind: str = "test") -> bool:
    async with db.transaction(actor) as tx:
        return await ledger.move(
            tx, kind, source=source, subject_id=new_id(), unit="USD", amounts=amounts, memo={"why": source}
        )


async def as_owner(db: Database, statement: str, *args: object) -> None:
    """What a superuser with bad intentions does; triggers and foreign keys don't stop them."""
    admin = await asyncpg.connect(make.dsn(db))
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(statement, *args)
    await admin.close()


async def problems_of(db: Database, tenant: Tenant) -> list[ledger.Problem]:
    report = await ledger.check(db, unsealed_after=timedelta(hours=1))
    return [p for p in report.problems if p.tenant == tenant.slug]


async def test_a_source_moves_once(db: Database, system: Actor) -> None:
    assert await moved(db, system, "a:1", {"customer:x": 100, "tax": -100})
    assert not await moved(db, system, "a:1", {"customer:x": 100, "tax": -100})
    async with db.transaction(system) as tx:
        assert await ledger.balance(tx, "customer:x", "USD") == 100


async def test_the_same_source_fifty_at_once_moves_once(db: Database, system: Actor) -> None:
    told = await asyncio.gather(*(moved(db, system, "once", {"a": 5, "b": -5}) for _ in range(50)))
    assert sum(told) == 1
    async with db.transaction(system) as tx:
        assert await ledger.balance(tx, "a", "USD") == 5


async def test_what_does_not_come_to_zero_is_refused(db: Database, system: Actor) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await moved(db, system, "u:1", {"a": 100, "b": -99})
    with pytest.raises(asyncpg.CheckViolationError):
        await moved(db, system, "u:2", {"a": 100})


async def test_accounts_that_get_nothing_are_left_out(db: Database, system: Actor) -> None:
    assert not await moved(db, system, "z:1", {"a": 0, "b": 0})
    assert await moved(db, system, "z:2", {"a": 1, "tax": 0, "b": -1})
    async with db.transaction(system) as tx:
        assert await ledger.statement(tx, "tax", "USD") == []


async def test_a_customer_adds_to_the_ledger_and_reads_nothing_of_it(db: Database, tenant: Tenant) -> None:
    customer = Actor(tenant.id, new_id(), "user")
    assert await moved(db, customer, "c:1", {"a": 7, "b": -7})
    assert not await moved(db, customer, "c:1", {"a": 7, "b": -7})
    async with db.transaction(customer) as tx:
        assert await ledger.balance(tx, "a", "USD") == 0
    async with db.transaction(customer.widened()) as tx:
        assert await ledger.balance(tx, "a", "USD") == 7


async def test_a_statement_reads_backwards_in_pages(db: Database, system: Actor) -> None:
    for n in range(5):
        await moved(db, system, f"s:{n}", {"a": n + 1, "b": -n - 1})
    async with db.transaction(system) as tx:
        first = await ledger.statement(tx, "a", "USD", limit=3)
        rest = await ledger.statement(tx, "a", "USD", limit=3, before=first[-1].id)
    assert [line.amount for line in first + rest] == [5, 4, 3, 2, 1]


async def test_months_are_summed_by_kind_with_an_account_beside(db: Database, system: Actor, clock: Clock) -> None:
    clock.offset = timedelta(days=0)
    await moved(db, system, "m:1", {"payable:c": -90, "fees": -10, "x": 100}, kind="charge")
    await moved(db, system, "m:2", {"payable:c": -45, "fees": -5, "x": 50}, kind="charge")
    clock.offset = timedelta(days=40)
    await moved(db, system, "m:3", {"payable:c": 45, "x": -45}, kind="payout")
    async with db.transaction(system) as tx:
        months = await ledger.by_month(tx, "payable:c", beside="fees")
    assert [(m.kind, m.amount, m.beside) for m in months] == [("charge", -135, -15), ("payout", 45, 0)]
    assert months[0].month < months[1].month


@pytest.mark.parametrize("deed", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("table", ["ledger_movements", "ledger_batches", "ledger_sealed"])
async def test_the_application_can_not_change_what_is_written(db: Database, deed: str, table: str) -> None:
    async with db.pool.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(deed.format(table))


async def test_a_sealed_ledger_is_whole(db: Database, tenant: Tenant, system: Actor) -> None:
    for n in range(3):
        await moved(db, system, f"w:{n}", {"a": 1, "b": -1})
    assert await ledger.seal(db, system) == 3
    await moved(db, system, "w:3", {"a": 1, "b": -1})
    assert await ledger.seal(db, system) == 1
    assert await ledger.seal(db, system) == 0
    report = await ledger.check(db)
    assert [p for p in report.problems if p.tenant == tenant.slug] == []
    assert report.totals["USD"] == 0
    assert report.heads[tenant.slug].startswith("2:")


async def test_sealers_at_once_make_one_chain(db: Database, tenant: Tenant, system: Actor) -> None:
    for n in range(20):
        await moved(db, system, f"p:{n}", {"a": 1, "b": -1})
    told = await asyncio.gather(*(ledger.seal(db, system) for _ in range(10)))
    assert sum(told) == 20
    assert await problems_of(db, tenant) == []


async def test_a_writer_never_waits_for_the_sealer_and_a_late_commit_is_sealed_later(
    db: Database, tenant: Tenant, system: Actor
) -> None:
    async with db.transaction(system) as late:
        await ledger.move(late, "test", source="late", subject_id=new_id(), unit="USD", amounts={"a": 1, "b": -1})
        await moved(db, system, "early", {"a": 1, "b": -1})
        assert await ledger.seal(db, system) == 1
    assert await ledger.seal(db, system) == 1
    assert await problems_of(db, tenant) == []


async def sealed_ids(db: Database, system: Actor) -> list[UUID]:
    """Five movements under seal, oldest first."""
    for n in range(5):
        await moved(db, system, f"t:{n}", {"a": 10, "b": -10})
    await ledger.seal(db, system)
    async with db.transaction(system) as tx:
        return [line.id for line in await ledger.statement(tx, "a", "USD")][::-1]


@pytest.mark.parametrize(
    "edit", ["amounts = ARRAY[99, -99]", "memo = '{}'", "moved_at = moved_at - interval '1 day'", "source = 'other'"]
)
async def test_an_edit_by_a_superuser_is_found_and_named(
    db: Database, tenant: Tenant, system: Actor, edit: str
) -> None:
    ids = await sealed_ids(db, system)
    await as_owner(db, f"UPDATE ledger_movements SET {edit} WHERE tenant_id = $1 AND id = $2", tenant.id, ids[2])
    report = await ledger.check(db)
    assert not report.ok
    assert [p.movement_id for p in report.problems if p.tenant == tenant.slug] == [ids[2]]


async def test_a_movement_that_is_gone_is_named(db: Database, tenant: Tenant, system: Actor) -> None:
    ids = await sealed_ids(db, system)
    await as_owner(db, "DELETE FROM ledger_movements WHERE tenant_id = $1 AND id = $2", tenant.id, ids[1])
    assert [(p.movement_id, p.what) for p in await problems_of(db, tenant)] == [(ids[1], "the movement is gone")]


async def test_a_movement_edited_with_its_digest_breaks_the_chain(db: Database, tenant: Tenant, system: Actor) -> None:
    await sealed_ids(db, system)
    await as_owner(
        db, "UPDATE ledger_sealed SET digest = $2 WHERE tenant_id = $1 AND position = 0", tenant.id, bytes(32)
    )
    assert {p.what for p in await problems_of(db, tenant)} == {
        "the movement was changed after it was sealed",
        "its hash is not that of its movements",
    }


async def test_a_batch_that_is_gone_is_found(db: Database, tenant: Tenant, system: Actor) -> None:
    for n in range(3):
        await moved(db, system, f"g:{n}", {"a": 1, "b": -1})
        await ledger.seal(db, system)
    await as_owner(db, "DELETE FROM ledger_batches WHERE tenant_id = $1 AND number = 2", tenant.id)
    assert [p.what for p in await problems_of(db, tenant)] == ["batch 2 is missing"]


async def test_what_waits_too_long_for_its_seal_is_told(
    db: Database, tenant: Tenant, system: Actor, clock: Clock
) -> None:
    await moved(db, system, "old", {"a": 1, "b": -1})
    clock.offset = timedelta(minutes=11)
    report = await ledger.check(db)
    assert [p.what for p in report.problems if p.tenant == tenant.slug] == ["not sealed"]


async def test_money_only_changes_hands(db: Database, system: Actor) -> None:
    """The bank test: transfers and reads of everything at once; each read comes to what there was at first."""
    accounts = [f"bank:{n}" for n in range(10)]
    await moved(db, system, "opening", {**dict.fromkeys(accounts, 100), "vault": -1000})
    luck = random.Random(7)

    async def transfer(n: int) -> None:
        a, b = luck.sample(accounts, 2)
        await moved(db, system, f"transfer:{n}", {a: -(x := luck.randint(1, 9)), b: x})

    async def total() -> int:
        async with db.transaction(system) as tx:
            return sum((await ledger.balances(tx, accounts, "USD")).values())

    for start in range(0, 120, 30):
        read = [total() for _ in range(15)]
        done = await asyncio.gather(*(transfer(start + i) for i in range(30)), *read)
        assert [r for r in done if r is not None] == [1000] * 15
    async with db.transaction(system) as tx:
        booked = [len(await ledger.statement(tx, a, "USD", limit=1000)) for a in accounts]
    assert sum(booked) == 120 * 2 + 10
