"""A backup made in the middle of business is a house that works: nothing torn, done twice or forgotten."""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from bookable import embedded
from bookable.kernel.tenants import Tenant
from tests.processes.books import Books
from tests.processes.customers import PASSWORD, Customer, Line, Story, Wishes
from tests.processes.programs import Program, Server
from tests.processes.test_killed import settled

KEY, OTHER_KEY = "5e" * 32, "6f" * 32
CUSTOMERS = 8
_DONE = "SELECT id FROM notifications WHERE channel = 'mail' AND sent_at IS NOT NULL"
_JOBS = "SELECT id, task_name FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
_SENT = """
SELECT n.id, count(*) AS sent FROM notifications n
JOIN sandbox_mails m ON m.headers->>'Message-ID' LIKE '<' || n.id || '@%' GROUP BY 1
"""


@dataclass
class Elsewhere:
    """Another machine: nothing in common with the first but the backup's file and the settings."""

    folder: Path
    url: str

    @property
    def books(self) -> Books:
        return Books(self.url)

    def run(self, *words: str, **settings: str) -> tuple[int, str]:
        """A command there: how it ended, and what it said."""
        log = self.folder / f"{secrets.token_hex(4)}.log"
        program = Program(*words, log=log, data_dir=self.folder, **{"encryption_key": KEY, **settings})
        return program.run(), program.log


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    folder = tmp_path / "elsewhere"
    with embedded.start_postgres(folder, durable=False) as fresh:
        yield Elsewhere(folder, fresh.url)


async def film_of(line: httpx.AsyncClient, *, new: bool) -> int:
    """A film of somebody's, who signs up or in first; its number comes from a sequence."""
    person = {"email": "films@example.com", "password": PASSWORD, "name": "Robin"}
    entered = await line.post("/movies/auth/signup" if new else "/movies/auth/login", json=person)
    assert entered.is_success, entered.text
    headers = {"Authorization": f"Bearer {entered.json()['accessToken']}"}
    added = await line.post("/movies/movies", json={"title": "Alien"}, headers=headers)
    assert added.status_code == 201, added.text
    number: int = added.json()["id"]
    return number


async def doing_business(customer: Customer, busy: asyncio.Event, enough: asyncio.Event) -> None:
    """Book, pay and cancel until it is enough; `busy` once there is something to lose."""
    while not enough.is_set():
        await customer.live(len(customer.stories) + 3)
        busy.set()


def backed_up(path: Path, url: str, tmp_path: Path) -> None:
    program = Program("backup", str(path), log=tmp_path / "backup.log", database_url=url, data_dir=tmp_path / "data")
    assert program.run() == 0, program.log
    assert "is whole" in program.log


def shown_to_nobody(books: Books) -> dict[str, int]:
    """How many rows the application's role sees when it has not said whose they are."""
    with psycopg.connect(books.url) as owner:
        owner.execute("SET ROLE bookable_app")
        found = {}
        for table in ("bookings", "payments", "users", "notifications", "refunds", "films", "ledger_movements"):
            row = owner.execute(f"SELECT count(*) FROM {table}").fetchone()
            found[table] = row[0] if row else -1
        return found


