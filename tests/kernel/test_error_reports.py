"""An error that nobody expected is told to Sentry with the place where it happened, and nothing that was sent."""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from bookable.kernel import error_reports
from bookable.kernel.actors import Actor
from bookable.kernel.clock import Clock
from bookable.kernel.db import Database
from bookable.kernel.events import Subscriptions
from bookable.kernel.jobs import defer
from bookable.kernel.jobs.workshop import Workshop
from bookable.kernel.tenants import Directory, Tenant
from tests import make
from tests.doubles.sentry import SentryDouble
from tests.kernel import edge_server

CANARY = f"c4n4ry{secrets.token_hex(8)}"


@pytest.fixture
def sentry() -> Iterator[SentryDouble]:
    """A Sentry that this process reports to."""
    with SentryDouble() as double:
        error_reports.configure(double.dsn, environment="test")
        yield double
        error_reports.shut_down()


@pytest.fixture
def server() -> Iterator[edge_server.Server]:
    with edge_server.serving() as started:
        yield started


def hostile_request(server: edge_server.Server, path: str = "/breaks-with") -> httpx.Response:
    """A request with the canary wherever one can be put."""
    return httpx.post(
        f"{server.url}{path}/{CANARY}?token={CANARY}&email={CANARY}@example.com",
        content=f'{{"password": "{CANARY}"}}',
        headers={
            "Authorization": f"Bearer {CANARY}",
            "Cookie": f"refreshToken={CANARY}",
            "X-Forwarded-For": "203.0.113.77",
            "User-Agent": CANARY,
            "X-Request-ID": "req-7",
        },
    )


def test_a_failed_request_is_told_by_route_and_id(sentry: SentryDouble, server: edge_server.Server) -> None:
    assert hostile_request(server).status_code == 500
    [event] = sentry.wait_for_events(1)
    assert event["transaction"] == "POST /breaks-with/{what}"
    assert event["tags"] == {"request_id": "req-7"}
    assert (event["environment"], event["level"]) == ("test", "error")
    assert event["release"].startswith("bookable@")
    [cause, error] = event["exception"]["values"]
    assert (cause["type"], error["type"]) == ("KeyError", "RuntimeError")
    last = error["stacktrace"]["frames"][-1]
    assert (last["function"], last["filename"]) == ("breaks_with", "tests/kernel/edge_server.py")
    assert "raise RuntimeError" in last["context_line"]
    assert "sentry_key=0123456789abcdef" in sentry.keys[0]


def test_nothing_that_was_sent_is_told(sentry: SentryDouble, server: edge_server.Server) -> None:
    hostile_request(server)
    sentry.wait_for_events(1)
    error_reports.shut_down()
    told = b"".join(sentry.envelopes)
    assert b"breaks_with" in told
    for secret in (
        CANARY,
        "203.0.113.77",
        "127.0.0.1:",
        "refreshToken",
        "example.com",
        '"vars"',
        '"request"',
        '"user"',
    ):
        assert secret.encode() not in told, secret


def test_what_was_to_be_expected_is_not_told(sentry: SentryDouble, server: edge_server.Server) -> None:
    for path, status in (("/fact", 404), ("/limited", 429), ("/own-500", 500), ("/nowhere", 404)):
        assert httpx.get(f"{server.url}{path}").status_code == status
    error_reports.shut_down()
    assert sentry.events == []


async def test_a_failed_job_is_told_by_its_name(
    sentry: SentryDouble, db: Database, clock: Clock, tenant: Tenant, system: Actor
) -> None:
    heard = Subscriptions()

    async def fail(db: Database, system: Actor, *, email: str) -> None:
        raise LookupError(f"no mail for {email}")

    heard.job("reports.fail", fail)
    workshop = Workshop(make.dsn(db), db, clock, heard, Directory())
    admin = await asyncpg.connect(make.dsn(db))
    await admin.execute("TRUNCATE procrastinate_jobs CASCADE")
    await workshop.open()
    async with db.transaction(system) as tx:
        defer(tx, "reports.fail", email=f"{CANARY}@example.com")
    await workshop.run_due()
    await workshop.close()
    await admin.execute("TRUNCATE procrastinate_jobs CASCADE")
    await admin.close()
    error_reports.shut_down()
    [event] = sentry.events
    assert event["transaction"] == "job reports.fail"
    assert [one["type"] for one in event["exception"]["values"]] == ["LookupError"]
    assert CANARY.encode() not in b"".join(sentry.envelopes)


def test_what_looks_like_a_secret_is_hidden_even_where_words_of_ours_belong(sentry: SentryDouble) -> None:
    card = "4242 4242 4242 4242"
    error_reports.report(ValueError("x"), transaction=f"job password={CANARY}", request_id=card, api_key=CANARY)
    error_reports.shut_down()
    told = b"".join(sentry.envelopes)
    assert len(sentry.events) == 1
    assert CANARY.encode() not in told
    assert card.encode() not in told


@pytest.mark.parametrize("trouble", ["slow", "down", "gone"])
def test_a_sentry_in_trouble_holds_nobody_up(server: edge_server.Server, trouble: str) -> None:
    with SentryDouble() as double:
        double.delay, double.down = (30.0 if trouble == "slow" else 0.0), trouble == "down"
        dsn = double.dsn if trouble != "gone" else "http://0123456789abcdef@127.0.0.1:9/42"
        error_reports.configure(dsn, environment="test")
        took = []
        for _ in range(150):  # more than its queue holds
            began = time.monotonic()
            assert hostile_request(server).status_code == 500
            took.append(time.monotonic() - began)
        began = time.monotonic()
        error_reports.shut_down()
        assert time.monotonic() - began < 4
    assert sorted(took)[len(took) // 2] < 0.25
    assert max(took) < 5


def test_without_a_project_nothing_is_loaded_or_told() -> None:
    program = (
        "import sys; from bookable.kernel import error_reports as e; e.configure(None, environment='test');"
        "e.report(ValueError(), transaction='x'); e.shut_down(); sys.exit(e.is_on() or 'sentry_sdk' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
