"""ST-1: whatever customers, celebrities, banks and clocks do in whatever order, bookings, time and money agree.

Hypothesis plays; after every move all of it is looked at, and at the end everything that was under way comes to rest.
A sequence that breaks a promise is shrunk to the shortest that does.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bookable.domain import bookings, catalogue, inventory, payments
from bookable.domain.bookings import By, Status
from bookable.integrations import sandbox
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import DomainError, Kind
from bookable.kernel.events import Subscriptions
from tests import make, make_bookings, make_catalogue, make_payments
from tests.make_bookings import POLICY, ask

T = TypeVar("T")
CARDS = [
    "pm_card_visa",
    "pm_card_visa",
    "pm_card_chargeDeclined",
    "pm_card_authenticationRequired",
    "pm_card_visa_delayed",
]
SLOTS = st.sampled_from([p.name for p in POLICY.parts][:2])
DAYS = st.integers(3, 4)
WHICH = st.integers(0, 30)
MEET = {Status.CONFIRMED, Status.COMPLETED, Status.NO_SHOW}
OVER = {Status.CANCELLED, Status.EXPIRED, Status.REFUNDED, Status.DECLINED}

_ROWS = """
SELECT b.id, b.hold_expires_at, b.owner_id,
       (SELECT count(*) FROM allocations a WHERE a.holder_id = b.id AND a.holds AND a.expires_at IS NULL) AS firm,
       (SELECT count(*) FROM allocations a WHERE a.holder_id = b.id AND a.holds AND a.expires_at > $2) AS held,
       (SELECT count(*) FROM pool_holds h WHERE h.holder_id = b.id AND h.holds AND h.expires_at IS NULL) AS firm_uses,
       (SELECT count(*) FROM pool_holds h WHERE h.holder_id = b.id AND h.holds AND h.expires_at > $2) AS held_uses
FROM bookings b WHERE b.tenant_id = $1
"""
_OVERLAPS = """
SELECT count(*) FROM allocations a JOIN allocations b
    ON a.tenant_id = b.tenant_id AND a.calendar_id = b.calendar_id AND a.id < b.id AND a.during && b.during
