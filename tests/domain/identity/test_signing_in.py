"""The right pair opens a session; everything else is the same wrong answer, as late as the right one."""

import asyncio
import statistics
import time
from datetime import timedelta

import asyncpg
import bcrypt
import pytest

from bookable.domain import identity
from bookable.domain.identity import Credentials, Device, InvalidCredentials, NewUser, SignedIn, Suspended
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Unauthenticated
from bookable.kernel.tenants import Tenant
from tests import make, make_identity
from tests.make_identity import PASSWORD


async def stored_hash(db: Database, tenant: Tenant) -> str:
    owner = await asyncpg.connect(make.dsn(db))
    (row,) = await owner.fetch("SELECT password_hash FROM users WHERE tenant_id = $1", tenant.id)
    await owner.close()
    return str(row["password_hash"])


async def from_an_older_system(db: Database, tenant: Tenant) -> None:
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    async with db.transaction(Actor.system(tenant.id)) as tx:
        await identity.enrol(tx, NewUser(email="ada@example.com", first_name="A", last_name="B"), password_hash=old)


async def test_the_right_pair_opens_a_session_in_any_spelling(db: Database, tenant: Tenant, keys: Credentials) -> None:
    registered = await make_identity.person(db, tenant, keys, email="Ada@Example.com")
    signed_in = await identity.sign_in(db, keys, tenant.id, "ADA@example.COM", PASSWORD, device=Device("curl", "::1"))
    assert signed_in.user.id == registered.user.id
    assert signed_in.session_id != registered.session_id
    assert signed_in.user.last_login_at is not None
    caller = keys.authenticate(signed_in.token, audience=tenant.id, now=db.clock.now())
    async with db.transaction(caller) as tx:
        sessions = await identity.list_sessions(tx, signed_in.user.id)
    assert [(s.user_agent, s.address) for s in sessions.items] == [("curl", "::1"), ("Firefox", "127.0.0.1")]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com", "wrong-password-1"),
        ("ada@example.com", ""),
        ("ada@example.com", PASSWORD + " "),
        ("ada@example.com", PASSWORD.lower()),
        ("ada@example.com", "x" * 5000),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
    ],
)
async def test_every_wrong_pair_is_refused_in_the_same_words(
    db: Database, tenant: Tenant, keys: Credentials, email: str, password: str
) -> None:
    await make_identity.person(db, tenant, keys, email="ada@example.com")
    with pytest.raises(InvalidCredentials) as refused:
        await identity.sign_in(db, keys, tenant.id, email, password)
    assert (refused.value.code, refused.value.text) == ("INVALID_CREDENTIALS", InvalidCredentials.message)
    assert refused.value.details == {}


async def test_a_wrong_answer_takes_as_long_when_there_is_no_account(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    await make_identity.person(db, tenant, keys, email="ada@example.com")
    took: dict[str, list[float]] = {"ada@example.com": [], "nobody@example.com": []}
    for _ in range(25):
        for email, times in took.items():
            start = time.perf_counter()
            with pytest.raises(InvalidCredentials):
                await identity.sign_in(db, keys, tenant.id, email, "wrong-password-1")
            times.append(time.perf_counter() - start)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.5 < known / unknown < 2, "an unhashed answer would be ten times as fast"


async def test_another_tenants_account_is_no_account_here(db: Database, tenant: Tenant, keys: Credentials) -> None:
    await make_identity.person(db, await make.tenant(db), keys, email="ada@example.com")
    with pytest.raises(InvalidCredentials):
        await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)


async def test_a_token_of_one_tenant_opens_nothing_in_another(db: Database, tenant: Tenant, keys: Credentials) -> None:
    signed_in = await make_identity.person(db, tenant, keys)
    with pytest.raises(Unauthenticated):
        keys.authenticate(signed_in.token, audience=(await make.tenant(db)).id, now=db.clock.now())


async def test_an_access_token_lasts_a_quarter_of_an_hour(
    db: Database, tenant: Tenant, keys: Credentials, clock: Clock
) -> None:
    signed_in = await make_identity.person(db, tenant, keys)
    clock.offset = timedelta(minutes=14)
    keys.authenticate(signed_in.token, audience=tenant.id, now=clock.now())
    clock.offset = timedelta(minutes=15)
    with pytest.raises(Unauthenticated):
        keys.authenticate(signed_in.token, audience=tenant.id, now=clock.now())


async def test_a_hash_from_an_older_system_is_replaced_at_the_next_sign_in(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    await from_an_older_system(db, tenant)
    await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
    assert (await stored_hash(db, tenant)).startswith("$argon2id$")
    await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)


async def test_a_wrong_password_leaves_an_older_hash_alone(db: Database, tenant: Tenant, keys: Credentials) -> None:
    await from_an_older_system(db, tenant)
    with pytest.raises(InvalidCredentials):
        await identity.sign_in(db, keys, tenant.id, "ada@example.com", "wrong-password-1")
    assert (await stored_hash(db, tenant)).startswith("$2b$")


async def test_several_who_replace_an_older_hash_at_once_all_come_in(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    await from_an_older_system(db, tenant)
    entered = await asyncio.gather(
        *(identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD) for _ in range(8))
    )
    assert len({signed_in.session_id for signed_in in entered}) == 8


async def test_an_account_without_a_password_has_none_that_is_right(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        await identity.enrol(tx, NewUser(email="ada@example.com", first_name="A", last_name="B"), password_hash=None)
    for guess in ("", "None", PASSWORD):
        with pytest.raises(InvalidCredentials):
            await identity.sign_in(db, keys, tenant.id, "ada@example.com", guess)


async def test_a_suspension_is_told_to_those_alone_who_know_the_password(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    person = await make_identity.person(db, tenant, keys, email="ada@example.com")
    admin = make_identity.actor(tenant, await make_identity.person(db, tenant, keys, role="admin"))
    await identity.amend(db, keys, admin, person.user.id, suspended=True)
    with pytest.raises(InvalidCredentials):
        await identity.sign_in(db, keys, tenant.id, "ada@example.com", "wrong-password-1")
    with pytest.raises(Suspended) as refused:
        await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
    assert refused.value.code == "FORBIDDEN"
    await identity.amend(db, keys, admin, person.user.id, suspended=False)
    again: SignedIn = await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
    keys.authenticate(again.token, audience=tenant.id, now=db.clock.now())
