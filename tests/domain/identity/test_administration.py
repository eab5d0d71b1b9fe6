"""Admins look through people, give roles and suspend; what they take away is gone at once."""

from datetime import timedelta

import asyncpg
import pytest

from bookable.domain import identity
from bookable.domain.identity import Credentials, NewUser, OwnAccount, SignedIn
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from bookable.kernel.tenants import Tenant
from tests import make, make_identity


@pytest.fixture
async def admin(db: Database, tenant: Tenant, keys: Credentials) -> Actor:
    return make_identity.actor(tenant, await make_identity.person(db, tenant, keys, role="admin"))


def holds(db: Database, tenant: Tenant, keys: Credentials, signed_in: SignedIn) -> bool:
    try:
        keys.authenticate(signed_in.token, audience=tenant.id, now=db.clock.now())
    except Unauthenticated:
        return False
    return True


async def people(db: Database, tenant: Tenant, clock: Clock, *names: str) -> None:
    """One a day, the last one newest."""
    for name in names:
        clock.offset += timedelta(days=1)
        async with db.transaction(Actor.system(tenant.id)) as tx:
            new = NewUser(email=f"{name.lower()}@example.com", first_name=name, last_name="of_100%")
            await identity.enrol(tx, new, password_hash=None)


async def test_a_suspension_bites_at_once_and_can_be_lifted(
    db: Database, tenant: Tenant, keys: Credentials, admin: Actor
) -> None:
    person = await make_identity.person(db, tenant, keys)
    user = await identity.amend(db, keys, admin, person.user.id, suspended=True)
    assert user.suspended_at is not None
    assert not holds(db, tenant, keys, person)
    with pytest.raises(Unauthenticated):
        await identity.refresh(db, keys, tenant.id, person.refresh_token)
    again = await identity.amend(db, keys, admin, person.user.id, suspended=True)
    assert again == user, "suspending twice is suspending once"
    lifted = await identity.amend(db, keys, admin, person.user.id, suspended=False)
    assert lifted.suspended_at is None
    assert not holds(db, tenant, keys, person), "what was taken back stays taken back"


async def test_a_role_that_is_taken_away_is_gone_at_once_and_the_session_goes_on(
    db: Database, tenant: Tenant, keys: Credentials, admin: Actor
) -> None:
    other = await make_identity.person(db, tenant, keys, role="admin")
    await identity.amend(db, keys, admin, other.user.id, role="user")
    assert not holds(db, tenant, keys, other)
    refreshed = await identity.refresh(db, keys, tenant.id, other.refresh_token)
    caller = keys.authenticate(refreshed.token, audience=tenant.id, now=db.clock.now())
    assert caller.role == "user"


async def test_a_role_that_is_given_leaves_what_the_person_has(
    db: Database, tenant: Tenant, keys: Credentials, admin: Actor
) -> None:
    person = await make_identity.person(db, tenant, keys)
    user = await identity.amend(db, keys, admin, person.user.id, role="celebrity")
    assert user.role == "celebrity"
    assert holds(db, tenant, keys, person)
    refreshed = await identity.refresh(db, keys, tenant.id, person.refresh_token)
    assert keys.authenticate(refreshed.token, audience=tenant.id, now=db.clock.now()).role == "celebrity"


async def test_another_module_gives_a_role_to_a_plain_user_only(
    db: Database, tenant: Tenant, keys: Credentials, admin: Actor
) -> None:
    person = await make_identity.person(db, tenant, keys)
    async with db.transaction(admin.widened()) as tx:
        assert await identity.give_role(tx, person.user.id, "celebrity")
        assert not await identity.give_role(tx, person.user.id, "specialist")
        assert admin.id is not None
        assert not await identity.give_role(tx, admin.id, "celebrity")
        assert (await identity.get(tx, person.user.id)).role == "celebrity"
        assert (await identity.get(tx, admin.id)).role == "admin"


async def test_only_an_admin_decides_and_never_against_themselves(
    db: Database, tenant: Tenant, keys: Credentials, admin: Actor
) -> None:
    person = await make_identity.person(db, tenant, keys)
    with pytest.raises(Forbidden):
        await identity.amend(db, keys, make_identity.actor(tenant, person), person.user.id, role="admin")
    assert admin.id is not None
    for change in ({"suspended": True}, {"role": "user"}):
        with pytest.raises(OwnAccount):
            await identity.amend(db, keys, admin, admin.id, **change)
    with pytest.raises(NotFound):
        await identity.amend(db, keys, admin, tenant.id, suspended=True)


