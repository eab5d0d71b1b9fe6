"""What people are told about their accounts."""

import asyncio
import random
from datetime import timedelta

import asyncpg
import pytest

from bookable.domain import identity, notifications
from bookable.domain.identity import Credentials
from bookable.domain.notifications import Kind, Person
from bookable.integrations.mail.smtp import SmtpMailer, SmtpServer
from bookable.kernel.actors import Actor
from bookable.kernel.db import Database, Transaction
from bookable.kernel.errors import NotFound, Unauthenticated, Unavailable
from bookable.kernel.events import publish
from bookable.kernel.ids import new_id
from bookable.kernel.tenants import Tenant
from tests import make, make_identity
from tests.doubles.smtp import SmtpDouble
from tests.make_notifications import FRONTEND, jobs, mails, postman, subscribe_accounts, token_in, work_off

ADA = notifications.AboutAccount(first_name="Ada")


@pytest.fixture
def keys(db: Database) -> Credentials:
    return make_identity.credentials(db)


@pytest.fixture
def wired(db: Database) -> Database:
    subscribe_accounts(db, postman(db))
    return db


async def test_registering_brings_a_mail_that_proves_the_address(
    wired: Database, tenant: Tenant, keys: Credentials
) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    assert await mails(wired, tenant) == []
    await work_off(wired, tenant)
    (mail,) = await mails(wired, tenant)
    assert mail.to == ada.user.email
    assert mail.headers["From"] == "Test <no-reply@bookable.example>"
    assert f"{FRONTEND}/verify-email?token=" in mail.text
    await identity.verify_email(wired, tenant.id, token_in(mail))
    async with wired.transaction(Actor.system(tenant.id)) as tx:
        assert (await identity.get(tx, ada.user.id)).email_verified_at is not None


async def test_a_forgotten_password_can_be_chosen_anew(wired: Database, tenant: Tenant, keys: Credentials) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    async with wired.transaction(Actor.nobody(tenant.id)) as tx:
        identity.forgot_password(tx, ada.user.email.upper())
        identity.forgot_password(tx, "nobody@example.com")
    await work_off(wired, tenant)
    reset = (await mails(wired, tenant))[-1]
    assert f"{FRONTEND}/reset-password?token=" in reset.text
    await identity.reset_password(wired, keys, tenant.id, token_in(reset), "Another-horse-8")
    await work_off(wired, tenant)
    assert [m.subject for m in await mails(wired, tenant, to=ada.user.email)] == [
        "Confirm your email address",
        "Reset your password",
        "Your password was changed",
    ]


async def test_an_address_already_proven_gets_no_other_link(wired: Database, tenant: Tenant, keys: Credentials) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    await work_off(wired, tenant)
    async with wired.transaction(Actor.system(tenant.id)) as tx:
        await publish(tx, identity.VerificationAsked(user_id=ada.user.id))
    await identity.verify_email(wired, tenant.id, token_in((await mails(wired, tenant))[0]))
    await work_off(wired, tenant)
    assert len(await mails(wired, tenant)) == 1


async def test_a_stolen_session_is_told_by_mail_and_in_the_app(
    wired: Database, tenant: Tenant, keys: Credentials
) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    async with wired.transaction(Actor.system(tenant.id)) as tx:
        await publish(tx, identity.SessionStolen(user_id=ada.user.id))
    await work_off(wired, tenant)
    assert (await mails(wired, tenant))[-1].subject == "We signed a device out of your account"
    me = make_identity.actor(tenant, ada)
    async with wired.transaction(me) as tx:
        (notice,) = await notifications.inbox(tx, me)
        assert (notice.kind, notice.read_at) == (Kind.SESSION_STOLEN, None)
        assert await notifications.unread_count(tx, me) == 1
        await notifications.mark_read(tx, me, notice.id)
        assert await notifications.unread_count(tx, me) == 0


