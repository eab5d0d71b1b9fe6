"""What is taken back stays taken back, on every process, whoever races against it."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from bookable.domain import identity
from bookable.domain.identity import Credentials, InvalidCredentials, RevocationList, SignedIn
from bookable.domain.identity.revocation import revoke
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import NotFound, Unauthenticated
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make, make_identity
from tests.make_identity import PASSWORD


def holds(db: Database, tenant: Tenant, keys: Credentials, signed_in: SignedIn) -> bool:
    try:
        keys.authenticate(signed_in.token, audience=tenant.id, now=db.clock.now())
    except Unauthenticated:
        return False
    return True


async def refreshes(db: Database, tenant: Tenant, keys: Credentials, signed_in: SignedIn) -> bool:
    try:
        await identity.refresh(db, keys, tenant.id, signed_in.refresh_token)
    except Unauthenticated:
        return False
    return True


async def test_who_signs_out_is_out_at_once(db: Database, tenant: Tenant, keys: Credentials) -> None:
    here = await make_identity.person(db, tenant, keys)
    there = await identity.sign_in(db, keys, tenant.id, here.user.email, PASSWORD)
    await identity.sign_out(db, keys, tenant.id, session_id=here.session_id)
    assert not holds(db, tenant, keys, here)
    assert not await refreshes(db, tenant, keys, here)
    assert holds(db, tenant, keys, there)
    assert await refreshes(db, tenant, keys, there)


async def test_a_refresh_token_alone_signs_its_session_out(db: Database, tenant: Tenant, keys: Credentials) -> None:
    here = await make_identity.person(db, tenant, keys)
    await identity.sign_out(db, keys, tenant.id, refresh_token=here.refresh_token)
    assert not holds(db, tenant, keys, here)
    await identity.sign_out(db, keys, tenant.id, refresh_token=here.refresh_token)
    await identity.sign_out(db, keys, tenant.id, refresh_token="nonsense")
    with pytest.raises(Unauthenticated):
        await identity.sign_out(db, keys, tenant.id)


async def test_sessions_are_listed_newest_first_in_pages(db: Database, tenant: Tenant, keys: Credentials) -> None:
    first = await make_identity.person(db, tenant, keys)
    others = [await identity.sign_in(db, keys, tenant.id, first.user.email, PASSWORD) for _ in range(4)]
    newest_first = [s.session_id for s in reversed([first, *others])]
    async with db.transaction(make_identity.actor(tenant, first)) as tx:
        head = await identity.list_sessions(tx, first.user.id, limit=2)
        tail = await identity.list_sessions(tx, first.user.id, limit=3, cursor=head.next_cursor)
        second = await identity.list_sessions(tx, first.user.id, limit=2, page=2)
    assert [s.id for s in (*head.items, *tail.items)] == newest_first
    assert [s.id for s in second.items] == newest_first[2:4]
    assert (head.total, tail.next_cursor) == (5, None)


async def test_another_process_follows(db: Database, tenant: Tenant, keys: Credentials) -> None:
    elsewhere = make_identity.credentials(db)
    signed_in = await make_identity.person(db, tenant, keys)
    await elsewhere.revocations.refresh(db)
    assert holds(db, tenant, elsewhere, signed_in)
    await identity.sign_out(db, keys, tenant.id, session_id=signed_in.session_id)
    assert holds(db, tenant, elsewhere, signed_in), "it has not heard of it yet"
    await elsewhere.revocations.refresh(db)
    assert not holds(db, tenant, elsewhere, signed_in)


async def test_a_theft_is_heard_of_by_every_process(db: Database, tenant: Tenant, keys: Credentials) -> None:
    elsewhere = make_identity.credentials(db)
    first = await make_identity.person(db, tenant, keys)
    second = await identity.refresh(db, keys, tenant.id, first.refresh_token)
    third = await identity.refresh(db, keys, tenant.id, second.refresh_token)
    with pytest.raises(Unauthenticated):
        await identity.refresh(db, keys, tenant.id, first.refresh_token)
    await elsewhere.revocations.refresh(db)
    assert not holds(db, tenant, elsewhere, third)


async def test_whoever_is_suspended_gets_no_more_tokens(db: Database, tenant: Tenant, keys: Credentials) -> None:
    """Also where a session was opened in the very moment, and not ended with the others."""
    signed_in = await make_identity.person(db, tenant, keys)
    owner = await asyncpg.connect(make.dsn(db))
    await owner.execute("UPDATE users SET suspended_at = now() WHERE id = $1", signed_in.user.id)
    await owner.close()
    assert not await refreshes(db, tenant, keys, signed_in)


async def test_a_process_that_starts_later_knows_what_was_taken_back_before(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    signed_in = await make_identity.person(db, tenant, keys)
    await identity.sign_out(db, keys, tenant.id, session_id=signed_in.session_id)
    later = make_identity.credentials(db)
    await later.revocations.refresh(db)
    assert not holds(db, tenant, later, signed_in)


async def test_the_notice_comes_with_the_commit(db: Database, tenant: Tenant, keys: Credentials) -> None:
    signed_in = await make_identity.person(db, tenant, keys)
    listener = await asyncpg.connect(make.dsn(db))
    heard: asyncio.Queue[str] = asyncio.Queue()
    await listener.add_listener("bookable", lambda *args: heard.put_nowait(str(args[3])))
    await identity.sign_out(db, keys, tenant.id, session_id=signed_in.session_id)
    assert await asyncio.wait_for(heard.get(), 1) == "revocations"
    await listener.close()


async def test_a_row_with_a_lower_number_that_is_committed_later_is_not_missed(
    db: Database, system: Actor, clock: Clock
) -> None:
    """Numbers are given out when a row is written; others may be read before it is committed."""
    following = RevocationList(clock)
    first, second = new_id(), new_id()
    async with db.transaction(system) as slow:
        await revoke(slow, first)
        async with db.transaction(system) as quick:
            await revoke(quick, second)
        await following.refresh(db)
        assert {first, second} & known(following) == {second}
    await following.refresh(db)
    assert {first, second} <= known(following)


async def test_what_is_rolled_back_was_never_taken_back(db: Database, system: Actor, clock: Clock) -> None:
    following, subject = RevocationList(clock), new_id()

    async def half() -> None:
        async with db.transaction(system) as tx:
            await revoke(tx, subject)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half()
    await following.refresh(db)
    assert subject not in known(following)


async def test_reading_goes_on_from_the_oldest_transaction_that_was_open(
    db: Database, system: Actor, clock: Clock
) -> None:
    following = RevocationList(clock)
    owner = await asyncpg.connect(make.dsn(db))
    oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    async with db.transaction(system) as tx:
        await revoke(tx, new_id())
    for _ in range(3):
        earlier = await owner.fetchval(oldest)
        await asyncio.gather(*(following.refresh(db) for _ in range(3)))
        assert earlier <= following._watermark <= await owner.fetchval(oldest)
    await owner.close()


async def test_entries_go_when_no_token_can_need_them(db: Database, clock: Clock) -> None:
    following = RevocationList(clock, keep=timedelta(0))
    following.apply_now(new_id())
    assert len(following) == 0
    bounded = RevocationList(clock, most=3)
    ids = [new_id() for _ in range(5)]
    for subject in ids:
        bounded.apply_now(subject)
    assert known(bounded) == set(ids[2:])


def known(revocations: RevocationList) -> set[UUID]:
    return set(revocations._entries)


async def test_one_ends_a_session_of_ones_own_and_no_other(db: Database, tenant: Tenant, keys: Credentials) -> None:
    ada, bob = [await make_identity.person(db, tenant, keys) for _ in range(2)]
    with pytest.raises(NotFound):
        await identity.end_session(db, keys, make_identity.actor(tenant, ada), bob.session_id)
    with pytest.raises(NotFound):
        await identity.end_session(db, keys, make_identity.actor(tenant, ada).widened(), bob.session_id)
    assert holds(db, tenant, keys, bob)
    await identity.end_session(db, keys, make_identity.actor(tenant, ada), ada.session_id)
    assert not holds(db, tenant, keys, ada)
    with pytest.raises(NotFound):
        await identity.end_session(db, keys, make_identity.actor(tenant, ada), ada.session_id)


async def test_ended_sessions_are_not_listed(db: Database, tenant: Tenant, keys: Credentials, clock: Clock) -> None:
    here = await make_identity.person(db, tenant, keys)
    there = await identity.sign_in(db, keys, tenant.id, here.user.email, PASSWORD)
    await identity.sign_out(db, keys, tenant.id, session_id=here.session_id)
    async with db.transaction(make_identity.actor(tenant, there)) as tx:
        page = await identity.list_sessions(tx, there.user.id)
    assert ([s.id for s in page.items], page.total) == ([there.session_id], 1)
    clock.offset = timedelta(days=7)
    async with db.transaction(make_identity.actor(tenant, there)) as tx:
        assert (await identity.list_sessions(tx, there.user.id)).total == 0


async def test_nobody_sees_anothers_sessions(db: Database, tenant: Tenant, keys: Credentials) -> None:
    ada, bob = [await make_identity.person(db, tenant, keys) for _ in range(2)]
    async with db.transaction(make_identity.actor(tenant, ada)) as tx:
        assert (await identity.list_sessions(tx, bob.user.id)).items == []
        with pytest.raises(NotFound):
            await identity.get(tx, bob.user.id)


async def test_after_signing_out_no_token_works_whoever_was_refreshing(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    for _ in range(15):
        person = await make_identity.person(db, tenant, keys)
        answers = await asyncio.gather(
            identity.refresh(db, keys, tenant.id, person.refresh_token),
            identity.sign_out(db, keys, tenant.id, session_id=person.session_id),
            identity.refresh(db, keys, tenant.id, person.refresh_token),
            return_exceptions=True,
        )
        for answer in (person, *answers):
            if isinstance(answer, SignedIn):
                assert not holds(db, tenant, keys, answer)
                assert not await refreshes(db, tenant, keys, answer)


async def test_no_sign_in_slips_through_beside_a_new_password(db: Database, tenant: Tenant, keys: Credentials) -> None:
    """Whoever came in with the old password is out when the change has been answered."""
    for _ in range(8):
        person = await make_identity.person(db, tenant, keys)
        me = make_identity.actor(tenant, person)
        changed, *entered = await asyncio.gather(
            identity.change_password(db, keys, me, PASSWORD, "Another-horse-8"),
            *(identity.sign_in(db, keys, tenant.id, person.user.email, PASSWORD) for _ in range(3)),
            return_exceptions=True,
        )
        assert isinstance(changed, SignedIn)
        for answer in (person, *entered):
            assert isinstance(answer, SignedIn | InvalidCredentials)
            if isinstance(answer, SignedIn):
                assert not holds(db, tenant, keys, answer)
                assert not await refreshes(db, tenant, keys, answer)
        assert holds(db, tenant, keys, changed)


async def test_no_sign_in_slips_through_beside_a_suspension(db: Database, tenant: Tenant, keys: Credentials) -> None:
    admin = make_identity.actor(tenant, await make_identity.person(db, tenant, keys, role="admin"))
    for _ in range(8):
        person = await make_identity.person(db, tenant, keys)
        answers = await asyncio.gather(
            identity.amend(db, keys, admin, person.user.id, suspended=True),
            *(identity.sign_in(db, keys, tenant.id, person.user.email, PASSWORD) for _ in range(3)),
            identity.refresh(db, keys, tenant.id, person.refresh_token),
            return_exceptions=True,
        )
        for answer in (person, *answers):
            if isinstance(answer, SignedIn):
                assert not holds(db, tenant, keys, answer)
                assert not await refreshes(db, tenant, keys, answer)
