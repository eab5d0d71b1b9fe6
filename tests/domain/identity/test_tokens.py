"""A link in a mail is good once, for a while, for one thing, and only if it is the newest."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from bookable.domain import identity
from bookable.domain.identity import (
    Credentials,
    EmailVerified,
    InvalidCredentials,
    PasswordChanged,
    PasswordResetAsked,
    Purpose,
    SignedIn,
    TokenExpired,
    VerificationAsked,
)
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import NotFound, Unauthenticated, ValidationFailed
from bookable.kernel.events import Event
from bookable.kernel.tenants import Tenant
from tests import make, make_identity
from tests.make_identity import PASSWORD

NEW = "Another-horse-8"


@pytest.fixture
async def person(db: Database, tenant: Tenant, keys: Credentials, heard: list[Event]) -> SignedIn:
    registered = await make_identity.person(db, tenant, keys, email="ada@example.com")
    heard.clear()
    return registered


async def issue(db: Database, tenant: Tenant, user_id: UUID, purpose: Purpose) -> str:
    async with db.transaction(Actor.system(tenant.id)) as tx:
        return await identity.issue_token(tx, user_id, purpose)


async def test_a_token_proves_the_address_once(
    db: Database, tenant: Tenant, person: SignedIn, heard: list[Event]
) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)
    user = await identity.verify_email(db, tenant.id, token)
    assert user.email_verified_at is not None
    assert heard == [EmailVerified(user_id=user.id)]
    with pytest.raises(TokenExpired) as refused:
        await identity.verify_email(db, tenant.id, token)
    assert (refused.value.code, refused.value.kind) == ("TOKEN_EXPIRED", "gone")


@pytest.mark.parametrize(
    "token", ["", "null", "[]", "NULL", "\x00", "\ud800", "Ä" * 43, "A" * 43, "A" * 100_000, "' OR 1=1 --"]
)
async def test_what_was_never_a_token_is_refused_on_its_field(
    db: Database, tenant: Tenant, keys: Credentials, person: SignedIn, token: str
) -> None:
    for attempt in (
        identity.verify_email(db, tenant.id, token),
        identity.reset_password(db, keys, tenant.id, token, NEW),
    ):
        with pytest.raises(ValidationFailed) as refused:
            await attempt
        assert [f["field"] for f in refused.value.details["fields"]] == ["token"]


@pytest.mark.parametrize(
    ("purpose", "lifetime"), [(Purpose.VERIFY_EMAIL, timedelta(hours=24)), (Purpose.RESET_PASSWORD, timedelta(hours=1))]
)
async def test_a_token_goes_stale(
    db: Database,
    tenant: Tenant,
    keys: Credentials,
    clock: Clock,
    person: SignedIn,
    purpose: Purpose,
    lifetime: timedelta,
) -> None:
    async def use(token: str) -> object:
        if purpose is Purpose.VERIFY_EMAIL:
            return await identity.verify_email(db, tenant.id, token)
        return await identity.reset_password(db, keys, tenant.id, token, NEW)

    fresh = await issue(db, tenant, person.user.id, purpose)
    clock.offset = lifetime - timedelta(seconds=5)
    await use(fresh)
    stale = await issue(db, tenant, person.user.id, purpose)
    clock.offset += lifetime
    with pytest.raises(TokenExpired):
        await use(stale)


async def test_a_new_token_voids_the_older_ones_of_its_purpose_alone(
    db: Database, tenant: Tenant, keys: Credentials, person: SignedIn
) -> None:
    older = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)
    reset = await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)
    newer = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)
    with pytest.raises(TokenExpired):
        await identity.verify_email(db, tenant.id, older)
    await identity.verify_email(db, tenant.id, newer)
    await identity.reset_password(db, keys, tenant.id, reset, NEW)


async def test_of_several_issued_at_once_one_is_good(db: Database, tenant: Tenant, person: SignedIn) -> None:
    tokens = await asyncio.gather(*(issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL) for _ in range(8)))
    owner = await asyncpg.connect(make.dsn(db))
    good = await owner.fetchval("SELECT count(*) FROM tokens WHERE tenant_id = $1 AND used_at IS NULL", tenant.id)
    await owner.close()
    assert (len(set(tokens)), good) == (8, 1)


async def test_a_token_for_one_thing_is_none_for_another(
    db: Database, tenant: Tenant, keys: Credentials, person: SignedIn
) -> None:
    verify = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)
    with pytest.raises(ValidationFailed):
        await identity.reset_password(db, keys, tenant.id, verify, NEW)
    other = await make.tenant(db)
    with pytest.raises(ValidationFailed):
        await identity.verify_email(db, other.id, verify)
    await identity.verify_email(db, tenant.id, verify)


async def test_of_twenty_at_once_one_uses_the_token(db: Database, tenant: Tenant, person: SignedIn) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)

    async def use() -> str:
        try:
            await identity.verify_email(db, tenant.id, token)
        except TokenExpired:
            return "spent"
        return "used"

    assert Counter(await asyncio.gather(*(use() for _ in range(20)))) == {"used": 1, "spent": 19}


async def test_of_twenty_resets_at_once_one_password_holds(
    db: Database, tenant: Tenant, keys: Credentials, person: SignedIn
) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)

    async def reset(number: int) -> str | None:
        try:
            await identity.reset_password(db, keys, tenant.id, token, f"Horse-number-{number}")
        except TokenExpired:
            return None
        return f"Horse-number-{number}"

    (winner,) = [p for p in await asyncio.gather(*map(reset, range(20))) if p]
    await identity.sign_in(db, keys, tenant.id, person.user.email, winner)


async def test_a_reset_ends_every_session_and_proves_the_address(
    db: Database, tenant: Tenant, keys: Credentials, person: SignedIn, heard: list[Event]
) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)
    user = await identity.reset_password(db, keys, tenant.id, token, NEW)
    assert heard == [EmailVerified(user_id=user.id), PasswordChanged(user_id=user.id)]
    assert user.email_verified_at is not None
    with pytest.raises(Unauthenticated):
        keys.authenticate(person.token, audience=tenant.id, now=db.clock.now())
    with pytest.raises(Unauthenticated):
        await identity.refresh(db, keys, tenant.id, person.refresh_token)
    with pytest.raises(InvalidCredentials):
        await identity.sign_in(db, keys, tenant.id, user.email, PASSWORD)
    again = await identity.sign_in(db, keys, tenant.id, user.email, NEW)
    keys.authenticate(again.token, audience=tenant.id, now=db.clock.now())


@pytest.mark.parametrize("password", ["short1", "ada@example.com", "password1", "x" * 129])
async def test_a_password_that_is_refused_leaves_the_token_good(
    db: Database, tenant: Tenant, keys: Credentials, person: SignedIn, password: str
) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)
    with pytest.raises(ValidationFailed) as refused:
        await identity.reset_password(db, keys, tenant.id, token, password)
    assert [f["field"] for f in refused.value.details["fields"]] == ["password"]
    await identity.reset_password(db, keys, tenant.id, token, NEW)


async def test_tries_are_counted_against_whoever_the_token_is_or_was_for(
    db: Database, tenant: Tenant, person: SignedIn
) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)
    await identity.verify_email(db, tenant.id, token)
    assert await identity.account_behind(db, tenant.id, token) == identity.comparable_email("Ada@Example.com")
    assert await identity.account_behind(db, tenant.id, "no token") is None


async def test_only_digests_of_tokens_are_kept(db: Database, tenant: Tenant, person: SignedIn) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)
    owner = await asyncpg.connect(make.dsn(db))
    (row,) = await owner.fetch("SELECT * FROM tokens WHERE tenant_id = $1", tenant.id)
    await owner.close()
    assert token not in repr(dict(row))
    assert len(row["token_hash"]) == 32
    assert len(token) >= 43, "256 bits"


async def test_resending_asks_again_only_while_the_address_is_to_be_proven(
    db: Database, tenant: Tenant, person: SignedIn, heard: list[Event]
) -> None:
    me = make_identity.actor(tenant, person)
    async with db.transaction(me) as tx:
        await identity.resend_verification(tx, me)
    assert heard == [VerificationAsked(user_id=person.user.id)]
    await identity.verify_email(db, tenant.id, await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL))
    heard.clear()
    async with db.transaction(me) as tx:
        await identity.resend_verification(tx, me)
    assert heard == []


async def test_forgetting_does_the_same_whether_or_not_there_is_an_account(
    db: Database, tenant: Tenant, person: SignedIn, heard: list[Event]
) -> None:
    done = []
    for email in ("ada@example.com", "nobody@example.com"):
        async with db.transaction(Actor.nobody(tenant.id)) as tx:
            identity.forgot_password(tx, email)
            done.append([(job.task, set(job.args)) for job in tx.deferred])
    assert done[0] == done[1] == [(identity.FORGOTTEN, {"tenant_id", "email"})]
    assert heard == []


@pytest.mark.parametrize(("email", "asked"), [("ADA@Example.com", True), ("nobody@example.com", False)])
async def test_the_job_asks_for_a_mail_where_there_is_an_account(
    db: Database, tenant: Tenant, person: SignedIn, heard: list[Event], email: str, asked: bool
) -> None:
    await identity.look_for_forgetful(db, Actor.system(tenant.id), email=email)
    assert heard == ([PasswordResetAsked(user_id=person.user.id)] if asked else [])


async def test_who_is_gone_gets_no_token(db: Database, tenant: Tenant, keys: Credentials, person: SignedIn) -> None:
    token = await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)
    await identity.delete_account(db, keys, make_identity.actor(tenant, person), PASSWORD)
    with pytest.raises(NotFound):
        await issue(db, tenant, person.user.id, Purpose.RESET_PASSWORD)
    with pytest.raises(TokenExpired):
        await identity.reset_password(db, keys, tenant.id, token, NEW)


async def test_issuing_and_using_at_once_never_wait_for_each_other_in_a_ring(
    db: Database, tenant: Tenant, person: SignedIn
) -> None:
    for _ in range(10):
        token = await issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL)
        outcomes = await asyncio.gather(
            *(issue(db, tenant, person.user.id, Purpose.VERIFY_EMAIL) for _ in range(4)),
            *(identity.verify_email(db, tenant.id, token) for _ in range(4)),
            return_exceptions=True,
        )
        assert all(isinstance(o, str | identity.User | TokenExpired) for o in outcomes)