async def test_nothing_is_told_of_what_did_not_happen(wired: Database, tenant: Tenant, keys: Credentials) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    await work_off(wired, tenant)

    async def think_better_of_it(tx: Transaction) -> None:
        await publish(tx, identity.PasswordResetAsked(user_id=ada.user.id))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await wired.run(Actor.system(tenant.id), think_better_of_it)
    await work_off(wired, tenant)
    assert len(await mails(wired, tenant)) == 1


async def test_each_asking_is_a_mail_of_its_own_and_only_the_last_link_opens(
    wired: Database, tenant: Tenant, keys: Credentials
) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    async with wired.transaction(Actor.system(tenant.id)) as tx:
        await publish(tx, identity.VerificationAsked(user_id=ada.user.id))
    await work_off(wired, tenant)
    first, second = await mails(wired, tenant)
    assert first.headers["Message-ID"] != second.headers["Message-ID"]
    with pytest.raises(identity.TokenExpired):
        await identity.verify_email(wired, tenant.id, token_in(first))
    await identity.verify_email(wired, tenant.id, token_in(second))


async def test_no_token_stands_in_the_clear_before_or_after_sending(
    wired: Database, tenant: Tenant, keys: Credentials
) -> None:
    await make_identity.person(wired, tenant, keys)
    waiting = str(await jobs(wired, tenant))
    await work_off(wired, tenant)
    token = token_in((await mails(wired, tenant))[0])
    admin = await asyncpg.connect(make.dsn(wired))
    rows = await admin.fetch("SELECT n::text FROM notifications n WHERE tenant_id = $1", tenant.id)
    sealed = await admin.fetchval(
        "SELECT count(*) FROM notifications WHERE tenant_id = $1 AND sealed IS NOT NULL", tenant.id
    )
    await admin.close()
    assert token not in waiting + str(rows)
    assert sealed == 0


async def test_a_mail_whose_answer_was_lost_comes_again_as_the_same_message(
    db: Database, tenant: Tenant, keys: Credentials
) -> None:
    """The server takes it and says that it did not: the second try has the same Message-ID and the same link."""
    async with SmtpDouble() as double:
        mailer = SmtpMailer(SmtpServer("127.0.0.1", double.port, starttls=False), sender="a@b.example", clock=db.clock)
        carrier = postman(db, mailer)
        subscribe_accounts(db, carrier)
        await make_identity.person(db, tenant, keys)
        double.losing = 1
        with pytest.raises(Unavailable):
            await work_off(db, tenant)
        (notification_id,) = [t.message["Message-ID"][1:37] for t in double.taken]
        for _ in range(2):
            await notifications.deliver(db, Actor.system(tenant.id), notification_id=notification_id, postman=carrier)
    first, second = double.taken
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.message.get_body(("plain",)).get_content() == second.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has a body


async def test_a_mail_refused_for_good_is_written_down_and_left(db: Database, tenant: Tenant, system: Actor) -> None:
    carrier = postman(db)
    for address, why in (("bounce@simulator.bookable.example", "550"), ("no address at all", "plain mail address")):
        async with db.transaction(system) as tx:
            told = await notifications.mail(tx, Person(address), Kind.PASSWORD_CHANGED, ADA, once=address)
        for _ in range(2):
            await notifications.deliver(db, system, notification_id=str(told), postman=carrier)
        admin = await asyncpg.connect(make.dsn(db))
        row = await admin.fetchrow("SELECT sent_at, failed_at, failure FROM notifications WHERE id = $1", told)
        await admin.close()
        assert row is not None
        assert row["sent_at"] is None
        assert row["failed_at"] is not None
        assert why in row["failure"]
    assert await mails(db, tenant) == []


async def test_what_is_told_once_is_told_once(db: Database, tenant: Tenant, system: Actor) -> None:
    async def tell() -> object:
        async with db.transaction(system) as tx:
            return await notifications.mail(tx, Person("a@x.example"), Kind.PASSWORD_CHANGED, ADA, once="this")

    told = await asyncio.gather(*(tell() for _ in range(10)))
    assert sum(t is not None for t in told) == 1
    assert len(await jobs(db, tenant)) == 1


