"""A person's own account: shown, changed, exported, and given up."""

import asyncio

import asyncpg
import pytest

from bookable.domain import identity
from bookable.domain.identity import (
    Credentials,
    InvalidCredentials,
    PasswordChanged,
    SignedIn,
    UserDeleted,
    UserLeaving,
)
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated, ValidationFailed
from bookable.kernel.events import Event, Subscriptions
from bookable.kernel.tenants import Tenant
from tests import make, make_identity
from tests.make_identity import PASSWORD

NEW = "Another-horse-8"


@pytest.fixture
async def person(db: Database, tenant: Tenant, keys: Credentials, heard: list[Event]) -> SignedIn:
    registered = await make_identity.person(db, tenant, keys, email="ada@example.com")
    heard.clear()
    return registered


@pytest.fixture
def me(tenant: Tenant, person: SignedIn) -> Actor:
    return make_identity.actor(tenant, person)


async def test_a_profile_is_changed_field_by_field(db: Database, me: Actor, person: SignedIn) -> None:
    async with db.transaction(me) as tx:
        changed = await identity.change_profile(tx, person.user.id, {"last_name": "Lovelace", "phone": None})
    assert (changed.first_name, changed.last_name, changed.phone) == ("Ada", "Lovelace", None)
    async with db.transaction(me) as tx:
        assert await identity.change_profile(tx, person.user.id, {}) == changed
        assert await identity.get(tx, person.user.id) == changed


@pytest.mark.parametrize("field", ["email", "role", "email_verified_at", "password_hash", "suspended_at"])
async def test_nothing_else_can_be_changed_in_a_profile(db: Database, me: Actor, person: SignedIn, field: str) -> None:
    with pytest.raises(Forbidden):
        async with db.transaction(me) as tx:
            await identity.change_profile(tx, person.user.id, {field: "admin"})


async def test_nobody_changes_anothers_profile(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn
) -> None:
    other = await make_identity.person(db, tenant, keys)
    with pytest.raises(NotFound):
        async with db.transaction(me) as tx:
            await identity.change_profile(tx, other.user.id, {"first_name": "Eve"})


async def test_a_new_password_ends_every_session_but_the_one_it_opens(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn, heard: list[Event]
) -> None:
    elsewhere = await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
    changed = await identity.change_password(db, keys, me, PASSWORD, NEW)
    assert heard == [PasswordChanged(user_id=person.user.id)]
    for old in (person, elsewhere):
        with pytest.raises(Unauthenticated):
            keys.authenticate(old.token, audience=tenant.id, now=db.clock.now())
        with pytest.raises(Unauthenticated):
            await identity.refresh(db, keys, tenant.id, old.refresh_token)
    keys.authenticate(changed.token, audience=tenant.id, now=db.clock.now())
    await identity.refresh(db, keys, tenant.id, changed.refresh_token)
    with pytest.raises(InvalidCredentials):
        await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
    await identity.sign_in(db, keys, tenant.id, "ada@example.com", NEW)


async def test_the_present_password_must_be_right(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn
) -> None:
    with pytest.raises(InvalidCredentials):
        await identity.change_password(db, keys, me, "wrong-password-1", NEW)
    with pytest.raises(ValidationFailed) as refused:
        await identity.change_password(db, keys, me, PASSWORD, "ada@example.com")
    assert [f["field"] for f in refused.value.details["fields"]] == ["newPassword"]
    keys.authenticate(person.token, audience=tenant.id, now=db.clock.now())


async def test_of_two_changes_at_once_one_holds(db: Database, tenant: Tenant, keys: Credentials, me: Actor) -> None:
    outcomes = await asyncio.gather(
        *(identity.change_password(db, keys, me, PASSWORD, f"Horse-number-{n}") for n in range(5)),
        return_exceptions=True,
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["InvalidCredentials"] * 4 + ["SignedIn"]


async def test_an_export_holds_profile_and_sessions_and_no_secret(db: Database, me: Actor, person: SignedIn) -> None:
    async with db.transaction(me) as tx:
        held = await identity.export(tx, person.user.id)
    assert held["profile"]["email"] == "ada@example.com"
    assert held["profile"]["firstName"] == "Ada"
    assert [s["address"] for s in held["sessions"]] == ["127.0.0.1"]
    assert "argon2" not in repr(held)
    assert "hash" not in repr(held).lower()


async def test_who_leaves_is_forgotten(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn, heard: list[Event]
) -> None:
    await identity.delete_account(db, keys, me, PASSWORD)
    assert heard == [UserLeaving(user_id=person.user.id), UserDeleted(user_id=person.user.id)]
    owner = await asyncpg.connect(make.dsn(db))
    both = "SELECT u.*, s.user_agent, s.address FROM users u JOIN sessions s ON s.user_id = u.id WHERE u.tenant_id = $1"
    (row,) = await owner.fetch(both, tenant.id)
    await owner.close()
    assert row["id"] == person.user.id
    assert (row["email"], row["email_key"]) == (f"deleted-{row['id']}@invalid",) * 2
    kept = {row[c] for c in ("password_hash", "phone", "avatar_url", "user_agent", "address", "email_verified_at")}
    assert kept == {None}
    held = repr(dict(row))
    assert "Ada" not in held
    assert "ada@" not in held
    async with db.transaction(Actor.system(tenant.id)) as tx:
        with pytest.raises(NotFound):
            await identity.get(tx, person.user.id)
        assert await identity.find_by_email(tx, f"deleted-{row['id']}@invalid") is None


async def test_who_leaves_is_out_and_their_address_is_free(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn
) -> None:
    await identity.delete_account(db, keys, me, PASSWORD)
    with pytest.raises(Unauthenticated):
        keys.authenticate(person.token, audience=tenant.id, now=db.clock.now())
    with pytest.raises(Unauthenticated):
        await identity.refresh(db, keys, tenant.id, person.refresh_token)
    with pytest.raises(InvalidCredentials):
        await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
    with pytest.raises(InvalidCredentials):
        await identity.delete_account(db, keys, me, PASSWORD)
    again = await make_identity.person(db, tenant, keys, email="ada@example.com")
    assert again.user.id != person.user.id


async def test_leaving_asks_for_the_password(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn
) -> None:
    with pytest.raises(InvalidCredentials):
        await identity.delete_account(db, keys, me, "wrong-password-1")
    keys.authenticate(person.token, audience=tenant.id, now=db.clock.now())


async def test_a_listener_may_refuse_and_then_nothing_has_happened(
    db: Database, tenant: Tenant, keys: Credentials, me: Actor, person: SignedIn, subscriptions: Subscriptions
) -> None:
    async def meetings_ahead(tx: Transaction, event: UserLeaving) -> None:
        assert (await identity.get(tx, event.user_id)).email == "ada@example.com", "before it is anonymised"
        raise Conflict("There are meetings ahead.")

    subscriptions.within(UserLeaving, meetings_ahead)
    with pytest.raises(Conflict):
        await identity.delete_account(db, keys, me, PASSWORD)
    keys.authenticate(person.token, audience=tenant.id, now=db.clock.now())
    await identity.sign_in(db, keys, tenant.id, "ada@example.com", PASSWORD)
