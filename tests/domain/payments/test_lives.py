"""Random lives of payments: whatever people, banks and networks do, our books are the provider's, to the cent."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from bookable.domain import ledger, payments
from bookable.domain.payments.ports import GatewayIntent
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import DomainError
from bookable.kernel.ids import new_id
from bookable.kernel.money import Money
from bookable.kernel.tenants import Tenant
from tests import make_payments as make
from tests.domain.payments.conftest import Jobs

CARDS = [
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_chargeDeclined",
    "pm_card_authenticationRequired",
    "pm_card_visa_delayed",
    "pm_card_visa_captureFails",
]
ACTS = ["succeed", "fail", "authenticate", "expire-authorization", "dispute"]
TROUBLE = ["down", "error-after-effect"]


class Life:
    """One tenant's payments, and everything that may happen to them."""

    def __init__(self, db: Database, tenant: Tenant, payer: sandbox.Payer, jobs: Jobs, luck: random.Random) -> None:
        self.db = db
        self.tenant = tenant
        self.system = Actor.system(tenant.id)
        self.gateway = sandbox.SandboxGateway(db)
        self.payer = payer
        self.jobs = jobs
        self.luck = luck
        self.payments: list[tuple[Actor, payments.Payment]] = []

    async def step(self) -> None:
        """Something happens; being refused is a thing that happens."""
        happen: Callable[[], Awaitable[object]] = self.luck.choice(
            [self.pay, self.pay, self.act, self.give_back, self.give_back, self.at_the_provider, self.work, self.begin]
        )
        if self.luck.random() < 0.15:
            await sandbox.Faults(self.db).order("stripe", self.luck.choice(TROUBLE), self.luck.randint(1, 2))
        with suppress(DomainError):
            await happen()

    def any(self) -> tuple[Actor, payments.Payment]:
        return self.luck.choice(self.payments)

    async def begin(self) -> None:
        who = make.customer(self.tenant.id)
        payment = await make.opened(
            self.db, who, cents=self.luck.randint(50, 99_999), manual_capture=self.luck.random() < 0.3
        )
        self.payments.append((who, payment))

    async def pay(self) -> None:
        who, payment = self.any()
        shown = await payments.present(self.db, who, self.gateway, payment.id)
        tries = [
            payments.confirm(self.db, who, self.gateway, shown.payment.intent_id or "", self.luck.choice(CARDS))
            for _ in range(self.luck.randint(1, 2))
        ]
        await asyncio.gather(*tries, return_exceptions=True)
        if payment.manual_capture:
            await payments.capture(self.db, who, self.gateway, payment.id)

    async def act(self) -> None:
        _, payment = self.any()
        shown = await payments.present(self.db, self.system, self.gateway, payment.id)
        act = self.luck.choice(ACTS)
        await self.payer.act(shown.payment.intent_id or "", act, duplicate=self.luck.randint(0, 2))

    async def give_back(self) -> None:
        who, payment = self.any()
        cents = self.luck.choice([None, 1, self.luck.randint(1, payment.amount_cents)])
        tries = [payments.refund(self.db, who, self.gateway, payment.id, cents) for _ in range(self.luck.randint(1, 3))]
        await asyncio.gather(*tries, return_exceptions=True)

    async def at_the_provider(self) -> None:
        _, payment = self.any()
        shown = await payments.present(self.db, self.system, self.gateway, payment.id)
        money = Money(self.luck.randint(1, payment.amount_cents), "USD")
        await self.gateway.refund(shown.payment.intent_id or "", money, key=str(new_id()), metadata={})

    async def work(self) -> None:
        await make.work_off(self.db, self.system, self.jobs, times=self.luck.randint(1, 2))

    async def rest(self, clock: Clock) -> None:
        """No more trouble, and time goes by."""
        await sandbox.Faults(self.db).clear()
        for _ in range(8):
            clock.offset += timedelta(minutes=3)
            await make.work_off(self.db, self.system, self.jobs)
            await payments.complete_abandoned(self.db, self.system, self.gateway)
            await payments.reconcile(self.db, self.system, self.gateway)


@pytest.mark.parametrize("seed", range(6))
async def test_in_the_end_our_books_are_the_providers(
    db: Database, tenant: Tenant, payer: sandbox.Payer, jobs: Jobs, clock: Clock, seed: int
) -> None:
    life = Life(db, tenant, payer, jobs, random.Random(seed))
    for _ in range(4):
        await life.begin()
    for _ in range(40):
        await life.step()
    await life.rest(clock)

    async with db.transaction(life.system) as tx:
        ours = [await payments.get(tx, payment.id) for _, payment in life.payments]
    theirs = [await life.gateway.intent(one.intent_id) if one.intent_id else None for one in ours]
    for one, intent in zip(ours, theirs, strict=True):
        assert _ours(one) == _theirs(intent), one
        assert one.is_paid == (one.captured_cents > 0)
        assert (one.refunding_cents, one.working_until) == (0, None)

    held = sum(one.captured_cents - one.refunded_cents - one.disputed_cents for one in ours)
    books = await make.books(db, tenant.id)
    assert books.get("gateway:sandbox", 0) == held
    assert books.get("disputes", 0) == sum(one.disputed_cents for one in ours)
    assert sum(books.values()) == 0
    assert {account for account in books if account.startswith(("customer:", "refunds"))} == set()
    await ledger.seal(db, life.system)
    assert [p for p in (await ledger.check(db)).problems if p.tenant == tenant.slug] == []


def _ours(payment: payments.Payment) -> tuple[int, int, bool]:
    return payment.captured_cents, payment.refunded_cents, payment.disputed_at is not None


def _theirs(intent: GatewayIntent | None) -> tuple[int, int, bool]:
    return (intent.captured, intent.refunded, intent.disputed) if intent else (0, 0, False)
