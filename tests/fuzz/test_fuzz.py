"""Whatever is sent, by whomever: no 5xx, nothing undocumented, every answer of its documented shape.

Schemathesis reads the OpenAPI document of a real server and asks it. `BOOKABLE_FUZZ_EXAMPLES` asks for more examples of
each operation, `BOOKABLE_FUZZ_SEED` for the run that failed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from bookable.kernel.tenants import Tenant
from tests.processes.customers import PASSWORD, tomorrow
from tests.processes.programs import Server

EXAMPLES = os.environ.get("BOOKABLE_FUZZ_EXAMPLES", "8")
SEED = os.environ.get("BOOKABLE_FUZZ_SEED") or str(random.randrange(1, 2**32))
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)
ENDS_THE_SESSION = ("/api/auth/logout", "/api/users/me/sessions/{session_id}")
HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("schemathesis")


@dataclass
class World:
    """A server with people, meetings and money in it."""

    document: str
    url: str
    base: str
    celebrities: list[UUID]

    def signed_in(self, role: str) -> str:
        """Somebody with that role."""
        email = f"fuzz-{role}-{random.randrange(10**9)}@example.com"
        person = {"email": email, "password": PASSWORD, "firstName": "A", "lastName": "B"}
        assert httpx.post(f"{self.base}/auth/register", json=person).status_code == 201
        with psycopg.connect(self.url, autocommit=True) as owner:
            owner.execute("UPDATE users SET role = %s WHERE email = %s", [role, email])
        answer = httpx.post(f"{self.base}/auth/login", json=person)
        return str(answer.json()["data"]["token"])

    def ids(self, token: str) -> dict[str, list[str]]:
        """What there is, by the names that paths and bodies have for it: meetings of every sort among it."""
        self.signed_in("user")
        booked = [self._book(token, n) for n in range(8)]
        intents = [self._ask(token, "POST", "/payments/create-intent", bookingId=b["id"]) for b in booked[:6]]
        names = [i["paymentIntentId"] for i in intents]
        for name in names[:4]:
            self._ask(token, "POST", "/payments/confirm", paymentIntentId=name, paymentMethod="pm_card_visa")
        self._ask(token, "PATCH", f"/bookings/{booked[0]['id']}/cancel")
        with psycopg.connect(self.url) as owner:
            payments = [str(row[0]) for row in owner.execute("SELECT id FROM payments")]
            people = [str(row[0]) for row in owner.execute("SELECT id FROM users WHERE role = 'user'")]
        celebrities = [str(c) for c in self.celebrities]
        references = [b["id"] for b in booked] + [b["bookingNumber"] for b in booked]
        return {
            **dict.fromkeys(("name", "celebrityId", "celebrity_id"), celebrities),
            "reference": references,
            "bookingId": references[:8],
            "paymentIntentId": names,
            "payment_id": payments,
            "user_id": people,
            "userId": people,
            "email": ["nobody@example.com"],
            "contactEmail": ["robin@example.com", "b@example.com"],
            "paymentMethod": ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_visa_delayed"],
        }

    def _book(self, token: str, n: int) -> dict[str, Any]:
        meeting = {"celebrityId": str(self.celebrities[n % 4]), "meetingType": "quick", "timeSlot": "morning"}
        contact = {"contactName": "Robin", "contactEmail": "robin@example.com"}
        day = {"date": tomorrow(3 + random.randrange(600))}
        booking: dict[str, Any] = self._ask(token, "POST", "/bookings", **meeting, **contact, **day)["booking"]
        return booking

    def _ask(self, token: str, method: str, path: str, **body: Any) -> dict[str, Any]:
        who = {"Authorization": f"Bearer {token}"}
        answer = httpx.request(method, f"{self.base}{path}", json=body, headers=who, timeout=30)
        assert answer.status_code < 300, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data


@pytest.fixture
def world(shop: Tenant, celebrities: list[UUID], own_url: str, serving: Callable[..., Server]) -> Iterator[World]:
    server = serving(jwt_expires_in="2h")
    server.start_and_wait()
    yield World(f"{server.address}/{shop.slug}/openapi.json", own_url, f"{server.address}/{shop.slug}/api", celebrities)
    assert '"status": 500' not in server.log
    assert '"status":500' not in server.log


def fuzz(world: World, folder: Path, token: str | None, ids: dict[str, list[str]]) -> None:
    """One run of Schemathesis; fails with its report."""
    for name in ("hooks.py", "schemathesis.toml"):
        shutil.copy(HERE / name, folder)
    command = [str(PROGRAM), "run", world.document]
    command += ["--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
    command += ["--max-examples", EXAMPLES, "--seed", SEED]
    if token is not None:
        command += ["--header", f"Authorization: Bearer {token}"]
        command += [word for path in ENDS_THE_SESSION for word in ("--exclude-path", path)]
    environment = {**os.environ, "BOOKABLE_FUZZ_IDS": json.dumps(ids)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    print(f"BOOKABLE_FUZZ_SEED={SEED}", *done.stdout.splitlines()[-8:], sep="\n")
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("role", ["user", "admin"])
def test_no_request_of_somebody_signed_in_surprises_us(world: World, tmp_path: Path, role: str) -> None:
    token = world.signed_in(role)
    fuzz(world, tmp_path, token, world.ids(token))


@pytest.mark.timeout(900)
def test_no_request_of_a_stranger_surprises_us(world: World, tmp_path: Path) -> None:
    fuzz(world, tmp_path, None, world.ids(world.signed_in("user")))
