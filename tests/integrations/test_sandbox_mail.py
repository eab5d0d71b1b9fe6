"""The sandbox's letter box, as programs and people find it at the server's root."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from bookable.domain.notifications import Attachment, Mail
from bookable.integrations.sandbox import Mailbox, SandboxMailer
from bookable.kernel.db import Database
from bookable.kernel.ids import new_id
from bookable.storefronts.root import mail

ICS = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.fixture
async def door(db: Database) -> AsyncIterator[httpx.AsyncClient]:
    await Mailbox(db).clear()
    router = Router(routes=mail.routes(Mailbox(db)))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"request_id": "r-1"}  # as the edge gives every request one
        await router(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bookable.test") as client:
        yield client


async def send(db: Database, to: str) -> None:
    await SandboxMailer(db).send(
        Mail(
            to=to,
            subject="Confirmed",
            text="Hello\n",
            html="<p>Hello</p><script>window.__x=1</script>",
            storefront="starrymeet",
            sender_name="StarryMeet",
            attachments=(Attachment("meeting.ics", "text/calendar", ICS, {"method": "REQUEST"}),),
        ),
        key=str(new_id()),
    )


async def test_mails_are_listed_newest_first_in_the_contract_s_shape(db: Database, door: httpx.AsyncClient) -> None:
    for to in ("ada@x.example", "eve@x.example"):
        await send(db, to)
    items = (await door.get("/sandbox/mail")).json()["items"]
    assert [item["to"] for item in items] == ["eve@x.example", "ada@x.example"]
    assert set(items[0]) == {
        *("id", "storefront", "to", "subject", "text", "html", "headers", "attachments", "createdAt"),
    }
    assert items[0]["attachments"] == [{"filename": "meeting.ics", "contentType": "text/calendar", "size": len(ICS)}]
    assert items[0]["createdAt"].endswith("Z")
    found = (await door.get("/sandbox/mail", params={"to": "ADA@x.example"})).json()["items"]
    assert [item["to"] for item in found] == ["ada@x.example"]


async def test_a_file_comes_as_it_was_sent(db: Database, door: httpx.AsyncClient) -> None:
    await send(db, "ada@x.example")
    (item,) = (await door.get("/sandbox/mail")).json()["items"]
    answer = await door.get(f"/sandbox/mail/{item['id']}/attachments/meeting.ics")
    assert answer.content == ICS
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "meeting.ics" in answer.headers["content-disposition"]


async def test_what_is_not_there_is_404(db: Database, door: httpx.AsyncClient) -> None:
    await send(db, "ada@x.example")
    (item,) = (await door.get("/sandbox/mail")).json()["items"]
    for path in (f"{item['id']}/attachments/other.ics", f"{new_id()}/attachments/meeting.ics", "x/attachments/y", "x"):
        answer = await door.get(f"/sandbox/mail/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_a_mail_read_in_the_browser_runs_no_script(db: Database, door: httpx.AsyncClient) -> None:
    await send(db, "ada@x.example")
    (item,) = (await door.get("/sandbox/mail")).json()["items"]
    answer = await door.get(f"/sandbox/mail/{item['id']}/html")
    assert answer.text == item["html"]
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


async def test_the_box_can_be_emptied(db: Database, door: httpx.AsyncClient) -> None:
    await send(db, "ada@x.example")
    assert (await door.delete("/sandbox/mail")).status_code == 204
    assert (await door.get("/sandbox/mail")).json() == {"items": []}