async def test_every_mail_goes_out_however_often_the_sender_is_killed(
    db: Database, tenant: Tenant, system: Actor
) -> None:
    """60 transactions, a fifth rolled back; every sending is cut off somewhere until it comes through."""
    chance, carrier, told = random.Random(7), postman(db), []
    for n in range(60):
        try:
            async with db.transaction(system) as tx:
                one = await notifications.mail(tx, Person(f"p{n}@x.example"), Kind.PASSWORD_CHANGED, ADA, once=str(n))
                if n % 5 == 0:
                    raise RuntimeError
            told.append(one)
        except RuntimeError:
            pass
    for one in told:
        for attempt in range(20):
            sending = asyncio.create_task(notifications.deliver(db, system, notification_id=str(one), postman=carrier))
            done, _ = await asyncio.wait({sending}, timeout=None if attempt > 2 else chance.uniform(0, 0.02))
            if done:
                break
            sending.cancel()
            await asyncio.wait({sending})
    arrived = await mails(db, tenant)
    assert {m.to for m in arrived} == {f"p{n}@x.example" for n in range(60) if n % 5}
    by_id = {m.headers["Message-ID"]: m.to for m in arrived}
    assert len(by_id) == len(told) == 48


async def test_notices_are_their_owner_s_alone(db: Database, tenant: Tenant, system: Actor) -> None:
    ada, eve = (Actor(tenant.id, new_id(), "user") for _ in range(2))
    async with db.transaction(system) as tx:
        one = await notifications.note(tx, Person(user_id=ada.id), Kind.PASSWORD_CHANGED, ADA, once="1")
    assert one is not None
    async with db.transaction(eve) as tx:
        assert await notifications.inbox(tx, eve) == []
        assert await notifications.inbox(tx, ada) == []
        with pytest.raises(NotFound):
            await notifications.mark_read(tx, eve, one)
        with pytest.raises(NotFound):
            await notifications.mark_read(tx, ada, one)
    async with db.transaction(Actor.nobody(tenant.id)) as tx:
        with pytest.raises(Unauthenticated):
            await notifications.inbox(tx, tx.actor)


async def test_notices_come_newest_first_page_by_page(db: Database, tenant: Tenant, system: Actor) -> None:
    ada = Actor(tenant.id, new_id(), "user")
    for n in range(5):
        async with db.transaction(system) as tx:
            await notifications.note(tx, Person(user_id=ada.id), Kind.PASSWORD_CHANGED, ADA, once=f"{ada.id}{n}")
        db.clock.offset += timedelta(minutes=1)
    async with db.transaction(ada) as tx:
        everything = await notifications.inbox(tx, ada)
        first = await notifications.inbox(tx, ada, limit=2)
        rest = await notifications.inbox(tx, ada, before=(first[-1].created_at, first[-1].id))
        assert [n.id for n in first + rest] == [n.id for n in everything]
        await notifications.mark_read(tx, ada, first[0].id)
        assert first[0].id not in {n.id for n in await notifications.inbox(tx, ada, unread_only=True)}
        assert await notifications.mark_all_read(tx, ada) == 4


async def test_whoever_leaves_is_forgotten_and_told_no_more(wired: Database, tenant: Tenant, keys: Credentials) -> None:
    ada = await make_identity.person(wired, tenant, keys)
    me = make_identity.actor(tenant, ada)
    async with wired.transaction(Actor.system(tenant.id)) as tx:
        to = Person("a@x.example", ada.user.id)
        told = await notifications.mail(tx, to, Kind.PASSWORD_CHANGED, ADA, once="late")
    await identity.delete_account(wired, keys, me, make_identity.PASSWORD)
    await work_off(wired, tenant)
    assert told is not None
    assert await mails(wired, tenant) == []
    admin = await asyncpg.connect(make.dsn(wired))
    assert await admin.fetchval("SELECT count(*) FROM notifications WHERE tenant_id = $1", tenant.id) == 0
    await admin.close()
