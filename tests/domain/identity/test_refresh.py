"""A session is a family of refresh tokens: honest clients are never thrown out, a thief ends it for both."""

import asyncio
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import asyncpg
import pytest

from bookable.domain import identity
from bookable.domain.identity import Credentials, SessionStolen, SignedIn
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.events import Event
from bookable.kernel.tenants import Tenant
from tests import make, make_identity


class Family:
    """One session and what can be done with its tokens."""

    def __init__(self, db: Database, tenant: Tenant, keys: Credentials, first: SignedIn) -> None:
        self.db, self.tenant, self.keys, self.first = db, tenant, keys, first

    async def refresh(self, token: str) -> SignedIn:
        return await identity.refresh(self.db, self.keys, self.tenant.id, token)

    async def refused(self, token: str) -> bool:
        try:
            await self.refresh(token)
        except Unauthenticated:
            return True
        return False

    def lets_in(self, signed_in: SignedIn) -> bool:
        try:
            self.keys.authenticate(signed_in.token, audience=self.tenant.id, now=self.db.clock.now())
        except Unauthenticated:
            return False
        return True


@pytest.fixture
async def family(db: Database, tenant: Tenant, keys: Credentials) -> Family:
    return Family(db, tenant, keys, await make_identity.person(db, tenant, keys))


async def test_each_use_gives_new_tokens_for_the_same_session(family: Family) -> None:
    second = await family.refresh(family.first.refresh_token)
    third = await family.refresh(second.refresh_token)
    tokens = {family.first.refresh_token, second.refresh_token, third.refresh_token}
    assert len(tokens) == 3
    assert {second.session_id, third.session_id} == {family.first.session_id}
    assert family.lets_in(third)
    assert family.lets_in(family.first), "an access token lives on beside its successor"


async def test_fifty_tabs_at_once_all_get_the_same_successor(family: Family) -> None:
    """On two processes: they share the secret and the database, nothing else."""
    other = Family(family.db, family.tenant, make_identity.credentials(family.db), family.first)
    tabs = [(family, other)[n % 2] for n in range(50)]
    answers = await asyncio.gather(*(tab.refresh(family.first.refresh_token) for tab in tabs))
    assert len({answer.refresh_token for answer in answers}) == 1
    assert all(map(family.lets_in, answers))
    assert await family.refresh(answers[17].refresh_token), "and it can be used"


async def test_rounds_of_two_tabs_never_throw_anybody_out(family: Family) -> None:
    token = family.first.refresh_token
    for _ in range(20):
        left, right = await asyncio.gather(family.refresh(token), family.refresh(token))
        assert left.refresh_token == right.refresh_token
        token = left.refresh_token


async def test_a_lost_answer_can_be_asked_for_again(family: Family, clock: Clock) -> None:
    lost = await family.refresh(family.first.refresh_token)
    clock.offset += timedelta(seconds=9)
    again = await family.refresh(family.first.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert await family.refresh(again.refresh_token)


async def test_asking_again_moves_nothing(family: Family, clock: Clock) -> None:
    """The ten seconds count from the first use, or they would never end."""
    await family.refresh(family.first.refresh_token)
    clock.offset += timedelta(seconds=6)
    await family.refresh(family.first.refresh_token)
    clock.offset += timedelta(seconds=6)
    assert await family.refused(family.first.refresh_token)


async def test_after_ten_seconds_a_spent_token_ends_the_family(
    family: Family, clock: Clock, heard: list[Event]
) -> None:
    second = await family.refresh(family.first.refresh_token)
    clock.offset += timedelta(seconds=11)
    assert await family.refused(family.first.refresh_token)
    assert await family.refused(second.refresh_token)
    assert not family.lets_in(second)
    assert heard == [SessionStolen(user_id=family.first.user.id)]


async def test_a_token_whose_successor_was_used_ends_the_family_at_once(family: Family, heard: list[Event]) -> None:
    second = await family.refresh(family.first.refresh_token)
    third = await family.refresh(second.refresh_token)
    assert await family.refused(family.first.refresh_token)
    assert await family.refused(third.refresh_token)
    assert not family.lets_in(third)
    assert heard == [SessionStolen(user_id=family.first.user.id)]


async def test_a_theft_is_told_once_however_often_it_is_tried(family: Family, heard: list[Event]) -> None:
    second = await family.refresh(family.first.refresh_token)
    await family.refresh(second.refresh_token)
    refusals = await asyncio.gather(*(family.refused(family.first.refresh_token) for _ in range(20)))
    assert all(refusals)
    assert len(heard) == 1


async def test_other_sessions_of_the_person_are_left_alone(family: Family) -> None:
    elsewhere = await identity.sign_in(
        family.db, family.keys, family.tenant.id, family.first.user.email, make_identity.PASSWORD
    )
    second = await family.refresh(family.first.refresh_token)
    await family.refresh(second.refresh_token)
    assert await family.refused(family.first.refresh_token)
    assert family.lets_in(elsewhere)
    assert await family.refresh(elsewhere.refresh_token)


def forgeries(token: str) -> list[str]:
    raw = urlsafe_b64decode(token + "==")
    flipped = [raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :] for i in (0, 15, 16, 19, 20, 51)]
    return [
        *(urlsafe_b64encode(bad).decode().rstrip("=") for bad in flipped),
        urlsafe_b64encode(raw[:20] + secrets.token_bytes(32)).decode().rstrip("="),
        urlsafe_b64encode(raw[:16] + b"\0\0\0\1" + bytes(32)).decode().rstrip("="),
        token + "=",
        token + "A",
        token[:-1],
        token[:-1] + chr(ord(token[-1]) + 1),  # the same bytes, spelt otherwise
        token.replace(token[5], "\n", 1),
        "",
        "null",
        "\ud800" * len(token),
        "é" * len(token),
        "A" * 100_000,
    ]