@pytest.mark.timeout(400)
async def test_a_backup_made_under_load_is_a_house_that_works(
    shop: Tenant,
    celebrities: list[UUID],
    own_url: str,
    serving: Callable[..., Server],
    elsewhere: Elsewhere,
    tmp_path: Path,
) -> None:
    path = tmp_path / "backup.tar"
    server = serving(encryption_key=KEY)
    server.start_and_wait()
    async with Line.open(f"{server.address}/{shop.slug}/api") as line:
        wishes = Wishes(celebrities, days=30)
        customers = [Customer(line, wishes, random.Random(secrets.randbits(32))) for _ in range(CUSTOMERS)]
        async with httpx.AsyncClient(base_url=server.address) as client:
            film = await film_of(client, new=True)
        busy, enough = asyncio.Event(), asyncio.Event()
        business = asyncio.gather(*(doing_business(customer, busy, enough) for customer in customers))
        await busy.wait()
        told = [story for customer in customers for story in customer.stories]
        await asyncio.to_thread(backed_up, path, own_url, tmp_path)
        enough.set()
        await business
        assert sum(len(customer.stories) for customer in customers) > len(told), "there was no load"
    await asyncio.to_thread(server.stop)

    code, said = await asyncio.to_thread(elsewhere.run, "restore", str(path))
    assert (code, "sound" in said) == (0, True), said
    books = elsewhere.books
    sent_before, open_jobs = sent_and_open(books)
    assert set(shown_to_nobody(books).values()) == {0}
    assert {story.booking_id for story in told} <= books.bookings().keys()

    await asyncio.to_thread(works_again, elsewhere, shop, customers, film, wishes)

    must_be_sound(books, told)
    for notification, times in sent_before.items():
        assert sent_times(books)[notification] == times, "a mail that was out went out again"
    assert not {job["id"] for job in books.rows(_JOBS)} & open_jobs, "a job was forgotten"
    assert books.failed_jobs() == []
    code, said = await asyncio.to_thread(elsewhere.run, "ledger", "check")
    assert (code, "Sound." in said) == (0, True), said
    print(f"{len(told)} told of before, {len(sent_before)} mails out, {len(open_jobs)} jobs open in the backup")


def sent_times(books: Books) -> dict[UUID, int]:
    return {row["id"]: row["sent"] for row in books.rows(_SENT)}


def sent_and_open(books: Books) -> tuple[dict[UUID, int], set[int]]:
    """Mails that were out when the backup was made, and jobs that were not done (turns of the timetable left out)."""
    times = sent_times(books)
    jobs = {row["id"] for row in books.rows(_JOBS) if not row["task_name"].startswith("timetable.")}
    due = {
        r["id"] for r in books.rows("SELECT id FROM procrastinate_jobs WHERE coalesce(scheduled_at, now()) <= now()")
    }
    return {row["id"]: times[row["id"]] for row in books.rows(_DONE)}, jobs & due


def works_again(elsewhere: Elsewhere, shop: Tenant, customers: list[Customer], film: int, wishes: Wishes) -> None:
    asyncio.run(_works_again(elsewhere, shop, customers, film, wishes))


async def _works_again(
    elsewhere: Elsewhere, shop: Tenant, customers: list[Customer], film: int, wishes: Wishes
) -> None:
    """A server on what was restored: people sign in, book and pay; what was sealed opens with the same key."""
    server = Server("--no-seed", log=elsewhere.folder / "serve.log", data_dir=elsewhere.folder, encryption_key=KEY)
    server.start_and_wait()
    try:
        before = {row["number"] for row in elsewhere.books.bookings().values()}
        async with Line.open(f"{server.address}/{shop.slug}/api") as line:
            known = Customer(line, wishes, random.Random(1), email=customers[0].email)
            signed_in = await line.ask("POST", "/auth/login", json={"email": known.email, "password": PASSWORD})
            assert signed_in.status_code == 200, signed_in.text
            await known.live(2)
            assert not {story.number for story in known.stories} & before
        async with httpx.AsyncClient(base_url=server.address) as client:
            assert await film_of(client, new=False) > film
        await settled(elsewhere.books)
    finally:
        server.stop()
    for key, ends in ((f"{OTHER_KEY}", 1), (f"{OTHER_KEY},{KEY}", 0)):
        code, said = elsewhere.run("keys", "rotate", encryption_key=key)
        assert code == ends, said
    assert int(next(line for line in said.splitlines() if "values are sealed" in line).split()[0]) > 0, said


def must_be_sound(books: Books, told: list[Story]) -> None:
    """Every booking of the backup and since, also those that were only half made or half paid in it."""
    found: dict[UUID, dict[str, Any]] = books.bookings()
    for story in told:
        assert (found[story.booking_id]["number"], found[story.booking_id]["total_cents"]) == (
            story.number,
            story.total_cents,
        )
    books.must_be_paid_once()
    assert books.overlaps() == 0
    letters = books.mails("booking_confirmed")
    for row in found.values():
        if row["status"] == "confirmed":
            sent, distinct = letters.get(row["contact_email"], (0, 0))
            assert (sent >= 1, distinct) == (True, 1), f"{row}: {sent} mails, {distinct} letters"