WHERE a.tenant_id = $1 AND a.holds AND b.holds
"""


class Lives(RuleBasedStateMachine):
    """One celebrity with two slots on two days, a few people who want them, and a code for two."""

    url: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.placed: list[UUID] = []
        self.told: dict[UUID, int] = {}

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Being refused is a thing that happens; being broken is not."""
        try:
            return self.do(work)
        except DomainError as refused:
            if refused.kind not in (Kind.CONFLICT, Kind.INVALID, Kind.PAYMENT):
                raise
            return None

    @initialize()
    def a_celebrity(self) -> None:
        self.do(self._open())

    async def _open(self) -> None:
        self.clock, heard = Clock(), Subscriptions()
        make_bookings.listen(heard)
        self.db = await Database.connect(self.url, self.clock, heard, size=4)
        self.tenant = await make.tenant(self.db)
        self.system = Actor.system(self.tenant.id)
        self.gateway = sandbox.SandboxGateway(self.db)
        self.payer = sandbox.Payer(self.db, make_payments.SECRET, make_payments.send_home(self.db, self.gateway))
        work = payments.Jobs(self.gateway)
        self.jobs = {
            **heard.jobs,
            payments.SEND_REFUND: work.send_refund,
            payments.HANDLE_EVENT: work.handle_event,
            sandbox.DELIVER: self.payer.deliver,
            sandbox.ACT: self.payer.follow_up,
        }
        self.provider = (await make_catalogue.user(self.db, self.tenant.id, "celebrity")).widened()
        self.customer = await make_catalogue.user(self.db, self.tenant.id)
        self.listing = await make_catalogue.listing(self.db, self.tenant.id, owner_id=self.provider.id, time_zone="UTC")
        self.first_day = make_bookings.soon(self.db, 0)
        async with self.db.transaction(self.system) as tx:
            self.promo = await bookings.add_promo(tx, "TWO", currency="USD", percent_off=30, max_uses=2)
            await bookings.add_promo(tx, "ALL", currency="USD", percent_off=100, max_uses=2)

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.do(self._rest())
            self.everything_agrees()
            self.do(self._everybody_has_what_is_theirs())
            self.do(self.db.close())
        self.runner.close()

    # What people do

    @rule(
        day=DAYS,
        slot=SLOTS,
        code=st.sampled_from([None, None, "TWO", "ALL"]),
        offer=st.sampled_from(["quick", "premium"]),
        as_guest=st.booleans(),
    )
    def place(self, day: int, slot: str, code: str | None, offer: str, as_guest: bool) -> None:
        who = make_bookings.guest(self.tenant.id) if as_guest else self.customer
        asked = ask(
            self.db,
            self.listing,
            day=self.first_day + timedelta(days=day),
            slot=slot,
            promo_code=code,
            offer=offer,
        )

        async def work(tx: Transaction) -> bookings.Placed:
            return await bookings.place(tx, asked, POLICY)

        placed = self.attempt(self.db.run(who, work))
        if placed:
            self.placed.append(placed.booking.id)

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, card=st.sampled_from(CARDS))
    def pay(self, which: int, card: str) -> None:
        self.attempt(self._pay(self._any(which), card))

    @rule(day=DAYS, slot=SLOTS, code=st.sampled_from([None, "TWO"]), swept=st.booleans())
    def place_and_pay_too_late(self, day: int, slot: str, code: str | None, swept: bool) -> None:
        before = len(self.placed)
        self.place(day, slot, code, "quick", as_guest=True)
        if len(self.placed) == before:
            return
        self.attempt(self._begin(self.placed[-1]))
        self.time_passes(16)
        if swept:
            self.the_sweeper_sweeps()
        self.attempt(self._confirm(self.placed[-1], "pm_card_visa"))

    @rule(day=DAYS, slot=SLOTS, code=st.sampled_from([None, "TWO"]))
    def place_and_pay(self, day: int, slot: str, code: str | None) -> None:
        before = len(self.placed)
        self.place(day, slot, code, "quick", as_guest=False)
        if len(self.placed) > before:
            self.attempt(self._pay(self.placed[-1], "pm_card_visa"))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, card=st.sampled_from(CARDS))
    def pay_an_intent_from_before(self, which: int, card: str) -> None:
        """The page was left open: the intent is confirmed whatever has become of the booking."""
        self.attempt(self._confirm(self._any(which), card))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, act=st.sampled_from(["succeed", "fail", "authenticate"]), again=st.integers(0, 2))
    def the_bank_acts(self, which: int, act: str, again: int) -> None:
        self.attempt(self._bank(self._any(which), act, again))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, by_provider=st.booleans())
    def cancel(self, which: int, by_provider: bool) -> None:
        self.attempt(self._cancel(self._any(which), self.provider if by_provider else None))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, day=DAYS, slot=SLOTS)
    def reschedule(self, which: int, day: int, slot: str) -> None:
        to = self.first_day + timedelta(days=day)

        async def work(tx: Transaction) -> bookings.Booking:
            return await bookings.reschedule(tx, self._any(which), to, slot, POLICY)

        self.attempt(self.db.run(self.provider, work))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, missed=st.booleans())
    def it_took_place_or_not(self, which: int, missed: bool) -> None:
        async def work(tx: Transaction) -> bookings.Booking:
            return await (bookings.miss if missed else bookings.complete)(tx, self._any(which))

        self.attempt(self.db.run(self.provider, work))

    @precondition(lambda self: self.placed)
    @rule(which=WHICH, cents=st.sampled_from([None, 1, 5_000]))
    def an_admin_refunds(self, which: int, cents: int | None) -> None:
        self.attempt(self._refund(self._any(which), cents))

    @rule(day=DAYS, slot=SLOTS, is_open=st.booleans(), capacity=st.integers(1, 3))
    def set_hours(self, day: int, slot: str, is_open: bool, capacity: int) -> None:
        rules = [inventory.SlotRule(self.first_day + timedelta(days=day), slot, is_open, capacity)]

        async def work(tx: Transaction) -> object:
            return await bookings.set_availability(tx, self.listing, rules, POLICY)

        self.attempt(self.db.run(self.provider, work))

    # What happens by itself

    @rule(by=st.sampled_from([1, 10, 16, 60, 60 * 24]))
    def time_passes(self, by: int) -> None:
        self.clock.offset += timedelta(minutes=by)

    @rule()
    def the_sweeper_sweeps(self) -> None:
        self.do(bookings.expire_lapsed(self.db, self.system))

    @rule(times=st.integers(1, 2))
    def jobs_are_done(self, times: int) -> None:
        self.do(make_payments.work_off(self.db, self.system, self.jobs, times=times))

    # What is always so

    @invariant()
    def everything_agrees(self) -> None:
        if hasattr(self, "db"):
            self.do(self._agree())

    async def _agree(self) -> None:
        async with self.db.transaction(self.system) as tx:
            assert await inventory.mismatches(tx) == []
            seen = {b: await bookings.get(tx, b) for b in self.placed}
            counted = (await catalogue.find(tx, self.listing)).bookings_count
            uses = await inventory.places(tx, self.promo.pool_id) if self.promo.pool_id else None
            paid = {b: await self._money(tx, b) for b in self.placed}
        owner = await asyncpg.connect(self.url)
        now = self.clock.now()
        rows = {r["id"]: r for r in await owner.fetch(_ROWS, self.tenant.id, now)}
        overlaps = await owner.fetchval(_OVERLAPS, self.tenant.id)
        await owner.close()
        assert overlaps == 0
        assert uses is not None
        assert 0 <= uses.taken <= 2
        assert counted == sum(b.status in MEET for b in seen.values())
        for booking_id, booking in seen.items():
            _agrees(booking, rows[booking_id])
            _follows_the_table(booking.timeline, booking)
            self._paid_for_something(booking, *paid[booking_id])
        books = await make_payments.books(self.db, self.tenant.id)
        assert sum(books.values()) == 0

    def _paid_for_something(self, booking: bookings.Booking, captured: int, promised: int) -> None:
        """Paid ⇒ confirmed, or going back: in full, or what the policy promised when it was cancelled."""
        assert promised <= captured
        if captured and booking.status not in MEET:
            assert booking.status in OVER, booking.status
            least = self.told.get(booking.id, captured) if booking.status is Status.CANCELLED else captured
            assert promised >= least

    async def _money(self, tx: Transaction, booking_id: UUID) -> tuple[int, int]:
        found = await payments.of_subject(tx, booking_id)
        promised = sum(p.refunded_cents + p.refunding_cents for p in found)
        return sum(p.captured_cents for p in found), promised

    # How it is done

    def _any(self, which: int) -> UUID:
        return self.placed[which % len(self.placed)]

    async def _see(self, booking_id: UUID) -> bookings.Booking:
        async with self.db.transaction(self.system) as tx:
            return await bookings.get(tx, booking_id)

    async def _owner(self, booking_id: UUID) -> Actor:
        booking = await self._see(booking_id)
        return Actor(self.tenant.id, booking.owner_id, "user" if booking.user_id else "guest")

    async def _begin(self, booking_id: UUID) -> None:
        await bookings.begin_payment(self.db, await self._owner(booking_id), self.gateway, booking_id)

    async def _pay(self, booking_id: UUID, card: str) -> None:
        await self._begin(booking_id)
        await self._confirm(booking_id, card)

    async def _intent(self, booking_id: UUID) -> str | None:
        async with self.db.transaction(self.system) as tx:
            found = await payments.of_subject(tx, booking_id)
        return found[-1].intent_id if found else None

    async def _confirm(self, booking_id: UUID, card: str) -> None:
        if intent := await self._intent(booking_id):
            await payments.confirm(self.db, await self._owner(booking_id), self.gateway, intent, card)

    async def _bank(self, booking_id: UUID, act: str, again: int) -> None:
        if intent := await self._intent(booking_id):
            await self.payer.act(intent, act, duplicate=again)

    async def _cancel(self, booking_id: UUID, provider: Actor | None) -> None:
        who = provider or await self._owner(booking_id)

        async def work(tx: Transaction) -> bookings.Cancelled:
            paid, promised = await self._money(tx, booking_id)
            done = await bookings.cancel(tx, booking_id, POLICY)
            self.told[booking_id] = promised + done.refund_cents if paid else 0
            if not paid:
                self.told.pop(booking_id)
            return done

        await self.db.run(who, work)

    async def _refund(self, booking_id: UUID, cents: int | None) -> None:
        booking = await self._see(booking_id)
        if booking.payment:
            await payments.refund(self.db, self.system, self.gateway, booking.payment.id, cents)

    async def _rest(self) -> None:
        """Nobody does anything any more; what is under way comes to its end."""
        for _ in range(6):
            self.clock.offset += timedelta(minutes=3)
            await make_payments.work_off(self.db, self.system, self.jobs)
            await payments.complete_abandoned(self.db, self.system, self.gateway)
            await payments.reconcile(self.db, self.system, self.gateway)
            await bookings.expire_lapsed(self.db, self.system)

    async def _everybody_has_what_is_theirs(self) -> None:
        """At rest: who meets has paid, and who doesn't has their money, as far as the policy says."""
        async with self.db.transaction(self.system) as tx:
            for booking_id in self.placed:
                booking = await bookings.get(tx, booking_id)
                found = await payments.of_subject(tx, booking_id)
                captured, back = sum(p.captured_cents for p in found), sum(p.refunded_cents for p in found)
                assert all(p.refunding_cents == 0 for p in found)
                assert booking.stored is booking.status
                if booking.status in MEET:
                    assert captured == booking.total_cents
                elif booking.status is Status.CANCELLED:
                    assert back >= self.told.get(booking_id, captured)
                elif captured:
                    assert booking.status is Status.REFUNDED
                    assert back == captured