async def test_a_forged_token_is_refused_and_nothing_else_happens(family: Family, heard: list[Event]) -> None:
    second = await family.refresh(family.first.refresh_token)
    for forged in forgeries(second.refresh_token) + forgeries(family.first.refresh_token):
        assert await family.refused(forged), forged
    assert heard == []
    assert await family.refresh(second.refresh_token)


async def test_a_token_of_another_secret_or_tenant_is_a_forgery(
    family: Family, db: Database, heard: list[Event]
) -> None:
    elsewhere = Family(db, await make.tenant(db), family.keys, family.first)
    assert await elsewhere.refused(family.first.refresh_token)
    stranger = Family(db, family.tenant, make_identity.credentials(db, "another secret " * 3), family.first)
    assert await stranger.refused(family.first.refresh_token)
    assert heard == []
    assert await family.refresh(family.first.refresh_token)


async def test_a_session_ends_for_good_after_its_lifetime_however_busy(family: Family, clock: Clock) -> None:
    token = family.first.refresh_token
    for _ in range(6):
        clock.offset += timedelta(days=1)
        token = (await family.refresh(token)).refresh_token
    clock.offset += timedelta(days=1, seconds=1)
    assert await family.refused(token)


async def test_after_the_sandbox_clock_goes_back_tokens_still_work(family: Family, clock: Clock) -> None:
    clock.offset = timedelta(days=2)
    second = await family.refresh(family.first.refresh_token)
    clock.offset = timedelta(0)
    assert family.lets_in(second)
    assert await family.refresh(second.refresh_token)


async def test_only_digests_are_kept(family: Family) -> None:
    second = await family.refresh(family.first.refresh_token)
    owner = await asyncpg.connect(make.dsn(family.db))
    (row,) = await owner.fetch("SELECT * FROM sessions WHERE tenant_id = $1", family.tenant.id)
    await owner.close()
    held = repr(dict(row))
    assert second.refresh_token not in held
    assert repr(urlsafe_b64decode(second.refresh_token + "==")[20:])[2:-1] not in held
    assert {len(row["token_hash"]), len(row["previous_hash"])} == {32}


async def test_without_its_condition_the_rotation_would_let_more_than_one_through(family: Family) -> None:
    """The race is real: read, then write unconditionally, and the tabs overwrite each other."""
    owner = [await asyncpg.connect(make.dsn(family.db)) for _ in range(5)]
    gate = asyncio.Barrier(len(owner))

    async def naive(conn: "asyncpg.Connection[asyncpg.Record]") -> int:
        seen = await conn.fetchval("SELECT generation FROM sessions WHERE id = $1", family.first.session_id)
        await gate.wait()
        await conn.execute("UPDATE sessions SET generation = $2 WHERE id = $1", family.first.session_id, seen + 1)
        return int(seen)

    seen = await asyncio.gather(*map(naive, owner))
    for conn in owner:
        await conn.close()
    assert len(seen) - len(set(seen)) > 0, "several rotated the same generation"