async def test_an_admin_of_another_tenant_finds_nobody_here(db: Database, tenant: Tenant, keys: Credentials) -> None:
    other = await make.tenant(db)
    stranger = make_identity.actor(other, await make_identity.person(db, other, keys, role="admin"))
    person = await make_identity.person(db, tenant, keys)
    with pytest.raises(NotFound):
        await identity.amend(db, keys, stranger, person.user.id, suspended=True)


async def test_people_are_listed_newest_first_by_page_and_by_position(
    db: Database, tenant: Tenant, clock: Clock, system: Actor
) -> None:
    await people(db, tenant, clock, "Ada", "Bob", "Cyd", "Dan", "Eve")
    async with db.transaction(system) as tx:
        first = await identity.list_users(tx, limit=2)
        second = await identity.list_users(tx, limit=2, cursor=first.next_cursor)
        paged = await identity.list_users(tx, limit=2, page=2)
        last = await identity.list_users(tx, limit=2, cursor=second.next_cursor)
    assert [u.first_name for u in first.items] == ["Eve", "Dan"]
    assert [u.first_name for u in second.items] == ["Cyd", "Bob"]
    assert paged == second
    assert [u.first_name for u in last.items] == ["Ada"]
    assert (first.total, last.total, last.next_cursor) == (5, 5, None)


@pytest.mark.parametrize("cursor", ["x", "%%%", "WyJuYW1lIiwgWzFdXQ"])
async def test_a_cursor_of_another_list_is_refused(db: Database, system: Actor, cursor: str) -> None:
    async with db.transaction(system) as tx:
        with pytest.raises(ValidationFailed):
            await identity.list_users(tx, cursor=cursor)


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("AD", ["Ada"]),
        ("bob@EXAMPLE", ["Bob"]),
        ("ada of", ["Ada"]),
        ("100%", ["Bob", "Ada"]),
        ("%", ["Bob", "Ada"]),
        ("_d_", []),
        ("\\", []),
        ("nobody", []),
    ],
)
async def test_people_are_found_by_name_or_address(
    db: Database, tenant: Tenant, clock: Clock, system: Actor, search: str, names: list[str]
) -> None:
    await people(db, tenant, clock, "Ada", "Bob")
    async with db.transaction(system) as tx:
        found = await identity.list_users(tx, search=search)
    assert [u.first_name for u in found.items] == names
    assert found.total == len(names)


async def test_registrations_are_counted_by_day(db: Database, tenant: Tenant, clock: Clock, system: Actor) -> None:
    start = clock.now()
    await people(db, tenant, clock, "Ada", "Bob")
    async with db.transaction(system) as tx:
        counted = await identity.counts_by_day(tx, since=start)
    assert [(c.day, c.count) for c in counted] == [((start + timedelta(days=n)).date(), 1) for n in (1, 2)]


async def test_sweeping_throws_away_only_what_is_long_over(
    db: Database, tenant: Tenant, keys: Credentials, clock: Clock, system: Actor
) -> None:
    gone, kept = [await make_identity.person(db, tenant, keys) for _ in range(2)]
    await identity.sign_out(db, keys, tenant.id, session_id=gone.session_id)
    async with db.transaction(system) as tx:
        await identity.issue_token(tx, kept.user.id, identity.Purpose.VERIFY_EMAIL)
    assert await left(db, tenant) == (2, 1)
    clock.offset = timedelta(days=29)
    await identity.sweep(db, system)
    assert await left(db, tenant) == (2, 1)
    clock.offset = timedelta(days=36)
    await identity.sweep(db, system)
    assert await left(db, tenant) == (1, 0)
    clock.offset = timedelta(days=38)
    await identity.sweep(db, system)
    assert await left(db, tenant) == (0, 0)


async def left(db: Database, tenant: Tenant) -> tuple[int, int]:
    owner = await asyncpg.connect(make.dsn(db))
    counts = [
        await owner.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", tenant.id)
        for table in ("sessions", "tokens")
    ]
    await owner.close()
    return counts[0], counts[1]
