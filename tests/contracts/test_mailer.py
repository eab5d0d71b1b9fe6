"""What every mailer does: one mail, to one person, whole, and the same one when it is sent again."""

import re
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookable.domain.notifications.errors import MailRefused
from bookable.domain.notifications.ports import Attachment, Mail
from bookable.integrations.mail.sendgrid import SendGridMailer
from bookable.integrations.mail.smtp import SmtpMailer, SmtpServer
from bookable.integrations.sandbox import Faults, Mailbox
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.errors import Unavailable
from bookable.kernel.ids import new_id
from tests.contracts.mail_providers import (
    REFUSED,
    SENDER,
    MailProvider,
    SandboxProvider,
    SendGridProvider,
    SmtpProvider,
)
from tests.doubles.sendgrid import SendGridDouble
from tests.doubles.smtp import SmtpDouble


@pytest.fixture(scope="session")
def sendgrid_server() -> Iterator[SendGridDouble]:
    """One SendGrid for the run."""
    with SendGridDouble(sender=SENDER) as double:
        double.refusing.add(REFUSED)
        yield double


@pytest.fixture
async def sendgrid_mail(sendgrid_server: SendGridDouble) -> AsyncIterator[MailProvider]:
    sendgrid_server.taken.clear()
    sendgrid_server.answers.clear()
    mailer = SendGridMailer(sendgrid_server.api_key, sender=SENDER, api_base=sendgrid_server.url)
    yield SendGridProvider(mailer, sendgrid_server)
    await mailer.aclose()


@pytest.fixture
async def smtp_mail() -> AsyncIterator[MailProvider]:
    async with SmtpDouble(user="bookable", password="p ss/w@rd", refusing={REFUSED}) as double:
        server = SmtpServer("127.0.0.1", double.port, user="bookable", password="p ss/w@rd", starttls=False)
        yield SmtpProvider(SmtpMailer(server, sender=SENDER, clock=Clock()), double)


@pytest.fixture
async def sandbox_mail(db: Database) -> MailProvider:
    await Mailbox(db).clear()
    await Faults(db).clear()
    return SandboxProvider(db)


@pytest.fixture(params=["smtp", "sendgrid", "sandbox"])
def provider(request: pytest.FixtureRequest) -> MailProvider:
    """Each mail provider in turn."""
    found: MailProvider = request.getfixturevalue(f"{request.param}_mail")
    return found


def letter(**given_: object) -> Mail:
    usual: dict[str, object] = {
        "to": "ada@customer.example",
        "subject": "Confirmed: Grace, Friday",
        "text": "Hello Ada,\n\nhere it is.\n",
        "html": "<p>Hello Ada</p>\n",
        "storefront": "starrymeet",
        "sender_name": "StarryMeet",
    }
    return Mail(**{**usual, **given_})  # type: ignore[arg-type]  # what a test changes, it changes on purpose