def _agrees(booking: bookings.Booking, row: Any) -> None:
    """Time and code are held exactly as long as the state says."""
    uses = (row["firm_uses"], row["held_uses"])
    code = 1 if booking.promo_code_id else 0
    if booking.status in MEET:
        assert (row["firm"], row["held"]) == (1, 0)
        assert uses == (code, 0)
    elif booking.status in OVER:
        assert (row["firm"], row["held"]) == (0, 0), booking.status
        assert uses == (0, 0)
    else:
        assert booking.status in (Status.PENDING, Status.PAYMENT_PROCESSING)
        assert (row["firm"], row["held"]) == (0, 1)
        assert uses == (0, code)


def _follows_the_table(timeline: Sequence[dict[str, Any]], booking: bookings.Booking) -> None:
    """Each move begins where the last one ended, is in the table, and was made by somebody who may."""
    assert timeline[0]["from"] is None
    assert timeline[-1]["to"] == booking.status
    for last, move in pairwise(timeline):
        assert move["from"] == last["to"]
        assert move["at"] >= last["at"]
        if move["from"] != move["to"]:
            assert By(move["by"]) in bookings.TRANSITIONS[Status(move["from"])][Status(move["to"])]


def test_bookings_time_and_money_agree_whatever_happens(database_url: str) -> None:
    class Here(Lives):
        url = database_url

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
