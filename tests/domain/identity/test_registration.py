"""One account for each address of a tenant, however it is spelt and however many ask at once."""

import asyncio
from collections import Counter

import asyncpg
import pytest

from bookable.domain import identity
from bookable.domain.identity import Credentials, EmailTaken, NewUser, UserRegistered, VerificationAsked
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database
from bookable.kernel.errors import Forbidden, ValidationFailed
from bookable.kernel.events import Event
from bookable.kernel.tenants import Tenant
from tests import make, make_identity

SPELLINGS = (
    "kelvin@bücher.example",
    "\u212aELVIN@BÜCHER.example",
    "Kelvin@xn--bcher-kva.example",
    "ｋelvin@bücher.example",
)


async def rush(db: Database, tenant: Tenant, keys: Credentials, times: int = 50) -> Counter[str]:
    """So many at once with spellings of one address; what came of them."""
    hashed = await keys.passwords.hash(make_identity.PASSWORD)

    async def one(number: int) -> str:
        new = NewUser(email=SPELLINGS[number % len(SPELLINGS)], first_name="A", last_name="B")
        async with db.transaction(Actor.system(tenant.id)) as tx:
            try:
                await identity.enrol(tx, new, password_hash=hashed)
            except EmailTaken:
                return "taken"
        return "made"

    return Counter(await asyncio.gather(*map(one, range(times))))


async def test_who_registers_is_signed_in_at_once(
    db: Database, tenant: Tenant, keys: Credentials, heard: list[Event]
) -> None:
    new = NewUser(email=" Ada@Example.com ", first_name="Ada", last_name="Byron", phone="+49 1")
    signed_in = await identity.register(db, keys, tenant.id, new, make_identity.PASSWORD)
    user = signed_in.user
    assert (user.email, user.first_name, user.last_name, user.phone) == ("Ada@Example.com", "Ada", "Byron", "+49 1")
    assert (user.role, user.email_verified_at, user.last_login_at, user.avatar_url) == ("user", None, None, None)
    caller = keys.authenticate(signed_in.token, audience=tenant.id, now=db.clock.now())
    assert (caller.id, caller.role, caller.session_id) == (user.id, "user", signed_in.session_id)
    assert heard == [UserRegistered(user_id=user.id), VerificationAsked(user_id=user.id)]


async def test_the_password_is_kept_as_argon2id_and_no_token_in_the_clear(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    signed_in = await make_identity.person(db, tenant, keys)
    owner = await asyncpg.connect(make.dsn(db))
    rows = await owner.fetch(
        "SELECT u.*, s.* FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.tenant_id = $1", tenant.id
    )
    await owner.close()
    (row,) = rows
    assert row["password_hash"].startswith("$argon2id$")
    held = repr(dict(row))
    assert make_identity.PASSWORD not in held
    assert signed_in.refresh_token not in held
    assert len(row["token_hash"]) == 32


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_an_address_is_taken_in_every_spelling(
    db: Database, tenant: Tenant, keys: Credentials, spelling: str
) -> None:
    await make_identity.person(db, tenant, keys, email="kelvin@bücher.example")
    with pytest.raises(EmailTaken) as refused:
        await make_identity.person(db, tenant, keys, email=spelling)
    assert (refused.value.code, refused.value.kind) == ("EMAIL_TAKEN", "conflict")


async def test_the_same_address_may_exist_in_each_tenant(db: Database, tenant: Tenant, keys: Credentials) -> None:
    other = await make.tenant(db)
    here = await make_identity.person(db, tenant, keys, email="ada@example.com")
    there = await make_identity.person(db, other, keys, email="ada@example.com")
    assert here.user.id != there.user.id


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("not an address", make_identity.PASSWORD, "email"),
        ("ada@example.com", "short1", "password"),
        ("ada@example.com", "no-digits-here", "password"),
        ("ada1@example.com", "ada1@example.com", "password"),
        ("ada@example.com", "password1", "password"),
    ],
)
async def test_what_is_refused_says_which_field(
    db: Database, tenant: Tenant, keys: Credentials, email: str, password: str, field: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await make_identity.person(db, tenant, keys, email=email, password=password)
    assert [f["field"] for f in refused.value.details["fields"]] == [field]


async def test_a_role_that_is_not_open_is_not_taken(db: Database, tenant: Tenant, keys: Credentials) -> None:
    new = NewUser(email="ada@example.com", first_name="A", last_name="B", role="admin")
    with pytest.raises(Forbidden):
        await identity.register(db, keys, tenant.id, new, make_identity.PASSWORD)


async def test_of_fifty_at_once_one_has_the_address(db: Database, tenant: Tenant, keys: Credentials) -> None:
    assert await rush(db, tenant, keys) == {"made": 1, "taken": 49}


async def test_without_its_constraint_the_address_would_be_given_more_than_once(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    owner = await asyncpg.connect(make.dsn(db))
    await owner.execute("ALTER TABLE users DROP CONSTRAINT uq_users_email_key")
    try:
        outcome = await rush(db, tenant, keys)
    finally:
        await owner.execute("DELETE FROM users WHERE tenant_id = $1", tenant.id)
        await owner.execute("ALTER TABLE users ADD CONSTRAINT uq_users_email_key UNIQUE (tenant_id, email_key)")
        await owner.close()
    assert outcome["made"] > 1


async def test_nothing_of_a_refused_registration_is_left(
    db: Database, tenant: Tenant, keys: Credentials, heard: list[Event]
) -> None:
    await make_identity.person(db, tenant, keys, email="ada@example.com")
    heard.clear()
    with pytest.raises(EmailTaken):
        await make_identity.person(db, tenant, keys, email="ADA@example.com")
    assert heard == []
    async with db.transaction(Actor.system(tenant.id)) as tx:
        assert await identity.count_users(tx) == 1