def same(text: str) -> str:
    """A text with its line ends, which SMTP rewrites, made alike."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))


async def test_a_mail_arrives_whole(provider: MailProvider) -> None:
    ics = b"BEGIN:VCALENDAR\r\nSUMMARY:M\xc3\xbcnchen\r\nEND:VCALENDAR\r\n"
    mail = letter(
        subject="Bestätigt: Zoë — 7 Uhr",
        text="Grüße, 你好.\n.\nA line that begins with a dot, and one that is long: " + "x" * 1500 + "\n",
        html="<p>Grüße, 你好 &amp; so on</p>\n",
        attachments=(Attachment("meeting.ics", "text/calendar", ics, {"method": "REQUEST"}),),
    )
    await provider.mailer.send(mail, key=str(new_id()))
    (arrived,) = await provider.arrived()
    assert arrived.recipients == ["ada@customer.example"]
    assert arrived.sender == f"StarryMeet <{SENDER}>"
    assert arrived.subject == "Bestätigt: Zoë — 7 Uhr"
    assert same(arrived.text) == same(mail.text)
    assert same(arrived.html) == same(mail.html)
    assert arrived.attachments == {"meeting.ics": ("text/calendar", ics)}


async def test_nobody_s_absence_note_is_asked_for(provider: MailProvider) -> None:
    await provider.mailer.send(letter(), key=str(new_id()))
    (arrived,) = await provider.arrived()
    assert arrived.headers["Auto-Submitted"] == "auto-generated"


async def test_the_same_key_is_the_same_message_to_its_reader(provider: MailProvider) -> None:
    first, other = str(new_id()), str(new_id())
    for key in (first, first, other):
        await provider.mailer.send(letter(), key=key)
    a, again, b = [arrived.message_id for arrived in await provider.arrived()]
    assert a == again != b
    assert re.fullmatch(r"<[^<>@\s]+@bookable\.example>", a)


async def test_what_is_broken_is_told_apart_from_what_is_refused(provider: MailProvider) -> None:
    await provider.break_down()
    with pytest.raises(Unavailable):
        await provider.mailer.send(letter(), key=str(new_id()))
    with pytest.raises(MailRefused):
        await provider.mailer.send(letter(to=REFUSED), key=str(new_id()))
    await provider.mailer.send(letter(), key=str(new_id()))
    assert len(await provider.arrived()) == 1


@pytest.mark.parametrize(
    "name",
    [
        "x\r\nBcc: evil@attacker.example",
        "x\nTo: evil@attacker.example\n\nbody",
        "x\rCc: evil@attacker.example",
        "x\u2028Bcc: evil@attacker.example",
        '"; evil@attacker.example, "',
        "a <evil@attacker.example>",
        "=?utf-8?q?x=0D=0ABcc:_evil=40attacker.example?=",
        "{{7*7}} ${7*7} %0d%0aBcc:evil@attacker.example",
        "\u202egnp.exe",
    ],
)
async def test_a_name_is_never_a_header_nor_a_recipient(provider: MailProvider, name: str) -> None:
    await provider.mailer.send(letter(subject=f"Confirmed: {name}", sender_name=name), key=str(new_id()))
    (arrived,) = await provider.arrived()
    assert arrived.recipients == ["ada@customer.example"]
    assert {h.lower() for h in arrived.headers}.isdisjoint({"bcc", "cc"})
    assert arrived.sender.endswith(f"<{SENDER}>")
    assert "\n" not in arrived.subject
    assert "\u202e" not in arrived.subject


@pytest.mark.parametrize(
    "address",
    [
        "a@x.example, b@y.example",
        "a@x.example\r\nBcc: b@y.example",
        "a@x.example\nRCPT TO:<b@y.example>",
        "Ada <a@x.example>",
        "a@x.example> SIZE=1",
        '"a b"@x.example',
        "a@",
        "@x.example",
        "",
    ],
)
def test_what_is_not_one_plain_address_gets_no_mail(address: str) -> None:
    with pytest.raises(MailRefused):
        letter(to=address)


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "b@y.example"},
        {"X-Ok": "1\r\nBcc: b@y.example"},
        {"X-Bad\r\nBcc": "b@y.example"},
        {"Content-Type": "text/html"},
        {"Message-ID": "<a@b>"},
    ],
)
def test_a_caller_s_headers_add_neither_people_nor_parts(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="can't be set"):
        letter(headers=headers)


async def test_a_domain_in_another_script_is_written_in_ascii(provider: MailProvider) -> None:
    await provider.mailer.send(letter(to="ada@münchen.example"), key=str(new_id()))
    (arrived,) = await provider.arrived()
    assert arrived.recipients == ["ada@xn--mnchen-3ya.example"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(max_size=300), body=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
async def test_whatever_people_type_reaches_one_reader(smtp_mail: SmtpProvider, subject: str, body: str) -> None:
    before = len(smtp_mail.double.taken)
    await smtp_mail.mailer.send(letter(subject=subject or "-", text=body + "\n"), key=str(new_id()))
    taken = smtp_mail.double.taken[before:]
    assert [t.recipients for t in taken] == [["ada@customer.example"]]
    assert taken[0].message.get_all("Bcc") is None
    assert len(taken[0].message.get_all("To", [])) == 1


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
async def test_sendgrid_s_other_troubles_may_pass(
    sendgrid_mail: MailProvider, sendgrid_server: SendGridDouble, status: int
) -> None:
    sendgrid_server.answers.append((status, {"Retry-After": "7"}))
    with pytest.raises(Unavailable) as trouble:
        await sendgrid_mail.mailer.send(letter(), key=str(new_id()))
    assert trouble.value.retry_after == 7


async def test_a_sender_that_sendgrid_does_not_know_is_our_trouble(sendgrid_server: SendGridDouble) -> None:
    mailer = SendGridMailer(sendgrid_server.api_key, sender="other@bookable.example", api_base=sendgrid_server.url)
    with pytest.raises(Unavailable):
        await mailer.send(letter(), key=str(new_id()))
    await mailer.aclose()


async def test_links_with_tokens_are_not_rewritten_for_tracking(
    sendgrid_mail: MailProvider, sendgrid_server: SendGridDouble
) -> None:
    await sendgrid_mail.mailer.send(letter(), key=str(new_id()))
    tracking = sendgrid_server.taken[-1]["tracking_settings"]
    assert {kind: how["enable"] for kind, how in tracking.items()} == {
        "click_tracking": False,
        "open_tracking": False,
        "subscription_tracking": False,
    }


async def test_a_server_that_is_not_there_may_come_back() -> None:
    async with SmtpDouble() as double:
        port = double.port
    mailer = SmtpMailer(SmtpServer("127.0.0.1", port), sender=SENDER, clock=Clock())
    with pytest.raises(Unavailable):
        await mailer.send(letter(), key=str(new_id()))


async def test_a_wrong_password_is_our_trouble_and_not_the_reader_s() -> None:
    async with SmtpDouble(user="bookable", password="right") as double:
        server = SmtpServer("127.0.0.1", double.port, user="bookable", password="wrong", starttls=False)
        with pytest.raises(Unavailable):
            await SmtpMailer(server, sender=SENDER, clock=Clock()).send(letter(), key=str(new_id()))


async def test_a_password_never_goes_out_in_the_clear_by_itself() -> None:
    async with SmtpDouble(user="bookable", password="right") as double:
        server = SmtpServer.parse(double.url)
        with pytest.raises(Unavailable):
            await SmtpMailer(server, sender=SENDER, clock=Clock()).send(letter(), key=str(new_id()))
        assert not double.taken


def test_an_smtp_address_says_all_there_is_to_know() -> None:
    server = SmtpServer.parse("smtp://user%40x:p%2Fw@mail.example:2525?starttls=false&from=hello@x.example")
    assert server == SmtpServer(
        "mail.example", 2525, user="user@x", password="p/w", starttls=False, sender="hello@x.example"
    )
    assert SmtpServer.parse("smtp://mail.example") == SmtpServer("mail.example", 587)
    assert SmtpServer.parse("smtps://u:p@mail.example") == SmtpServer(
        "mail.example", 465, user="u", password="p", tls=True, starttls=False
    )


@pytest.mark.parametrize(
    "text", ["mail.example:25", "http://mail.example", "smtp://", "smtp://x?starttls=maybe", "smtp://x?startls=true"]
)
def test_a_wrong_smtp_address_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpServer.parse(text)


@pytest.mark.parametrize(("mode", "there"), [("down", 0), ("timeout", 0), ("error-after-effect", 1)])
async def test_the_sandbox_goes_wrong_as_it_is_asked_to(
    sandbox_mail: SandboxProvider, db: Database, mode: str, there: int
) -> None:
    await Faults(db).order("mail", mode, 1)
    with pytest.raises(Unavailable):
        await sandbox_mail.mailer.send(letter(), key=str(new_id()))
    assert len(await sandbox_mail.arrived()) == there
    await sandbox_mail.mailer.send(letter(), key=str(new_id()))
    assert len(await sandbox_mail.arrived()) == there + 1


async def test_the_sandbox_finds_mails_by_address_without_regard_to_case(
    sandbox_mail: SandboxProvider, db: Database
) -> None:
    await sandbox_mail.mailer.send(letter(to="Ada@Customer.example"), key="1")
    await sandbox_mail.mailer.send(letter(to="eve@customer.example"), key="2")
    box = Mailbox(db)
    assert [m.to for m in await box.mails("ADA@customer.EXAMPLE")] == ["Ada@customer.example"]
    assert [m.to for m in await box.mails()] == ["eve@customer.example", "Ada@customer.example"]
    await box.clear()
    assert await box.mails() == []


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A server's TLS, with a certificate that nobody vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
    made = built.sign(key, hashes.SHA256())
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "server.pem").write_bytes(text + made.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.mark.parametrize("greeting_tls", [False, True], ids=["starttls", "smtps"])
async def test_a_password_goes_over_tls_to_a_server_that_is_trusted(
    certified: ssl.SSLContext, *, greeting_tls: bool
) -> None:
    async with SmtpDouble(user="bookable", password="right", tls=certified, greeting_tls=greeting_tls) as double:
        trusting = SmtpServer.parse(f"{double.url}?verify=false")
        await SmtpMailer(trusting, sender=SENDER, clock=Clock()).send(letter(), key=str(new_id()))
        careful = SmtpServer.parse(double.url)
        with pytest.raises(Unavailable):
            await SmtpMailer(careful, sender=SENDER, clock=Clock()).send(letter(), key=str(new_id()))
        assert len(double.taken) == 1
